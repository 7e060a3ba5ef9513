/** The first place from `from` up to `to` that is not before what is sought, in what stands in order; `to` where all are before it. */
export function bisect(from: number, to: number, isBefore: (place: number) => boolean): number {
  let low = from, high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
