/** Against values computed to 50 digits (power series of the normal distribution, Python's decimal), and against put-call parity. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { delta, impliedVolatility, value, type Terms } from '#domain/market/black76'
import { normalCdf } from '#domain/statistics/normal'
import { belongs, impliedPoints, parityForward } from '#domain/market/implied'

const near = (actual: number, expected: number, relative: number): void =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.max(1e-12, Math.abs(expected)), `${actual} is not ${expected}`)

test('the normal distribution', () => {
  const oracle: readonly (readonly [number, number])[] = [
    [-6, 9.86587645037698140700e-10], [-3.3, 0.00048342414238377720], [-1.5, 0.06680720126885806600], [0, 0.5], [0.1, 0.53982783727702898146],
    [1, 0.84134474606854294858], [2.5, 0.99379033467422386483], [7.2, 0.99999999999969893720],
  ]
  for (const [x, probability] of oracle) assert.ok(Math.abs(normalCdf(x) - probability) < 1e-15, `${x}: ${normalCdf(x)}`)
  assert.equal(normalCdf(-40), 0)
  assert.equal(normalCdf(40), 1)
})

const ORACLE: readonly (readonly [Terms, volatility: number, value: number, delta: number])[] = [
  [{ forward: 100, strike: 100, years: 0.25, right: 'call' }, 0.2, 3.98776116767449231926, 0.519938805838372461],
  [{ forward: 100, strike: 110, years: 0.25, right: 'call' }, 0.234567, 1.44449532931656662929, 0.225422790491385640],
  [{ forward: 100, strike: 85, years: 0.1, right: 'put' }, 0.45, 0.82649129612048620711, -0.11252326687257655],
  [{ forward: 2458.12, strike: 5500, years: 0.9699, right: 'call' }, 0.761887, 190.621040935812198277, 0.242538994196633094],
  [{ forward: 312.03, strike: 310, years: 0.1, right: 'put' }, 0.24, 8.43430286486201229049, -0.45067797459098395],
  [{ forward: 50, strike: 100, years: 2, right: 'call' }, 0.8, 12.1303910158395306928, 0.481266211800713154],
]

test('values, deltas, and the volatility back from the value', () => {
  for (const [terms, volatility, expected, expectedDelta] of ORACLE) {
    near(value(terms, volatility), expected, 1e-12)
    near(delta(terms, volatility), expectedDelta, 1e-12)
    assert.equal(impliedVolatility(expected, terms)?.volatility, volatility)
  }
})

const terms = fc.record({
  forward: fc.double({ min: 1, max: 5000, noNaN: true }), moneyness: fc.double({ min: 0.5, max: 2, noNaN: true }),
  years: fc.double({ min: 0.01, max: 3, noNaN: true }),
}).map(({ forward, moneyness, years }) => ({ forward, strike: forward * moneyness, years }))
const volatility = fc.double({ min: 0.05, max: 2, noNaN: true })

test('call less put is forward less strike', () => {
  fc.assert(fc.property(terms, volatility, (of, sigma) => {
    const difference = value({ ...of, right: 'call' }, sigma) - value({ ...of, right: 'put' }, sigma)
    assert.ok(Math.abs(difference - (of.forward - of.strike)) < 1e-9 * of.forward)
  }))
})

test('what is implied gives the price again, but for the residual it states', () => {
  fc.assert(fc.property(terms, volatility, fc.constantFrom('call' as const, 'put' as const), (of, sigma, right) => {
    const price = value({ ...of, right }, sigma), implied = impliedVolatility(price, { ...of, right })
    // Where the price is all intrinsic value to the last digit, it tells no volatility.
    if (price - Math.max(0, right === 'call' ? of.forward - of.strike : of.strike - of.forward) < 1e-6 * of.forward) return
    assert.ok(implied !== undefined)
    assert.ok(Math.abs(implied.volatility - sigma) < 1e-4, `${implied.volatility} for ${sigma}`)
    assert.ok(Math.abs(implied.residual) <= 1e-5 * of.forward)
  }))
})

test('a price that no volatility gives', () => {
  const of: Terms = { forward: 100, strike: 90, years: 0.5, right: 'call' }
  assert.equal(impliedVolatility(9.99, of), undefined, 'under what exercise would give')
  assert.equal(impliedVolatility(101, of), undefined, 'over the forward')
  for (const price of [0, -1, NaN, Infinity]) assert.equal(impliedVolatility(price, of), undefined)
})

test('a stated volatility that cannot be that of the price beside it', () => {
  const put: Terms = { forward: 748.4, strike: 595, years: 23 / 365, right: 'put' }
  assert.equal(belongs(3.1419016, 0.1, put), false, 'a put worth cents has no 314 %')
  assert.equal(belongs(0.45, 0.1, put), true)
  fc.assert(fc.property(terms, volatility, fc.constantFrom('call' as const, 'put' as const), fc.double({ min: 0.6, max: 1.6, noNaN: true }), (of, sigma, right, off) => {
    assert.ok(belongs(sigma, off * value({ ...of, right }, sigma), { ...of, right }))
  }))
})

test('the forward is where call and put agree', () => {
  const discount = Math.exp(-0.05 * 0.5)
  const contracts = [90, 95, 100, 105, 110].flatMap((strike) => (['call', 'put'] as const).map((right) => (
    { contract: `${strike}${right}`, right, strike, price: discount * value({ forward: 103.25, strike, years: 0.5, right }, 0.3) })))
  assert.ok(Math.abs((parityForward(contracts, discount) ?? 0) - 103.25) < 1e-9)
  const implied = impliedPoints(contracts, { years: 0.5, rate: 0.05 })
  assert.equal(implied?.forward, 103.25)
  assert.deepEqual([...new Set(implied?.points.map(({ iv }) => iv))], [0.3])
  // A rate that is wrong by five points moves neither by much: the forward by less than a thousandth, the volatility by a tenth.
  const wrong = impliedPoints(contracts, { years: 0.5, rate: 0 })
  assert.ok(Math.abs((wrong?.forward ?? 0) - 103.25) < 0.1)
  for (const { iv } of wrong?.points ?? []) assert.ok(Math.abs(iv - 0.3) < 0.03, String(iv))
  assert.equal(impliedPoints(contracts, { years: 0.5 / 365, rate: 0 }), undefined, 'within a day of expiry')
  assert.equal(impliedPoints(contracts.filter(({ right }) => right === 'call'), { years: 0.5, rate: 0 }), undefined, 'no strike has both')
})
