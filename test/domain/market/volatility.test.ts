import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { atDelta, atTheMoney, skewOf, termStructure, type TermPoint, type VolatilityPoint } from '#domain/market/volatility'

const point = (
  right: 'call' | 'put', strike: number, iv: number, delta?: number
): VolatilityPoint => ({ contract: `${right}${strike}`, right, strike, iv, delta })
/** A smile: puts dearer the lower the strike. */
const CHAIN = [
  point('call', 100, 0.30, 0.52), point('call', 105, 0.28, 0.35), point('call', 110, 0.27, 0.20), point('call', 120, 0.26, 0.05),
  point('put', 100, 0.31, -0.48), point('put', 95, 0.33, -0.30), point('put', 90, 0.36, -0.18), point('put', 80, 0.40, -0.04),
]

test('the risk reversal at a quarter delta, between the contracts it names', () => {
  const skew = skewOf(CHAIN, 101)
  // Between 0.20 (27 %) and 0.35 (28 %): a third of the way. Between 0.18 (36 %) and 0.30 (33 %): 7/12 of the way.
  assert.equal(skew?.basis, 'delta')
  assert.equal(skew?.call.iv, 0.273333)
  assert.equal(skew?.put.iv, 0.3425)
  assert.equal(skew?.riskReversal, -0.069167)
  assert.deepEqual(skew?.call.from.map(({ contract }) => contract), ['call110', 'call105'])
  assert.deepEqual(skew?.put.from.map(({ contract }) => contract), ['put90', 'put95'])
})

test('by moneyness where no deltas are told; nothing where the chain is thin', () => {
  const bare = CHAIN.map(({ delta: _, ...rest }) => rest)
  const skew = skewOf(bare, 100)
  assert.equal(skew?.basis, 'moneyness')
  assert.deepEqual([skew?.call.iv, skew?.put.iv, skew?.riskReversal], [0.28, 0.33, -0.05])
  assert.equal(skewOf(bare, undefined), undefined)
  assert.equal(skewOf([point('call', 100, 0.3, 0.9), point('call', 150, 0.2, 0.1), point('put', 50, 0.4, -0.1)], 100), undefined, 'too far apart')
  assert.equal(atDelta([point('call', 100, 0.3, 0.25)], 'call', 0.25)?.iv, 0.3, 'an exact hit needs no neighbour')
})

test('in the money, a small delta is no quarter delta: nobody trades on that quote', () => {
  const odd = [...CHAIN, point('put', 130, 3.93, -0.27), point('call', 70, 2.5, 0.24)]
  assert.deepEqual(skewOf(odd, 101), skewOf(CHAIN, 101))
})

test('at the money: the mean of call and put, drawn to the price', () => {
  const chain = [point('call', 100, 0.30), point('put', 100, 0.32), point('call', 105, 0.28), point('put', 105, 0.30), point('put', 102, 0.9)]
  assert.equal(atTheMoney(chain, 100)?.iv, 0.31)
  assert.equal(atTheMoney(chain, 102)?.iv, 0.302)
  assert.equal(atTheMoney(chain, 106), undefined)
  assert.equal(atTheMoney(CHAIN, undefined)?.iv, 0.297647, 'without a price: calls at one half')
})

const term = (days: number, iv: number): TermPoint => ({ expiry: `d${days}`, days, iv, from: [] })

test('the term structure and its sign', () => {
  const contango = termStructure([term(7, 0.40), term(28, 0.20), term(63, 0.22), term(91, 0.24), term(365, 0.3)])
  assert.deepEqual([contango?.front.days, contango?.back.days, contango?.shape], [28, 91, 'contango'])
  assert.equal(contango?.slope, Math.round((0.04 * 365 / 63) * 1e6) / 1e6)
  assert.equal(termStructure([term(28, 0.5), term(91, 0.3)])?.shape, 'backwardation')
  assert.equal(termStructure([term(28, 0.3), term(91, 0.3)])?.shape, 'flat')
  assert.equal(termStructure([term(28, 0.3)]), undefined)
  assert.equal(termStructure([]), undefined)
})

test('the order in which contracts are told does not matter', () => {
  const iv = fc.double({ min: 0.01, max: 3, noNaN: true }), size = fc.double({ min: 0.01, max: 0.99, noNaN: true })
  const chain = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 50, max: 150 }), iv, size), { maxLength: 30 }).map((rows) =>
    [...new Map(
      rows.map(([isCall, strike, each, delta]) => [`${isCall}${strike}`, point(isCall ? 'call' : 'put', strike, each, isCall ? delta : -delta)]),
    ).values()])
  fc.assert(fc.property(chain.chain(
    (points) => fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })),
  ), ([points, shuffled]) => {
    const numbers = (of: readonly VolatilityPoint[]): unknown => [skewOf(of, 100)?.riskReversal, atTheMoney(of, 100)?.iv]
    assert.deepEqual(numbers(shuffled), numbers(points))
  }))
})
