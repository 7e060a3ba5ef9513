/** What of a stream of records goes into the audit log, and when. */
import { formatInstant, keepLine, lineOf, make, notesOf, type Control, type Json, type Kind, type Millis, type Vanta } from '#record'
import type { AuditLog } from './log.ts'
import { Advance, MarketHold, Watch, type MarketRecord } from './market.ts'

export interface Recording {
  /** The log is opened by the first record there is to log. */
  readonly open: () => AuditLog
  /** Records after which what was heard is logged unasked, where others write the log too. */
  readonly group: number
  /** Be the one writer of the log until it is left. */
  readonly enter: (log: AuditLog) => void
  readonly by: string
  readonly clock: () => Millis
  /** Subjects that an earlier run holds or has ordered. */
  readonly carried: Iterable<string>
  /** What passed of subjects in earlier runs. */
  readonly tape: ReadonlyMap<string, Json>
}

const DECISIONS: ReadonlySet<Kind> = new Set(['conviction', 'allocation', 'order', 'refusal', 'warning', 'fill', 'entry', 'pnl'])

const isTick = (record: Vanta): boolean => record.kind === 'control' && record.type === 'tick'

/** Of a line that was heard again, what was said of it otherwise this time. */
type Otherwise = { readonly [line: string]: { readonly [field: string]: Json } }

/**
 * Logs every record once, parents before children. What a run heard that was in the log before it stands in an `again` record where it was
 * heard, so that the log tells what every decision was made from; a run that adds nothing adds none of these either.
 */
export class AuditRecorder {
  readonly #recording: Recording
  #log: AuditLog | undefined
  readonly #hold = new MarketHold()
  readonly #advance = new Advance()
  readonly #watch: Watch
  /** Until there is a decision: what moved the time on last, and what passed of subjects that an earlier run left. */
  #early: { readonly movers: Partial<Record<MarketRecord['kind'], MarketRecord>>; readonly seen: MarketRecord[] } | undefined = { movers: {}, seen: [] }
  #hasRun = false
  /** What passed in earlier runs of subjects that came into view, until it is told. */
  #untold: { [subject: string]: Json } = {}
  /** Lines heard again since the last record that was new; they count through all logs, for the log may be closed in between. */
  #again: Range[] = []
  /** Of these, what went no further than a filter that knew it. */
  #dropped: Range[] = []
  #otherwise: { [line: string]: { [field: string]: Json } } = {}
  /** Heard and not yet looked at, where others write the log too: each with the time at which it was heard. */
  #waiting: { readonly record: Vanta; readonly nowMs: Millis }[] = []
  /** When the record that is looked at was heard, where that was before now. */
  #nowMs: Millis | undefined
  /** Times that a record named a parent which is neither in the log nor held, and the first such parent. */
  missing = 0
  firstMissing: string | undefined

  constructor(recording: Recording) {
    this.#recording = recording
    this.#watch = new Watch(recording.carried)
  }

