/** Which records are worth comparing: those that share what few others have. */
import type { Prepared } from './corpus.ts'

/** A key that more records than this share tells nothing and costs most of the time. */
const SHARED_MOST = 1500

export interface Candidate {
  readonly left: number
  readonly right: number
}

/** Words, and runs of three characters so that one wrong letter does not hide a word. */
function* keysOf({ whole }: Prepared): Generator<string> {
  for (const token of whole.set) yield token
  for (const gram of whole.grams) yield `~${gram}`
}

/**
 * For each left record the `most` right ones that share the heaviest keys, heaviest first: a key weighs the square of log(1 + N / df). With
 * `right` left out, pairs among the left ones, each once, the smaller place first. The order of the records decides between equals.
 */
export function candidatesOf(left: readonly Prepared[], right: readonly Prepared[] | undefined, most: number): readonly Candidate[] {
  const others = right ?? left
  const places = new Map<string, number[]>()
  others.forEach((record, place) => {
    for (const key of keysOf(record)) {
      const known = places.get(key)
      if (known === undefined) places.set(key, [place])
      else known.push(place)
    }
  })
  const shared = new Float64Array(others.length)
  const pairs = new Map<number, Candidate>()
  left.forEach((record, from) => {
    const touched: number[] = []
    for (const key of keysOf(record)) {
      const known = places.get(key)
      if (known === undefined || known.length > SHARED_MOST) continue
      const weight = Math.log(1 + others.length / known.length)
      for (const place of known) {
        if (right === undefined && place === from) continue
        if (shared[place] === 0) touched.push(place)
        shared[place] = (shared[place] ?? 0) + weight * weight
      }
    }
    touched.sort((a, b) => (shared[b] ?? 0) - (shared[a] ?? 0) || a - b)
    for (const place of touched.slice(0, most)) {
      const pair = right !== undefined ? { left: from, right: place } : from < place ? { left: from, right: place } : { left: place, right: from }
      pairs.set(pair.left * others.length + pair.right, pair)
    }
    for (const place of touched) shared[place] = 0
  })
  return [...pairs.values()].sort((a, b) => a.left - b.left || a.right - b.right)
}
