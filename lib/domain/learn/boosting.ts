/** Engines that learn boosted trees: one way to ask, whichever it is. */
import { boostForest, type Forest, type Until } from './boosted.ts'
import { LOGISTIC, softmaxLoss, type Loss } from './loss.ts'
import type { Table } from './table.ts'

export interface BoostingAsked {
  readonly table: Table
  /** Classes, 0 up. */
  readonly labels: readonly number[]
  readonly classes: number
  readonly weights?: readonly number[]
  /** By feature: 1 where the second of two classes may only grow more likely as the value rises, -1 where less, 0 where either. */
  readonly rising?: readonly number[]
  readonly trees: number
  readonly leaves: number
  readonly rate: number
  readonly minRows: number
  readonly until?: Until
  /** Told after rounds, not necessarily each. */
  readonly told?: (round: number, loss: number | undefined) => void
}

export interface Boosting {
  /** Trees with covers. Throws RangeError where the rows are none that can be learned from, or something is asked that the engine cannot do. */
  learn(asked: BoostingAsked): Forest | Promise<Forest>
}

/** Of two classes the log-odds of the second, of more what softmax makes shares of. */
export const lossOf = (classes: number): Loss => (classes === 2 ? LOGISTIC : softmaxLoss(classes))

/** Our own. */
export const ownBoosting: Boosting = {
  learn: ({ table, labels, classes, weights, ...terms }) =>
    boostForest(table, labels, lossOf(classes), { ...terms, covers: true, unseenWithMost: true }, weights),
}
