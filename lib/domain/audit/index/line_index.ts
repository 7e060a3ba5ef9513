/** Lines of the log by the id of their record, and by those it names as parents. What the index says is held against the line each time. */
import { ID_DIGITS, readId, words } from '../../lookup/word_map.ts'
import { readFully, type Bytes } from '../lines.ts'
import { linksOf, type Links } from '../links.ts'
import { IndexFault } from './pages.ts'
import type { Segment } from './segment.ts'
import type { Sorted } from './sorted.ts'

/** A line of the log that is a record. */
export interface IndexedLine extends Links {
  /** From 0, as leaves are counted; through all logs, where several are asked. */
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

/** A log that is asked, and where its lines stand among those of all logs that are. */
export interface IndexedLog {
  readonly log: Bytes
  /** They follow one another from the first line of the log on. */
  readonly segments: readonly Segment[]
  readonly from: number
  readonly to: number
}

/** The logs follow one another, oldest first. A record that was logged again after a rotation is where it was logged first. */
export class LineIndex {
  readonly #logs: readonly OneLog[]

  constructor(logs: readonly IndexedLog[]) {
    this.#logs = logs.map((log, nth) => new OneLog(log, nth))
  }

  /** Lines that it knows. */
  get size(): number {
    return this.#logs.at(-1)?.end ?? 0
  }

  find(id: string): IndexedLine | undefined {
    for (const log of this.#logs) {
      const found = log.find(id)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The lines that name that record as a parent, in their order. */
  children(id: string): readonly IndexedLine[] {
    const [first, ...others] = this.#logs.map((log) => log.children(id)).filter((lines) => lines.length > 0)
    if (first === undefined || others.length === 0) return first ?? []
    const seen = new Set<string>()
    return [first, ...others].flatMap((lines) => {
      const fresh = lines.filter((line) => !seen.has(line.id))
      for (const line of fresh) seen.add(line.id)
      return fresh
    })
  }

  /** The record whose id begins with `prefix`. */
  only(prefix: string): IndexedLine | Candidates {
    const candidates = this.#idsWith(prefix), [id, ...others] = candidates
    return (id === undefined || others.length > 0 ? undefined : this.find(id)) ?? { candidates }
  }

  #idsWith(prefix: string): readonly string[] {
    if (prefix.length === ID_DIGITS) return this.find(prefix) === undefined ? [] : [prefix]
    const ids = new Set([...this.#logs].reverse().flatMap((log) => log.idsWith(prefix)))
    return [...ids].slice(0, MOST_CANDIDATES)
  }
}

/** One of the logs that are asked. */
class OneLog {
  readonly #log: IndexedLog
  readonly #nth: number
  readonly #kept = new Map<number, IndexedLine>()

  constructor(log: IndexedLog, nth: number) {
    this.#log = log
    this.#nth = nth
  }

  /** Lines up to the last that it knows. */
  get end(): number {
    return this.#log.from + (this.#log.segments.at(-1)?.extent.lines.to ?? 0)
  }

  /** The last line of that record. */
  find(id: string): IndexedLine | undefined {
    return this.#asked(() => {
      for (const segment of [...this.#log.segments].reverse()) {
        for (const line of linesAt(segment.ids, id).reverse()) {
          const found = this.#at(segment, line)
          if (found?.id === id) return found
          if (found !== undefined && !isAlike(found.id, id)) throw new IndexFault(`line ${line + 1} is of another record than the index says`)
        }
      }
      return undefined
    })
  }

  children(id: string): readonly IndexedLine[] {
    return this.#asked(() => this.#log.segments.flatMap((segment) => linesAt(segment.links, id).flatMap((line, i, lines) => {
      // Who names a parent twice is no two children.
      if (line === lines[i - 1]) return []
      const found = this.#at(segment, line)
      if (found === undefined) return []
      if (found.parents.includes(id)) return [found]
      if (!found.parents.some((parent) => isAlike(parent, id))) throw new IndexFault(`line ${line + 1} names other parents than the index says`)
      return []
    })))
  }

  /** Ids that begin so, latest first. */
  idsWith(prefix: string): readonly string[] {
    return this.#asked(() => this.#idsWith(prefix))
  }

  /** A fault says whose index it is in. */
  #asked<T>(ask: () => T): T {
    try {
      return ask()
    } catch (error) {
      if (error instanceof IndexFault) error.nth = this.#nth
      throw error
    }
  }

  #idsWith(prefix: string): readonly string[] {
    const from = keyOf(prefix.padEnd(ID_DIGITS, '0')), to = keyOf(prefix.padEnd(ID_DIGITS, 'f'))
    const found: { readonly segment: Segment; readonly line: number }[] = []
    for (const segment of this.#log.segments) {
      segment.ids.from(from.high, from.low, (high, low, line) => {
        if (high > to.high || (high === to.high && low > to.low)) return false
        found.push({ segment, line })
        return true
      })
    }
    const ids = new Set<string>()
    for (const { segment, line } of found.sort((a, b) => b.line - a.line)) {
      if (ids.size >= MOST_CANDIDATES) break
      const id = this.#at(segment, line)?.id
      if (id === undefined) continue
      if (!id.startsWith(prefix.slice(0, KEY_DIGITS))) throw new IndexFault(`line ${line + 1} is of another record than the index says`)
      if (id.startsWith(prefix)) ids.add(id)
    }
    return [...ids]
  }

  /** Undefined of a line that was added after the log was closed: it is not of it. */
  #at(segment: Segment, line: number): IndexedLine | undefined {
    if (this.#log.from + line >= this.#log.to) return undefined
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
    const isWhole = readFully(this.#log.log, from - lead, bytes) === bytes.length && (lead === 0 || bytes[0] === NEWLINE) &&
      bytes.indexOf(NEWLINE, lead) === bytes.length - 1
    const links = isWhole ? linksOf(bytes, lead, bytes.length - 1) : undefined
    if (links === undefined) throw new IndexFault(`line ${line + 1} does not stand where the index says`)
    return { ...links, line: this.#log.from + line, bytes: bytes.subarray(lead, -1) }
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
