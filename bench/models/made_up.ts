/** The made-up series that the settings of vanta-anomaly were chosen on: no rivals, and no proof of anything but that the choice can be made again. */
import { Changes } from '#domain/anomaly/changes'
import { detectorOf, METHODS } from '#domain/anomaly/detector'
import type { Part, Score } from '../../scripts/reason/score.ts'
import { nabScore } from './lib/nab_score.ts'
import { chance } from './lib/shared.ts'
import { changingSeries, syntheticFiles } from './lib/synthetic.ts'
import { coverOf, f1Of } from './lib/tcpd_score.ts'

export default {
  name: 'made_up',
  needs: [],
  async measure() {
    const files = [11, 12].flatMap((seed) => syntheticFiles(seed)), rows = files.reduce((sum, { values }) => sum + values.length, 0)
    const scores = METHODS.map((method): Score => {
      const { final, threshold, found, windows } = nabScore(files.map((file) => {
        const detector = detectorOf(method, { dimensions: 1, window: 1000, season: undefined, draw: chance(1) })
        return { windows: file.windows, scores: Float64Array.from(file.values, (value, i) => detector.see(Float64Array.of(value), file.timesMs[i])) }
      }))
      return {
        part: `anomaly ${method}`, set: 'made-up series', split: `what settings were chosen on; threshold ${threshold}`, rows,
        metric: `score as of NAB (${found} of ${windows} windows)`, ours: final, rivals: [],
      }
    })
    const changing = [4, 5, 6, 7, 8].flatMap(changingSeries)
    const found = changing.map(({ values }) => {
      const changes = new Changes(1, { history: true })
      for (const value of values) changes.see(Float64Array.of(value))
      return changes.changes()
    })
    const mean = (of: (truth: readonly number[], at: readonly number[], n: number) => number): number =>
      changing.reduce((sum, { truth, values }, i) => sum + of(truth, found[i] ?? [], values.length) / changing.length, 0)
    const said = { part: 'anomaly changepoint', set: 'made-up series with changes', split: 'what settings were chosen on', rows: changing.length, rivals: [] }
    return [
      ...scores,
      { ...said, metric: 'cover', ours: mean((truth, at, n) => coverOf([truth], at, n)) },
      { ...said, metric: 'F1', ours: mean((truth, at) => f1Of([truth], at)) },
    ]
  },
} satisfies Part
