/**
 * Stops, by arithmetic of its own: one that was reached leads to an exit, and to nothing less; none is pulled that was not reached. What
 * hinders (a halt, the switch, doubt about the books, an order that still stands) defers it, and it stays owed.
 */
import type { Violation } from './checker.ts'
import type { Line, StopLine } from './lines.ts'
import { Tally, type Account } from './tally.ts'
import type { DayTerms, Limits } from './terms.ts'

/** A price as a process was told it. */
interface Told {
  readonly atMs: number
  readonly cents: number
  /** Which process; what one that died was told is not known to the next. */
  readonly life: number
}
interface Split {
  readonly subject: string
  readonly factor: number
  readonly atMs: number
}

/** One moment of decision, as the simulation knows it. */
export interface Moment {
  readonly atMs: number
  /** Lines of the log before it. */
  readonly from: number
  /** Nobody forbade anything, the books were believed, and the vaults named were not told to do nothing. */
  readonly isFree: boolean
  readonly halted: ReadonlySet<string>
}

const parse = (at: string): number => Date.parse(at)

export class StopsChecker {
  readonly #terms: DayTerms
  readonly #told = new Map<string, Told[]>()
  readonly #died = new Set<number>()
  #life = 0
  #split: Split | undefined
  /** Stops that were reached and whose exit is still to come: `vault subject`, and since when. */
  readonly #owed = new Map<string, number>()
  /** Since when a holding is in the books: a fill may be told late, and what prices were before that nobody watched. */
  readonly #seen = new Map<string, number>()

  constructor(terms: DayTerms) {
    this.#terms = terms
  }

