/** Figures that are ratios of sums over dates, with intervals: what is of one date hangs together. */
import { bootstrap, BOOTSTRAP } from '#domain/statistics/bootstrap'
import { seededRandom } from '#tool/random'

/** Of each date, numerator and denominator. */
export type Sums = readonly (readonly [number, number])[]

/** 95 %, over dates drawn in runs of `block`. */
export function intervalOf(sums: Sums, block: number, purpose: string): readonly [number, number] | undefined {
  const random = seededRandom('prices', purpose)
  const ratio = (places: Int32Array): number | undefined => {
    let over = 0, under = 0
    for (const place of places) {
      over += sums[place]?.[0] ?? 0
      under += sums[place]?.[1] ?? 0
    }
    return under === 0 ? undefined : over / under
  }
  const found = bootstrap(sums.length, ratio, block, () => random.next(), BOOTSTRAP)
  return found && [found.low, found.high]
}

export const total = (sums: Sums): number => sums.reduce((sum, [over]) => sum + over, 0) / sums.reduce((sum, [, under]) => sum + under, 0)
