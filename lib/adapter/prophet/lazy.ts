/** Prophet of augurs with Stan's own optimiser, both WebAssembly: 5 MB that are loaded when a series is first fitted. */
import type { Prophet } from '#port/prophet'

export const augursProphet: Prophet = {
  async fit(timesMs, values, kept) {
    const { fit } = await import('./fit.ts')
    return fit(timesMs, values, kept)
  },
}
