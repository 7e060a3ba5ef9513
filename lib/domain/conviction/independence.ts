/**
 * How much of what several voices say is not the same thing said again. The effective number of voices with correlations C is that of their best mix,
 * 1 / min wᵀCw over weights w >= 0 that add up to 1: the variance of one voice over that of the mix. For equal correlations it is Kish's
 * n / (1 + (n - 1) r); a copy adds nothing to it, and no voice ever takes from it. Weights below zero, which would make two voices that
 * contradict one another into a certainty, are not allowed.
 */
import { solvePositive } from '../statistics/solve.ts'

/** How far two sources say the same, 0 .. 1. */
export type OverlapOf = (a: string, b: string) => number

/** A gain of less is none: what is wholly repeated must not come back through the error of doubles. */
const LEAST_GAIN = 1e-9

/** Kish's effective number ("Survey Sampling", 1965) of `n` voices with one correlation among all. */
export const kishOf = (n: number, correlation: number): number => (n === 0 ? 0 : n / (1 + (n - 1) * correlation))

/**
 * For voices given heaviest first, by how much each raises the effective number of those before it, 0 .. 1. Two voices of one source, and of sources that
 * share nothing, are correlated by `correlation`; what is left of the voices of two sources is shared as far as these overlap.
 */
export function sharesOfVoices(sources: readonly string[], correlation: number, overlapOf: OverlapOf | undefined): number[] {
  const names = [...new Set(sources)]
  const overlaps = overlapOf === undefined ? undefined : overlapsOf(names, overlapOf)
  if (overlaps === undefined) return sources.map((_, k) => kishOf(k + 1, correlation) - kishOf(k, correlation))
  const counts = names.map(() => 0)
  const among = (a: number, b: number): number => {
    const one = counts[a] ?? 1, other = counts[b] ?? 1
    const overlap = a === b ? 1 : overlaps[a]?.[b] ?? 0
    return correlation + (overlap * (1 - correlation)) / Math.sqrt(one * other)
  }
  return gains(sources.map((source) => {
    const at = names.indexOf(source)
    return { at, take: () => void (counts[at] = (counts[at] ?? 0) + 1) }
  }), among)
}

/** The same for single voices whose correlations are given: `among[i][k]`, in the order in which they stand. */
export const sharesOf = (among: readonly (readonly number[])[]): number[] =>
  gains(among.map((_, at) => ({ at, take: () => undefined })), (a, b) => (a === b ? 1 : among[a]?.[b] ?? 0))

/** Undefined where none of them overlap. */
function overlapsOf(names: readonly string[], overlapOf: OverlapOf): number[][] | undefined {
  let any = false
  const overlaps = names.map((a) => names.map((b) => {
    const overlap = a === b ? 1 : overlapOf(a, b)
    if (a !== b && overlap > 0) any = true
    return overlap
  }))
  return any ? overlaps : undefined
}

/** What each voice adds to the effective number, as one after another joins its group. */
function gains(voices: readonly { readonly at: number; readonly take: () => void }[], among: (a: number, b: number) => number): number[] {
  const present: number[] = []
  let mix: number[] = []
  let counted = 0
  return voices.map(({ at, take }) => {
    take()
    if (!present.includes(at)) {
      present.push(at)
      mix.push(0)
    }
    mix = bestMix(present.map((a) => present.map((b) => among(a, b))), mix)
    const effective = Math.max(counted, mix.reduce((sum, weight) => sum + weight, 0))
    const gain = effective - counted
    if (gain <= LEAST_GAIN) return 0
    counted = effective
    return gain
  })
}

/**
 * The y >= 0 that makes 1ᵀy - yᵀCy / 2 largest, whose sum is the effective number: by active sets (Lawson and Hanson, "Solving Least Squares
 * Problems", 1974, chapter 23), from a first guess on. What is redundant among those taken is left at 0.
 */
export function bestMix(correlations: readonly (readonly number[])[], guess: readonly number[]): number[] {
  const size = correlations.length
  let mix = [...guess]
  const taken = new Set(mix.flatMap((weight, i) => (weight > 0 ? [i] : [])))
  const redundant = new Set<number>()
  if (taken.size > 0) settle(undefined)
  for (let round = 0; round < 3 * size + 3; round++) {
    let next = -1, steepest = LEAST_GAIN
    for (let i = 0; i < size; i++) {
      if (taken.has(i) || redundant.has(i)) continue
      const slope = 1 - mix.reduce((sum, weight, k) => sum + weight * (correlations[i]?.[k] ?? 0), 0)
      if (slope > steepest) [next, steepest] = [i, slope]
    }
    if (next < 0) break
    taken.add(next)
    settle(next)
  }
  return mix

  /** The best weights of those taken, letting go of any that would have to be below zero. */
  function settle(newcomer: number | undefined): void {
    while (taken.size > 0) {
      const places = [...taken].sort((a, b) => a - b)
      const among = places.map((a) => places.map((b) => correlations[a]?.[b] ?? 0))
      // Where one is a mix of the others, a little noise in each shows which of them to let go.
      const wanted = solved(among, 0) ?? solved(among, 1e-7)
      if (wanted === undefined) {
        const extra = newcomer !== undefined && taken.has(newcomer) ? newcomer : places.at(-1) ?? 0
        taken.delete(extra)
        redundant.add(extra)
        if (extra === newcomer) return
        mix[extra] = 0
        continue
      }
      let step = 1
      wanted.forEach((weight, i) => {
        const now = mix[places[i] ?? 0] ?? 0
        if (weight <= 0) step = Math.min(step, now / (now - weight))
      })
      const before = mix
      mix = before.map((weight, i) => {
        const place = places.indexOf(i)
        return place < 0 ? 0 : weight + step * ((wanted[place] ?? 0) - weight)
      })
      const gone = step < 1 || wanted.some((weight) => weight <= 0) ? places.filter((place, i) => (wanted[i] ?? 0) <= 0 && (mix[place] ?? 0) <= 1e-12) : []
      if (gone.length === 0) return
      for (const place of gone) {
        taken.delete(place)
        mix[place] = 0
      }
    }
  }
}

/** x of (A + noise)x = 1 for a symmetric positive definite A; undefined where a row is all but a mix of those before it. */
function solved(matrix: readonly (readonly number[])[], noise: number): Float64Array | undefined {
  const size = matrix.length, squares = Float64Array.from({ length: size * size }, (_, at) => {
    const row = Math.floor(at / size), column = at % size
    return (matrix[row]?.[column] ?? 0) + (row === column ? noise : 0)
  })
  return solvePositive(squares, new Float64Array(size).fill(1), LEAST_GAIN)
}
