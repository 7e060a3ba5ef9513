/**
 * Stops: a fall below the average cost, a fall below the highest mark since the entry, and time since the entry. A stop is an exit with a record of
 * its own. Pure: what is held, the marks that are known, the moment.
 */
import { formatInstant, make, millisOf, type Control, type Millis } from '#record'
import type { Book } from './book.ts'
import { knownPrice, type Marks } from './desk.ts'
import { formatFixed, mulDown, ONE } from '../money/decimal.ts'
import { priceOf, type Fixed } from '../money/money.ts'
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

/**
 * Positions that have reached a stop, each once, in the order in which they are held: also one that is being left already, because an allocation
 * could overrule that.
 */
export function stopsDue(book: Book, stops: Stops, marks: Marks, nowMs: Millis): Stop[] {
  if (stops.loss === undefined && stops.trailing === undefined && stops.timeMs === undefined) return []
  const due: Stop[] = []
  for (const subject of book.ledger.subjects()) {
    if (book.watch.holdings.get(subject)?.stopped === true) continue
    const levels = levelsOf(book, subject, stops)
    if (levels === undefined) continue
    // A mark from before the entry says nothing of what has happened since, nor one from before the high: a run that was killed wrote that down alone.
    const { since = '', marked = '' } = book.watch.holdings.get(subject) ?? {}
    const isFresh = (marks.get(subject)?.knownAt ?? '') >= (since > marked ? since : marked)
    const mark = isFresh ? knownPrice(marks, subject, nowMs) : undefined
    const rule = reached(levels, mark, nowMs)
    if (rule !== undefined) due.push({ subject, rule, levels, mark })
  }
  return due
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
export function coolingUntil(book: Book, subject: string, nowMs: Millis): string | undefined {
  const { cooldowns, holdings } = book.watch, cooldown = cooldowns.get(subject)
  if (cooldown === undefined) return undefined
  if (millisOf(cooldown.until) > nowMs) return cooldown.until
  return holdings.get(subject)?.stopped === true ? 'its exit is done' : undefined
}

/** Highest marks that are not written down yet: a crash must not lower them. */
export function freshHighs(book: Book, { stops }: Pick<Vault, 'stops'>, marks: Marks, nowMs: Millis, by: string, broker: string): Control[] {
  const now = formatInstant(nowMs)
  const found: Control[] = []
  if (stops.trailing === undefined) return found
  for (const [subject, { high, highWritten, fillId }] of book.watch.holdings) {
    if (high === undefined || (highWritten !== undefined && high <= highWritten)) continue
    const facts = { vault: book.vault, subject, high: formatFixed(high), marked: marks.get(subject)?.knownAt ?? now }
    found.push(make('control', { type: 'high', at: now, known_at: now, source: `exec/${broker}`, by, parents: [fillId], facts }))
  }
  return found
}
