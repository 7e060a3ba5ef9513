/**
 * Boosted trees, 100,000 rows of 30 features, 200 trees of 31 leaves, one thread: CPU seconds of training, rows a second in batch, milliseconds of one row;
 * beside LightGBM in the same run where VANTA_LIGHTGBM names a Python that has it.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boostForest, forestScores } from '#domain/learn/boosted'
import { LOGISTIC } from '#domain/learn/loss'
import { Scorer } from '#domain/learn/scorer'
import { areaUnderCurve } from '#domain/learn/scores'
import { rowOf, type Table } from '#domain/learn/table'
import { seededRandom } from '#tool/random'
import type { Part, Score } from '../../scripts/reason/score.ts'

const ROWS = 100_000, FEATURES = 30, TREES = 200, LEAVES = 31, ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)

function planted(): { readonly table: Table; readonly labels: Uint8Array } {
  const random = seededRandom('1', 'booster')
  const columns = Array.from({ length: FEATURES }, () => new Float64Array(ROWS)), labels = new Uint8Array(ROWS)
  for (let row = 0; row < ROWS; row++) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = columns.map((column) => (column[row] = random.next() * 4 - 2))
    const noise = (random.next() + random.next() + random.next() - 1.5) * 2
    labels[row] = a * b + Math.sin(2 * c) + d + (f > 0 ? e / 2 : 0) + noise > 0 ? 1 : 0
  }
  return { table: { rows: ROWS, features: columns.map((_, f) => `f${f}`), columns }, labels }
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
const least = (run: () => void): number => Math.min(...Array.from({ length: ROUNDS }, () => cpuMs(run)))

/** The same on the same numbers; undefined where no LightGBM is at hand. */
function lightgbm(columns: readonly Float64Array[], labels: Uint8Array): readonly number[] | undefined {
  const python = process.env['VANTA_LIGHTGBM']
  if (python === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'vanta-booster-'))
  try {
    columns.forEach((column, f) => writeFileSync(join(folder, `${f}.f64`), new Uint8Array(column.slice().buffer)))
    writeFileSync(join(folder, 'y.u8'), labels)
    const { status, stdout, stderr } = spawnSync(python, ['-c', PEER, folder], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return stdout.trim().split(' ').map(Number)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const PEER = `
import sys, time, numpy as np, lightgbm as lgb
d = sys.argv[1]
x = np.stack([np.fromfile(f'{d}/{f}.f64') for f in range(${FEATURES})], 1); y = np.fromfile(f'{d}/y.u8', 'u1')
def once():
    t = time.process_time()
    m = lgb.train(dict(objective='binary', num_leaves=${LEAVES}, learning_rate=0.05, num_threads=1, verbose=-1), lgb.Dataset(x, y), ${TREES})
    return time.process_time() - t, m
runs = [once() for _ in range(${ROUNDS})]
m = runs[0][1]
def timed(f):
    t = time.process_time(); f(); return time.process_time() - t
batch = min(timed(lambda: m.predict(x, num_threads=1)) for _ in range(${ROUNDS}))
single = min(timed(lambda: [m.predict(x[i:i + 1], num_threads=1) for i in range(300)]) for _ in range(${ROUNDS})) / 300
p = m.predict(x, num_threads=1); o = np.argsort(p, kind='stable'); r = np.empty(len(p)); r[o] = np.arange(1, len(p) + 1); n = y.sum()
print(f'{min(t for t, _ in runs)} {len(p) / batch} {single * 1000} {(r[y == 1].sum() - n * (n + 1) / 2) / (n * (len(p) - n))}')
`

async function measure(): Promise<readonly Score[]> {
  const { table, labels } = planted()
  let forest = boostForest(table, labels, LOGISTIC, { trees: 1, leaves: LEAVES })
  const training = least(() => (forest = boostForest(table, labels, LOGISTIC, { trees: TREES, leaves: LEAVES, minRows: 20, minHessian: 1e-3 })))
  const scorer = new Scorer(forest)
  let scores = scorer.scores(table)
  const batch = least(() => (scores = scorer.scores(table)))
  const some = Array.from({ length: 2000 }, (_, row) => rowOf(table, row))
  const single = least(() => some.forEach((row) => forestScores(forest, row))) / some.length
  const theirs = lightgbm(table.columns, labels)
  const ours = [training / 1000, ROWS / (batch / 1000), single, areaUnderCurve(scores[0] ?? [], labels) ?? NaN]
  return METRICS.map((metric, i) => ({
    part: 'booster', set: 'planted', split: `${TREES} trees of ${LEAVES} leaves`, rows: ROWS, metric, ours: ours[i] ?? NaN,
    rivals: theirs === undefined ? [] : [{ name: 'LightGBM', value: theirs[i] ?? NaN, how: 'measured' }],
  }))
}
const METRICS = ['CPU s of training', 'rows a second in batch', 'ms of one row', 'area under the curve of the rows learned']

export default { name: 'booster', needs: [], measure } satisfies Part
