/** What of a line the lineage rests on: its id and those of its parents. Vanta's own lines need not be parsed for it. */
import { check, keepLine, type Vanta } from '#record'
import { idOfLine } from './files.ts'

export interface Links {
  readonly id: string
  readonly parents: readonly string[]
}

const HEAD = /^\{"kind":"[a-z_]+","id":"([0-9a-f]{40})","parents":\[/
const HEAD_BYTES = 110
const IDS = /^"[0-9a-f]{40}"(?:,"[0-9a-f]{40}")*$/
const ID = /^[0-9a-f]{40}$/
const ID_DIGITS = 40
/** An id in quotes and a comma. */
const ID_STRIDE = ID_DIGITS + 3
const BRACKET = 0x5d

/** Undefined where the line is no record. */
export function linksOf(buffer: Buffer, start: number, end: number): Links | undefined {
  const head = HEAD.exec(buffer.toString('latin1', start, Math.min(end, start + HEAD_BYTES)))
  const id = head?.[1]
  if (head !== null && id !== undefined) {
    const from = start + head[0].length, to = buffer.indexOf(BRACKET, from)
    if (to === from) return { id, parents: [] }
    const list = buffer.toString('latin1', from, Math.min(to, end))
    if (IDS.test(list)) return { id, parents: Array.from({ length: (list.length + 1) / ID_STRIDE }, (_, nth) => idAt(list, nth * ID_STRIDE + 1)) }
  }
  const whole = idOfLine(buffer, start, end)
  return whole === undefined ? undefined : { id: whole, parents: parsedParents(buffer.toString('utf8', start, end)) }
}

const idAt = (list: string, from: number): string => list.slice(from, from + ID_DIGITS)

function parsedParents(line: string): readonly string[] {
  try {
    const record: unknown = JSON.parse(line)
    if (typeof record !== 'object' || record === null || !('parents' in record) || !Array.isArray(record.parents)) return []
    return record.parents.filter((parent): parent is string => typeof parent === 'string' && ID.test(parent))
  } catch {
    return []
  }
}

/** The record on a line, which keeps its text; undefined where it is none that Vanta knows. */
export function recordOfLine(text: string): Vanta | undefined {
  try {
    const checked = check(JSON.parse(text))
    return 'record' in checked ? keepLine(checked.record, text) : undefined
  } catch {
    return undefined
  }
}
