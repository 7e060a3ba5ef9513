/** Orders, executions, markets and balances in ccxt's unified words (https://docs.ccxt.com/#/README?id=orders), read into ours. */
import { formatInstant } from '#record'
import { hasLimit, isConditional } from '#domain/execute/conditional'
import type { Fixed } from '#domain/money/money'
import { formatFixed } from '#domain/money/decimal'
import type { BrokerOrder, Quote, VenueOrder } from '#port/broker'
import { chargeOf, fieldOf, fixedAt, fixedFrom, isField, listOf, textAt, textIn, Unreadable, type Field } from '../venue/json.ts'
import { ceilDiv } from '../venue/say.ts'

export interface CcxtOrder {
  readonly id: string
  /** As the exchange counts it: what was filled before fees. */
  readonly order: VenueOrder
  readonly atMs: number
}

/** A closed order that filled nothing was called off. */
function stateOf(status: string, filled: Fixed): VenueOrder['state'] {
  switch (status) {
    case 'open': return 'accepted'
    case 'closed': return filled > 0n ? 'filled' : 'cancelled'
    case 'canceled': return 'cancelled'
    case 'canceling': return 'pending'
    case 'expired': return 'expired'
    case 'rejected': return 'rejected'
    default: throw new Unreadable(`order: the status "${status}" is not known`)
  }
}

export function readOrder(value: unknown): CcxtOrder {
  const field = fieldOf(value, 'order')
  const filled = fixedAt(field, 'filled')
  const atMs = momentIn(field, 'lastUpdateTimestamp') ?? momentIn(field, 'timestamp') ?? 0
  return {
    id: textAt(field, 'id'), atMs,
    order: {
      clientOrderId: textIn(field, 'clientOrderId') ?? '', subject: `pair:${textAt(field, 'symbol')}`, side: sideOf(field),
      quantity: fixedAt(field, 'amount'), filled, state: stateOf(textAt(field, 'status'), filled), at: formatInstant(atMs),
    },
  }
}

/** What a ticker says of the last trade; undefined where there was none. */
export function readTicker(value: unknown): Quote | undefined {
  const field = fieldOf(value, 'ticker')
  return textIn(field, 'last') === undefined ? undefined : { price: fixedAt(field, 'last'), atMs: momentIn(field, 'timestamp') }
}

function momentIn(field: Field, name: string): number | undefined {
  const value = field[name]
  const ms = typeof value === 'string' ? Number(value) : value
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined
}

function sideOf(field: Field): 'buy' | 'sell' {
  const side = textAt(field, 'side')
  if (side === 'buy' || side === 'sell') return side
  throw new Unreadable(`the side "${side}" is not known`)
}

export interface CcxtTrade {
  readonly id: string
  readonly orderId: string
  readonly atMs: number
  /** Before fees: the exchange's orders count these. */
  readonly gross: Fixed
  /** What came of it: a fee taken from what was bought makes that less, and dearer. */
  readonly quantity: Fixed
  readonly price: Fixed
  readonly feeCents: bigint
}

/** Fees in any third currency are no part of it; they show where balances are compared. */
export function readTrade(value: unknown): CcxtTrade {
  const field = fieldOf(value, 'trade')
  const [base = '', quote = ''] = textAt(field, 'symbol').split('/')
  const side = sideOf(field), gross = fixedAt(field, 'amount'), price = fixedAt(field, 'price', side === 'buy' ? 'up' : 'down')
  let inQuote = 0n, inBase = 0n
  for (const fee of feesOf(field)) {
    if (textIn(fee, 'cost') === undefined) continue
    const cost = fixedAt(fee, 'cost', 'up')
    if (fee['currency'] === quote) inQuote += cost
    else if (fee['currency'] === base && side === 'buy') inBase += cost
  }
  const quantity = gross - inBase
  if (gross <= 0n || quantity <= 0n) throw new Unreadable(`an execution of ${formatFixed(gross)}, ${formatFixed(inBase)} of it fees`)
  return {
    id: textAt(field, 'id'), orderId: textIn(field, 'order') ?? '', atMs: momentIn(field, 'timestamp') ?? 0, gross, quantity,
    price: inBase === 0n ? price : ceilDiv(gross * price, quantity), feeCents: chargeOf(inQuote),
  }
}