  tell(subject: string, atMs: number, cents: number): void {
    const told = this.#told.get(subject) ?? []
    this.#told.set(subject, told)
    told.push({ atMs, cents, life: this.#life })
  }

  split(subject: string, factor: number, atMs: number): void {
    this.#split = { subject, factor, atMs }
  }

  /** A process begins, after one that lived to keep what it knew, or did not. */
  begin(died: boolean): void {
    if (died) this.#died.add(this.#life)
    this.#life++
  }

  /** What a process knows for certain: told to it, or to one that lived to keep it; of before the holding was booked the last alone. */
  #known(subject: string, seenMs: number, atMs: number): Told[] {
    const known = (this.#told.get(subject) ?? []).filter((told) => told.atMs <= atMs && !this.#died.has(told.life))
    return known.filter((told, i) => told.atMs >= seenMs || i === known.length - 1)
  }

  /** The last price that is known for certain, in cents of the shares of that moment. */
  priceAt(subject: string, at: string): number | undefined {
    return this.#adjusted(this.#known(subject, Infinity, parse(at)), subject, parse(at))[0]?.cents
  }

  /** What it may know besides: the prices since the last that is certain were perhaps not kept. */
  #possible(subject: string, atMs: number): Told[][] {
    const told = (this.#told.get(subject) ?? []).filter((one) => one.atMs <= atMs)
    const certain = told.findLastIndex((one) => !this.#died.has(one.life) && one.life <= this.#life)
    return told.map((_, i) => told.slice(0, i + 1)).slice(Math.max(0, certain))
  }

  /** Prices in cents of the shares of a moment. */
  #adjusted(told: readonly Told[], subject: string, nowMs: number): Told[] {
    const split = this.#split?.subject === subject ? this.#split : undefined
    return told.map((one) => (split !== undefined && one.atMs < split.atMs && nowMs >= split.atMs ? { ...one, cents: one.cents / split.factor } : one))
  }

  #isReached(
    account: Account, subject: string, { loss, trailing, timeMs }: Limits, nowMs: number, heard: readonly Told[], from: 'since' | 'earliest',
  ): boolean {
    const told = this.#adjusted(heard, subject, nowMs)
    const held = account.held.get(subject), mark = told.at(-1), shares = account.shares(subject)
    if (held === undefined || shares === 0) return false
    const sinceMs = parse(held.since)
    if (timeMs !== undefined && nowMs >= sinceMs + timeMs) return true
    if (mark === undefined || mark.atMs < sinceMs) return false
    if (loss !== undefined && mark.cents * shares * 100 <= account.costCents(subject) * (100 - loss)) return true
    const fromMs = parse(held[from])
    const high = told.reduce((most, one) => (one.atMs >= fromMs ? Math.max(most, one.cents) : most), 0)
    return trailing !== undefined && mark.cents * 100 <= high * (100 - trailing)
  }

  /** After a moment of decision that was lived through. */
  check(log: readonly Line[], { atMs, from, isFree, halted }: Moment): Violation[] {
    const found: Violation[] = [], tally = new Tally()
    const touched = new Set<string>(), left = new Set<string>(), tried = new Map<string, number>()
    for (const [i, line] of log.entries()) {
      if (i >= from && line.kind === 'control') found.push(...this.#unfounded(line, tally))
      tally.take(line)
      if (line.kind === 'order' && line.state === 'intended' && line.leg === 'exit') tried.set(`${line.vault} ${line.subject}`, parse(line.at))
      if (i < from) continue
      if (line.kind === 'fill') touched.add(`${line.vault} ${line.subject}`)
      if (line.kind === 'order' && line.state === 'intended' && line.leg === 'exit') left.add(`${line.vault} ${line.subject}`)
    }
    for (const [vault, account] of tally.accounts) {
      const limits = this.#terms.vaults.get(vault)
      // What was traded at this moment is looked at in the next: it may have reached its stop only by that.
      for (const [subject, { since }] of account.held) {
        const key = `${vault} ${subject}`, seenMs = this.#seen.get(`${key} ${since}`) ?? atMs
        this.#seen.set(`${key} ${since}`, seenMs)
        if (limits === undefined || !isFree || halted.has(vault) || touched.has(key) || this.#owed.has(key)) continue
        // Of one that died it is not known what it lived to keep: it is reached whichever price was the last.
        const certain = this.#known(subject, seenMs, atMs), lasts = this.#possible(subject, atMs).flatMap((told) => told.slice(-1))
        if (lasts.every((told) => this.#isReached(account, subject, limits, atMs, [...certain, told], 'since'))) this.#owed.set(key, atMs)
      }
    }
    for (const [key, sinceMs] of this.#owed) {
      const [vault = '', subject = ''] = key.split(' '), account = tally.of(vault)
      const stands = [...account.open.values()].some((order) => order.subject === subject)
      // An exit that came to nothing is tried again once a price has passed.
      const isTried = (tried.get(key) ?? 0) >= (this.#known(subject, 0, atMs).at(-1)?.atMs ?? 0)
      if (left.has(key) || account.shares(subject) === 0) this.#owed.delete(key)
      else if (isFree && !halted.has(vault) && !stands && !isTried) {
        const detail = `${key}: reached at ${new Date(sinceMs).toISOString()}, ${atMs - sinceMs} ms ago`
        found.push({ law: 'a stop that was reached leads to an exit', detail })
        this.#owed.delete(key)
      }
    }
    return found
  }

  #unfounded({ at, facts: { vault, subject, rule } }: StopLine, tally: Tally): Violation[] {
    const limits = this.#terms.vaults.get(vault)
    const name = rule === 'time' ? 'timeMs' : rule === 'loss' ? 'loss' : 'trailing'
    const only = { loss: undefined, trailing: undefined, timeMs: undefined, [name]: limits?.[name] }
    const isReached = (heard: readonly Told[]): boolean =>
      limits !== undefined && this.#isReached(tally.of(vault), subject, { ...limits, ...only }, parse(at), heard, 'earliest')
    if (this.#possible(subject, parse(at)).some(isReached)) return []
    return [{ law: 'no stop that was not reached', detail: `${rule} of ${vault} ${subject} at ${at}` }]
  }
}
