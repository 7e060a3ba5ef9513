/** Two records as numbers that tell whether they are one. */
import type { Corpus, Prepared, Value } from './corpus.ts'
import { containedOf, editLikeness, jaccardOf, jaroWinkler, mongeElkan } from './likeness.ts'

/** The names of the features that {@link compare} gives, in its order. */
export function featuresOf({ fields, kinds }: Corpus): readonly string[] {
  const names = fields.flatMap((field, f) => {
    if (kinds[f] === 'number') return [`${field}:ratio`, `${field}:same`]
    const common = [`${field}:winkler`, `${field}:edit`, `${field}:grams`, `${field}:same`]
    return kinds[f] === 'code' ? common
      : [...common, `${field}:tokens`, `${field}:contained`, `${field}:elkan`, `${field}:cosine`, `${field}:alone`, `${field}:figures`, `${field}:length`]
  })
  return [...names, 'all:tokens', 'all:contained', 'all:grams', 'all:cosine', 'all:alone', 'all:alone_most', 'all:figures', 'all:figures_alone', 'all:missing']
}

/** NaN where either side says nothing. */
export function compare(a: Prepared, b: Prepared, corpus: Corpus): Float64Array {
  const out: number[] = []
  let missing = 0
  corpus.fields.forEach((_, f) => {
    const left = a.values[f], right = b.values[f]
    const kind = corpus.kinds[f]
    if (left === undefined || right === undefined || left.plain === '' || right.plain === '') {
      missing++
      for (let n = kind === 'number' ? 2 : kind === 'code' ? 4 : 11; n > 0; n--) out.push(NaN)
      return
    }
    if (kind === 'number') {
      const most = Math.max(Math.abs(left.number), Math.abs(right.number))
      out.push(most === 0 ? 1 : 1 - Math.abs(left.number - right.number) / most, left.plain === right.plain ? 1 : 0)
      return
    }
    const same = left.plain === right.plain ? 1 : 0
    out.push(jaroWinkler(clipped(left), clipped(right)), editLikeness(clipped(left), clipped(right)), jaccardOf(left.grams, right.grams), same)
    if (kind === 'code') return
    const weights = corpus.weights[f] ?? new Map<string, number>()
    out.push(
      jaccardOf(left.set, right.set), containedOf(left.set, right.set), mongeElkan(left.tokens.slice(0, MOST), right.tokens.slice(0, MOST)),
      cosineOf(left, right, weights, corpus.rarest), aloneOf(left, right, weights, corpus.rarest)[0], figuresOf(left, right),
      Math.min(left.tokens.length, right.tokens.length) / Math.max(left.tokens.length, right.tokens.length),
    )
  })
  const { whole: left } = a, { whole: right } = b
  const weights = corpus.weights.at(-1) ?? new Map<string, number>()
  const [least, most] = aloneOf(left, right, weights, corpus.rarest)
  out.push(
    jaccardOf(left.set, right.set), containedOf(left.set, right.set), jaccardOf(left.grams, right.grams), cosineOf(left, right, weights, corpus.rarest),
    least, most, figuresOf(left, right), loneFigures(left, right), missing,
  )
  return Float64Array.from(out)
}

/** Words of a text that are compared one by one. */
const MOST = 24
const CLIP = 80
const clipped = ({ plain }: Value): string => (plain.length > CLIP ? plain.slice(0, CLIP) : plain)

/** The angle between the two as vectors of weighted tokens. */
function cosineOf(a: Value, b: Value, weights: ReadonlyMap<string, number>, rarest: number): number {
  let dot = 0, left = 0, right = 0
  for (const token of a.set) {
    const weight = weights.get(token) ?? rarest
    left += weight * weight
    if (b.set.has(token)) dot += weight * weight
  }
  for (const token of b.set) {
    const weight = weights.get(token) ?? rarest
    right += weight * weight
  }
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right)
}

/** The weight of the tokens that only one side has: of the side with less of it, and of the one with more. */
function aloneOf(a: Value, b: Value, weights: ReadonlyMap<string, number>, rarest: number): readonly [number, number] {
  const lone = (one: Value, other: Value): number => {
    let sum = 0
    for (const token of one.set) if (!other.set.has(token)) sum += weights.get(token) ?? rarest
    return sum
  }
  const left = lone(a, b), right = lone(b, a)
  return left < right ? [left, right] : [right, left]
}

/** Shared figures; NaN where one side has none. */
const figuresOf = (a: Value, b: Value): number => (a.figures.size === 0 || b.figures.size === 0 ? NaN : jaccardOf(a.figures, b.figures))

/** Figures of the side with fewer that the other lacks. */
function loneFigures(a: Value, b: Value): number {
  const [few, many] = a.figures.size <= b.figures.size ? [a.figures, b.figures] : [b.figures, a.figures]
  let lone = 0
  for (const figure of few) if (!many.has(figure)) lone++
  return lone
}
