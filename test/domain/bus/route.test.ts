import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allTargets, parseRule, parseRules, PASSED, readRoutes, targetsOf, type Routes } from '#domain/bus/route'
import { make, type Vanta } from '#record'

const at = '2021-01-04T15:00:00.000Z'
const envelope = { at, known_at: at, by: 'test/0' }
const signal = (type: string, source: string, subject?: string): Vanta => make('signal', { ...envelope, source, type, key: 'k', ...(subject !== undefined && { subject }) })
const conviction = (tags: string[]): Vanta => make('conviction', {
  ...envelope, source: 's', subject: 'ticker:GME', direction: 'up', conviction_score: 0.6, log_odds: 0.4, horizon: '5d', ttl: 1, routing_tags: tags,
  contributing_models: [], reason_vector: [], signal_id: 'a'.repeat(40),
})
const goes = (rule: string, record: Vanta): boolean => targetsOf(record, { rules: [parseRule(`${rule} -> file:x`)], otherwise: PASSED }).has('file:x')

test('what a record says of itself: fields, and the names that convictions are routed by', () => {
  const tweet = signal('tweet', 'twitter/tweets', 'coin:BTC'), said = conviction(['asset:equity', 'direction:up', 'domain:news', 'domain:social', 'urgency:high'])
  for (const [rule, record, is] of [
    ['kind=signal', tweet, true], ['kind=bar|signal', tweet, true], ['kind=bar', tweet, false], ['kind!=bar', tweet, true],
    ['source=twitter/*', tweet, true], ['source=twit', tweet, false], ['subject=coin:*', tweet, true], ['type=tweet source=reddit/*', tweet, false],
    ['domain=social', tweet, true], ['domain=crypto', tweet, true], ['domain=filings', tweet, false], ['asset=crypto', tweet, true],
    ['domain=filings', signal('form4', 'sec/form4', 'ticker:GME'), true], ['domain=news', signal('article', 'news/gdelt'), true],
    ['domain=macro', signal('observation', 'fred/x', 'series:GDP'), true], ['domain=crypto', signal('tvl', 'llama/tvl', 'protocol:aave'), true],
    ['domain=social', said, true], ['domain=news', said, true], ['domain=market', said, false], ['domain!=social', said, false], ['urgency=high', said, true],
    ['tag=domain:social', said, true], ['tag=domain:*', said, true], ['tag=domain:social', tweet, false], ['vault!=core', tweet, true], ['', tweet, true],
  ] as const) assert.equal(goes(rule, record), is, `${rule} of a ${record.kind}`)
})

test('rules are refused with the place and what there is', () => {
  for (const [text, message] of [
    ['kind=bar', /expected CONDITIONS -> STREAM/], ['-> ', /expected CONDITIONS/], ['a -> b -> c', /expected CONDITIONS/], ['kind -> x', /NAME=VALUE.*"kind"/],
    ['domian=crypto -> x', /nothing is told by "domian"; there are kind, type/], ['kind= -> x', /kind: expected a value/], ['kind=a||b -> x', /kind: expected a value/],
  ] as const) assert.throws(() => parseRule(text), (error: Error) => error instanceof RangeError && message.test(error.message), text)
  for (const [value, message] of [
    [[], /the whole: expected an object/], [{ rules: {} }, /rules: expected a list/], [{ rules: [], othervise: 'x' }, /othervise: unknown; there are rules, otherwise/],
    [{ rules: [], otherwise: '' }, /otherwise: expected the address/], [{ rules: [3] }, /rules\.0: a rule: expected an object/],
    [{ rules: [{ when: {}, to: 'x', also: 1 }] }, /rules\.0: also: unknown/], [{ rules: ['kind=bar -> x', { when: { domian: 'x' }, to: 'x' }] }, /rules\.1: when\.domian: nothing is told by/],
    [{ rules: [{ when: { kind: [] }, to: 'x' }] }, /rules\.0: when\.kind: expected a text/], [{ rules: [{ when: { kind: { nor: 'x' } }, to: 'x' }] }, /when\.kind: nor: unknown/],
    [{ rules: [{ when: {}, to: [1] }] }, /rules\.0: to: expected a text/], [{ rules: ['x'] }, /rules\.0: expected CONDITIONS/],
  ] as const) assert.throws(() => readRoutes(value), (error: Error) => error instanceof RangeError && message.test(error.message), JSON.stringify(value))
})

test('addresses with a comma come through a list that commas part', () => {
  const text = 'kind=bar -> redis://a:1,b:2/bars file:x', other = '-> file:y'
  assert.deepEqual(parseRules(`${text},${other}`.split(',').map((part) => part.trim())), [parseRule(text), parseRule(other)])
})

test('law: rules as text and as JSON are the same; a record goes where any rule sends it, once, and otherwise to one place', () => {
  const kinds = ['signal', 'control', 'health'], streams = ['file:a', 'file:b', 'file:c', PASSED]
  const rule = fc.record({ kinds: fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1 }), isNot: fc.boolean(), to: fc.uniqueArray(fc.constantFrom(...streams), { minLength: 1 }) })
  const records = [signal('x', 's'), make('control', { ...envelope, source: 's', type: 'tick' }), make('health', { ...envelope, source: 's', stream: 's', state: 'live', records: 0, lag_ms: null })]
  fc.assert(fc.property(fc.array(rule, { maxLength: 5 }), fc.constantFrom(...streams), (rules, otherwise) => {
    const routes: Routes = { rules: rules.map((one) => parseRule(`kind${one.isNot ? '!' : ''}=${one.kinds.join('|')} -> ${one.to.join(' ')}`)), otherwise }
    const json = { rules: rules.map((one) => ({ when: { kind: one.isNot ? { not: one.kinds } : one.kinds }, to: one.to })), otherwise }
    assert.deepEqual(readRoutes(JSON.parse(JSON.stringify(json))), routes)
    for (const record of records) {
      const meant = rules.filter((one) => one.kinds.includes(record.kind) !== one.isNot).flatMap(({ to }) => to)
      assert.deepEqual([...targetsOf(record, routes)].sort(), [...new Set(meant.length === 0 ? [otherwise] : meant)].sort())
      for (const target of targetsOf(record, routes)) assert.ok(allTargets(routes).has(target))
    }
  }))
})
