import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make, type Vanta } from '#record'
import { Comparison, Decisions } from '#domain/backtest/decisions'

const said = (type: string): Vanta => make('control', { at: '2021-01-04T00:00:00.000Z', known_at: '2021-01-04T00:00:00.000Z', source: 's', by: 't/1', type })

function compared(first: readonly Vanta[], second: readonly Vanta[]): Comparison {
  const decisions = new Decisions()
  for (const record of first) decisions.take(record)
  const comparison = new Comparison(decisions)
  for (const record of second) comparison.take(record)
  comparison.end()
  return comparison
}

test('one byte, one record more, one less, another order: all are unlike', () => {
  const [a, b] = [said('a'), said('b')]
  assert.equal(compared([a, b], [a, b]).unlike, 0)
  assert.ok(compared([a, b], [a, { ...b, by: 't/2' } as Vanta]).unlike > 0)
  assert.ok(compared([a], [a, b]).unlike > 0)
  assert.match(compared([a, b], [a]).firstUnlike ?? '', /1 decisions that are missing/)
  assert.match(compared([a, b], [b, a]).firstUnlike ?? '', new RegExp(`control ${b.id}`))
})

test('what was read, in memory or from outside, is no decision; what was decided on it is', () => {
  const [a, read] = [said('a'), said('memory')]
  assert.equal(compared([a, read], [read, read, a]).unlike, 0)
  assert.equal(compared([a, read], [read, said('b')]).unlike, 1)
})
