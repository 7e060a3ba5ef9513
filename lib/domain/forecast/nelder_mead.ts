/** Minimum of a function without derivatives: the simplex of Nelder and Mead (The Computer Journal 7, 1965), with their own coefficients. */

export interface SimplexTerms {
  readonly evaluations: number
  /** Ends where best and worst differ by less than this share. */
  readonly tolerance: number
}

export interface Corner {
  readonly at: Float64Array
  readonly loss: number
}

/** The best place found; `loss` may answer Infinity outside its bounds. The simplex starts from `from` and one step along each axis. */
export function nelderMead(loss: (at: Float64Array) => number, from: Float64Array, steps: Float64Array, { evaluations, tolerance }: SimplexTerms): Corner {
  const n = from.length
  const corner = (at: Float64Array): Corner => ({ at, loss: loss(at) })
  const corners = [corner(from.slice()), ...Array.from(from, (_, axis) => corner(from.map((value, i) => (i === axis ? value + (steps[i] ?? 0) : value))))]
  const order = (): void => void corners.sort((a, b) => (a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : 0))
  order()
  for (let asked = n + 1; asked < evaluations;) {
    const best = corners[0], worst = corners[n], next = corners[n - 1] ?? corners[0]
    if (best === undefined || worst === undefined || next === undefined) break
    if (Math.abs(worst.loss - best.loss) <= tolerance * (Math.abs(best.loss) + tolerance)) break
    const centre = new Float64Array(n)
    for (let c = 0; c < n; c++) for (let i = 0; i < n; i++) centre[i] = (centre[i] ?? 0) + (corners[c]?.at[i] ?? 0) / n
    const along = (share: number): Corner => corner(centre.map((value, i) => value + share * (value - (worst.at[i] ?? 0))))
    const reflected = along(1)
    asked++
    if (reflected.loss < best.loss) {
      const expanded = along(2)
      asked++
      corners[n] = expanded.loss < reflected.loss ? expanded : reflected
    } else if (reflected.loss < next.loss) corners[n] = reflected
    else {
      const contracted = reflected.loss < worst.loss ? along(0.5) : along(-0.5)
      asked++
      if (contracted.loss < Math.min(reflected.loss, worst.loss)) corners[n] = contracted
      else {
        for (let c = 1; c <= n; c++) corners[c] = corner((corners[c]?.at ?? from).map((value, i) => ((best.at[i] ?? 0) + value) / 2))
        asked += n
      }
    }
    order()
  }
  return corners[0] ?? { at: from, loss: Infinity }
}
