/** An order as Alpaca takes it (POST /v2/orders): shares, contracts, pairs and several contracts at once. */
import type { trading } from '@alpacahq/alpaca-trade-api/rest'
import { formatFixed } from '#domain/money/decimal'
import { hasLimit, isConditional, priceFault } from '#domain/execute/conditional'
import { instrumentOf, SHARES_PER_CONTRACT, type Instrument } from '#domain/execute/instrument'
import type { Fixed } from '#domain/money/money'
import type { BrokerOrder } from '#port/broker'

type Request = trading.PostOrderRequest

const MOST_ID = 48

/** The request, or why there is none. */
export function requestOf(order: BrokerOrder): Request | string {
  const { clientOrderId, type, quantity, limit, stop, legs } = order
  if (clientOrderId.length > MOST_ID) return `a client id has at most ${MOST_ID} characters`
  if (quantity <= 0n) return 'the quantity is not above zero'
  const fault = priceFault(order)
  if (fault !== undefined) return fault
  const common = { qty: formatFixed(quantity), clientOrderId }
  if (legs !== undefined) return severalOf(order, common)
  const instrument = instrumentOf(order.subject)
  if (instrument === undefined) return `${order.subject} is nothing that Alpaca trades`
  if (isConditional(order) && instrument.kind === 'option') return 'Alpaca lets no order in options wait for a price'
  if (type === 'stop' && instrument.kind === 'pair') return 'Alpaca takes stops of pairs with a limit only'
  const price = limit === undefined ? undefined : quotedPrice(instrument, limit)
  if (price === null) return NO_PRICE
  return {
    ...common, symbol: symbolOf(instrument), side: order.side, type, timeInForce: timeInForceOf(instrument, order),
    ...(price !== undefined && hasLimit(order) && { limitPrice: price }), ...(stop !== undefined && isConditional(order) && { stopPrice: formatFixed(stop) }),
    ...(instrument.kind === 'option' && { positionIntent: order.side === 'buy' ? 'buy_to_open' as const : 'sell_to_close' as const }),
  }
}

const NO_PRICE = 'the limit of a contract is no whole multiple of a hundredth of what is quoted'

/** A net price above zero is paid, below zero received. */
function severalOf(order: BrokerOrder, common: { readonly qty: string; readonly clientOrderId: string }): Request | string {
  const { legs = [], type, limit, side, timeInForce } = order
  const symbols = legs.map(({ subject }) => instrumentOf(subject))
  if (legs.length < 2 || legs.length > 4) return 'Alpaca takes from 2 to 4 legs'
  if (symbols.some((instrument) => instrument?.kind !== 'option')) return 'Alpaca takes legs of options only'
  const price = limit === undefined ? undefined : quotedPrice({ kind: 'option', occ: '', root: '' }, limit)
  if (price === null) return NO_PRICE
  return {
    ...common, orderClass: 'mleg', type, timeInForce,
    ...(price !== undefined && type === 'limit' && { limitPrice: side === 'sell' && limit !== 0n ? `-${price}` : price }),
    legs: legs.map(({ subject, side: way, effect, ratio }) => ({
      symbol: subject.slice(subject.indexOf(':') + 1), ratioQty: String(ratio), side: way, positionIntent: `${way}_to_${effect}` as const,
    })),
  }
}

/** By the share, where we speak of contracts; null where that leaves a remainder. */
function quotedPrice({ kind }: Instrument, price: Fixed): string | null {
  if (kind !== 'option') return formatFixed(price)
  return price % SHARES_PER_CONTRACT === 0n ? formatFixed(price / SHARES_PER_CONTRACT) : null
}

function symbolOf(instrument: Instrument): string {
  switch (instrument.kind) {
    case 'equity': return instrument.symbol
    case 'option': return instrument.occ
    case 'pair': return `${instrument.base}/${instrument.quote}`
  }
}

/** Pairs trade around the clock and know no day. */
const timeInForceOf = ({ kind }: Instrument, { timeInForce }: BrokerOrder): BrokerOrder['timeInForce'] =>
  (kind === 'pair' && timeInForce === 'day' ? 'gtc' : timeInForce)
