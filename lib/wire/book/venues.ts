/** Every venue that can be read: a message is told by its content, so the first that knows it has it. */
import { binance } from './binance.ts'
import { bitfinex } from './bitfinex.ts'
import { bybit } from './bybit.ts'
import { coinbase } from './coinbase.ts'
import { coinbaseAdvanced } from './coinbase_advanced.ts'
import { deribit } from './deribit.ts'
import { kraken } from './kraken.ts'
import { krakenFutures } from './kraken_futures.ts'
import { krakenV2 } from './kraken_v2.ts'
import { okx } from './okx.ts'
import { control, HEARTBEAT, PRIVATE, type Venue } from './said.ts'
import { listOf, objectOf, type Told } from './told.ts'

/** One connection to whichever venue it turns out to be; `more` are asked before the others. */
export function anyVenue(...more: readonly Venue[]): Venue {
  const venues = [...more, binance(), bybit(), coinbase(), kraken(), krakenV2(), coinbaseAdvanced(), krakenFutures(), bitfinex(), okx(), deribit()]
  /** The one that knew the last message knows most likely the next. */
  let last = 0
  return {
    read(message, context) {
      if (message === 'pong') return control(HEARTBEAT)
      const [likely] = venues.slice(last, last + 1)
      const said = likely?.read(message, context)
      if (said !== undefined) return said
      for (const [i, venue] of venues.entries()) {
        const said = i === last ? undefined : venue.read(message, context)
        if (said === undefined) continue
        last = i
        return said
      }
      return isAccount(message) ? control(PRIVATE) : undefined
    },
  }
}

/** Names that only the owner's orders, balances and positions have, at whatever venue. */
const ACCOUNT = [
  'orderId', 'clientOrderId', 'client_order_id', 'algoId', 'balances', 'accountAlias', 'positionAmt', 'isBuyer', 'order_id', 'ordertxid',
  'available_balance', 'fill_id', 'fee_paid',
]

function isAccount(message: Told): boolean {
  return [message, listOf(message)?.[0]].some((value) => {
    const object = objectOf(value)
    return object !== undefined && ACCOUNT.some((name) => name in object)
  })
}
