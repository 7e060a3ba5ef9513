/** A corporate action as it was heard, as records carry it, and what it comes to. */
import { DAY_MS, formatInstant, make, millisOf, type Control, type Json, type Millis } from '#record'
import { newYorkMillis } from '../market/session.ts'
import { termsOf, type Terms } from '../money/corporate_action.ts'

/** As it was heard; kept with the books, and in the trade log. */
export type ActionText = {
  readonly key: string
  /** The signal. */
  readonly ref: string
  readonly type: string
  readonly subject: string
  /** The day it takes effect, in New York. */
  readonly day: string
  readonly source: string
  /** The service's own name for it. */
  readonly name: string
  readonly facts: { readonly [name: string]: Json }
  /** Why it may not be booked: services contradict one another. */
  readonly doubt?: string
}

/** Dividends that do not say when they are paid: so long after the ex date. */
const PAID_AFTER_MS = 30 * DAY_MS

export const startOf = (day: string): Millis => newYorkMillis(day, 0, 0) ?? 0
export const isPast = ({ day }: ActionText, at: string): boolean => startOf(day) <= millisOf(at)
export const isMovingShares = ({ type, facts }: ActionText): boolean => type !== 'dividend' || (facts['form'] !== undefined && facts['form'] !== 'cash')

/** Marks of the books: what is booked of an action, what of it is yet to be paid (when, how much, because of what, for which subject). */
export const doneMark = (key: string): string => `action:${key}`
export const DUE = 'due:'

export function termsOfAction({ type, facts, day }: ActionText): Terms | undefined {
  return termsOf(type, facts, (date) => {
    const paidMs = date === undefined ? undefined : newYorkMillis(date, 0, 0)
    return formatInstant(Math.max(startOf(day), paidMs ?? startOf(day) + PAID_AFTER_MS))
  })
}

/** What it comes to, whoever tells it: pay dates and names are nothing to contradict. */
export function meaning(action: ActionText): string {
  const terms = termsOfAction(action)
  const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
  if (terms === undefined || terms.does !== 'pay') return JSON.stringify(terms ?? null, text)
  return `pay ${terms.cash}`
}

export function actionRecord(action: ActionText, knownAt: string, by: string): Control {
  return make('control', {
    type: 'corporate_action', parents: [action.ref], at: knownAt, known_at: knownAt, source: `exec/${action.key}`, by, facts: { ...action },
  })
}

/** Throws RangeError where the record does not carry an action. */
export function readAction({ id, facts }: Control): ActionText {
  const texts = ['key', 'ref', 'type', 'subject', 'day', 'source', 'name'].every((name) => typeof facts?.[name] === 'string')
  if (facts === undefined || !texts || typeof facts['facts'] !== 'object') throw new RangeError(`control ${id}: no corporate action`)
  return facts as ActionText
}
