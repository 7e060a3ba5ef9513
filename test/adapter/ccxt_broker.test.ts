import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ONE } from '#domain/money/decimal'
import { brokerSuite, type BrokerRig } from '../port/broker.suite.ts'
import { API_KEY, startBinance } from '../service/venues/binance.ts'
import { KRAKEN_KEY, startKraken } from '../service/venues/kraken.ts'
import { OKX_KEY, startOkx } from '../service/venues/okx.ts'
import { venueRig } from './venue_rig.ts'

const terms = { name: 'ccxt', exchange: 'binance', currency: 'USDT' } as const
const can: BrokerRig['can'] = { limit: true, atOnce: true, burnsIds: false, refusesFunds: true, options: false, legs: false, stops: 'all' }
const moves = { kinds: ['deposit', 'withdrawal'], corrects: true } as const

brokerSuite('ccxt:binance', async () =>
  venueRig(await startBinance(), { terms, secrets: API_KEY, subject: 'pair:BTC/USDT', symbol: 'BTCUSDT', hasSessions: false, moves, can }))

brokerSuite('ccxt:kraken', async () => venueRig(await startKraken(), {
  terms: { ...terms, exchange: 'kraken' }, secrets: KRAKEN_KEY, subject: 'pair:BTC/USDT', symbol: 'XBTUSDT', hasSessions: false, hidesLeaving: true,
  isChange: ({ url }) => url.endsWith('/AddOrder'), moves: { kinds: ['deposit', 'withdrawal', 'interest'], corrects: false }, can,
}))

brokerSuite('ccxt:okx', async () => venueRig(await startOkx(), {
  terms: { ...terms, exchange: 'okx' }, secrets: OKX_KEY, subject: 'pair:BTC/USDT', symbol: 'BTC-USDT', hasSessions: false, hidesLeaving: true, mostOpen: 100,
  moves: { kinds: ['deposit', 'withdrawal'], corrects: false }, can: { ...can, stops: 'none' },
}))

test('more executions at one moment than a page holds are not taken for all there are', async () => {
  const atMs = Date.now()
  const venue = await startBinance({ nowMs: () => atMs })
  const rig = venueRig(venue, { terms, secrets: API_KEY, subject: 'pair:BTC/USDT', symbol: 'BTCUSDT', hasSessions: false, can })
  try {
    rig.trade(40n * ONE)
    const broker = rig.open()
    const booked = { order: () => undefined, subjects: () => ['pair:BTC/USDT'] }
    const placed = venue.exchange.place({ clientId: 'sweep', symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: 100n * ONE, timeInForce: 'gtc' })
    if (typeof placed === 'string') throw new Error(placed)
    for (let i = 0; i < 59; i++) venue.exchange.fill(placed, ONE, 40n * ONE)
    const told = await broker.fills(undefined, atMs, booked)
    assert.equal('told' in told && told.told.fills.length, 59)
    // A page holds 60: that there are no more cannot be known.
    venue.exchange.fill(placed, ONE, 40n * ONE)
    assert.ok('unknown' in (await broker.fills(undefined, atMs, booked)))
  } finally {
    await rig.close()
  }
})
