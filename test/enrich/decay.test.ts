import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, DAY_MS, formatInstant, HOUR_MS, keepLine, lineOf, make, type Signal, type Vanta } from '#record'
import type { FilterWorld } from '#tool'
import decay from '../../src/enrich/decay.ts'

const NOW = Date.UTC(2021, 0, 15)
const said: string[] = []
const world = (nowMs: number): FilterWorld => ({
  clock: { now: () => nowMs },
  log: { debug() {}, info: (message) => void said.push(message), warn() {}, error() {} },
  random: () => assert.fail('no chance in this'),
  by: 'vanta-decay/test',
  past: () => [], store: { read: () => undefined },
})
function run(records: readonly Vanta[], { halfLife, floor = 0.01, nowMs = NOW }: { halfLife?: number; floor?: number; nowMs?: number } = {}): Vanta[] {
  const out: Vanta[] = []
  const stage = decay.open({ halfLife, floor }, world(nowMs))
  assert.ok(!(stage instanceof Promise))
  for (const record of records) void stage.each(record as never, (made) => out.push(made))
  void stage.end?.((made) => out.push(made))
  return out
}
const mention = (hoursAgo: number, knownHoursAgo = hoursAgo, type = 'mention'): Signal => make('signal', {
  at: formatInstant(NOW - hoursAgo * HOUR_MS), known_at: formatInstant(NOW - knownHoursAgo * HOUR_MS), source: 'made/up', by: 'test/0', type, key: 'k',
})
const notes = (record: Vanta | undefined): unknown[] => (record?.kind === 'signal' ? [record.weight, record.half_life, record.weighted_at] : [])

test('a signal is weighed by its age and half-life, its own or the one given', () => {
  assert.deepEqual(notes(run([mention(24)])[0]), [0.5, '1d', '2021-01-15T00:00:00.000Z'])
  assert.deepEqual(notes(run([mention(12)], { halfLife: 6 * HOUR_MS })[0]), [0.25, '6h', '2021-01-15T00:00:00.000Z'])
  assert.deepEqual(notes(run([mention(30 * 24, 0, 'form4')])[0]), [0.5, '30d', '2021-01-15T00:00:00.000Z'])
})

test('what is not yet known and what is too light is dropped, and counted', () => {
  said.length = 0
  assert.equal(run([mention(1, -1), mention(0), mention(24 * 6), mention(24 * 7), mention(24 * 8)]).length, 2)
  assert.deepEqual(said, ['dropped 1 records not known until later', 'dropped 2 records lighter than 0.01'])
})

test('what is known of but still to come keeps its weight until it has happened', () => {
  const [scheduled] = run([mention(-48, 1)])
  assert.deepEqual(notes(scheduled), [1, '1d', formatInstant(NOW + 2 * DAY_MS)])
  const [later] = run(scheduled === undefined ? [] : [scheduled], { nowMs: NOW + 3 * DAY_MS })
  assert.equal(notes(later)[0], 0.5)
})

test('weighing twice at the same moment changes nothing, weighing at two moments is weighing at the last', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }), (hoursAgo, hoursLater) => {
    const options = { floor: 0, nowMs: NOW + hoursLater * HOUR_MS }
    const once = run([mention(hoursAgo)], options)
    assert.deepEqual(run(structuredClone(once), options), once)
    const [twice] = run(run([mention(hoursAgo)], { floor: 0 }), options)
    const [one, two] = [notes(once[0])[0], notes(twice)[0]]
    assert.ok(typeof one === 'number' && typeof two === 'number' && Math.abs(one - two) <= 1e-12)
  }))
})

test('the line it came from stays, byte for byte, but for the notes', () => {
  const line = JSON.stringify(mention(24)).replace('{', '{ "exact": 12345678901234567890, ')
  const checked = check(JSON.parse(line))
  assert.ok('record' in checked)
  const [out] = run([keepLine(checked.record, line)])
  assert.equal(out && lineOf(out), `${line.slice(0, -1)},"weight":0.5,"half_life":"1d","weighted_at":"2021-01-15T00:00:00.000Z"}`)
})
