/**
 * Boosted trees, 100,000 rows of 30 features, 200 trees of 31 leaves: CPU time of training, rows a second in batch, time of one row, one thread each;
 * beside LightGBM where `python3` (or $PYTHON) has it. `node --import tsx bench/models/booster.ts`
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { boostForest, forestScores } from '#domain/learn/boosted'
import { LOGISTIC } from '#domain/learn/loss'
import { Scorer } from '#domain/learn/scorer'
import { areaUnderCurve } from '#domain/learn/scores'
import { rowOf, type Table } from '#domain/learn/table'
import { seededRandom } from '#tool/random'
import { columns as inColumns } from '#domain/report/columns'

const ROWS = 100_000, FEATURES = 30, TREES = 200, LEAVES = 31, ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)

const random = seededRandom('1', 'booster')
const columns = Array.from({ length: FEATURES }, () => new Float64Array(ROWS))
const labels = new Uint8Array(ROWS)
for (let row = 0; row < ROWS; row++) {
  const x = columns.map((column) => (column[row] = random.next() * 4 - 2))
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = x
  const noise = (random.next() + random.next() + random.next() - 1.5) * 2
  labels[row] = a * b + Math.sin(2 * c) + d + (f > 0 ? e / 2 : 0) + noise > 0 ? 1 : 0
}
const table: Table = { rows: ROWS, features: columns.map((_, f) => `f${f}`), columns }

function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
const least = (run: () => void): number => Math.min(...Array.from({ length: ROUNDS }, () => cpuMs(run)))

let forest = boostForest(table, labels, LOGISTIC, { trees: 1, leaves: LEAVES })
const training = least(() => (forest = boostForest(table, labels, LOGISTIC, { trees: TREES, leaves: LEAVES, minRows: 20, minHessian: 1e-3 })))
const scorer = new Scorer(forest)
let scores = scorer.scores(table)
const batch = least(() => (scores = scorer.scores(table)))
const some = Array.from({ length: 2000 }, (_, row) => rowOf(table, row))
const single = least(() => some.forEach((row) => forestScores(forest, row))) / some.length
const ours = ['vanta', (training / 1000).toFixed(2), Math.round(ROWS / (batch / 1000)).toLocaleString('en'), single.toFixed(4),
  (areaUnderCurve(scores[0] ?? [], labels) ?? NaN).toFixed(4)]

/** The same on the same numbers; undefined where there is no LightGBM. */
function peer(): readonly string[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-booster-'))
  try {
    columns.forEach((column, f) => writeFileSync(join(folder, `${f}.f64`), new Uint8Array(column.buffer)))
    writeFileSync(join(folder, 'y.u8'), labels)
    const { status, stdout } = spawnSync(process.env['PYTHON'] ?? 'python3', ['-c', PEER, folder], { encoding: 'utf8' })
    return status === 0 ? ['LightGBM', ...stdout.trim().split(' ')] : undefined
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
print(f'{min(t for t, _ in runs):.2f} {len(p) / batch:,.0f} {single * 1000:.4f} {(r[y == 1].sum() - n * (n + 1) / 2) / (n * (len(p) - n)):.4f}')
`

console.log(`${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}, the least of ${ROUNDS} runs`)
const HEAD = ['', 'training CPU s', 'rows/s in batch', 'ms a row', 'AUC, learned rows']
console.log(inColumns([HEAD, ours, peer() ?? ['LightGBM is not here']], new Set([1, 2, 3, 4])).join('\n'))
