import { formatInstant, make, type Price } from '#record'
import { PaperBroker } from '#adapter/paper/broker'
import { formatFixed, ONE } from '#domain/money/decimal'
import type { Broker, VenueFill } from '#port/broker'
import { FREE } from '../execute/desk_world.ts'
import { brokerSuite, type BrokerRig } from '../port/broker.suite.ts'

const SUBJECT = 'ticker:AAPL'
const CASH = 10_000_000n

/** The embedded broker lives and dies with the books, so that a restart is told what stood; its market is the records that pass. */
function paperRig(): BrokerRig {
  const paper = new PaperBroker({
    name: 'paper', latencyMs: 0, costs: { ...FREE, feeBps: ONE }, participation: ONE, lot: ONE,
  })
  paper.fund('core', { cash: CASH, positions: new Map() })
  const fills: VenueFill[] = []
  let atMs = Date.now()
  const print = (price: bigint, volume: bigint): void => {
    atMs += 60_000
    const at = formatInstant(atMs)
    const record: Price = make('price', {
      at, known_at: at, source: 'test', by: 'test/0', subject: SUBJECT, type: 'open', price: formatFixed(price), span: '1m', basis: 'as_traded', prior_volume: formatFixed(volume),
    })
    fills.push(...paper.observe(record))
  }
  const told = (): { cash: bigint; positions: ReadonlyMap<string, bigint> } => {
    const account = paper.account()
    if ('unknown' in account) throw new Error(account.unknown)
    return account.told
  }
  return {
    subject: SUBJECT,
    open: (): Broker => ({
      name: paper.name, rules: paper.rules, embedded: paper, submit: (order) => paper.submit(order), cancel: (order) => paper.cancel(order),
      look: (order) => paper.look(order), openOrders: () => paper.openOrders(), account: () => paper.account(),
      fills: () => ({ told: { fills: [...fills], mark: undefined } }),
    }),
    trade: (price) => print(price, 1_000_000n * ONE),
    fill: (_id, quantity, price) => print(price, quantity),
    count: (id) => (paper.look({ clientOrderId: id }).look === 'found' ? 1 : 0),
    can: { limit: true, atOnce: true, burnsIds: true, refusesFunds: false, options: false, legs: false, stops: 'all' },
    held: () => ({ cash: told().cash, position: told().positions.get(SUBJECT) ?? 0n }),
    close: () => undefined,
  }
}

brokerSuite('paper', async () => paperRig())
