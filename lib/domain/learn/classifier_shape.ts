/** What a classifier's file must look like, so that nothing that is read from one can lead a walk down a tree astray. */
import { anyText, instant, integer, list, literal, number, object, oneOf, optional, text, type Shape } from '#record/shape'
import type { Classifier } from './classifier.ts'
import type { BoostedTree } from './tree.ts'

const treeShape = object({
  feature: list(integer(-1)), threshold: list(number()), left: list(integer(0)), right: list(integer(0)), missing: list(integer(0)),
  value: list(number()), cover: optional(list(number(0))),
})

const shape = object({
  kind: literal('classify'),
  target: text,
  classes: list(text),
  codes: list(object({
    name: anyText, kind: oneOf('number', 'word'), words: optional(list(anyText)), shares: optional(list(list(number(0, 1)))), own: optional(integer(0)),
  })),
  forest: object({ features: list(anyText), bases: list(number()), trees: list(list(treeShape)) }),
  calibration: object({ slope: number(), intercept: number() }),
  beliefs: optional(object({
    features: text, horizon: integer(1), known_until: instant, base: number(0, 1),
    shown: list(object({ call: text, p_up: number(0, 1), uncertainty: number(0), dates: integer(0) })),
  })),
})

/** More than any tree that tells classes apart, and few enough for `Scorer`. */
const NODES_MAX = 100_001

/** A checked classifier, or what is wrong with it. */
export function classifierIn(value: unknown): { readonly model: Classifier } | { readonly fault: string } {
  const fault = shape.fault(value)
  if (fault !== undefined) return { fault: `field "${fault.path}": ${fault.message}` }
  if (!isClassifier(value)) return { fault: 'its codes are none of words or numbers' }
  const { classes, forest: { features, bases, trees } } = value
  const scores = classes.length === 2 ? 1 : classes.length
  if (classes.length < 2 || bases.length !== scores || trees.length !== scores) return { fault: `${classes.length} classes, ${trees.length} scores` }
  for (const [k, list] of trees.entries()) for (const [t, tree] of list.entries()) {
    if (tree.feature.length > NODES_MAX) return { fault: `tree ${t} of score ${k} has ${tree.feature.length} nodes: at most ${NODES_MAX}` }
    if (!isSound(tree, features.length)) return { fault: `tree ${t} of score ${k} leads astray` }
  }
  return { model: value }
}

const holds = (shape as Shape<unknown>).holds
const isClassifier = (value: unknown): value is Classifier => holds(value) && isCoded(value)
const isCoded = (value: unknown): boolean => typeof value === 'object' && value !== null && 'codes' in value && Array.isArray(value.codes)
  && value.codes.every((code: { kind?: unknown; words?: unknown; shares?: unknown; own?: unknown }) =>
    code.kind === 'number' || (code.words !== undefined && code.shares !== undefined && code.own !== undefined))

/** Every list is as long, every feature one of those there are, and children stand behind their parents. */
function isSound({ feature, threshold, left, right, missing, value }: BoostedTree, features: number): boolean {
  const nodes = feature.length
  if (nodes === 0 || [threshold, left, right, missing, value].some(({ length }) => length !== nodes)) return false
  return feature.every((f, node) => {
    if (f < 0) return true
    const l = left[node] ?? 0, r = right[node] ?? 0
    return f < features && l > node && r > node && l < nodes && r < nodes
  })
}
