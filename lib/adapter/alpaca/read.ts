/** Alpaca's words for orders, executions, positions and money (https://docs.alpaca.markets/reference), read into ours. */
import { instrumentOf, priceOf } from '#domain/execute/instrument'
import type { Fixed } from '#domain/money/money'
import type { Quote, VenueOrder } from '#port/broker'
import { formatInstant, parseInstant } from '#record'
import { fieldOf, fixedAt, listOf, textAt, textIn, Unreadable, type Field } from '../venue/json.ts'

/** https://docs.alpaca.markets/docs/orders-at-alpaca, "Order lifecycle". */
const STATES: Readonly<Record<string, VenueOrder['state']>> = {
  new: 'accepted', accepted: 'accepted', partially_filled: 'accepted', done_for_day: 'accepted', accepted_for_bidding: 'accepted',
  stopped: 'accepted', suspended: 'accepted', calculated: 'accepted', held: 'accepted',
  pending_new: 'pending', pending_cancel: 'pending', pending_replace: 'pending', pending_review: 'pending',
  filled: 'filled', canceled: 'cancelled', replaced: 'cancelled', expired: 'expired', rejected: 'rejected',
}

export interface AlpacaOrder {
  /** Alpaca's own, and those of its legs: executions name them. */
  readonly id: string
  readonly legIds: readonly string[]
  readonly submittedAt: string | undefined
  readonly order: VenueOrder
}

/** Throws Unreadable. */
export function readOrder(value: unknown): AlpacaOrder {
  const field = fieldOf(value, 'order')
  const status = textAt(field, 'status'), state = STATES[status]
  if (state === undefined) throw new Unreadable(`order: the status "${status}" is not known`)
  const legs = field['legs'] === null || field['legs'] === undefined ? [] : listOf(field['legs'], 'legs').map((leg) => fieldOf(leg, 'leg'))
  const ended = textIn(field, `${status === 'filled' || status === 'canceled' || status === 'expired' ? status : 'failed'}_at`)
  const submittedAt = textIn(field, 'submitted_at') ?? textIn(field, 'created_at')
  return {
    id: textAt(field, 'id'), legIds: legs.map((leg) => textAt(leg, 'id')), submittedAt,
    order: {
      clientOrderId: textAt(field, 'client_order_id'),
      subject: field['order_class'] === 'mleg' ? underlyingOf(legs) : subjectOf(field),
      side: sideOf(field),
      // Orders for an amount of money have no quantity.
      quantity: textIn(field, 'qty') === undefined ? fixedAt(field, 'filled_qty') : fixedAt(field, 'qty'),
      filled: fixedAt(field, 'filled_qty'),
      state,
      at: instantOf(ended ?? textIn(field, 'updated_at') ?? submittedAt),
      ...(state !== 'accepted' && state !== 'filled' && { why: `Alpaca says ${status}` }),
    },
  }
}

/** Orders of several legs have no side; their net price says who pays. */
function sideOf(field: Field): 'buy' | 'sell' {
  const side = textIn(field, 'side')
  if (side === undefined) return textIn(field, 'limit_price')?.startsWith('-') === true ? 'sell' : 'buy'
  return side.startsWith('sell') ? 'sell' : 'buy'
}

function underlyingOf(legs: readonly Field[]): string {
  const [first] = legs
  const instrument = first === undefined ? undefined : instrumentOf(subjectOf(first))
  return instrument?.kind === 'option' ? `ticker:${instrument.root}` : ''
}

/** Currencies in which pairs are quoted there, longest first: positions name them without the stroke. */
const QUOTES = ['USDT', 'USDC', 'USD', 'BTC']

export function subjectOf(field: Field): string {
  const symbol = textAt(field, 'symbol')
  const kind = textIn(field, 'asset_class')
  if (kind === 'us_option' || (kind === undefined && instrumentOf(`option:${symbol}`) !== undefined)) return `option:${symbol}`
  if (symbol.includes('/')) return `pair:${symbol}`
  if (kind !== 'crypto') return `ticker:${symbol}`
  const quote = QUOTES.find((currency) => symbol.endsWith(currency) && symbol.length > currency.length)
  if (quote === undefined) throw new Unreadable(`the pair "${symbol}" is not known`)
  return `pair:${symbol.slice(0, -quote.length)}/${quote}`
}

/** Moments have up to nine decimals; ours have three. Throws Unreadable. */
export function instantOf(text: string | undefined): string {
  const ms = text === undefined ? undefined : parseInstant(text.replace(/(\.\d{3})\d*/, '$1'))
  if (ms === undefined) throw new Unreadable(`"${text ?? ''}" is no moment`)
  return formatInstant(ms)
}

export interface AlpacaExecution {
  readonly id: string
  readonly orderId: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  readonly price: Fixed
  readonly at: string
}

/** An activity of type FILL. */
export function readExecution(value: unknown): AlpacaExecution {
  const field = fieldOf(value, 'activity')
  const subject = subjectOf(field), side = textAt(field, 'side').startsWith('sell') ? 'sell' : 'buy'
  return {
    id: textAt(field, 'id'), orderId: textAt(field, 'order_id'), subject, side, quantity: fixedAt(field, 'qty'),
    price: priceOf(subject, fixedAt(field, 'price', side === 'buy' ? 'up' : 'down')), at: instantOf(textAt(field, 'transaction_time')),
  }
}

/** Held: below zero where it was sold short. */
export function readPosition(value: unknown): readonly [string, Fixed] {
  const field = fieldOf(value, 'position')
  const quantity = fixedAt(field, 'qty')
  return [subjectOf(field), textIn(field, 'side') === 'short' && quantity > 0n ? -quantity : quantity]
}

/** What a position's subject trades at; undefined where it does not say, as of what has not traded. */
export function readQuote(value: unknown): readonly [string, Quote] | undefined {
  const field = fieldOf(value, 'position'), subject = subjectOf(field)
  return textIn(field, 'current_price') === undefined ? undefined : [subject, { price: priceOf(subject, fixedAt(field, 'current_price')) }]
}

/** The envelope of its errors: `{"code": 40310000, "message": "insufficient buying power", ...}`. */
export function readError(value: unknown): { readonly code: string; readonly message: string } | undefined {
  const { code, message } = typeof value === 'object' && value !== null ? (value as Field) : {}
  return typeof message === 'string' ? { code: typeof code === 'string' ? code : '', message } : undefined
}
