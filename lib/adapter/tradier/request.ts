/** An order as Tradier takes it, form-encoded (POST /v1/accounts/{id}/orders): shares, contracts, several contracts at once. */
import { hasLimit, isConditional, priceFault } from '#domain/execute/conditional'
import { instrumentOf, SHARES_PER_CONTRACT } from '#domain/execute/instrument'
import { formatFixed, ONE } from '#domain/money/decimal'
import type { Fixed } from '#domain/money/money'
import type { BrokerOrder } from '#port/broker'

/** The form, or why there is none. */
export function formOf(order: BrokerOrder): URLSearchParams | string {
  const { clientOrderId, type, quantity, limit, stop, timeInForce, legs } = order
  if (quantity <= 0n || quantity % ONE !== 0n) return 'Tradier takes whole quantities above zero only'
  if (timeInForce === 'ioc' || timeInForce === 'fok') return `Tradier knows no ${timeInForce}`
  const fault = priceFault(order)
  if (fault !== undefined) return fault
  const common = { quantity: formatFixed(quantity), type, duration: timeInForce, tag: clientOrderId }
  if (legs !== undefined) return severalOf(order)
  const instrument = instrumentOf(order.subject)
  if (instrument === undefined || instrument.kind === 'pair') return `${order.subject} is nothing that Tradier trades`
  if (instrument.kind === 'equity') {
    const price = hasLimit(order) && limit !== undefined ? { price: formatFixed(limit) } : {}
    const waits = isConditional(order) && stop !== undefined ? { stop: formatFixed(stop) } : {}
    return new URLSearchParams({ class: 'equity', symbol: instrument.symbol, side: order.side, ...common, ...price, ...waits })
  }
  if (isConditional(order)) return 'orders in options wait for no price here'
  const quoted = quotedPrice(order)
  if (quoted === null) return NO_PRICE
  return new URLSearchParams({
    class: 'option', symbol: instrument.root, option_symbol: instrument.occ, side: order.side === 'buy' ? 'buy_to_open' : 'sell_to_close', ...common,
    ...(quoted !== undefined && { price: quoted }),
  })
}

const NO_PRICE = 'the limit of a contract is no whole multiple of a hundredth of what is quoted'

function severalOf(order: BrokerOrder): URLSearchParams | string {
  const { legs = [], quantity, subject, side, type, limit, timeInForce, clientOrderId } = order
  if (legs.length < 2 || legs.length > 4) return 'Tradier takes from 2 to 4 legs'
  const underlying = instrumentOf(subject)
  if (underlying?.kind !== 'equity') return 'an order of several legs is in what they have in common, ticker:...'
  const quoted = quotedPrice(order)
  if (quoted === null) return NO_PRICE
  const kind = type === 'market' ? 'market' : limit === 0n ? 'even' : side === 'buy' ? 'debit' : 'credit'
  const form = new URLSearchParams({ class: 'multileg', symbol: underlying.symbol, type: kind, duration: timeInForce, tag: clientOrderId })
  if (quoted !== undefined && kind !== 'even') form.set('price', quoted)
  for (const [i, leg] of legs.entries()) {
    const instrument = instrumentOf(leg.subject)
    if (instrument?.kind !== 'option') return 'Tradier takes legs of options only'
    form.set(`option_symbol[${i}]`, instrument.occ)
    form.set(`side[${i}]`, `${leg.side}_to_${leg.effect}`)
    form.set(`quantity[${i}]`, formatFixed(quantity * BigInt(leg.ratio)))
  }
  return form
}

/** By the share; null where that leaves a remainder. */
function quotedPrice({ type, limit }: BrokerOrder): string | null | undefined {
  if (type !== 'limit' || limit === undefined) return undefined
  return limit % SHARES_PER_CONTRACT === 0n ? formatFixed((limit satisfies Fixed) / SHARES_PER_CONTRACT) : null
}
