/**
 * XGBoost itself, as ml-xgboost has it (release 0.6 made WebAssembly), in a thread of its own. It is told bins in the place of values: it takes -1 for a
 * missing value and stops at NaN, so that no value of the user's may reach it, and its numbers of 32 bits would blur the thresholds. Trees are grown by
 * leaves over histograms as ours are, one thread, no chance.
 */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { Failure } from '#port/failure'
import type { Boosting, BoostingAsked } from '#port/boosting'
import { SILENT } from '#domain/learn/tree'
import { Watch, type Forest } from '#domain/learn/boosted'
import { lossOf } from '#domain/learn/boosting'
import { binned, binOf, type Binned } from '#domain/learn/histogram'
import { binaryModel, type Told } from './model.ts'
import { WORKER } from './worker.ts'

const MISSING = -1
/** Rounds after which it is asked whether there shall be more. */
const ROUNDS = 25

export const xgboost: Boosting = {
  async learn(asked) {
    const { table, labels, classes, weights, rising, leaves, rate, minRows } = asked
    if (weights !== undefined) throw new RangeError('XGBoost as it is here knows no weights of rows')
    if (rising?.some((way) => way !== 0) === true) throw new RangeError('XGBoost as it is here knows no features that only rise or fall')
    const loss = lossOf(classes)
    // It is asked for what it throws where a class is missing.
    loss.bases(labels, new Float64Array(table.rows).fill(1))
    const bins = binned(table), features = table.features.length
    const values = new Float32Array(table.rows * features)
    for (let row = 0; row < table.rows; row++) for (let f = 0; f < features; f++) values[row * features + f] = binOf(bins, f, row) || MISSING
    const terms = {
      booster: 'gbtree', silent: '1', objective: classes === 2 ? 'binary:logistic' : 'multi:softprob', ...(classes > 2 && { num_class: String(classes) }),
      eta: String(rate), max_depth: '0', max_leaves: String(leaves), grow_policy: 'lossguide', tree_method: 'hist', max_bin: '256',
      // It counts second derivatives, of which a row has a quarter at most.
      min_child_weight: String(Math.max(1, minRows / 10)), seed: '1',
    }
    return grownBy({ values, labels: Float32Array.from(labels), rows: table.rows, columns: features, terms }, asked, bins)
  },
}

interface WorkerRows {
  readonly values: Float32Array
  readonly labels: Float32Array
  readonly rows: number
  readonly columns: number
  readonly terms: { readonly [name: string]: string }
}

function grownBy(rows: WorkerRows, { table, classes, trees: most, until, told }: BoostingAsked, bins: Binned): Promise<Forest> {
  const path = createRequire(import.meta.url).resolve('ml-xgboost/dist/wasm/xgboost.js'), rounds = Math.min(ROUNDS, most)
  const worker = new Worker(WORKER, { eval: true, workerData: { ...rows, path, rounds }, execArgv: [], stdout: true, stderr: true })
  const missed = table.columns.map((column) => column.some(Number.isNaN))
  const said: Told = {
    threshold: (feature, condition) => thresholdOf(bins, feature, condition),
    missed: (feature) => missed[feature] === true,
  }
  let watch: Watch | undefined, heard = 0
  /** Undefined where there shall be more rounds. */
  const hear = (bytes: Uint8Array): Forest | undefined => {
    const { base, trees } = binaryModel(bytes, classes === 2 ? 1 : classes, said)
    const bases = trees.map(() => base), there = Math.min(most, trees[0]?.length ?? 0)
    if (until !== undefined) watch ??= new Watch(until, lossOf(classes), bases)
    for (; heard < there && watch?.done !== true; heard++) {
      const loss = watch?.hear(trees.map((list) => list[heard] ?? SILENT))
      told?.(heard + 1, loss)
    }
    if (watch?.done !== true && there < most) return undefined
    return { features: table.features, bases, trees: trees.map((list) => list.slice(0, watch?.best ?? most)) }
  }
  return new Promise<Forest>((resolve, reject) => {
    worker.on('message', (bytes: Uint8Array) => {
      try {
        const forest = hear(bytes)
        if (forest === undefined) worker.postMessage('more')
        else resolve(forest)
      } catch (error) {
        reject(error)
      }
    })
    worker.once('error', (error) => reject(new Failure('data', `XGBoost gave up on ${rows.rows} rows of ${rows.columns} features: ${firstLine(error)}`, error)))
    worker.once('exit', (code) => reject(new Failure('data', `XGBoost ended with ${code} on ${rows.rows} rows of ${rows.columns} features`)))
  }).finally(() => worker.terminate())
}

/** It says below which bin rows go left; ours are the values up to which they do. */
function thresholdOf({ cuts }: Binned, feature: number, condition: number): number {
  const last = Math.ceil(condition) - 1, mine = cuts[feature] ?? new Float64Array(0)
  return last < 1 ? -Number.MAX_VALUE : mine[last - 1] ?? Number.MAX_VALUE
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 200) ?? ''
