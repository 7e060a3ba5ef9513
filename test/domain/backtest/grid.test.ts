import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gridOf } from '#domain/backtest/grid'

const known = (name: string): boolean => name === 'cash' || name === 'source'

test('every combination once, the last name going round fastest', () => {
  const points = gridOf('{"cash": [1, "2.50"], "vault.caps.position": ["0.1"], "source": ["reddit,insider", "insider"]}', known)
  assert.deepEqual(points.map(({ place, settings }) => [place, settings['cash'], settings['source']]),
    [[0, '1', 'reddit,insider'], [1, '1', 'insider'], [2, '2.50', 'reddit,insider'], [3, '2.50', 'insider']])
  fc.assert(fc.property(fc.uniqueArray(fc.constantFrom('a.b', 'c.d', 'cash', 'e.f'), { minLength: 1 }), fc.integer({ min: 1, max: 5 }), (names, n) => {
    const grid = Object.fromEntries(names.map((name) => [name, Array.from({ length: n }, (_, i) => i)]))
    const points = gridOf(JSON.stringify(grid), known)
    assert.equal(new Set(points.map(({ settings }) => JSON.stringify(settings))).size, n ** names.length)
  }))
  assert.deepEqual(gridOf('{}', known), [{ place: 0, settings: {} }])
})

test('what is no grid is refused, saying what is wrong', () => {
  for (const [text, why] of [
    ['', /no JSON/], ['[]', /an object of lists/], ['{"tea": ["1"]}', /"tea" is nothing that may vary/], ['{"cash": "1"}', /a list of values/], ['{"cash": []}', /a list/],
    ['{"cash": ["1", 1]}', /a value twice/], ['{"x.y": ["a,b"]}', /without commas/], ['{"cash": [null]}', /got null/], ['{"cash": [""]}', /got ""/],
    ['{"a.b; rm": ["1"]}', /nothing that may vary/], [JSON.stringify({ 'a.b': Array.from({ length: 1000 }, (_, i) => i), 'c.d': Array.from({ length: 1000 }, (_, i) => i) }), /1000000 points/],
  ] as const) assert.throws(() => gridOf(text, known), why)
})
