/**
 * Tradier's words for orders, positions and money (https://documentation.tradier.com), read into ours. One thing in a list comes bare, none as the
 * text "null".
 */
import { listedSubject, priceOf } from '#domain/execute/instrument'
import type { Fixed } from '#domain/money/money'
import type { Quote, VenueOrder } from '#port/broker'
import { formatInstant, parseInstant } from '#record'
import { fieldOf, fixedAt, isField, textAt, textIn, Unreadable, type Field } from '../venue/json.ts'
import type { Reached } from '../venue/say.ts'

const STATES: Readonly<Record<string, VenueOrder['state']>> = {
  open: 'accepted', partially_filled: 'accepted', accepted_for_bidding: 'accepted', calculated: 'accepted', held: 'accepted',
  pending: 'pending', pending_cancel: 'pending', submitted: 'pending',
  filled: 'filled', canceled: 'cancelled', expired: 'expired', rejected: 'rejected', error: 'rejected',
}

/** `{"orders": {"order": [...]}}`, `{"orders": {"order": {...}}}` or `{"orders": "null"}`. */
export function manyOf(value: unknown, plural: string, single: string): readonly Field[] {
  const inner = fieldOf(value, plural)[plural]
  if (inner === 'null' || inner === null) return []
  const found = fieldOf(inner, plural)[single]
  if (found === undefined || found === null) return []
  return (Array.isArray(found) ? found : [found]).map((one) => fieldOf(one, single))
}

export interface TradierOrder {
  readonly id: string
  readonly order: VenueOrder
  /** What it, or each of its legs, has come to. */
  readonly reached: readonly Omit<Reached, 'knownAt'>[]
}

/** Throws Unreadable. */
export function readOrder(field: Field): TradierOrder {
  const id = textAt(field, 'id'), status = textAt(field, 'status'), state = STATES[status]
  if (state === undefined) throw new Unreadable(`order ${id}: the status "${status}" is not known`)
  const clientOrderId = textIn(field, 'tag') ?? ''
  const isMany = field['class'] === 'multileg' || field['class'] === 'combo'
  const legs = isMany ? legsOf(field) : []
  const at = instantOf(textIn(field, 'transaction_date') ?? textAt(field, 'create_date'))
  const quantity = fixedAt(field, 'quantity')
  const filled = isMany ? leastOf(legs, quantity) : fixedAt(field, 'exec_quantity')
  const side = sideOf(field)
  const subject = isMany ? `ticker:${textAt(field, 'symbol')}` : subjectOf(field)
  const why = textIn(field, 'reason_description')
  return {
    id,
    order: { clientOrderId, subject, side, quantity, filled, state, at, ...(why !== undefined && { why }) },
    reached: isMany
      ? legs.filter((leg) => textIn(leg, 'exec_quantity') !== undefined)
        .map((leg) => reachedBy(id, clientOrderId, leg, at, { subject: subjectOf(leg), side: sideOf(leg) }))
      : [reachedBy(id, clientOrderId, field, at)],
  }
}

function reachedBy(orderId: string, clientOrderId: string, field: Field, at: string, leg?: Reached['leg']): Omit<Reached, 'knownAt'> {
  const quantity = fixedAt(field, 'exec_quantity'), side = sideOf(field)
  const average = quantity === 0n ? 0n : fixedAt(field, 'avg_fill_price', side === 'buy' ? 'up' : 'down')
  return {
    orderId, clientOrderId, side, quantity, average: priceOf(leg?.subject ?? subjectOf(field), average), at, ...(leg !== undefined && { leg }),
  }
}

function legsOf(field: Field): readonly Field[] {
  const legs = field['leg']
  return (Array.isArray(legs) ? legs : isField(legs) ? [legs] : []).map((leg) => fieldOf(leg, 'leg'))
}

/** Whole units of the combination of which every leg is filled. */
function leastOf(legs: readonly Field[], quantity: Fixed): Fixed {
  if (legs.length === 0) throw new Unreadable('an order of several legs without any')
  let least = quantity
  for (const leg of legs) {
    const asked = fixedAt(leg, 'quantity'), done = textIn(leg, 'exec_quantity') === undefined ? 0n : fixedAt(leg, 'exec_quantity')
    const units = asked === 0n ? 0n : (quantity * done) / asked
    if (units < least) least = units
  }
  return least
}

/** `buy`, `buy_to_open`, `sell_short`, ...; of several legs `debit` and `credit` say who pays. */
function sideOf(field: Field): 'buy' | 'sell' {
  const side = textIn(field, 'side')
  if (side !== undefined) return side.startsWith('sell') ? 'sell' : 'buy'
  return field['type'] === 'credit' ? 'sell' : 'buy'
}

const subjectOf = (field: Field): string => listedSubject(textIn(field, 'option_symbol') ?? textAt(field, 'symbol'))

export function readPosition(field: Field): readonly [string, Fixed] {
  return [listedSubject(textAt(field, 'symbol')), fixedAt(field, 'quantity')]
}

/** What one of /v1/markets/quotes trades at; undefined where it has never traded. */
export function readQuote(field: Field): readonly [string, Quote] | undefined {
  const subject = listedSubject(textAt(field, 'symbol')), last = textIn(field, 'last')
  if (last === undefined) return undefined
  const atMs = Number(textAt(field, 'trade_date'))
  if (!Number.isSafeInteger(atMs)) throw new Unreadable(`trade_date: "${textAt(field, 'trade_date')}" is no moment`)
  return [subject, { price: priceOf(subject, fixedAt(field, 'last')), ...(atMs > 0 && { atMs }) }]
}

function instantOf(text: string): string {
  const ms = parseInstant(text)
  if (ms === undefined) throw new Unreadable(`"${text}" is no moment`)
  return formatInstant(ms)
}

/**
 * What it was that an order was turned down for: `{"errors": {"error": ["..."]}}`, one bare, or `{"fault": {"faultstring": "..."}}` by what stands
 * before the service.
 */
export function readErrors(value: unknown): string | undefined {
  if (!isField(value)) return undefined
  const { errors, fault } = value
  if (isField(fault)) return textIn(fault, 'faultstring')
  const found = isField(errors) ? errors['error'] : undefined
  const said = (Array.isArray(found) ? found : [found]).filter((one): one is string => typeof one === 'string')
  return said.length === 0 ? undefined : said.join('; ')
}
