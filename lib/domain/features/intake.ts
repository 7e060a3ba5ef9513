/** The log of a home as observations: from where it was left, or from its beginning where views have been defined since. */
import { sha256Of } from '#record/sha256'
import { LineCursor, type Bytes } from '../audit/lines.ts'
import { recordOfLine } from '../audit/links.ts'
import type { Logs } from '../audit/logs.ts'
import { WholeLog } from '../audit/whole.ts'
import { digestOfViews, type View } from './definition.ts'
import { Deriver } from './derive.ts'
import type { Taken } from './manifest.ts'
import type { Observation } from './observe.ts'

export interface Block {
  readonly observations: readonly Observation[]
  /** How far the log has been taken in with these. */
  readonly taken: Taken
}

/** Observations in blocks of about so many, the last with what is left; none where the log has nothing new. Lines that are no records are passed over. */
export function* intakeOf(logs: Logs, views: Iterable<View>, before: readonly Taken[], most: number): Generator<Block, void, undefined> {
  const log = new WholeLog(logs), all = [...views]
  try {
    const name = sumAt(log, 0), said = digestOfViews(all), left = before.find((one) => one.log === name && one.views === said)
    // A log that was made anew is another, whatever its first line says.
    const from = left !== undefined && sumAt(log, left.line_at) === left.line ? left.bytes : 0
    if (name === undefined || log.size() <= from) return
    const deriver = new Deriver(all), cursor = new LineCursor(log)
    let observations: Observation[] = [], lineAt = 0
    while (cursor.next()) {
      // What was taken in before is heard again only as far as what is new may rest on it.
      if (cursor.offset < from && !(deriver.remembers && isBar(cursor))) continue
      const record = recordOfLine(cursor.text()), found = record === undefined ? [] : [...deriver.observations(record)]
      if (cursor.offset < from) continue
      observations.push(...found)
      lineAt = cursor.offset
      if (observations.length < most) continue
      yield { observations, taken: { log: name, bytes: cursor.nextOffset, line_at: lineAt, line: sumOf(cursor), views: said } }
      observations = []
    }
    if (cursor.nextOffset <= from) return
    yield { observations, taken: { log: name, bytes: cursor.nextOffset, line_at: lineAt, line: sumAt(log, lineAt) ?? '', views: said } }
  } finally {
    log.close()
  }
}

const BAR = '{"kind":"bar"'
const isBar = ({ buffer, start }: LineCursor): boolean => buffer.toString('latin1', start, start + BAR.length) === BAR

const sumOf = ({ buffer, start, end }: LineCursor): string => sha256Of(buffer.subarray(start, end)).slice(0, 16)

/** Of the line that begins there; undefined where none does. */
function sumAt(log: Bytes, offset: number): string | undefined {
  const cursor = new LineCursor(log, offset)
  return offset < log.size() && cursor.next() ? sumOf(cursor) : undefined
}
