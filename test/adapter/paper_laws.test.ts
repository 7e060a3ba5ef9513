/** Whatever passes by: an order fills at the first tradable price after it could have arrived, held to a brute-force search of the stream. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, make, millisOf, type Bar, type Price } from '#record'
import { PaperBroker } from '#adapter/paper/broker'
import { tradedAt, type TradingCosts } from '#domain/execute/costs'
import { ONE } from '#domain/money/decimal'
import { costCents, proceedsCents } from '#domain/money/money'
import type { BrokerOrder, VenueFill } from '#port/broker'

const SUBJECT = 'ticker:GME', HOUR_MS = 3_600_000, START_MS = Date.UTC(2021, 0, 4, 14, 30), CASH = 50_000_00n, HELD = 500n * ONE, EACH = 20n
const COSTS: TradingCosts = {
  feeBps: ONE, feePerShare: ONE / 200n, feeMinimum: 100n, saleBps: ONE / 4n, salePerShare: ONE / 6000n, saleMost: 830n,
  spreadBps: 10n * ONE, spreadTicks: ONE, slippageBps: 5n * ONE, impactBps: 200n * ONE,
}

interface Hour {
  /** Whether its opening print is told as it happens. */
  readonly printed: boolean
  readonly open: number
  readonly close: number
  readonly volume: number
}
const hours = fc.array(fc.record({
  printed: fc.boolean(), open: fc.integer({ min: 1, max: 400 }), close: fc.integer({ min: 1, max: 400 }), volume: fc.constantFrom(0, 40, 400, 4000, 100_000),
}), { minLength: 1, maxLength: 12 })
const wishes = fc.array(fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const), shares: fc.integer({ min: 1, max: 300 }), sentMs: fc.integer({ min: -HOUR_MS, max: 11 * HOUR_MS }),
}), { maxLength: 8 })

const startOf = (hour: number): number => START_MS + hour * HOUR_MS
const common = { source: 'test', by: 'test/0', subject: SUBJECT, span: '1h', basis: 'as_traded' } as const

/** As live: a print as it happens, the bar once it is over. */
function stream(all: readonly Hour[]): (Bar | Price)[] {
  return all.flatMap(({ printed, open, close, volume }, hour) => {
    const at = formatInstant(startOf(hour)), known = formatInstant(startOf(hour + 1) - 1), before = all[hour - 1]?.volume
    const more = before === undefined ? {} : { prior_volume: String(before) }
    const print = make('price', { ...common, at, known_at: at, type: 'open', price: String(open), ...more })
    const [low, high] = open < close ? [open, close] : [close, open]
    const bar = make('bar', { ...common, at, known_at: known, open: String(open), high: String(high), low: String(low), close: String(close), volume: String(volume) })
    return printed && volume > 0 ? [print, bar] : [bar]
  })
}

/** Where an order could first have been filled: by looking at all the hours, the later ones too. */
function firstChance(all: readonly Hour[], arrivesMs: number): number {
  return all.findIndex(({ volume }, hour) => volume > 0 && startOf(hour) >= arrivesMs && Number(all[hour - 1]?.volume ?? 0) * 0.05 >= 1)
}

test('no fill before known + latency, none at a price but the first to be had, never beyond the share of the volume, the cash or the holding', () => {
  fc.assert(fc.property(hours, wishes, fc.constantFrom(0, 1000, 90 * 60_000, 5 * HOUR_MS), (all, wanted, latencyMs) => {
    const paper = new PaperBroker({ name: 'paper', latencyMs, costs: COSTS, participation: ONE / EACH, lot: ONE })
    paper.fund('core', { cash: CASH, positions: new Map([[SUBJECT, HELD]]) })
    const orders = wanted.map(({ side, shares, sentMs }, i): BrokerOrder => ({
      clientOrderId: String(i), vault: 'core', subject: SUBJECT, side, type: 'market', quantity: BigInt(shares) * ONE, filled: 0n, timeInForce: 'gtc',
      fillIds: new Set(), sentMs: START_MS + sentMs, expiresMs: START_MS + 1000 * HOUR_MS,
    })).sort((a, b) => a.sentMs - b.sentMs)
    const waiting = [...orders], taken = new Set<string>()
    const fills: VenueFill[] = []
    for (const record of stream(all)) {
      while (waiting[0] !== undefined && waiting[0].sentMs <= millisOf(record.known_at)) {
        const order = waiting.shift()
        if (order !== undefined && paper.submit(order).outcome === 'accepted') taken.add(order.clientOrderId)
      }
      fills.push(...paper.observe(record))
    }
    let cash = CASH, held = HELD
    const roomLeft = new Map<number, bigint>(), seen = new Set<string>()
    for (const fill of fills) {
      const order = orders.find(({ clientOrderId }) => clientOrderId === fill.clientOrderId) ?? assert.fail('a fill of no order')
      const hour = (millisOf(fill.at) - START_MS) / HOUR_MS
      assert.ok(millisOf(fill.at) >= order.sentMs + latencyMs, 'before it could have arrived')
      assert.ok(Number(all[hour]?.volume) > 0, 'where nobody traded')
      if (!seen.has(fill.clientOrderId) && fills.every((other) => other === fill || millisOf(other.at) > millisOf(fill.at) || other.clientOrderId === fill.clientOrderId)) {
        assert.equal(hour, firstChance(all, order.sentMs + latencyMs), 'not the first price to be had')
      }
      seen.add(fill.clientOrderId)
      const volume = BigInt(all[hour - 1]?.volume ?? 0) * ONE, room = roomLeft.get(hour) ?? volume / EACH
      roomLeft.set(hour, room - fill.quantity)
      assert.ok(room >= fill.quantity, 'more than the share of the volume')
      assert.equal(fill.price, tradedAt(COSTS, SUBJECT, order.side, BigInt(all[hour]?.open ?? 0) * ONE, fill.quantity, volume))
      const isBuy = order.side === 'buy'
      cash += (isBuy ? -costCents(fill.quantity, fill.price) : proceedsCents(fill.quantity, fill.price)) - fill.feeCents
      held += isBuy ? fill.quantity : -fill.quantity
      assert.ok(cash >= 0n || !isBuy, 'bought with money that is not there')
      assert.ok(held >= 0n, 'sold what is not held')
    }
    // Filled alone, a small order is not passed over either.
    const [only] = orders
    if (orders.length === 1 && only !== undefined && taken.has(only.clientOrderId) && only.side === 'sell') {
      const chance = firstChance(all, only.sentMs + latencyMs)
      const knownInTime = chance >= 0 && only.sentMs <= startOf(chance)
      assert.equal(fills.length > 0, knownInTime)
    }
  }), { numRuns: 400 })
})
