import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, make, type Signal } from '#record'
import { InsiderClusters } from '#domain/resolve/insider_cluster'

const T = Date.UTC(2020, 5, 1)
const trade = (day: number, insider: string, { subject = 'ticker:AAA', polarity = 1, key = `${day} ${insider}` } = {}): Signal => {
  const at = formatInstant(T + day * DAY_MS)
  return make('signal', { at, known_at: at, source: 'sec/test', by: 'test/0', type: 'insider_trade', key, subject, author: `sec:${insider}`, polarity, magnitude: 2 })
}
const clusters = () => new InsiderClusters({ windowMs: 30 * DAY_MS, least: 2, by: 'test/0' })

test('a second insider makes a cluster, a third makes it larger, the same ones again are no news', () => {
  const found = clusters()
  const trades = [trade(0, 'a'), trade(3, 'a'), trade(5, 'b'), trade(6, 'b'), trade(9, 'c')]
  const said = trades.map((one) => found.trade(one))
  assert.deepEqual(said.map((one) => one?.magnitude), [undefined, undefined, 1, undefined, 2])
  assert.deepEqual(said[2]?.parents, [trades[0]?.id, trades[1]?.id, trades[2]?.id])
  assert.equal(said[4]?.key, said[2]?.key)
})

test('other companies and the other side are other clusters; what is too long ago is none', () => {
  const found = clusters()
  assert.equal(found.trade(trade(0, 'a')), undefined)
  assert.equal(found.trade(trade(1, 'b', { subject: 'ticker:BBB' })), undefined)
  assert.equal(found.trade(trade(2, 'c', { polarity: -1 })), undefined)
  assert.equal(found.trade(trade(40, 'd')), undefined)
  assert.equal(found.trade(trade(41, 'e'))?.magnitude, 1)
})

test('who trades in the same month year after year is routine, and not counted', () => {
  const found = clusters()
  for (const year of [0, 365, 730]) found.trade(trade(year, 'routine'))
  assert.equal(found.trade(trade(1094, 'other')), undefined)
  assert.equal(found.trade(trade(1095, 'routine')), undefined)
  const said = found.trade(trade(1096, 'third'))
  assert.deepEqual([said?.magnitude, said?.facts?.['routine'], said?.facts?.['names']], [1, 1, ['sec:other', 'sec:third']])
})

test('law: a cluster names at least the fewest, all within the window, and nobody twice', () => {
  const streams = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 20 }), insider: fc.constantFrom('a', 'b', 'c', 'd'), up: fc.boolean() }), { maxLength: 40 })
  fc.assert(fc.property(streams, (stream) => {
    const found = clusters()
    const days = new Map<string, number>()
    let day = 0
    stream.forEach(({ gap, insider, up }, i) => {
      day += gap
      const one = trade(day, insider, { polarity: up ? 1 : -1, key: `${i}` })
      days.set(one.id, day)
      const said = found.trade(one)
      if (said === undefined) return
      const names = said.facts?.['names'] as readonly string[]
      assert.ok(names.length >= 2 && new Set(names).size === names.length && said.magnitude === names.length - 1)
      assert.ok(said.parents.every((id) => day - (days.get(id) ?? -Infinity) <= 30))
      assert.equal(said.polarity, one.polarity)
    })
  }))
})
