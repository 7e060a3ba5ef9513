/**
 * Gradient-boosted trees: second-order boosting (Friedman, "Greedy function approximation", Annals of Statistics 29, 2001; Chen and
 * Guestrin, "XGBoost", KDD 2016), trees grown leaf by leaf over histograms with the smaller child counted and the larger one
 * subtracted (Ke et al., "LightGBM", NIPS 2017). A missing value goes the way that lowers the loss more. No chance is involved:
 * the same table gives the same model, to the bit.
 */
import { Grower, nineDigits, type GrowthTerms } from './grow.ts'
import { binned } from './histogram.ts'
import { LOGISTIC, type Loss } from './loss.ts'
import type { Table } from './table.ts'
import { leafOf, SILENT, type BoostedTree } from './tree.ts'

export interface BoostingTerms extends GrowthTerms {
  /** Most rounds: a tree of each score. */
  readonly trees: number
  /** Rows that are not learned from say when to stop. */
  readonly until?: Until
  /** Told after each round. `loss` is the mean one of the rows that say when to stop. */
  readonly told?: (round: number, loss: number | undefined) => void
}

export interface Until {
  readonly table: Table
  readonly labels: ArrayLike<number>
  /** Rounds without a lower loss after which there will be no more; those after the lowest are dropped. */
  readonly patience: number
}

const BOOSTING: BoostingTerms = { trees: 200, leaves: 15, rate: 0.05, minHessian: 1, ridge: 1, minRows: 10, minGain: 1e-6 }

/** A yes or no. Plain JSON, so that a model is a file that can be read, compared and hashed. */
export interface Boosted {
  readonly features: readonly string[]
  /** Log-odds before any tree. */
  readonly base: number
  readonly trees: readonly BoostedTree[]
}

/** Several scores of a row, each the sum of its trees: log-odds of a yes, or what softmax makes the classes' shares of. */
export interface Forest {
  readonly features: readonly string[]
  readonly bases: readonly number[]
  /** `trees[k]` are those of score k. */
  readonly trees: readonly (readonly BoostedTree[])[]
}

/** `labels` are 0 or 1, `weights` above 0. Throws RangeError where there are none of either label. */
export function boost(table: Table, labels: ArrayLike<number>, terms: Partial<BoostingTerms> = {}, weights?: ArrayLike<number>): Boosted {
  const { features, bases, trees } = boostForest(table, labels, LOGISTIC, terms, weights)
  return { features, base: bases[0] ?? 0, trees: trees[0] ?? [] }
}

/** The same for any loss. Throws RangeError where the labels are none that it can learn from. */
export function boostForest(
  table: Table, labels: ArrayLike<number>, loss: Loss, terms: Partial<BoostingTerms> = {}, weights?: ArrayLike<number>,
): Forest {
  const given = { ...BOOSTING, ...terms }
  const { rows } = table
  const mass = Float64Array.from({ length: rows }, (_, row) => weights?.[row] ?? 1)
  const bases = loss.bases(labels, mass).map(nineDigits)
  const grower = new Grower(binned(table), given)
  const [scores, gradient, hessian] = [bases.map((base) => new Float64Array(rows).fill(base)), ...[0, 1].map(() => bases.map(() => new Float64Array(rows)))]
  if (gradient === undefined || hessian === undefined) throw new RangeError('a loss of no score')
  const trees: BoostedTree[][] = bases.map(() => [])
  const watch = given.until === undefined ? undefined : new Watch(given.until, loss, bases)
  for (let round = 0; round < given.trees; round++) {
    loss.derive(scores, labels, mass, gradient, hessian)
    const grown = scores.map((score, k) => grower.grow(gradient[k] ?? score, hessian[k] ?? score, score))
    if (grown.every((tree) => tree === undefined)) break
    grown.forEach((tree, k) => trees[k]?.push(tree ?? SILENT))
    const now = watch?.hear(grown)
    given.told?.(round + 1, now)
    if (watch?.done === true) break
  }
  return { features: table.features, bases, trees: watch === undefined ? trees : trees.map((list) => list.slice(0, watch.best)) }
}

/** The loss of rows that are not learned from, round by round. */
export class Watch {
  readonly #until: Until
  readonly #loss: Loss
  readonly #rows: readonly Float64Array[]
  readonly #scores: readonly Float64Array[]
  #round = 0
  #least: number
  /** Rounds up to the least loss. */
  best = 0

  constructor(until: Until, loss: Loss, bases: readonly number[]) {
    const { table: { rows, columns } } = until
    this.#until = until
    this.#loss = loss
    this.#rows = Array.from({ length: rows }, (_, row) => Float64Array.from(columns, (column) => column[row] ?? NaN))
    this.#scores = bases.map((base) => new Float64Array(rows).fill(base))
    this.#least = this.#mean()
  }

  get done(): boolean {
    return this.#round - this.best >= this.#until.patience
  }

  hear(grown: readonly (BoostedTree | undefined)[]): number {
    grown.forEach((tree, k) => {
      const score = this.#scores[k]
      if (tree !== undefined && score !== undefined) this.#rows.forEach((row, i) => (score[i] = (score[i] ?? 0) + (tree.value[leafOf(tree, row)] ?? 0)))
    })
    this.#round++
    const mean = this.#mean()
    if (mean < this.#least) {
      this.#least = mean
      this.best = this.#round
    }
    return mean
  }

  #mean(): number {
    let sum = 0
    for (let row = 0; row < this.#rows.length; row++) sum += this.#loss.of(this.#scores, row, this.#until.labels[row] ?? 0)
    return sum / this.#rows.length
  }
}

/** The log-odds of yes; `row` has the values of `features` in their order, NaN where missing. */
export function boostedLogOdds({ base, trees }: Boosted, row: ArrayLike<number>): number {
  let sum = base
  for (const tree of trees) sum += tree.value[leafOf(tree, row)] ?? 0
  return sum
}

/** All scores of one row. */
export const forestScores = ({ bases, trees }: Forest, row: ArrayLike<number>): number[] => bases.map((base, k) => {
  let sum = base
  for (const tree of trees[k] ?? []) sum += tree.value[leafOf(tree, row)] ?? 0
  return sum
})
