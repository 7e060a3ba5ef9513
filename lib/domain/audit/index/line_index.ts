/** Lines of the log by the id of their record, and by those it names as parents. What the index says is held against the line each time. */
import { ID_DIGITS, readId, words } from '../../lookup/word_map.ts'
import { readFully, type Bytes } from '../lines.ts'
import { linksOf, type Links } from '../links.ts'
import { IndexFault } from './pages.ts'
import type { Segment } from './segment.ts'
import type { Sorted } from './sorted.ts'

/** A line of the log that is a record. */
export interface IndexedLine extends Links {
  /** From 0, as leaves are counted. */
  readonly line: number
  /** Its bytes, without the newline. */
  readonly bytes: Buffer
}

/** Ids that begin as was asked, where there is not exactly one: latest first, at most twenty. */
export interface Candidates {
  readonly candidates: readonly string[]
}

const MOST_CANDIDATES = 20
const NEWLINE = 10
/** Lines that are kept while a question is answered: many ways may lead to one. */
const KEPT_LINES = 4096
/** Digits of an id that its key holds. */
const KEY_DIGITS = 16

export class LineIndex {
  readonly #log: Bytes
  readonly #segments: readonly Segment[]
  readonly #kept = new Map<number, IndexedLine>()

  /** The segments follow one another from the first line of the log on. */
  constructor(log: Bytes, segments: readonly Segment[]) {
    this.#log = log
    this.#segments = segments
  }

  /** Lines that it knows. */
  get size(): number {
    return this.#segments.at(-1)?.extent.lines.to ?? 0
  }

  /** The last line of that record. */
  find(id: string): IndexedLine | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]
      if (segment === undefined) continue
      for (const line of linesAt(segment.ids, id).reverse()) {
        const found = this.#at(segment, line)
        if (found.id === id) return found
        if (!isAlike(found.id, id)) throw new IndexFault(`line ${line + 1} is of another record than the index says`)
      }
    }
    return undefined
  }

  /** The lines that name that record as a parent, in their order. */
  children(id: string): readonly IndexedLine[] {
    return this.#segments.flatMap((segment) => linesAt(segment.links, id).flatMap((line, i, lines) => {
      // Who names a parent twice is no two children.
      if (line === lines[i - 1]) return []
      const found = this.#at(segment, line)
      if (found.parents.includes(id)) return [found]
      if (!found.parents.some((parent) => isAlike(parent, id))) throw new IndexFault(`line ${line + 1} names other parents than the index says`)
      return []
    }))
  }

  /** The record whose id begins with `prefix`. */
  only(prefix: string): IndexedLine | Candidates {
    const candidates = this.#idsWith(prefix), [id, ...others] = candidates
    return (id === undefined || others.length > 0 ? undefined : this.find(id)) ?? { candidates }
  }

  #idsWith(prefix: string): readonly string[] {
    if (prefix.length === ID_DIGITS) return this.find(prefix) === undefined ? [] : [prefix]
    const from = keyOf(prefix.padEnd(ID_DIGITS, '0')), to = keyOf(prefix.padEnd(ID_DIGITS, 'f'))
    const found: { readonly segment: Segment; readonly line: number }[] = []
    for (const segment of this.#segments) {
      segment.ids.from(from.high, from.low, (high, low, line) => {
        if (high > to.high || (high === to.high && low > to.low)) return false
        found.push({ segment, line })
        return true
      })
    }
    const ids = new Set<string>()
    for (const { segment, line } of found.sort((a, b) => b.line - a.line)) {
      if (ids.size >= MOST_CANDIDATES) break
      const { id } = this.#at(segment, line)
      if (!id.startsWith(prefix.slice(0, KEY_DIGITS))) throw new IndexFault(`line ${line + 1} is of another record than the index says`)
      if (id.startsWith(prefix)) ids.add(id)
    }
    return [...ids]
  }

  #at(segment: Segment, line: number): IndexedLine {
    const known = this.#kept.get(line)
    if (known !== undefined) return known
    const read = this.#read(segment, line)
    if (this.#kept.size >= KEPT_LINES) this.#kept.clear()
    this.#kept.set(line, read)
    return read
  }

  #read(segment: Segment, line: number): IndexedLine {
    const { from, to } = segment.spanOf(line)
    // With the byte before it, which ends the line before.
    const lead = from === 0 ? 0 : 1
    if (!(to > from)) throw new IndexFault(`line ${line + 1} has no place`)
    const bytes = Buffer.alloc(to - from + lead)
    const isWhole = readFully(this.#log, from - lead, bytes) === bytes.length && (lead === 0 || bytes[0] === NEWLINE) &&
      bytes.indexOf(NEWLINE, lead) === bytes.length - 1
    const links = isWhole ? linksOf(bytes, lead, bytes.length - 1) : undefined
    if (links === undefined) throw new IndexFault(`line ${line + 1} does not stand where the index says`)
    return { ...links, line, bytes: bytes.subarray(lead, -1) }
  }
}

function keyOf(id: string): { readonly high: number; readonly low: number } {
  const key = words()
  if (!readId(id, 0, key)) throw new RangeError(`not a record id: ${id}`)
  return { high: key[0] ?? 0, low: key[1] ?? 0 }
}

const isAlike = (a: string, b: string): boolean => a.slice(0, KEY_DIGITS) === b.slice(0, KEY_DIGITS)

function linesAt(table: Sorted, id: string): number[] {
  const key = keyOf(id), lines: number[] = []
  table.from(key.high, key.low, (high, low, line) => {
    if (high !== key.high || low !== key.low) return false
    lines.push(line)
    return true
  })
  return lines
}
