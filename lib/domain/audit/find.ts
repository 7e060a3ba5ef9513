/** Where in a log a record stands. */
import { idOfLine } from './files.ts'
import { LineCursor, type Bytes } from './lines.ts'

export type FoundLine =
  | { readonly index: number; readonly id: string; readonly line: Buffer }
  /** Ids that begin so, where there is not exactly one; at most twenty. */
  | { readonly candidates: readonly string[] }

const MOST_CANDIDATES = 20

/** The line (from 0) of the record whose id begins with `prefix`. */
export function findLine(lines: Bytes, prefix: string): FoundLine {
  const cursor = new LineCursor(lines)
  const needle = Buffer.from(prefix)
  const found: { index: number; id: string; line: Buffer }[] = []
  while (cursor.next() && found.length < MOST_CANDIDATES) {
    // Most lines do not hold the digits anywhere, which costs far less to see than what the id is.
    if (!cursor.buffer.subarray(cursor.start, cursor.end).includes(needle)) continue
    const id = idOfLine(cursor.buffer, cursor.start, cursor.end)
    if (id?.startsWith(prefix)) found.push({ index: cursor.count - 1, id, line: Buffer.from(cursor.buffer.subarray(cursor.start, cursor.end)) })
    if (id === prefix) break
  }
  const [only] = found
  return only !== undefined && found.length === 1 ? only : { candidates: found.map(({ id }) => id) }
}
