/**
 * What market data that passed says beside the last price: the close of an earlier day, the volume that usually trades, and halts. Days are those
 * of UTC, whose dates the regular session of the US exchanges shares.
 */
import type { Bar, Millis, Price, Signal } from '#record'
import { parseInstant } from '#record'
import { formatFixed, parseFixed } from '../money/decimal.ts'
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

/** What is remembered of a subject between runs. */
export type TrailText = {
  readonly day: string
  readonly close?: string
  readonly earlier_close?: string
  /** By span of bars, the volume of that day and the last bar that is counted in it. */
  readonly volumes: { readonly [span: string]: readonly [volume: string, lastBar: string] }
  /** Volumes of complete days, the latest last. */
  readonly days: readonly string[]
}

const MANY = 4096

export class Tape {
  readonly #trails = new Map<string, Trail>()
  readonly #halts = new Map<string, Halted>()

  constructor(halts: { readonly [subject: string]: Halted } = {}, trails: { readonly [subject: string]: TrailText } = {}) {
    for (const [subject, halt] of Object.entries(halts)) this.#halts.set(subject, halt)
    for (const [subject, trail] of Object.entries(trails)) this.#trails.set(subject, trailOf(trail))
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

  /** Mean volume of the complete days that passed, those over at a moment among them, rounded down; undefined where none did. */
  averageVolume(subject: string, at = ''): Fixed | undefined {
    const trail = this.#trails.get(subject), last = trail !== undefined && trail.day < at.slice(0, 10) ? volumeOf(trail) : undefined
    const days = [...(trail?.days ?? []), ...(last === undefined ? [] : [last])].slice(-DAYS)
    return days.length === 0 ? undefined : days.reduce((sum, volume) => sum + volume, 0n) / BigInt(days.length)
  }

  /** By subject, the latest seen of many; undefined where there are none. */
  trailsText(): { readonly [subject: string]: TrailText } | undefined {
    if (this.#trails.size === 0) return undefined
    const latest = [...this.#trails].sort(([a, { day: earlier }], [b, { day: later }]) => (earlier > later ? -1 : earlier < later ? 1 : a < b ? -1 : 1))
    return Object.fromEntries(latest.slice(0, MANY).map(([subject, trail]) => [subject, textOf(trail)]))
  }

  /** Halts outlive a run; undefined where there are none. */
  haltsText(): { readonly [subject: string]: Halted } | undefined {
    return this.#halts.size === 0 ? undefined : Object.fromEntries(this.#halts)
  }
}

/** Of a day: bars of several lengths tell the same trades, the fullest all of them. */
function volumeOf(trail: Trail): Fixed | undefined {
  let most: Fixed | undefined
  for (const volume of trail.volumes.values()) if (most === undefined || volume > most) most = volume
  return most
}

const textOf = ({ day, close, earlierClose, volumes, lastBar, days }: Trail): TrailText => ({
  day, ...(close !== undefined && { close }), ...(earlierClose !== undefined && { earlier_close: earlierClose }),
  volumes: Object.fromEntries([...volumes].map(([span, volume]) => [span, [formatFixed(volume), lastBar.get(span) ?? ''] as const])),
  days: days.map(formatFixed),
})

const trailOf = ({ day, close, earlier_close: earlierClose, volumes, days }: TrailText): Trail => ({
  day, close, earlierClose, days: days.map(fixedOf),
  volumes: new Map(Object.entries(volumes).map(([span, [volume]]) => [span, fixedOf(volume)])),
  lastBar: new Map(Object.entries(volumes).map(([span, [, at]]) => [span, at])),
})

function turn(trail: Trail, day: string): void {
  const most = volumeOf(trail)
  if (most !== undefined) trail.days.push(most)
  if (trail.days.length > DAYS) trail.days.shift()
  trail.day = day
  trail.earlierClose = trail.close ?? trail.earlierClose
  trail.close = undefined
  trail.volumes.clear()
  trail.lastBar.clear()
}

const millis = (at: string): Millis => parseInstant(at) ?? 0
