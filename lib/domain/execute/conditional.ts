/** Orders that wait for a price: they rest at the venue, and become market or limit orders once the market trades there. */
import type { BrokerOrder } from './broker.ts'
import type { Fixed } from '../money/money.ts'

type Kind = Pick<BrokerOrder, 'type'>

export const isConditional = ({ type }: Kind): boolean => type === 'stop' || type === 'stop_limit'
export const hasLimit = ({ type }: Kind): boolean => type === 'limit' || type === 'stop_limit'

/** Why an order's prices do not make sense; undefined where they do. */
export function priceFault(order: Pick<BrokerOrder, 'type' | 'limit' | 'stop' | 'timeInForce' | 'legs'>): string | undefined {
  const { limit, stop, timeInForce, legs } = order
  if (hasLimit(order) && limit === undefined) return 'a limit order without its limit'
  if (!isConditional(order)) return undefined
  if (stop === undefined || stop <= 0n) return 'an order that waits for a price without that price'
  if (legs !== undefined) return 'no order of several legs waits for a price'
  return timeInForce === 'ioc' || timeInForce === 'fok' ? 'what waits for a price is not to be had at once' : undefined
}

/** Whether a trade at a price sets it off: a sale at the stop or below, a purchase at it or above. */
export const isSetOff = ({ side, stop }: Pick<BrokerOrder, 'side' | 'stop'>, price: Fixed): boolean =>
  stop !== undefined && (side === 'sell' ? price <= stop : price >= stop)
