/** Rows of text as a table for a terminal: two blanks between columns; `right` names the columns that stand to the right. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows.map((row) => row.map((cell, i) => (right.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ').trimEnd())
}

/**
 * {@link columns} where the terminal is too narrow for all of them: those of `spare` (places, the least first) are left out until the rest fits. A
 * table that nobody reads on a terminal, of unknown width, stays whole.
 */
export function fitting(rows: readonly (readonly string[])[], right: ReadonlySet<number>, width: number | undefined, spare: readonly number[]): string[] {
  const out = new Set<number>()
  for (let next = 0; ; next++) {
    const kept = (rows[0] ?? []).map((_, i) => i).filter((i) => !out.has(i))
    const lines = columns(rows.map((row) => kept.map((i) => row[i] ?? '')), new Set(kept.flatMap((i, place) => (right.has(i) ? [place] : []))))
    const least = spare[next]
    if (width === undefined || least === undefined || lines.every((line) => line.length <= width)) return lines
    out.add(least)
  }
}

/** A line folded to a width, what goes on standing below where its text began, and a little further in; unchanged where there is no width. */
export function folded(line: string, width: number | undefined): string[] {
  if (width === undefined || line.length <= width) return [line]
  const indent = ' '.repeat(Math.min(line.length - line.trimStart().length + 2, Math.floor(width / 2)))
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > rest.length - rest.trimStart().length ? space : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = indent + rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
