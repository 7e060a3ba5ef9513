/** Which records of the log belong to an answer about some of them: what they were made from, what came of them, and what their makers had read. */
import type { Kind, Vanta } from '#record'
import type { IndexedLine, LineIndex } from '../index/line_index.ts'
import { recordOfLine } from '../links.ts'
import { partAt, type WholeLog } from '../whole.ts'

export interface EvidenceLine {
  /** From 0, through all logs. */
  readonly line: number
  /** As it stands in the log, without the newline. */
  readonly bytes: Buffer
  readonly record: Vanta
}

export interface Evidence {
  /** In the order of the log. */
  readonly lines: readonly EvidenceLine[]
  /** Parents that the log does not hold. */
  readonly missing: readonly string[]
}

/** Kinds that sum up many records: what they sum up is no evidence for one of them. */
const SUMS: ReadonlySet<Kind> = new Set(['pnl', 'attribution', 'summary', 'ranking'])

export interface Sought {
  /** The records that are asked about. */
  readonly roots: readonly IndexedLine[]
  /** Also what came of them. */
  readonly down: boolean
}

export function evidenceOf(index: LineIndex, log: WholeLog, { roots, down }: Sought): Evidence {
  const missing = new Set<string>()
  const found = new Map(roots.map((root) => [root.line, root]))
  if (down) spread(found, [...found.values()], (line) => index.children(line.id))
  spread(found, [...found.values()].filter((line) => !isSum(line)), ({ parents }) => parents.flatMap((id) => {
    const parent = index.find(id)
    if (parent === undefined) missing.add(id)
    return parent ?? []
  }))
  const lines: EvidenceLine[] = []
  for (const { line, bytes } of found.values()) {
    const record = recordOfLine(bytes.toString('utf8'))
    if (record !== undefined) lines.push({ line, bytes, record })
  }
  return { lines: withSettings(lines.sort((a, b) => a.line - b.line), log), missing: [...missing] }
}

function isSum({ bytes }: IndexedLine): boolean {
  const record = recordOfLine(bytes.toString('utf8'))
  return record !== undefined && SUMS.has(record.kind)
}

/** Add all that is reached from those lines. */
function spread(found: Map<number, IndexedLine>, from: readonly IndexedLine[], next: (line: IndexedLine) => readonly IndexedLine[]): void {
  let layer = from
  while (layer.length > 0) {
    const beyond: IndexedLine[] = []
    for (const line of layer.flatMap(next)) {
      if (found.has(line.line)) continue
      found.set(line.line, line)
      beyond.push(line)
    }
    layer = beyond
  }
}

/** A tool and its verb: `vanta-vault allocate`. */
const makerOf = (by: string): string => {
  const [tool = '', verb = ''] = by.split(' '), name = tool.slice(0, tool.indexOf('/') < 0 ? undefined : tool.indexOf('/'))
  return /^[a-z]/.test(verb) ? `${name} ${verb}` : name
}

/**
 * With what opened the logs, from the first that holds some of them to the last, and of each tool that made some of the lines the memory that it
 * said last, before them, that it had read.
 */
function withSettings(lines: readonly EvidenceLine[], log: WholeLog): readonly EvidenceLine[] {
  const openings: EvidenceLine[] = []
  const all = new Map(lines.map((one) => [one.line, one])), last = lines.at(-1)?.line ?? -1
  const read = new Map<string, Map<string, EvidenceLine>>()
  let next = 0
  const take = (before: number): void => {
    for (; next < lines.length && (lines[next]?.line ?? 0) < before; next++) {
      for (const told of read.get(makerOf(lines[next]?.record.by ?? ''))?.values() ?? []) all.set(told.line, told)
    }
  }
  for (const { line, record, text } of log.selected({ kinds: ['control'] })) {
    if (line > last) break
    if (record.kind !== 'control') continue
    take(line)
    const told: EvidenceLine = { line, record, bytes: Buffer.from(text) }
    if (record.type === 'genesis') openings.push(told)
    const file = record.type === 'memory' ? record.facts?.['file'] : undefined
    if (typeof file !== 'string') continue
    const files = read.get(makerOf(record.by)) ?? new Map<string, EvidenceLine>()
    read.set(makerOf(record.by), files.set(file, told))
  }
  take(Infinity)
  const oldest = Math.min(...all.keys()), from = partAt(log.parts, oldest)?.from ?? 0
  for (const opening of openings) if (opening.line >= from) all.set(opening.line, opening)
  const seen = new Set<string>()
  // What was logged again after a rotation stands where it was logged first.
  return [...all.values()].sort((a, b) => a.line - b.line).filter(({ record: { id } }) => !seen.has(id) && seen.add(id))
}
