/** One pass over an audit log, keeping what a report tells: not the records, but what they come to. */
import {
  dayOf, isKind, type Allocation, type Conviction, type Fill, type Kind, type Pnl, type Refusal,
} from '#record'
import { worldOf } from '../audit/genesis.ts'
import { LineCursor, readFully, type Bytes } from '../audit/lines.ts'
import { recordOfLine } from '../audit/links.ts'

/** The strongest conviction of a subject on a day, and how many there were. Log-odds of a rise: a fall is below zero. */
export interface HeatCell {
  readonly logOdds: number
  readonly score: number
  readonly count: number
}
/** Where a line stands in the log. */
interface Place {
  readonly offset: number
  readonly length: number
}
/** The books of all vaults at one day's close. Ids of the records they are added up from. */
export interface DayBooks {
  readonly day: string
  readonly books: readonly Pnl[]
}
export interface RefusalCount {
  readonly count: number
  readonly firstId: string
  readonly bySubject: ReadonlyMap<string, number>
}

export interface Gathered {
  /** Lines of the log by kind of record. */
  readonly countByKind: ReadonlyMap<string, number>
  /** Lines that are no record. */
  readonly unreadable: number
  /** What the log is a record of: `replay`, `paper` or `live`; undefined where it does not say. */
  readonly world: string | undefined
  readonly fills: readonly Fill[]
  readonly days: readonly DayBooks[]
  /** Subject, then day. */
  readonly heat: ReadonlyMap<string, ReadonlyMap<string, HeatCell>>
  readonly refusals: ReadonlyMap<string, RefusalCount>
  /** The decision behind a fill, by way of its order; undefined where the log does not hold the chain. */
  allocationOf(fill: Fill): Allocation | undefined
  allocation(id: string): Allocation | undefined
  /** Read again from the log; undefined where the log does not hold it. */
  conviction(id: string): Conviction | undefined
}

const HEAD = /^\{"kind":"([a-z]+)"/
const HEAD_BYTES = 40
/** Of all other kinds only the number is told: most of a log need not be parsed. */
const TOLD: ReadonlySet<Kind> = new Set(['conviction', 'allocation', 'order', 'fill', 'refusal', 'pnl', 'control'])

export function gather(log: Bytes): Gathered {
  const gathering = new Gathering(log)
  const cursor = new LineCursor(log)
  while (cursor.next()) {
    const head = HEAD.exec(cursor.buffer.toString('latin1', cursor.start, Math.min(cursor.end, cursor.start + HEAD_BYTES)))
    const kind = head?.[1]
    if (isKind(kind) && !TOLD.has(kind)) gathering.count(kind)
    else gathering.take(cursor.text(), { offset: cursor.offset, length: cursor.end - cursor.start })
  }
  return gathering
}

interface MutableRefusals {
  count: number
  firstId: string
  bySubject: Map<string, number>
}

class Gathering implements Gathered {
  readonly countByKind = new Map<string, number>()
  unreadable = 0
  world: string | undefined
  readonly fills: Fill[] = []
  readonly heat = new Map<string, Map<string, HeatCell>>()
  readonly refusals = new Map<string, MutableRefusals>()
  readonly #log: Bytes
  readonly #books = new Map<string, Map<string, Pnl>>()
  readonly #allocations = new Map<string, Allocation>()
  readonly #orderParents = new Map<string, readonly string[]>()
  readonly #convictions = new Map<string, Place>()

  constructor(log: Bytes) {
    this.#log = log
  }

  count(kind: Kind): void {
    this.countByKind.set(kind, (this.countByKind.get(kind) ?? 0) + 1)
  }

  take(line: string, place: Place): void {
    const record = recordOfLine(line)
    if (record === undefined) {
      this.unreadable++
      return
    }
    this.count(record.kind)
    switch (record.kind) {
      case 'conviction':
        this.#convictions.set(record.id, place)
        return this.#warm(record)
      case 'allocation':
        this.#allocations.set(record.id, record)
        return
      case 'order':
        this.#orderParents.set(record.id, record.parents)
        return
      case 'fill':
        this.fills.push(record)
        return
      case 'refusal':
        return this.#refuse(record)
      case 'pnl':
        return this.#book(record)
      case 'control':
        if (record.type === 'genesis') this.world ??= worldOf(line)
    }
  }

  #warm(conviction: Conviction): void {
    const { subject, at, direction, conviction_score: score } = conviction
    const logOdds = direction === 'up' ? conviction.log_odds : 0 - conviction.log_odds
    let days = this.heat.get(subject)
    if (days === undefined) this.heat.set(subject, (days = new Map()))
    const day = dayOf(at)
    const cell = days.get(day)
    const stronger = cell === undefined || Math.abs(logOdds) > Math.abs(cell.logOdds)
    days.set(day, { ...(stronger ? { logOdds, score } : cell), count: (cell?.count ?? 0) + 1 })
  }

  #refuse({ id, code, subject }: Refusal): void {
    const refusals = this.refusals.get(code) ?? { count: 0, firstId: id, bySubject: new Map<string, number>() }
    refusals.count++
    refusals.bySubject.set(subject, (refusals.bySubject.get(subject) ?? 0) + 1)
    this.refusals.set(code, refusals)
  }

  /** A day closed twice is as it was closed last. */
  #book(pnl: Pnl): void {
    const books = this.#books.get(pnl.day) ?? new Map<string, Pnl>()
    books.set(pnl.vault, pnl)
    this.#books.set(pnl.day, books)
  }

  get days(): readonly DayBooks[] {
    return [...this.#books].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, books]) => ({ day, books: [...books.values()] }))
  }

  allocationOf(fill: Fill): Allocation | undefined {
    const seen = new Set<string>()
    let ids = fill.parents
    while (ids.length > 0) {
      const next: string[] = []
      for (const id of ids) {
        const allocation = this.#allocations.get(id)
        if (allocation !== undefined) return allocation
        if (seen.has(id)) continue
        seen.add(id)
        next.push(...(this.#orderParents.get(id) ?? []))
      }
      ids = next
    }
    return undefined
  }

  allocation(id: string): Allocation | undefined {
    return this.#allocations.get(id)
  }

  conviction(id: string): Conviction | undefined {
    const place = this.#convictions.get(id)
    if (place === undefined) return undefined
    const bytes = Buffer.alloc(place.length)
    readFully(this.#log, place.offset, bytes)
    const record = recordOfLine(bytes.toString('utf8'))
    return record?.kind === 'conviction' ? record : undefined
  }
}
