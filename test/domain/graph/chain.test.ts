import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, formatInstant, make, type Belief, type Link, type Signal } from '#record'
import { evidenceOf } from '#domain/conviction/evidence'
import { Chain } from '#domain/graph/chain'

const T = Date.UTC(2021, 0, 4)
const at = formatInstant(T)
const heard = { at, known_at: at, source: 'test', by: 'test/0' }
const link = (from: string, to: string, relation = 'listed_as', probability = 1): Link => make('link', { ...heard, from, to, relation, probability, reason: 'it is said' })
const trade = (subject: string, key: string, polarity = 1): Signal =>
  make('signal', { ...heard, type: 'insider_trade', key, subject, author: `sec:${key}`, polarity, magnitude: 3 })

function told(records: readonly (Link | Signal)[]): Map<string, Belief> {
  const chain = new Chain({ by: 'test/0', restate: 1e-6, depth: 4, links: 100 }, 100, 0.01)
  for (const record of records) {
    if (record.kind === 'link') chain.link(record)
    else {
      const evidence = evidenceOf(record)
      if (evidence !== undefined) chain.evidence.hold(evidence)
    }
  }
  return new Map(chain.at(T).beliefs.map((belief) => [belief.subject, belief]))
}
const rise = (belief: Belief | undefined): number => (belief === undefined ? 0 : belief.direction === 'up' ? belief.log_odds : -belief.log_odds)

test('two tickers of one company: what is believed of one is believed of the other, and by what chain is said', () => {
  const links = [link('company:cik:1', 'ticker:GOOG'), link('company:cik:1', 'ticker:GOOGL')]
  const signal = trade('ticker:GOOG', 'a')
  const beliefs = told([...links, signal])
  assert.deepEqual([...beliefs.keys()], ['ticker:GOOGL'])
  const belief = beliefs.get('ticker:GOOGL')
  assert.ok(belief && rise(belief) > 0)
  assert.ok('record' in check(belief))
  const reasons = belief.reason_vector ?? []
  assert.ok(Math.abs(reasons.reduce((sum, { log_odds }) => sum + log_odds, 0) - rise(belief)) < 1e-9)
  assert.deepEqual(reasons[0]?.evidence, [links[1]?.id, links[0]?.id, signal.id])
})

test('a weaker link carries less, a relation that says nothing of direction carries nothing', () => {
  const carried = (relation: string, probability: number): number =>
    rise(told([link('ticker:A', 'ticker:B', relation, probability), trade('ticker:A', 'a')]).get('ticker:B'))
  assert.ok(carried('listed_as', 1) > carried('listed_as', 0.9) && carried('listed_as', 0.9) > carried('peer', 1) && carried('peer', 1) > 0)
  assert.equal(carried('speaks_of', 1), 0)
})

const worlds = fc.record({
  links: fc.array(fc.record({ a: fc.nat(5), b: fc.nat(5), relation: fc.constantFrom('peer', 'insider_of', 'share_class') }), { maxLength: 9 }),
  trades: fc.array(fc.record({ of: fc.nat(5), up: fc.boolean() }), { maxLength: 6 }),
}).map(({ links, trades }) => [
  ...links.filter(({ a, b }) => a !== b).map(({ a, b, relation }) => link(`ticker:${a}`, `ticker:${b}`, relation)),
  ...trades.map(({ of, up }, i) => trade(`ticker:${of}`, `${i}`, up ? 1 : -1)),
])

test('law: nothing is counted twice; what is said of a thing never changes what it is told, cycles or not', () => {
  fc.assert(fc.property(worlds, fc.nat(5), (records, n) => {
    const subject = `ticker:${n}`
    const without = records.filter((record) => record.kind === 'link' || record.subject !== subject)
    assert.ok(Math.abs(rise(told(records).get(subject)) - rise(told(without).get(subject))) < 1e-6)
  }))
})

test('law: the order of the records does not matter', () => {
  fc.assert(fc.property(worlds, (records) => {
    const forwards = told(records), backwards = told([...records].reverse())
    for (const [subject, belief] of forwards) assert.ok(Math.abs(rise(belief) - rise(backwards.get(subject))) < 1e-9)
  }))
})
