/**
 * Models of XGBoost as its `save_model` writes them in JSON (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html): trees of
 * numbers for two classes or more. It compares numbers of 32 bits, value below threshold; ours are of 64 bits, value up to threshold. What lies
 * halfway to the number of 32 bits before a threshold rounds to one side or the other, and that is where ours is put.
 */
import { logit } from '#record'
import type { Forest } from '#domain/learn/boosted'
import type { BoostedTree } from '#domain/learn/tree'
import { Failure } from '#port/failure'
import { anyText, list, number, object, optional, unknown, type Typed } from '#record/shape'
import { treeFrom } from './build.ts'

const treeShape = object({
  split_indices: list(number(0)), split_conditions: list(number()), left_children: list(number()), right_children: list(number()),
  default_left: list(unknown), sum_hessian: list(number()), split_type: optional(list(number())),
})
const shape = object({
  learner: object({
    feature_names: optional(list(anyText)),
    gradient_booster: object({ name: anyText, model: object({ trees: list(treeShape), tree_info: list(number(0)) }) }),
    learner_model_param: object({ base_score: unknown, num_class: anyText, num_feature: anyText }),
    objective: object({ name: anyText }),
  }),
})
type Dump = Typed<typeof shape>
const isDump = (value: unknown): value is Dump => shape.holds(value)

/** Throws Failure `data` where it is none, or one of what is not read here: other boosters, objectives, splits by sets. */
export function xgboostForest(value: unknown, name: string): Forest {
  const bad = (why: string): Failure => new Failure('data', `${name}: ${why}`)
  if (!isDump(value)) {
    const { path, message } = shape.fault(value) ?? { path: '', message: 'expected a model of XGBoost' }
    throw bad(`field "${path}": ${message}`)
  }
  const { feature_names: names = [], gradient_booster: booster, learner_model_param: param, objective } = value.learner
  if (booster.name !== 'gbtree') throw bad(`booster ${booster.name}: only gbtree is read`)
  const classes = Number(param.num_class), scores = classes > 1 ? classes : 1
  const isBinary = objective.name === 'binary:logistic' && scores === 1
  if (!isBinary && !(/^multi:soft(prob|max)$/.test(objective.name) && scores > 1)) throw bad(`objective ${objective.name} with ${scores} scores: no classes`)
  const features = names.length > 0 ? names : Array.from({ length: Number(param.num_feature) }, (_, f) => `f${f}`)
  const said = basesIn(param.base_score, scores)
  if (said === undefined) throw bad(`base_score ${JSON.stringify(param.base_score)}: expected a number for each score`)
  const trees: BoostedTree[][] = said.map(() => [])
  booster.model.trees.forEach((tree, t) => {
    const mine = trees[booster.model.tree_info[t] ?? 0]
    if (mine === undefined) throw bad(`tree ${t}: of class ${booster.model.tree_info[t]}, there are ${scores}`)
    mine.push(treeOf(tree, features.length, `${name}: tree ${t}`))
  })
  return { features, bases: isBinary ? said.map(logit) : said, trees }
}

/** `5E-1`, `[5E-1]` or one a class. */
function basesIn(value: unknown, scores: number): number[] | undefined {
  const numbers = String(value).replace(/^\[|\]$/g, '').split(',').map(Number)
  const bases = numbers.length === 1 ? Array.from({ length: scores }, () => numbers[0] ?? NaN) : numbers
  return bases.length === scores && bases.every(Number.isFinite) ? bases : undefined
}

function treeOf(tree: Dump['learner']['gradient_booster']['model']['trees'][number], features: number, place: string): BoostedTree {
  const { split_indices, split_conditions, left_children, right_children, default_left, sum_hessian, split_type } = tree
  if (split_type?.some((type) => type !== 0) === true) throw new Failure('data', `${place}: splits by sets of words are not read`)
  return treeFrom(0, left_children.length, place, (node) => {
    const left = left_children[node], right = right_children[node], condition = split_conditions[node], cover = sum_hessian[node] ?? 0
    if (left === undefined || right === undefined || condition === undefined) throw new Failure('data', `${place}: no node ${node}`)
    if (left < 0) return { value: Math.fround(condition), cover }
    const feature = split_indices[node] ?? -1
    if (!(feature < features)) throw new Failure('data', `${place}: feature ${feature} of ${features}`)
    const missingLeft = default_left[node] === 1 || default_left[node] === true
    return { feature, threshold: below(Math.fround(condition)), missingLeft, left, right }
  })
}

/** The largest number of 64 bits that, made one of 32 bits, is below `condition`, which is of 32 bits. */
export function below(condition: number): number {
  const before = previous(condition, Float32Array, Int32Array)
  const halfway = (before + condition) / 2
  return Math.fround(halfway) < condition ? halfway : previous(halfway, Float64Array, BigInt64Array)
}

function previous(value: number, Float: Float32ArrayConstructor | Float64ArrayConstructor, Bits: Int32ArrayConstructor | BigInt64ArrayConstructor): number {
  const float = new Float(1)
  if (value === 0) {
    const bits = new Bits(float.buffer)
    if (bits instanceof Int32Array) bits[0] = 1
    else bits[0] = 1n
    return -(float[0] ?? 0)
  }
  float[0] = value
  const bits = new Bits(float.buffer)
  // Of numbers above 0 the one before has one bit less; of those below 0 one more.
  if (bits instanceof Int32Array) bits[0] = (bits[0] ?? 0) + (value > 0 ? -1 : 1)
  else bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n)
  return float[0] ?? 0
}
