/** Who of a group reads which partitions: one after another in turn, so that all have as many, give or take one. */
export function sharesOf(me: string, members: readonly string[], partitions: number): ReadonlySet<number> {
  const sorted = [...new Set(members)].sort(), turn = sorted.indexOf(me)
  if (turn < 0) return new Set()
  return new Set(Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => partition % sorted.length === turn))
}
