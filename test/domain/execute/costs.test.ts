import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assumptionsOf, COST_OPTIONS, feesOf, multiplied, tradedAt, type TradingCosts } from '#domain/execute/costs'
import { ONE, parseFixed } from '#domain/money/decimal'
import { costCents, proceedsCents } from '#domain/money/money'
import { FREE } from '../../execute/desk_world.ts'

const fixed = (text: string): bigint => parseFixed(text) ?? assert.fail(text)
const bps = (max: number): fc.Arbitrary<bigint> => fc.bigInt(0n, BigInt(max) * ONE)
const costs: fc.Arbitrary<TradingCosts> = fc.record({
  feeBps: bps(50), feePerShare: fc.bigInt(0n, ONE / 10n), feeMinimum: fc.bigInt(0n, 500n), saleBps: bps(3), salePerShare: fc.bigInt(0n, ONE / 1000n),
  saleMost: fc.bigInt(0n, 1000n), spreadBps: bps(200), spreadTicks: fc.constantFrom(0n, ONE), slippageBps: bps(100), impactBps: bps(1000),
})
const price = fc.bigInt(ONE / 1000n, 5000n * ONE), shares = fc.bigInt(1n, 100_000n).map((n) => n * ONE), volume = fc.bigInt(0n, 10_000_000n).map((n) => n * ONE)
const side = fc.constantFrom('buy' as const, 'sell' as const)
const SUBJECT = 'ticker:AAPL'

test('a sale of 100 at 20: commission, both levies, half a spread and the impact of a hundredth of the volume, by hand', () => {
  const usual: TradingCosts = {
    feeBps: 0n, feePerShare: fixed('0.005'), feeMinimum: 100n, saleBps: fixed('0.278'), salePerShare: fixed('0.000166'), saleMost: 830n,
    spreadBps: 10n * ONE, spreadTicks: ONE, slippageBps: 5n * ONE, impactBps: 200n * ONE,
  }
  // Half of 10 bps of 20 is 0.01; then 5 + 200 x 0.1 bps off 19.99. One unit of 10^-8 may go to rounding, against us.
  const at = tradedAt(usual, SUBJECT, 'sell', 20n * ONE, 100n * ONE, 10_000n * ONE)
  assert.ok(at <= fixed('19.940025') && at > fixed('19.9400249'), String(at))
  // 0.50 is under the least of 1.00; 0.278 bps of 1994.00 is 5.6 cents, 100 x 0.000166 is 1.7 cents.
  assert.equal(feesOf(usual, 'sell', 100n * ONE, 199_400n), 100n + 6n + 2n)
  assert.equal(feesOf(usual, 'buy', 1000n * ONE, 2_000_000n), 500n)
  // Below a dollar the tick is a hundredth of a cent, above it a cent: more than the spread of cheap shares.
  assert.equal(tradedAt({ ...FREE, spreadTicks: ONE }, SUBJECT, 'buy', ONE, ONE, ONE), fixed('1.005'))
  assert.equal(tradedAt({ ...FREE, spreadTicks: ONE }, SUBJECT, 'buy', fixed('0.5'), ONE, ONE), fixed('0.50005'))
})

test('no cost is ever in our favour, more shares are never cheaper, and more costs never cost less', () => {
  fc.assert(fc.property(costs, side, price, shares, shares, volume, fc.bigInt(ONE, 8n * ONE), (terms, way, print, few, more, traded, multiple) => {
    const some = few < more ? few : more, many = few < more ? more : few, dear = multiplied(terms, multiple)
    const worse = (a: bigint, b: bigint): boolean => (way === 'buy' ? a >= b : a <= b)
    const at = tradedAt(terms, SUBJECT, way, print, some, traded)
    assert.ok(worse(at, print))
    assert.ok(worse(tradedAt(terms, SUBJECT, way, print, many, traded), at))
    assert.ok(worse(tradedAt(dear, SUBJECT, way, print, some, traded), at))
    const notional = way === 'buy' ? costCents(some, at) : proceedsCents(some, at)
    assert.ok(feesOf(dear, way, some, notional) >= feesOf(terms, way, some, notional))
    assert.ok(feesOf(terms, 'sell', some, notional) >= feesOf(terms, 'buy', some, notional))
    assert.equal(tradedAt(FREE, SUBJECT, way, print, some, traded), print)
  }))
})

test('the impact is the square root of the share of the volume, never less', () => {
  fc.assert(fc.property(fc.bigInt(1n, 1000n), fc.bigInt(1n, 1000n), (part, whole) => {
    const quantity = part * part * ONE, traded = (part * part + whole) * ONE
    const moved = tradedAt({ ...FREE, impactBps: 100n * ONE }, SUBJECT, 'buy', 100n * ONE, quantity, traded)
    const exact = 100 + Math.sqrt(Number(quantity) / Number(traded))
    assert.ok(Number(moved) / 1e8 >= exact - 1e-9 && Number(moved) / 1e8 < exact + 1e-6, `${moved} ${exact}`)
  }))
})

test('every assumption has its reason, and one that was changed says so', () => {
  const said = assumptionsOf((name) => (name === 'fee' ? '7' : COST_OPTIONS[name].default))
  assert.deepEqual(said.map(({ name }) => name), Object.keys(COST_OPTIONS))
  for (const { name, why } of said) assert.equal(why, name === 'fee' ? 'as asked for' : COST_OPTIONS[name as keyof typeof COST_OPTIONS].why)
})
