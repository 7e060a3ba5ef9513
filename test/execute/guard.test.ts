/** The built executor that hears nobody but its venue: stops, exits and the switch by the venue's own prices, each once, whoever trades beside it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { Order } from '#record'
import { KEY, startAlpaca, type LocalVenue } from '../service/venues/alpaca.ts'
import { units } from '../service/venues/exchange.ts'
import { startTradier, TOKEN } from '../service/venues/tradier.ts'
import { makeHome, type Home } from './venue_home.ts'

const TICKERS = ['AAPL', 'GME', 'SPY'], STARTS = { alpaca: startAlpaca, tradier: startTradier }

function vanta(tool: string, { folder }: Home, ...words: string[]): void {
  const { status, stderr } = spawnSync(`bin/${tool}`, words, { env: { ...process.env, VANTA_HOME: folder }, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

/** Bought at 40, with a stop 8 % below; what is ordered fills at once, at what it trades at. */
async function holding(run: (home: Home, venue: LocalVenue, at: readonly string[]) => Promise<void>, broker: keyof typeof STARTS = 'alpaca'): Promise<void> {
  const venue = await STARTS[broker](), home = makeHome({ alpaca: KEY, tradier: TOKEN }, TICKERS), { exchange } = venue
  for (const ticker of TICKERS) exchange.prices.set(ticker, units('40'))
  exchange.onChange((order) => {
    if (order.state === 'open') setImmediate(() => order.state === 'open' && exchange.fill(order, order.quantity - order.filled, exchange.prices.get(order.symbol) ?? 0n))
  })
  const at = ['--broker', broker, '--endpoint', venue.service.endpoint]
  try {
    vanta('vanta-vault', home, 'set', 'core', 'stops.loss=0.08')
    const bought = await home.run([...at, '--poll', '50ms', '--poll-for', '20s', home.allocations])
    assert.equal(bought.status, 0, bought.err)
    assert.deepEqual([...exchange.positions.keys()].sort(), TICKERS)
    await run(home, venue, at)
  } finally {
    home.remove()
    await venue.service.close()
  }
}

const sales = ({ exchange }: LocalVenue): readonly string[] => exchange.orders.filter(({ side }) => side === 'sell').map(({ symbol }) => symbol).sort()
const guarding = ['--guard', '--wait', '60s', '--poll', '50ms', '--poll-for', '20s', '/dev/null']

for (const broker of ['alpaca', 'tradier'] as const) {
  test(`cut off from everybody but ${broker}, it leaves what has fallen through its stop, once; nothing is doubled when allocations are heard again`, () => holding(async (home, venue, at) => {
    const { exchange } = venue
    const first = await home.run([...at, ...guarding]), still = await home.run([...at, ...guarding])
    assert.deepEqual([first.records.filter(({ kind }) => kind !== 'control').map(({ kind }) => kind), first.status], [TICKERS.map(() => 'price'), 0], 'since it was bought no price has passed')
    assert.deepEqual([still.status, still.records, sales(venue)], [0, [], []], still.err)
    exchange.prices.set('GME', units('36.80'))
    const fallen = await home.run([...at, ...guarding])
    assert.deepEqual([fallen.status, sales(venue), exchange.positions.has('GME')], [0, ['GME'], false], fallen.err)
    const [price] = fallen.records.flatMap((record) => (record.kind === 'price' ? [record] : []))
    assert.deepEqual([price?.subject, price?.price, price?.source], ['ticker:GME', '36.8', `exec/${broker}`])
    assert.ok(fallen.records.some((record) => record.kind === 'control' && record.type === 'stop' && record.facts?.['rule'] === 'loss'))
    for (const words of [guarding, guarding, ['--wait', '60s', home.allocations]]) {
      const again = await home.run([...at, ...words])
      assert.deepEqual([again.status, sales(venue), exchange.orders.length], [0, ['GME'], 4], again.err)
    }
    assert.equal((await home.run(['reconcile', ...at])).status, 0)
  }, broker))
}

test('who trades and who guards, all at once: one order for each stop', () => holding(async (home, venue, at) => {
  for (const ticker of TICKERS) venue.exchange.prices.set(ticker, units('30'))
  const ended = await Promise.all([guarding, guarding, ['--wait', '60s', home.allocations], guarding].map((words) => home.run([...at, ...words])))
  for (const { status, err } of ended) assert.equal(status, 0, err)
  assert.deepEqual([sales(venue), venue.exchange.positions.size], [TICKERS, 0])
  const intended = home.log().filter((record): record is Order => record.kind === 'order' && record.state === 'intended' && record.side === 'sell')
  assert.equal(intended.length, TICKERS.length)
}))

test('killed in the midst of it at any moment, the next one ends what it began', () => holding(async (home, venue, at) => {
  venue.exchange.prices.set('AAPL', units('30'))
  for (const afterMs of [150, 250, 350, 450]) await home.run([...at, ...guarding], afterMs)
  const { status, err } = await home.run([...at, ...guarding])
  assert.deepEqual([status, sales(venue), venue.exchange.positions.has('AAPL')], [0, ['AAPL'], false], err)
}))

test('the switch: nothing leaves while it is thrown, and with --flatten all that is held does', () => holding(async (home, venue, at) => {
  venue.exchange.prices.set('SPY', units('30'))
  vanta('vanta-overlay', home, 'kill', '--reason', 'tried')
  const killed = await home.run([...at, ...guarding])
  assert.deepEqual([killed.status, sales(venue)], [77, []], killed.err)
  vanta('vanta-overlay', home, 'kill', '--flatten', '--reason', 'tried')
  const flat = await home.run([...at, ...guarding])
  assert.deepEqual([flat.status, sales(venue), venue.exchange.positions.size], [0, TICKERS, 0], flat.err)
}))

test('where the venue tells no price, that is said with 69; what is known of a position still counts', () => holding(async (home, venue, at) => {
  venue.exchange.prices.delete('SPY')
  venue.exchange.prices.set('GME', units('30'))
  const some = await home.run([...at, ...guarding])
  assert.deepEqual([some.status, /does not tell the price of ticker:SPY/.test(some.err), sales(venue)], [69, true, ['GME']], some.err)
}))
