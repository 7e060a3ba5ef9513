/**
 * Isolation forests on the tabular sets of ODDS, as PyOD's benchmark runs them: 60 % to grow on without labels, the area under the curve of the rest, the mean
 * over ten splits and seeds; 100 trees of 256 rows. Beside scikit-learn, from its published runs and, where it is at hand, in
 * the same run: CPU seconds to grow and score, one thread, process start and reading left out.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { IsolationForest } from '#domain/anomaly/isolation_forest'
import { areaUnderCurve } from '#domain/learn/scores'
import type { Asked, Part, Score } from '../../scripts/reason/score.ts'
import { chance, csvOf } from './lib/shared.ts'

/** Mean and standard deviation over ten runs of scikit-learn 1.9.1 with these settings (PUBLISHED.md beside the sets). */
const SKLEARN: Readonly<Record<string, readonly [number, number]>> = {
  cardio: [0.926, 0.0103], annthyroid: [0.8289, 0.0168], thyroid: [0.9777, 0.0058], mammography: [0.8638, 0.0202], satellite: [0.7059, 0.0217],
  'satimage-2': [0.9955, 0.005], pendigits: [0.9446, 0.01], ionosphere: [0.8367, 0.013], pima: [0.6722, 0.0208], vowels: [0.7574, 0.0385],
  glass: [0.7609, 0.0581], wbc: [0.9951, 0.0052], smtp: [0.9069, 0.036],
}
const ROUNDS = 10

interface Run {
  readonly area: number
  readonly seconds: number
}

function ours(path: string, rounds: number): Run & { readonly rows: number } {
  const { header, rows } = csvOf(path), dimensions = header.length - 1
  let area = 0, micros = 0
  for (let seed = 0; seed < rounds; seed++) {
    const draw = chance(seed + 1)
    const order = rows.map((_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1)), held = order[i] ?? 0
      order[i] = order[j] ?? 0
      order[j] = held
    }
    const cut = Math.round(0.6 * rows.length)
    const pick = (places: readonly number[]): { values: Float64Array; dimensions: number } =>
      ({ values: Float64Array.from(places.flatMap((i) => (rows[i] ?? []).slice(0, dimensions).map(Number))), dimensions })
    const train = pick(order.slice(0, cut)), test = pick(order.slice(cut))
    const before = process.cpuUsage()
    const scores = new IsolationForest(train, draw).scores(test)
    const { user, system } = process.cpuUsage(before)
    micros += user + system
    area += (areaUnderCurve(scores, order.slice(cut).map((i) => Number(rows[i]?.[dimensions]))) ?? 0) / rounds
  }
  return { area, seconds: micros / 1e6 / rounds, rows: rows.length }
}

/** Of the scikit-learn that is at hand, by path. */
function theirs(paths: readonly string[], python: string | undefined): ReadonlyMap<string, Run> {
  if (python === undefined) return new Map()
  const script = join(import.meta.dirname, 'lib', 'sklearn_forest.py')
  const { stdout, status, stderr } = spawnSync(python, [script, ...paths], { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1' } })
  if (status !== 0) throw new Error(stderr)
  return new Map(stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Run & { readonly path: string }).map((run) => [run.path, run]))
}

async function measure(data: string, { quick, python }: Asked): Promise<readonly Score[]> {
  const paths = Object.keys(SKLEARN).map((name) => join(data, 'bench', 'iforest', `${name}.csv.gz`))
  const rivals = quick ? new Map<string, Run>() : theirs(paths, python)
  return Object.entries(SKLEARN).flatMap(([name, [mean, sd]], i): Score[] => {
    const path = paths[i] ?? '', { area, seconds, rows } = ours(path, quick ? 1 : ROUNDS), rival = rivals.get(path)
    const said = { part: 'anomaly iforest', set: name, split: '60/40, ten seeds', rows }
    return [
      {
        ...said, metric: `area under the curve (${((area - mean) / sd).toFixed(1)} sd off scikit-learn's ${mean})`, ours: area,
        rivals: [{ name: 'scikit-learn 1.9.1', value: mean, how: 'published' }, ...(rival === undefined ? [] : [{ name: 'here', value: rival.area, how: 'measured' as const }])],
      },
      ...(rival === undefined ? [] : [{
        ...said, metric: `CPU ms to grow and score (${(rival.seconds / seconds).toFixed(1)} x faster)`, ours: seconds * 1000,
        rivals: [{ name: 'scikit-learn', value: rival.seconds * 1000, how: 'measured' as const }],
      }]),
    ]
  })
}

export default { name: 'iforest', needs: ['bench/iforest/glass.csv.gz'], timed: true, rivals: true, measure } satisfies Part
