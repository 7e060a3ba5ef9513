import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make, type Signal } from '#record'
import { insiderTrade, tradeMagnitude } from '#domain/reading/insider_trade'

function form4(facts: { [name: string]: unknown }, listed = true): Signal {
  return make('signal', {
    at: '2021-01-04T21:00:00.000Z', known_at: '2021-01-06T03:00:00.000Z', source: 'sec/form4', by: 'test/1', type: 'form4',
    key: '0001-21-1', author: 'sec:0000001', facts, ...(listed && { subject: 'ticker:ABCD' }),
  })
}
const bought = { code: 'P', shares: '1000', price_per_share: '10.50' }

test('a purchase is bullish, known when filed, a child of its filing', () => {
  const form = form4({ transactions: [bought], owners: [{ title: 'Chief Executive Officer' }] })
  const trade = insiderTrade(form, 'test/1')
  assert.equal(trade?.polarity, 1)
  assert.equal(trade?.known_at, form.known_at)
  assert.equal(trade?.key, '0001-21-1#ticker:ABCD')
  assert.deepEqual(trade?.parents, [form.id])
  assert.deepEqual(trade?.facts, { code: 'P', value_usd: '10500', chief: 'CEO' })
  assert.equal(trade?.magnitude, 1.021)
})

test('a sale is bearish; several lines add up exactly', () => {
  const sold = { code: 'S', shares: '0.3', price_per_share: '0.1' }
  const trade = insiderTrade(form4({ transactions: [sold, { ...sold, shares: '2000000', price_per_share: '33.33' }] }), 'test/1')
  assert.equal(trade?.polarity, -1)
  assert.deepEqual(trade?.facts, { code: 'S', value_usd: '66660000.03' })
  assert.equal(trade?.magnitude, 4)
  const net = insiderTrade(form4({ transactions: [bought, { ...bought, code: 'S', shares: '400' }] }), 'test/1')
  assert.deepEqual(net?.facts, { code: 'P', value_usd: '6300' })
})

test('grants, exercises, taxes, gifts, derivatives, missing prices and no listed security say nothing', () => {
  for (const code of ['A', 'M', 'F', 'G', 'J', '']) assert.equal(insiderTrade(form4({ transactions: [{ ...bought, code }] }), 'x'), undefined, code)
  const silent = [
    [{ ...bought, derivative: true }], [{ ...bought, price_per_share: undefined }], [{ ...bought, price_per_share: '0' }],
    [{ ...bought, shares: 'many' }], [], 'nothing', undefined, [null, 3],
    [bought, { ...bought, code: 'S' }],
  ]
  assert.equal(insiderTrade(form4({ transactions: [bought] }, false), 'x'), undefined)
  for (const transactions of silent) assert.equal(insiderTrade(form4({ transactions }), 'x'), undefined, JSON.stringify(transactions))
})

test('magnitude: 1 at 10,000 USD, one more for each tenfold, from 0 to 4', () => {
  assert.deepEqual([0, 100, 1000, 10_000, 1_000_000, 10_000_000, 1e12].map(tradeMagnitude), [0, 0, 0, 1, 3, 4, 4])
})
