import { brokerSuite, type BrokerRig, type Fault } from '../port/broker.suite.ts'
import { openVenue } from '#adapter/venue/open'
import type { VenueTerms } from '#port/broker'
import { KEY, startAlpaca } from '../service/venues/alpaca.ts'
import { misbehaving } from '../service/venues/faults.ts'

const CENTS = 1_000_000n

async function rig(subject: string, symbol: string, hasSessions: boolean): Promise<BrokerRig> {
  const { service, exchange } = await startAlpaca()
  const terms: VenueTerms = { name: 'alpaca', endpoint: service.endpoint, live: false, timeoutMs: 400, currency: 'USD' }
  const open: (() => void)[] = []
  const find = (id: string) => {
    const order = exchange.orders.find(({ clientId }) => clientId === id)
    if (order === undefined) throw new Error(`no order ${id} there`)
    return order
  }
  return {
    subject,
    open() {
      const broker = openVenue(terms, () => KEY)
      open.push(() => broker.close?.())
      return broker
    },
    trade: (price) => exchange.trade(symbol, price),
    fill(id, quantity, price) {
      const order = find(id)
      const isOption = order.legs !== undefined || order.symbol.length > 12
      exchange.fill(order, quantity, isOption ? price / 100n : price)
    },
    count: (id) => exchange.orders.filter(({ clientId }) => clientId === id).length,
    cancelsLate: (late) => void (exchange.cancelsLate = late),
    fault: (fault: Fault) => misbehaving(service, fault, ({ method }) => method === 'POST'),
    hides: (looks) => void (exchange.hidesFor = looks),
    ...(hasSessions && { closeSession: () => exchange.closeSession() }),
    foreign: (quantity) => void exchange.place({ clientId: 'by-hand', symbol, side: 'buy', type: 'limit', limit: 100_000_000n, quantity, timeInForce: 'gtc' }),
    can: { limit: true, atOnce: true, burnsIds: true, refusesFunds: true, options: true, legs: true },
    held: () => ({ cash: exchange.cash / CENTS, position: exchange.positions.get(symbol) ?? 0n }),
    close() {
      for (const end of open) end()
      return service.close()
    },
  }
}

brokerSuite('alpaca', () => rig('ticker:AAPL', 'AAPL', true))
brokerSuite('alpaca pairs', () => rig('pair:BTC/USD', 'BTC/USD', false))
