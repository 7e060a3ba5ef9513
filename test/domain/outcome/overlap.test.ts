import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, make, type Signal } from '#record'
import { effectiveOf, OverlapCounter } from '#domain/outcome/overlap'

const reading = (source: string, day: number, subject: string, polarity: number): Signal => {
  const at = formatInstant(Date.UTC(2021, 0, 4) + day * DAY_MS)
  return make('signal', { at, known_at: at, source, by: 'test/0', type: 'mention', key: `${source}${day}${subject}`, subject: `ticker:${subject}`, polarity })
}
const said = fc.array(fc.record({ day: fc.nat(3), subject: fc.constantFrom('A', 'B', 'C'), polarity: fc.constantFrom(-1, 0.5, 1) }), { minLength: 1, maxLength: 15 })
const overlapOf = (signals: readonly Signal[]) => {
  const counter = new OverlapCounter(DAY_MS)
  for (const one of signals) counter.hear(one)
  return counter.overlap()
}

test('law: a source that repeats another adds nothing to what they are worth', () => {
  fc.assert(fc.property(said, said, (a, b) => {
    const of = (source: string, list: typeof a): Signal[] => list.map(({ day, subject, polarity }) => reading(source, day, subject, polarity))
    const pair = overlapOf([...of('a', a), ...of('a copy', a)])
    assert.ok(pair.sources.length < 2 || Math.abs(pair.effective - 1) < 1e-9)
    const three = overlapOf([...of('a', a), ...of('b', b)])
    assert.ok(three.effective <= 2 + 1e-9 && three.effective >= 1 - 1e-9)
  }))
})

test('who speaks of other things, or says the opposite, shares nothing', () => {
  const { matrix, effective } = overlapOf([reading('a', 0, 'A', 1), reading('b', 0, 'B', 1), reading('c', 0, 'A', -1)])
  assert.deepEqual(matrix, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
  assert.equal(effective, 3)
  assert.equal(effectiveOf([]), 0)
})
