/** The latest records of a log, for tools that go on from what has reached its end. */
import { formatInstant, parseInstant, type Millis, type Vanta } from '#record'
import { endOfLines, LineCursor, linesBackward, type Bytes } from './lines.ts'
import { recordOfLine } from './links.ts'

const KNOWN_AT = /"known_at":"([^"\\]{10,40})"/
/** So many lines in a row that are too old, and it is done: a log is nearly in the order of knowledge, not quite. */
const OLD_LINES = 2000

/** The records that were known within `spanMs` before the latest one, in the order of the log. A torn tail is left out. */
export function* pastOf(lines: Bytes, spanMs: Millis): Generator<Vanta, void, undefined> {
  const end = endOfLines(lines)
  let offset = end, from = end, old = 0, latestMs = -Infinity
  for (const line of linesBackward(lines)) {
    offset -= line.length + 1
    const known = KNOWN_AT.exec(line.toString('latin1'))?.[1]
    const knownMs = known === undefined ? undefined : parseInstant(known)
    if (knownMs === undefined) continue
    latestMs = Math.max(latestMs, knownMs)
    if (knownMs >= latestMs - spanMs) {
      old = 0
      from = offset
    } else if (++old >= OLD_LINES) break
  }
  if (from >= end) return
  const earliest = formatInstant(latestMs - spanMs)
  const cursor = new LineCursor(lines, from)
  while (cursor.next()) {
    const text = cursor.text()
    const record = recordOfLine(text)
    if (record !== undefined && record.known_at >= earliest) yield record
  }
}
