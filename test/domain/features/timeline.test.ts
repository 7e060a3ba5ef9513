/** What a feature was at a moment, held against a join that looks at every observation; and that neither parts, compaction nor serving changes it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readDefinitions, type Feature } from '#domain/features/definition'
import type { Observation } from '#domain/features/observe'
import { joinedFeatures } from '#domain/features/join'
import { merged, rowsOf } from '#domain/features/rows'
import { readTail, tailsOf, textOfTail } from '#domain/features/tail'
import { answer, timelinesOf, type Answer } from '#domain/features/timeline'
import { COLUMNS, definitions, features, observations } from './observations.ts'

/** By the definition, word for word. */
function looked(all: readonly Observation[], entity: string, { value, aggregate, windowMs = Infinity }: Feature, asOfMs: number): number | null {
  const known = all.filter((one) => one.entity === entity && one.knownMs <= asOfMs && one.eventMs <= asOfMs && one.eventMs > asOfMs - windowMs)
  const latest = new Map<string, Observation>()
  for (const one of known) {
    const fact = `${one.eventMs}/${one.key}`, other = latest.get(fact)
    if (other === undefined || one.knownMs > other.knownMs || (one.knownMs === other.knownMs && one.id > other.id)) latest.set(fact, one)
  }
  const facts = [...latest.values()].sort((a, b) => a.eventMs - b.eventMs || (a.key < b.key ? -1 : 1))
  const values = facts.map((one) => one.values[COLUMNS.indexOf(value)] ?? NaN).filter((one) => !Number.isNaN(one))
  const sum = values.reduce((a, b) => a + b, 0), mean = sum / values.length
  if (aggregate === 'count') return values.length
  if (values.length === 0) return null
  if (aggregate === 'last') return values[values.length - 1] ?? null
  if (aggregate === 'std') return values.length < 2 ? null : Math.sqrt(values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / (values.length - 1))
  return { sum, mean, min: Math.min(...values), max: Math.max(...values) }[aggregate]
}

const asked = fc.integer({ min: -5, max: 110 })
/** Each observation into one of three parts. */
const partsOf = (all: readonly Observation[], cut: readonly number[]) => [0, 1, 2].map((nth) => rowsOf(all.filter((_, i) => (cut[i] ?? 0) === nth), COLUMNS))
const cuts = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 40, maxLength: 40 })

const every = (of: (entity: string, feature: Feature) => Answer): readonly Answer[] => ['a', 'b'].flatMap((entity) => features.map((feature) => of(entity, feature)))

test('an answer is what a look at every observation gives: nothing later, nothing known later, corrections from when they were known', () => {
  fc.assert(fc.property(observations, cuts, asked, (all, cut, asOfMs) => {
    const timelines = timelinesOf(partsOf(all, cut))
    for (const entity of ['a', 'b']) {
      for (const feature of features) {
        assert.equal(answer(timelines.get(entity), feature, asOfMs).value, looked(all, entity, feature, asOfMs), `${feature.name} of ${entity}`)
      }
    }
  }))
})

test('a table to train on says in each row what that look gives, but for what is stale', () => {
  const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'nobody'), asked), { maxLength: 12 })
  fc.assert(fc.property(observations, rows, (all, pairs) => {
    const joined = joinedFeatures(features, new Map([['v', timelinesOf([rowsOf(all, COLUMNS)])]]), pairs.map(([entity]) => entity), Float64Array.from(pairs, ([, ms]) => ms))
    for (const feature of features) {
      const counted = (entity: string, ms: number, reachMs: number): number =>
        looked(all, entity, { ...feature, aggregate: 'count', windowMs: Math.min(feature.windowMs ?? Infinity, reachMs) }, ms) ?? 0
      const isStale = (entity: string, ms: number): boolean => counted(entity, ms, Infinity) > 0 && counted(entity, ms, feature.ttlMs + 1) === 0
      const expected = pairs.map(([entity, ms]) => (isStale(entity, ms) ? NaN : looked(all, entity, feature, ms) ?? NaN))
      assert.deepEqual([...joined.get(feature.name) ?? []], expected, feature.name)
    }
  }))
})

test('neither the order of parts that say different things, nor saying them twice, nor merging them changes an answer', () => {
  fc.assert(fc.property(observations, cuts, asked, (all, cut, asOfMs) => {
    const parts = partsOf(all, cut), plain = timelinesOf(parts)
    const expected = every((entity, feature) => answer(plain.get(entity), feature, asOfMs))
    for (const others of [[...parts].reverse(), [...parts, ...parts], [merged(parts)], [merged([...parts, ...parts]), parts[1] ?? merged([])]]) {
      const timelines = timelinesOf(others)
      assert.deepEqual(every((entity, feature) => answer(timelines.get(entity), feature, asOfMs)), expected)
    }
  }))
})

test('what is served answers as the record does, at its moment and at all later ones, to the last digit', () => {
  fc.assert(fc.property(observations, asked, fc.integer({ min: 0, max: 60 }), (all, asOfMs, laterMs) => {
    const known = all.filter(({ knownMs }) => knownMs <= asOfMs)
    const record = timelinesOf([rowsOf(known, COLUMNS)]), whole = timelinesOf([rowsOf(all, COLUMNS)])
    const served = new Map([...tailsOf(definitions, new Map([['v', whole]]), asOfMs)].map((tail) => [tail.entity, readTail(textOfTail(tail)).timelines.get('v')]))
    for (const at of [asOfMs, asOfMs + laterMs]) {
      assert.deepEqual(every((entity, feature) => answer(served.get(entity), feature, at)), every((entity, feature) => answer(record.get(entity), feature, at)))
    }
  }))
})

test('a value that is asked for later is filled in by reading the same records once more, in whatever parts', () => {
  const one: Observation = { view: 'v', entity: 'a', eventMs: 1, knownMs: 2, key: 'k', id: '1', values: [3, 4] }
  const old = rowsOf([one], ['x']), anew = rowsOf([one], COLUMNS), of = features.find(({ name }) => name === 'last_long')
  assert.ok(of !== undefined)
  assert.equal(answer(timelinesOf([old]).get('a'), of, 9).value, null)
  for (const parts of [[old, anew], [anew, old], [merged([old, anew])]]) assert.equal(answer(timelinesOf(parts).get('a'), of, 9).value, 4)
})

test('definitions say where they are wrong', () => {
  const wrong = (value: unknown): string => {
    try {
      readDefinitions(value, definitions)
    } catch (error) {
      return error instanceof RangeError ? error.message : 'another error'
    }
    return 'no error'
  }
  assert.match(wrong({ features: { n: { view: 'none', value: 'x', aggregate: 'last', ttl: '1d' } } }), /^features\.n\.view: there is no view "none"/)
  assert.match(wrong({ features: { n: { view: 'v', value: 'z', aggregate: 'last', ttl: '1d' } } }), /has no value "z"; it has x, y$/)
  assert.match(wrong({ features: { n: { view: 'v', value: 'x', aggregate: 'sum' } } }), /^features\.n\.window: "sum" needs one$/)
  assert.match(wrong({ features: { last_ever: { view: 'v', value: 'x', aggregate: 'last', ttl: '1d' } } }), /the name is taken$/)
  assert.match(wrong({ views: { w: { kind: 'nothing', values: {} } } }), /^views\.w\.kind: there are no records of kind "nothing"$/)
  assert.match(wrong({ view: {} }), /^unknown field "view"/)
})
