import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, millisOf, type Fill, type Order, type Vanta } from '#record'
import { execute as exec } from '../../src/execute/exec.ts'
import { bench, ended, execValues, hourBar, onceInto, openPrint, target, tick, type Bench } from './desk_world.ts'
import type { Stage } from '#tool'

const START_MS = millisOf('2021-01-15T14:30:00.000Z')
const MINUTE_MS = 60_000
const ticker = fc.constantFrom('A', 'B', 'C')

type Step =
  | { readonly do: 'print' | 'bar'; readonly ticker: string; readonly price: number; readonly volume: number }
  | { readonly do: 'want'; readonly ticker: string; readonly percent: number }
  | { readonly do: 'tick' | 'end' | 'crash' | 'kill' | 'revive' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('print' as const, 'bar' as const), ticker, price: fc.integer({ min: 1, max: 90_000 }), volume: fc.integer({ min: 0, max: 9000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('want' as const), ticker, percent: fc.integer({ min: 0, max: 11 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'crash' as const, 'kill' as const, 'revive' as const) }) },
)

/** Play the steps, ten minutes apart; what comes out, and the moments at which the switch was on. */
async function play(steps: readonly Step[], world: Bench): Promise<{ out: Vanta[]; volumes: Map<string, number>; sentWhileKilled: number }> {
  const out: Vanta[] = []
  const volumes = new Map<string, number>()
  const emit = onceInto(out)
  const opened = async (): Promise<Stage> => (await exec.open({ ...execValues, orderTtl: 90 * MINUTE_MS }, world)) as Stage
  let stage = await opened()
  let killed = false, sentWhileKilled = 0
  for (const [i, one] of steps.entries()) {
    const nowMs = START_MS + i * 10 * MINUTE_MS
    const now = formatInstant(nowMs)
    world.nowMs = nowMs
    const before = out.length
    if (one.do === 'print') {
      const record = openPrint(one.ticker, now, (one.price / 100).toFixed(2), String(one.volume))
      volumes.set(record.id, one.volume)
      await stage.each(record, emit)
    } else if (one.do === 'bar') {
      const record = hourBar(one.ticker, formatInstant(nowMs - 60 * MINUTE_MS), (one.price / 100).toFixed(2), (one.price / 100).toFixed(2), String(one.volume))
      await stage.each(record, emit)
    } else if (one.do === 'want') await stage.each(target(one.ticker, now, (one.percent / 100).toFixed(2)), emit)
    else if (one.do === 'tick') await stage.each(tick(now), emit)
    else if (one.do === 'kill' || one.do === 'revive') {
      killed = one.do === 'kill'
      world.store.write('vault_overlay.json', { kill: killed }, world.store.read('vault_overlay.json')?.version ?? 0)
    } else {
      if (one.do === 'end') await ended(stage, emit).catch((error: unknown) => assert.match(String(error), /nothing was sent/))
      world.die()
      stage = await opened()
    }
    if (killed) sentWhileKilled += out.slice(before).filter((record) => record.kind === 'order' && record.state === 'submitted').length
  }
  return { out, volumes, sentWhileKilled }
}

const NEXT: { readonly [state: string]: readonly string[] } = {
  intended: ['submitted', 'cancelled', 'accepted'], submitted: ['accepted', 'rejected', 'unknown'],
  accepted: ['partly_filled', 'filled', 'cancelled', 'expired'], partly_filled: ['partly_filled', 'filled', 'cancelled', 'expired'],
}

function checkOrders(orders: readonly Order[], fills: readonly Fill[]): void {
  const byId = new Map<string, Order[]>()
  for (const order of orders) byId.set(order.client_order_id, [...(byId.get(order.client_order_id) ?? []), order])
  for (const [id, chain] of byId) {
    assert.equal(chain.filter(({ state }) => state === 'intended').length, 1, 'one intent, one order')
    for (const [i, order] of chain.entries()) {
      const last = chain[i - 1]
      if (last === undefined) continue
      assert.ok(NEXT[last.state]?.includes(order.state), `${last.state} → ${order.state}`)
      assert.equal(order.parents[0], last.id)
    }
    const filled = fills.filter((fill) => fill.client_order_id === id).reduce((sum, { quantity }) => sum + Number(quantity), 0)
    assert.ok(filled <= Number(chain[0]?.quantity))
    assert.equal(filled === Number(chain[0]?.quantity), chain.at(-1)?.state === 'filled')
    for (const fill of fills) {
      if (fill.client_order_id === id) assert.ok(millisOf(fill.at) >= millisOf(chain[0]?.at ?? '') + execValues.latency, 'latency')
    }
  }
  const intents = orders.filter(({ state }) => state === 'intended').map(({ parents, generation }) => `${parents[0]} ${generation}`)
  assert.equal(new Set(intents).size, intents.length, 'no allocation is acted on twice')
}

test('whatever comes, in whatever order, with crashes and the kill switch: the laws hold', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
    const world = bench(1_000_000n)
    const { out, volumes, sentWhileKilled } = await play(steps, world)
    const orders = out.filter((record) => record.kind === 'order')
    const fills = out.filter((record) => record.kind === 'fill')
    checkOrders(orders, fills)
    assert.equal(sentWhileKilled, 0)
    assert.deepEqual(fills.map(({ sequence }) => sequence), fills.map((_, i) => i + 1))
    // Cash and shares by plain arithmetic in cents, rounded against us by a cent at most: neither is ever below zero.
    let cash = 1_000_000
    const shares = new Map<string, number>()
    const byPrint = new Map<string, number>()
    for (const { side, quantity, price, fee, subject, parents } of fills) {
      const sign = side === 'buy' ? 1 : -1
      cash -= sign * Number(quantity) * Number(price) * 100 + Number(fee) * 100
      shares.set(subject, (shares.get(subject) ?? 0) + sign * Number(quantity))
      assert.ok(cash >= -0.01)
      assert.ok((shares.get(subject) ?? 0) >= 0)
      byPrint.set(parents[1] ?? '', (byPrint.get(parents[1] ?? '') ?? 0) + Number(quantity))
    }
    for (const [print, quantity] of byPrint) {
      const volume = volumes.get(print)
      if (volume !== undefined) assert.ok(quantity <= Math.floor(volume * 0.05))
    }
    const seen = new Set<string>()
    for (const record of out) {
      for (const parent of record.parents) assert.ok(seen.has(parent), `${record.kind} before its parent`)
      seen.add(record.id)
    }
  }), { numRuns: 400 })
})
