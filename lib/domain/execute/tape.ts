/**
 * What market data that passed says beside the last price: the close of an earlier day, the volume that usually trades, and halts. Days are those
 * of UTC, whose dates the regular session of the US exchanges shares.
 */
import type { Bar, Millis, Price, Signal } from '#record'
import { parseInstant } from '#record'
import { parseFixed } from '../money/decimal.ts'
import { fixedOf, type Fixed } from '../money/money.ts'

/** Complete days over which volume is averaged. */
const DAYS = 20

interface Trail {
  day: string
  /** Latest close of that day, and of the last day before it that had one. */
  close: string | undefined
  earlierClose: string | undefined
  /** By span of bars, the volume of that day: the same trades may be told in bars of several lengths. */
  readonly volumes: Map<string, Fixed>
  readonly lastBar: Map<string, string>
  /** Of complete days, the latest last. */
  readonly days: Fixed[]
}

/** A halt that was told, and when trading resumes, where that is known. */
export type Halted = {
  readonly at: string
  readonly known_at: string
  readonly resumes?: string
}

const MANY = 4096

export class Tape {
  readonly #trails = new Map<string, Trail>()
  readonly #halts = new Map<string, Halted>()

  constructor(halts: { readonly [subject: string]: Halted } = {}) {
    for (const [subject, halt] of Object.entries(halts)) this.#halts.set(subject, halt)
  }

  see(record: Bar | Price): void {
    const isBar = record.kind === 'bar'
    if (!isBar && record.type !== 'close') return
    const { subject, at } = record
    const day = at.slice(0, 10)
    let trail = this.#trails.get(subject)
    if (trail === undefined) {
      trail = { day, close: undefined, earlierClose: undefined, volumes: new Map(), lastBar: new Map(), days: [] }
      this.#trails.set(subject, trail)
    }
    if (day < trail.day) return
    if (day > trail.day) turn(trail, day)
    if (!isBar) {
      trail.close = record.price
      return
    }
    const { span, volume, close } = record
    trail.close = close
    // A bar that is told again traded once.
    if (at <= (trail.lastBar.get(span) ?? '')) return
    trail.lastBar.set(span, at)
    trail.volumes.set(span, (trail.volumes.get(span) ?? 0n) + (parseFixed(volume) ?? 0n))
  }

  /** A `halt` signal; one told again says more than before. */
  halt({ subject, at, known_at, facts }: Signal): void {
    if (subject === undefined || at < (this.#halts.get(subject)?.at ?? '')) return
    const resumes = facts?.['resumes_trading']
    const known = typeof resumes === 'string' && parseInstant(resumes) !== undefined
    this.#halts.set(subject, { at, known_at, ...(known && { resumes }) })
    if (this.#halts.size > MANY) for (const oldest of this.#halts.keys()) return void this.#halts.delete(oldest)
  }

  /** The halt that stands in a subject at a moment, as it was known then. */
  haltIn(subject: string, nowMs: Millis): Halted | undefined {
    const halt = this.#halts.get(subject)
    if (halt === undefined || millis(halt.at) > nowMs || millis(halt.known_at) > nowMs) return undefined
    return halt.resumes !== undefined && millis(halt.resumes) <= nowMs ? undefined : halt
  }

  /** The last close of a day before that of `at`; undefined where none passed. */
  closeBefore(subject: string, at: string): Fixed | undefined {
    const trail = this.#trails.get(subject)
    if (trail === undefined) return undefined
    const close = trail.day < at.slice(0, 10) ? (trail.close ?? trail.earlierClose) : trail.earlierClose
    return close === undefined ? undefined : fixedOf(close)
  }

  /** Mean volume of the complete days that passed, rounded down; undefined where none did. */
  averageVolume(subject: string): Fixed | undefined {
    const days = this.#trails.get(subject)?.days ?? []
    return days.length === 0 ? undefined : days.reduce((sum, volume) => sum + volume, 0n) / BigInt(days.length)
  }

  /** Halts outlive a run; undefined where there are none. */
  haltsText(): { readonly [subject: string]: Halted } | undefined {
    return this.#halts.size === 0 ? undefined : Object.fromEntries(this.#halts)
  }
}

function turn(trail: Trail, day: string): void {
  let most: Fixed | undefined
  for (const volume of trail.volumes.values()) if (most === undefined || volume > most) most = volume
  if (most !== undefined) trail.days.push(most)
  if (trail.days.length > DAYS) trail.days.shift()
  trail.day = day
  trail.earlierClose = trail.close ?? trail.earlierClose
  trail.close = undefined
  trail.volumes.clear()
  trail.lastBar.clear()
}

const millis = (at: string): Millis => parseInstant(at) ?? 0