  take(record: Vanta): void {
    const isMarket = record.kind === 'bar' || record.kind === 'price'
    if (this.#log === undefined && isMarket) return this.#take(record)
    const log = (this.#log ??= this.#recording.open())
    if (!log.isShared) return this.#take(record)
    // A log that others write too is entered for a group at a time: until then, what is heard waits as it was heard.
    this.#waiting.push({ record: isMarket ? record : keepLine({ ...record }, lineOf(record)), nowMs: this.#recording.clock() })
    if (isTick(record) || this.#waiting.length >= this.#recording.group) this.#flush(log)
  }

  /** All that was taken is durable. */
  settle(): void {
    if (this.#log === undefined) return
    this.#flush(this.#log)
    this.#log.commit()
  }

  /** What was heard again after the last record that was new is told too: the moment that made that record may be among it. */
  #conclude(log: AuditLog): void {
    this.#flush(log)
    if (!this.#hasRun || (this.#again.length === 0 && this.#dropped.length === 0)) return
    if (log.isShared) this.#recording.enter(log)
    try {
      this.#announce(log)
    } finally {
      if (log.isShared) log.leave()
    }
  }

  #flush(log: AuditLog): void {
    if (this.#waiting.length === 0) return
    this.#recording.enter(log)
    const waiting = this.#waiting
    this.#waiting = []
    try {
      for (const { record, nowMs } of waiting) {
        this.#nowMs = nowMs
        this.#take(record)
      }
    } finally {
      log.leave()
    }
  }

  #take(record: Vanta): void {
    if (record.kind === 'bar' || record.kind === 'price') return this.#market(record)
    const log = (this.#log ??= this.#recording.open())
    if (record.kind === 'control' && record.type === 'known') return this.#known(log, record)
    if (isTick(record) || DECISIONS.has(record.kind)) {
      const seen = this.#watch.hear(record)
      this.#begin(log)
      if (seen !== undefined) this.#bring(log, seen)
    }
    this.#record(log, record)
    // A moment of decision is over: what was decided is made durable. A replay can be run again, so it need not wait.
    if (isTick(record) && log.world !== 'replay') log.commit()
  }

  /** Bytes that a crash had torn and that were set aside, never acknowledged. */
  get setAside(): number {
    return this.#log?.setAside ?? 0
  }

  close(): void {
    try {
      if (this.#log !== undefined) this.#conclude(this.#log)
    } finally {
      this.#log?.close()
    }
  }

  #market(record: MarketRecord): void {
    const moves = this.#advance.moves(record), isSeen = this.#watch.sees(record.subject, record.known_at)
    if (this.#early === undefined) {
      if (isSeen || moves) this.#record((this.#log ??= this.#recording.open()), record)
      else this.#hold.hold(record)
    } else if (isSeen) this.#early.seen.push(record)
    else {
      if (moves) this.#early.movers[record.kind] = record
      this.#hold.hold(record)
    }
  }

  /** The first decision: from here on the log tells how time went on. */
  #begin(log: AuditLog): void {
    if (this.#early === undefined) return
    const { movers, seen } = this.#early
    this.#early = undefined
    const { carried, tape } = this.#recording
    // Where there is none of one, that is told too.
    if (tape.size > 0) for (const subject of carried) this.#untold[subject] = tape.get(subject) ?? null
    for (const held of [...Object.values(movers), ...seen]) this.#record(log, held)
  }

  /** A subject comes into view. */
  #bring(log: AuditLog, subject: string): void {
    const trail = this.#recording.tape.get(subject)
    if (trail !== undefined) this.#untold[subject] = trail
    for (const held of this.#hold.take(subject)) this.#record(log, held)
  }

  #record(log: AuditLog, record: Vanta): void {
    if (log.has(record.id)) return this.#repeat(log, record)
    for (const parent of record.parents) {
      if (log.has(parent)) continue
      const held = this.#hold.find(parent)
      if (held !== undefined) {
        this.#record(log, held)
        continue
      }
      this.missing += 1
      this.firstMissing ??= parent
    }
    this.#announce(log)
    log.append(lineOf(record), record.id)
  }

  #repeat(log: AuditLog, record: Vanta): void {
    const place = log.placeOf(lineOf(record), record.id)
    if (place === undefined) return
    add(this.#again, place.line)
    if (!place.isSame) this.#otherwise[place.line] = heardOf(record)
  }

  /** A filter has dropped what it knew. */
  #known(log: AuditLog, { facts }: Control): void {
    const ids = facts?.['ids']
    for (const id of Array.isArray(ids) ? ids : []) {
      const line = typeof id === 'string' ? log.lineOf(id) : undefined
      if (line !== undefined) add(this.#dropped, line)
    }
  }

  /** Something new follows: say that a run begins here, and what of the log it had heard by now. */
  #announce(log: AuditLog): void {
    if (!this.#hasRun && (!log.isFresh || log.before > 0)) this.#say(log, 'run', {})
    this.#hasRun = true
    if (Object.keys(this.#untold).length > 0) {
      this.#say(log, 'carried', { tape: this.#untold })
      this.#untold = {}
    }
    if (this.#again.length === 0 && this.#dropped.length === 0) return
    // Lines of the logs before this one are told as numbers below 1.
    const own = ([from, to]: Range): Range => [from - log.before, to - log.before]
    const otherwise: Otherwise = Object.fromEntries(Object.entries(this.#otherwise).map(([line, said]) => [Number(line) - log.before, said]))
    const lines = this.#again.map(own), dropped = this.#dropped.map(own)
    this.#say(log, 'again', { lines, ...(dropped.length > 0 && { dropped }), ...(Object.keys(otherwise).length > 0 && { otherwise }) })
    this.#again = []
    this.#dropped = []
    this.#otherwise = {}
  }

  #say(log: AuditLog, type: 'run' | 'again' | 'carried', facts: NonNullable<Control['facts']>): void {
    const { by, clock } = this.#recording, now = formatInstant(this.#nowMs ?? clock())
    // The line makes each a record of its own.
    const record = make('control', { type, at: now, known_at: now, source: 'vanta/audit', by, facts: { ...facts, line: log.size + 1 } })
    log.append(lineOf(record), record.id)
  }
}

type Range = [from: number, to: number]

function add(ranges: Range[], line: number): void {
  const last = ranges.at(-1)
  if (last !== undefined && last[1] === line - 1) last[1] = line
  else ranges.push([line, line])
}

const HEARD = ['known_at', 'by', 'raw']

/** What of a record is no part of its id. */
function heardOf(record: Vanta): { [field: string]: Json } {
  const notes = notesOf(record.kind)
  return Object.fromEntries(Object.entries(record).filter(([name]) => HEARD.includes(name) || notes.has(name))) as { [field: string]: Json }
}

/** The record as it was heard another time, of which {@link heardOf} told. */
export function heardAs<R extends Vanta>(record: R, otherwise: { readonly [field: string]: Json }): R {
  const heard = heardOf(record)
  return { ...Object.fromEntries(Object.entries(record).filter(([name]) => !(name in heard))), ...otherwise } as R
}