function feesOf(field: Field): readonly Field[] {
  const many = field['fees'], one = field['fee']
  if (Array.isArray(many) && many.length > 0) return many.filter(isField)
  return isField(one) ? [one] : []
}

export interface Market {
  readonly step: Fixed
  readonly least: Fixed
  readonly tick: Fixed | undefined
  readonly active: boolean
}

const DECIMAL_PLACES = 2, TICK_SIZE = 4

/** The grain of a market: of quantities and of prices. */
export function readMarket(value: unknown, precisionMode: unknown): Market {
  const field = fieldOf(value, 'market')
  const precision = fieldOf(field['precision'], 'precision'), limits = isField(field['limits']) ? field['limits'] : {}
  const amount = isField(limits['amount']) ? limits['amount'] : {}
  const mode = Number(precisionMode)
  const grain = (name: string): Fixed | undefined => {
    const said = precision[name]
    if (said === undefined || said === null) return undefined
    if (mode === DECIMAL_PLACES) return 10n ** BigInt(Math.max(0, 8 - Number(said)))
    if (mode !== TICK_SIZE) throw new Unreadable('its prices are rounded to significant digits')
    const size = fixedFrom(String(said))
    return size === 0n ? undefined : size
  }
  return {
    step: grain('amount') ?? 1n, tick: grain('price'),
    least: (typeof amount['min'] === 'string' ? fixedFrom(amount['min'], 'up') : undefined) ?? 0n,
    active: field['active'] !== false,
  }
}

export interface Fitted {
  readonly quantity: Fixed
  readonly limit?: Fixed
  readonly stop?: Fixed
}

/** What is sent: never more than was asked for, at no worse a price, and set off no later. The words say why nothing is. */
export function fitted(order: BrokerOrder, { step, least, tick = 1n, active }: Market): Fitted | string {
  const { quantity, limit, stop, side } = order
  const whole = quantity - (quantity % step)
  if (!active) return 'the market is closed'
  if (whole <= 0n) return `${formatFixed(quantity)} is less than a step of ${formatFixed(step)}`
  if (whole < least) return `${formatFixed(whole)} is less than the least of ${formatFixed(least)}`
  const down = (price: Fixed): Fixed => price - (price % tick), up = (price: Fixed): Fixed => ceilDiv(price, tick) * tick
  const own = limit === undefined || !hasLimit(order) ? undefined : side === 'buy' ? down(limit) : up(limit)
  if (own !== undefined && own <= 0n) return `the limit ${formatFixed(limit ?? 0n)} is less than a tick of ${formatFixed(tick)}`
  const waits = stop === undefined || !isConditional(order) ? undefined : side === 'buy' ? down(stop) : up(stop)
  return { quantity: whole, ...(own !== undefined && { limit: own }), ...(waits !== undefined && { stop: waits }) }
}

/** By currency. */
export function readBalances(value: unknown): ReadonlyMap<string, { readonly total: Fixed; readonly free: Fixed }> {
  const field = fieldOf(value, 'balance')
  const totals = fieldOf(field['total'], 'total'), frees = fieldOf(field['free'], 'free')
  const found = new Map<string, { total: Fixed; free: Fixed }>()
  for (const currency of Object.keys(totals)) {
    if (textIn(totals, currency) === undefined) continue
    found.set(currency, { total: fixedAt(totals, currency), free: textIn(frees, currency) === undefined ? 0n : fixedAt(frees, currency) })
  }
  return found
}

export const readOrders = (value: unknown): readonly CcxtOrder[] => listOf(value, 'orders').map(readOrder)
export const readTrades = (value: unknown): readonly CcxtTrade[] => listOf(value, 'trades').map(readTrade)
