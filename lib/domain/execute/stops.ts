/**
 * Stops: a fall below the average cost, a fall below the highest mark since the entry, and time since the entry. A stop is an exit with a record of
 * its own. Pure: what is held, the marks that are known, the moment.
 */
import { formatInstant, make, millisOf, type Control, type Millis } from '#record'
import type { Book } from './book.ts'
import { knownPrice, type Marks } from './desk.ts'
import { formatFixed, mulDown, ONE } from '../money/decimal.ts'
import { formatCents, priceOf, type Fixed } from '../money/money.ts'
import type { Stops, Vault } from '../vault/vault.ts'

export type Rule = 'loss' | 'trailing' | 'time'

/** At which mark, or from when, each stop makes the vault leave; undefined where there is none. */
export interface Levels {
  /** Average cost of one. */
  readonly entry: Fixed
  readonly loss: Fixed | undefined
  readonly trailing: Fixed | undefined
  readonly timeMs: Millis | undefined
}

/** The levels of a position; undefined where nothing is held. A mark at or below a level is too low; levels are rounded down to 10^-8. */
export function levelsOf({ ledger, watch }: Book, subject: string, { loss, trailing, timeMs }: Stops): Levels | undefined {
  const quantity = ledger.quantity(subject)
  if (quantity <= 0n) return undefined
  const entry = priceOf(ledger.costOf(subject), quantity)
  const { high, since } = watch.holdings.get(subject) ?? {}
  return {
    entry,
    loss: loss === undefined ? undefined : priceOf(ledger.costOf(subject), quantity, ONE - loss),
    trailing: trailing === undefined || high === undefined ? undefined : mulDown(high, ONE - trailing),
    timeMs: timeMs === undefined || since === undefined ? undefined : millisOf(since) + timeMs,
  }
}

export interface Stop {
  readonly subject: string
  readonly rule: Rule
  readonly levels: Levels
  readonly mark: Fixed | undefined
}

/** Positions that have reached a stop and are not being left already, in the order in which they are held. */
export function stopsDue(book: Book, stops: Stops, marks: Marks, nowMs: Millis): Stop[] {
  const due: Stop[] = []
  for (const subject of areSet(stops) ? book.ledger.subjects() : []) {
    const stop = book.exits.has(subject) ? undefined : stopReached(book, subject, stops, marks, nowMs)
    if (stop !== undefined) due.push(stop)
  }
  return due
}

const areSet = ({ loss, trailing, timeMs }: Stops): boolean => loss !== undefined || trailing !== undefined || timeMs !== undefined

/** The stop that a position has reached, whether or not it is being left. */
export function stopReached(book: Book, subject: string, stops: Stops, marks: Marks, nowMs: Millis): Stop | undefined {
  const levels = areSet(stops) ? levelsOf(book, subject, stops) : undefined
  if (levels === undefined) return undefined
  // A mark from before the entry says nothing of what has happened since.
  const isFresh = (marks.get(subject)?.knownAt ?? '') >= (book.watch.holdings.get(subject)?.since ?? '')
  const mark = isFresh ? knownPrice(marks, subject, nowMs) : undefined
  const rule = reached(levels, mark, nowMs)
  return rule === undefined ? undefined : { subject, rule, levels, mark }
}

function reached({ loss, trailing, timeMs }: Levels, mark: Fixed | undefined, nowMs: Millis): Rule | undefined {
  if (mark !== undefined && loss !== undefined && mark <= loss) return 'loss'
  if (mark !== undefined && trailing !== undefined && mark <= trailing) return 'trailing'
  return timeMs !== undefined && nowMs >= timeMs ? 'time' : undefined
}

/** The record of a stop: a child of the latest purchase, parent of the orders that follow. */
export function stopRecord(book: Book, { subject, rule, levels, mark }: Stop, { cooldownMs }: Stops, nowMs: Millis, by: string, broker: string): Control {
  const now = formatInstant(nowMs)
  const { since, fillId, high } = book.watch.holdings.get(subject) ?? {}
  const level = rule === 'time' ? undefined : levels[rule]
  return make('control', {
    type: 'stop', at: now, known_at: now, source: `exec/${broker}`, by, parents: fillId === undefined ? [] : [fillId],
    facts: {
      vault: book.vault, subject, rule, quantity: formatFixed(book.ledger.quantity(subject)), entry: formatFixed(levels.entry),
      ...(level !== undefined && { level: formatFixed(level) }), ...(mark !== undefined && { mark: formatFixed(mark) }),
      ...(high !== undefined && { high: formatFixed(high) }), ...(since !== undefined && { since }),
      cooldown_until: formatInstant(nowMs + cooldownMs),
    },
  })
}

/** Until when a subject is left alone; undefined where it may be entered. While a stop's exit is not done, it may not. */
export function coolingUntil({ watch, exits, ledger }: Book, subject: string, nowMs: Millis): string | undefined {
  const cooldown = watch.cooldowns.get(subject)
  if (cooldown === undefined) return undefined
  if (millisOf(cooldown.until) > nowMs) return cooldown.until
  return exits.get(subject)?.allocationId === cooldown.stopId && ledger.quantity(subject) > 0n ? 'its exit is done' : undefined
}

/** Highest marks (and, where a loan looks at it, highest equity) that are not written down yet: a crash must not lower them. */
export function freshHighs(book: Book, { stops, loan }: Vault, marks: Marks, nowMs: Millis, by: string, broker: string): Control[] {
  const now = formatInstant(nowMs)
  const found: Control[] = []
  const note = (parents: string[], facts: { readonly [name: string]: string }): void =>
    void found.push(make('control', { type: 'high', at: now, known_at: now, source: `exec/${broker}`, by, parents, facts: { vault: book.vault, ...facts } }))
  if (loan !== undefined) {
    const equity = book.ledger.sizableEquityAt((subject) => knownPrice(marks, subject, nowMs))
    if (book.watch.peak === undefined || equity > book.watch.peak) note([], { equity: formatCents(equity) })
  }
  if (stops.trailing === undefined) return found
  for (const [subject, { high, highWritten, fillId }] of book.watch.holdings) {
    if (high === undefined || (highWritten !== undefined && high <= highWritten)) continue
    note([fillId], { subject, high: formatFixed(high) })
  }
  return found
}
