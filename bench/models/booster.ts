/**
 * Boosted trees, 100,000 rows of 30 features, 200 trees of 31 leaves, one thread: CPU seconds of training, rows a second in batch, milliseconds of one row;
 * beside LightGBM by turns in the same run, where it is at hand. The best of all rounds counts (BENCH_ROUNDS).
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
import type { Asked, Part, Score } from '../../scripts/reason/score.ts'

const ROWS = 100_000, FEATURES = 30, TREES = 200, LEAVES = 31, ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3), SINGLE = 2000

interface Rows {
  readonly table: Table
  readonly labels: Uint8Array
}

function planted(rows: number): Rows {
  const random = seededRandom('1', 'booster')
  const columns = Array.from({ length: FEATURES }, () => new Float64Array(rows)), labels = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = columns.map((column) => (column[row] = random.next() * 4 - 2))
    const noise = (random.next() + random.next() + random.next() - 1.5) * 2
    labels[row] = a * b + Math.sin(2 * c) + d + (f > 0 ? e / 2 : 0) + noise > 0 ? 1 : 0
  }
  return { table: { rows, features: columns.map((_, f) => `f${f}`), columns }, labels }
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Seconds of training, of all rows scored at once, and of one row. */
interface Round {
  readonly training: number
  readonly batch: number
  readonly single: number
  readonly area: number
}

function ours({ table, labels }: Rows, trees: number): Round {
  let forest = boostForest(table, labels, LOGISTIC, { trees: 1, leaves: LEAVES })
  const training = cpuSeconds(() => (forest = boostForest(table, labels, LOGISTIC, { trees, leaves: LEAVES, minRows: 20, minHessian: 1e-3 })))
  const scorer = new Scorer(forest)
  let scores = scorer.scores(table)
  const batch = cpuSeconds(() => (scores = scorer.scores(table)))
  const some = Array.from({ length: SINGLE }, (_, row) => rowOf(table, row))
  const single = cpuSeconds(() => some.forEach((row) => forestScores(forest, row))) / SINGLE
  return { training, batch, single, area: areaUnderCurve(scores[0] ?? [], labels) ?? NaN }
}

function lightgbm(python: string, folder: string, trees: number): Round {
  const { status, stdout, stderr } = spawnSync(python, ['-c', PEER, folder, String(trees)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Round
}
const PEER = `
import json, sys, time, numpy as np, lightgbm as lgb
d, trees = sys.argv[1], int(sys.argv[2])
x = np.stack([np.fromfile(f'{d}/{f}.f64') for f in range(${FEATURES})], 1); y = np.fromfile(f'{d}/y.u8', 'u1')
def timed(f):
    t = time.process_time(); r = f(); return time.process_time() - t, r
training, m = timed(lambda: lgb.train(dict(objective='binary', num_leaves=${LEAVES}, learning_rate=0.05, num_threads=1, verbose=-1), lgb.Dataset(x, y), trees))
m.predict(x, num_threads=1)
batch, p = timed(lambda: m.predict(x, num_threads=1))
single = timed(lambda: [m.predict(x[i:i + 1], num_threads=1) for i in range(300)])[0] / 300
o = np.argsort(p, kind='stable'); r = np.empty(len(p)); r[o] = np.arange(1, len(p) + 1); n = int(y.sum())
print(json.dumps(dict(training=training, batch=batch, single=single, area=(r[y == 1].sum() - n * (n + 1) / 2) / (n * (len(p) - n)))))
`

const least = (rounds: readonly Round[], of: (round: Round) => number): number => Math.min(...rounds.map(of))

async function measure(_: string, { quick, python }: Asked): Promise<readonly Score[]> {
  const rows = planted(quick ? ROWS / 10 : ROWS), trees = quick ? TREES / 4 : TREES
  const mine: Round[] = [], theirs: Round[] = []
  const folder = mkdtempSync(join(tmpdir(), 'vanta-booster-'))
  try {
    rows.table.columns.forEach((column, f) => writeFileSync(join(folder, `${f}.f64`), new Uint8Array(column.slice().buffer)))
    writeFileSync(join(folder, 'y.u8'), rows.labels)
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      mine.push(ours(rows, trees))
      if (python !== undefined) theirs.push(lightgbm(python, folder, trees))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return METRICS.map(([metric, of]) => ({
    part: 'booster', set: 'planted', split: `${trees} trees of ${LEAVES} leaves`, rows: rows.table.rows, metric, ours: of(mine, rows.table.rows),
    rivals: theirs.length === 0 ? [] : [{ name: 'LightGBM', value: of(theirs, rows.table.rows), how: 'measured' }],
  }))
}
const METRICS: readonly (readonly [string, (rounds: readonly Round[], rows: number) => number])[] = [
  ['CPU s of training', (rounds) => least(rounds, ({ training }) => training)],
  ['rows a second in batch', (rounds, rows) => rows / least(rounds, ({ batch }) => batch)],
  ['ms of one row', (rounds) => 1000 * least(rounds, ({ single }) => single)],
  ['area under the curve of the rows learned', (rounds) => rounds[0]?.area ?? NaN],
]

export default { name: 'booster', needs: [], timed: true, rivals: true, measure } satisfies Part
