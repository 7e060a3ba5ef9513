/** Cover and F1 of change points against several annotators, as TCPDBench defines them. Indices are starts of new segments, from 0. */

const MARGIN = 5

/** How many of the marks have a prediction of their own within the margin: each prediction serves one. */
function matched(marks: readonly number[], found: readonly number[]): number {
  const left = new Set(found)
  let count = 0
  for (const mark of marks) {
    let nearest: number | undefined
    for (const at of left) if (Math.abs(at - mark) <= MARGIN && (nearest === undefined || Math.abs(at - mark) < Math.abs(nearest - mark))) nearest = at
    if (nearest === undefined) continue
    left.delete(nearest)
    count++
  }
  return count
}

const sorted = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b)

/** Precision against the union of annotators, mean recall over them; 0 counts as a change in all. */
export function f1Of(annotators: readonly (readonly number[])[], predictions: readonly number[]): number {
  const found = sorted([0, ...predictions]), truths = annotators.map((marks) => sorted([0, ...marks]))
  const precision = matched(sorted(truths.flat()), found) / found.length
  const recall = truths.reduce((sum, marks) => sum + matched(marks, found) / marks.length, 0) / truths.length
  return (2 * precision * recall) / (precision + recall)
}

const segmentsOf = (changes: readonly number[], n: number): (readonly [number, number])[] => {
  const starts = sorted([0, ...changes])
  return starts.map((start, i) => [start, starts[i + 1] ?? n] as const)
}

/** How well the segments of each annotator are covered by those found: Jaccard's index of the best, weighted by length. */
export function coverOf(annotators: readonly (readonly number[])[], predictions: readonly number[], n: number): number {
  const found = segmentsOf(predictions, n)
  const covers = annotators.map((marks) => segmentsOf(marks, n).reduce((sum, [from, to]) => {
    const best = Math.max(...found.map(([a, b]) => Math.max(0, Math.min(to, b) - Math.max(from, a)) / (Math.max(to, b) - Math.min(from, a))))
    return sum + ((to - from) / n) * best
  }, 0))
  return covers.reduce((sum, cover) => sum + cover, 0) / covers.length
}
