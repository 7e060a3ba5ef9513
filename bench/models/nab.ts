/**
 * The Numenta Anomaly Benchmark, standard profile, on the files at hand. Each method runs with its own defaults on all files; the one threshold of a method is
 * chosen on all files together, as NAB's optimiser does for every detector that it publishes.
 */
import { detectorOf, METHODS, type Method } from '#domain/anomaly/detector'
import { join } from 'node:path'
import { sampled, type Part } from '../../scripts/reason/score.ts'
import { nabFiles } from './lib/nab_files.ts'
import { nabScore } from './lib/nab_score.ts'
import { chance } from './lib/shared.ts'

/** Published scores, summed over the same 39 files. */
const RIVALS: Readonly<Record<Method, Readonly<Record<string, number>>>> = {
  zscore: { windowedGaussian: 38.26 }, iforest: { randomCutForest: 50.5 }, changepoint: { bayesChangePt: 12 }, ensemble: { 'numenta HTM': 67.1, ARTime: 73.65 },
}

export default {
  name: 'nab',
  needs: ['bench/nab/combined_windows.json'],
  async measure(data, asked) {
    const files = sampled(nabFiles(join(data, 'bench', 'nab')), asked, 6), rows = files.reduce((sum, { values }) => sum + values.length, 0)
    return METHODS.map((method) => {
      const scored = files.map(({ timesMs, values, windows }) => {
        const detector = detectorOf(method, { dimensions: 1, window: 1000, season: undefined, draw: chance(1) })
        return { windows, scores: Float64Array.from(values, (value, i) => detector.see(Float64Array.of(value), timesMs[i])) }
      })
      const { final, threshold, windows, found, falseAlarms } = nabScore(scored)
      return {
        part: `anomaly ${method}`, set: `NAB, ${files.length} files`, split: `threshold ${threshold}, optimised over all files`, rows,
        metric: `standard profile (${found} of ${windows} windows, ${falseAlarms} false alarms)`, ours: final,
        rivals: Object.entries(RIVALS[method]).map(([name, value]) => ({ name, value, how: 'published' as const })),
      }
    })
  },
} satisfies Part
