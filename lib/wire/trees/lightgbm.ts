/**
 * Models of LightGBM as its `save_model` writes them: `name=value` lines, a block for each tree (src/io/tree.cpp, src/boosting/gbdt_model_text.cpp).
 * A value up to the threshold goes left. What becomes of a missing one is in `decision_type`: by default to one side, or as if it were 0.
 */
import type { Forest } from '#domain/learn/boosted'
import type { BoostedTree } from '#domain/learn/tree'
import { Failure } from '#port/failure'
import { treeFrom } from './build.ts'

export interface LightGbm {
  readonly forest: Forest
  /** What the one score is multiplied by before it is made a probability. */
  readonly slope: number
}

/** Bits of `decision_type`: by sets of words; missing values to the left; and what is missing, in the two bits above. */
const BY_SETS = 1, DEFAULT_LEFT = 2, NEVER_MISSING = 0, ZERO_MISSING = 1
/** Nearer to 0 than this is 0 (kZeroThreshold). */
const ZERO = 1e-35

type Block = ReadonlyMap<string, string>

/** Throws Failure `data` where it is none, or one of what is not read here: other objectives, splits by sets, linear leaves, averages. */
export function lightgbmForest(text: string, name: string): LightGbm {
  const bad = (why: string): Failure => new Failure('data', `${name}: ${why}`)
  const [head = '', ...rest] = text.split(/\n(?=Tree=\d+\n)/)
  if (!/^tree\r?\n/.test(head)) throw bad('no model of LightGBM: it does not begin with "tree"')
  const model = blockOf(head)
  if (/\naverage_output\b/.test(head)) throw bad('a forest that averages is not read')
  const [objective = '', ...terms] = (model.get('objective') ?? '').split(' ')
  const scores = Number(model.get('num_tree_per_iteration') ?? NaN)
  const isBinary = objective === 'binary' && scores === 1
  if (!isBinary && !(objective === 'multiclass' && scores > 1)) throw bad(`objective "${objective}" with ${scores} scores: no classes that are read here`)
  const features = (model.get('feature_names') ?? '').split(' ').filter((feature) => feature !== '')
  if (features.length !== Number(model.get('max_feature_idx')) + 1) throw bad('as many feature_names as max_feature_idx says were expected')
  const slope = isBinary ? Number(terms.find((term) => term.startsWith('sigmoid:'))?.slice('sigmoid:'.length) ?? 1) : 1
  if (!(slope > 0)) throw bad(`sigmoid: expected a number above 0, got ${slope}`)
  const trees: BoostedTree[][] = Array.from({ length: scores }, () => [])
  rest.forEach((block, t) => trees[t % scores]?.push(treeOf(blockOf(block), features.length, `${name}: tree ${t}`)))
  if (rest.length === 0) throw bad('no trees')
  return { forest: { features, bases: trees.map(() => 0), trees }, slope }
}

/** Up to the first empty line behind the last tree, where settings follow. */
const blockOf = (text: string): Block => new Map(text.split('\n').flatMap((line) => {
  const equals = line.indexOf('=')
  return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1).trim()] as const]
}))

function treeOf(block: Block, features: number, place: string): BoostedTree {
  const numbers = (name: string): number[] => {
    const words = (block.get(name) ?? '').split(' ').filter((word) => word !== '').map(Number)
    if (words.some(Number.isNaN)) throw new Failure('data', `${place}: ${name} are no numbers`)
    return words
  }
  const leaves = Number(block.get('num_leaves') ?? NaN)
  if (!(leaves >= 1)) throw new Failure('data', `${place}: no num_leaves`)
  if (Number(block.get('num_cat') ?? 0) > 0) throw new Failure('data', `${place}: splits by sets of words are not read`)
  if (Number(block.get('is_linear') ?? 0) > 0) throw new Failure('data', `${place}: leaves that are linear are not read`)
  const [feature, threshold, type, left, right, value, count] =
    ['split_feature', 'threshold', 'decision_type', 'left_child', 'right_child', 'leaf_value', 'leaf_count'].map(numbers)
  // An inner node by its place, a leaf by what is below 0: -1 is the first.
  return treeFrom(leaves === 1 ? -1 : 0, 2 * leaves - 1, place, (node) => {
    if (node < 0) {
      const answer = value?.[-node - 1]
      if (answer === undefined) throw new Failure('data', `${place}: no leaf ${-node - 1}`)
      return { value: answer, cover: count?.[-node - 1] ?? 0 }
    }
    const f = feature?.[node] ?? NaN, cut = threshold?.[node] ?? NaN, how = type?.[node] ?? NaN, l = left?.[node], r = right?.[node]
    if (!(f < features) || Number.isNaN(cut) || Number.isNaN(how) || l === undefined || r === undefined) throw new Failure('data', `${place}: no node ${node}`)
    return { feature: f, threshold: cut, missingLeft: missingLeft(how, cut, `${place}, node ${node}`), left: l, right: r }
  })
}

function missingLeft(type: number, threshold: number, place: string): boolean {
  if ((type & BY_SETS) !== 0) throw new Failure('data', `${place}: splits by sets of words are not read`)
  const isDefaultLeft = (type & DEFAULT_LEFT) !== 0, missing = type >> 2, zeroLeft = threshold >= 0
  if (missing === NEVER_MISSING) return zeroLeft
  // Where 0 is missing too, 0 itself must go the same way as by its value.
  if (missing === ZERO_MISSING && (isDefaultLeft !== threshold >= ZERO || Math.abs(threshold) < ZERO)) {
    throw new Failure('data', `${place}: zeros that count as missing are not read`)
  }
  return isDefaultLeft
}
