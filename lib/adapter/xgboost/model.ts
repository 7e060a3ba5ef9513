/** The binary models of XGBoost 0.6, which ml-xgboost is made of: src/learner.cc, src/gbm/gbtree.cc and include/xgboost/tree_model.h of that release. */
import type { BoostedTree } from '#domain/learn/tree'
import { TreeDraft } from '#domain/learn/tree'

export interface BinaryModel {
  readonly base: number
  /** `trees[k]` are those of score k. */
  readonly trees: readonly (readonly BoostedTree[])[]
}

/** Sizes in bytes: of the learner's, the booster's and a tree's parameters; of a node and of its statistics. */
const LEARNER = 136, BOOSTER = 160, TREE = 148, NODE = 20, STATISTICS = 16
/** The highest bit of a node's feature says that missing values go left. */
const FEATURE = 0x7fffffff

/** What a model says of values as the engine was told them, in terms of the table. */
export interface Told {
  /** The threshold of ours for the value below which rows go left. */
  threshold(feature: number, condition: number): number
  /** Whether a value of the feature was missing anywhere: else one that is goes the way of most rows. */
  missed(feature: number): boolean
}

/** Throws RangeError where the bytes are no such model. */
export function binaryModel(bytes: Uint8Array, scores: number, told: Told): BinaryModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = LEARNER
  const text = (): string => {
    const length = Number(view.getBigUint64(at, true)), from = at + 8
    at = from + length
    return String.fromCharCode(...bytes.subarray(from, at))
  }
  text()
  const booster = text()
  if (booster !== 'gbtree') throw new RangeError(`booster ${booster}`)
  const count = view.getInt32(at, true)
  at += BOOSTER
  const flat: BoostedTree[] = []
  for (let t = 0; t < count; t++) {
    const nodes = view.getInt32(at + 4, true), first = at + TREE, statistics = first + nodes * NODE
    flat.push(treeIn(view, first, statistics, told))
    at = statistics + nodes * STATISTICS
  }
  const trees: BoostedTree[][] = Array.from({ length: scores }, () => [])
  flat.forEach((tree, t) => trees[view.getInt32(at + 4 * t, true)]?.push(tree))
  return { base: view.getFloat32(0, true), trees }
}

function treeIn(view: DataView, first: number, statistics: number, told: Told): BoostedTree {
  const massOf = (node: number): number => view.getFloat32(statistics + node * STATISTICS + 4, true)
  const draft = new TreeDraft(), ahead: (readonly [node: number, place: number])[] = [[0, 0]]
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    const [node, place] = one, at = first + node * NODE
    const left = view.getInt32(at + 4, true), right = view.getInt32(at + 8, true), split = view.getUint32(at + 12, true), value = view.getFloat32(at + 16, true)
    if (left < 0) {
      draft.answer(place, value, massOf(node))
      continue
    }
    const feature = split & FEATURE
    const missingLeft = told.missed(feature) ? split > FEATURE : massOf(left) > massOf(right)
    const child = draft.split(place, feature, told.threshold(feature, value), missingLeft)
    ahead.push([right, child + 1], [left, child])
  }
  return draft.tree(true)
}
