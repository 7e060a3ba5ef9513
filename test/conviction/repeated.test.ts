/** Law: what is said again changes no conviction, by whoever it is said and whatever maker reads it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, DAY_MS, formatInstant, HOUR_MS, make, millisOf, type Conviction, type Signal, type Vanta } from '#record'
import type { FilterWorld } from '#tool'
import { OVERLAP_FILE, OverlapCounter, overlapMemory } from '#domain/outcome/overlap'
import synthesize from '../../src/conviction/synthesize.ts'

const T = Date.UTC(2021, 0, 4)
const END = '2021-01-20T00:00:00.000Z'

interface Said {
  readonly subject: string
  readonly hour: number
  readonly author: string
  readonly polarity: number
  readonly magnitude: number
  readonly type: string
  readonly source: string
  readonly text?: string | undefined
}
const reading = ({ subject, hour, author, polarity, magnitude, type, source, text }: Said, key: string): Signal => {
  const at = formatInstant(T + hour * HOUR_MS)
  return make('signal', {
    at, known_at: at, source, by: 'test/0', type, key, subject, polarity, magnitude, author,
    ...(text !== undefined && { fingerprint: text }),
  })
}
const said: fc.Arbitrary<Said> = fc.record({
  subject: fc.constantFrom('ticker:AAA', 'coin:CCC'),
  hour: fc.integer({ min: 0, max: 15 * 24 }),
  author: fc.constantFrom('u:1', 'u:2', 'u:3', 'u:4', 'u:5'),
  polarity: fc.constantFrom(-1, -0.5, 0.25, 0.5, 1),
  magnitude: fc.double({ min: 0.1, max: 9, noNaN: true }),
  type: fc.constantFrom('mention', 'insider_trade'),
  source: fc.constantFrom('made/a', 'made/b', 'made/c'),
  text: fc.option(fc.constantFrom('t1', 't2', 't3', 't4', 't5', 't6'), { nil: undefined }),
})
const stream = fc.array(said, { minLength: 1, maxLength: 25 }).map((all) => [...all].sort((a, b) => a.hour - b.hour).map((one, i) => ({ ...one, key: `k${i}` })))
const readings = (all: readonly (Said & { readonly key: string })[]): Signal[] => all.map((one) => reading(one, one.key))

/** What is said of each subject in the end: the log-odds of a rise, and by when it is to be said again. */
function endOf(records: readonly Signal[], overlap?: ReturnType<typeof overlapMemory>): Map<string, Conviction> {
  const world: FilterWorld = {
    clock: { now: () => millisOf(END) }, log: { debug() {}, info() {}, warn() {}, error() {} }, random: () => assert.fail('no chance in this'),
    by: 'vanta-synthesize/test', past: () => [],
    store: { read: (file) => (file === OVERLAP_FILE && overlap !== undefined ? { version: 1, memory: overlap } : undefined) },
  }
  const stage = synthesize.open({
    every: undefined, restate: 0, minLogOdds: 0, baseRate: 0.5, slope: undefined, intercept: undefined, floor: 0.01, limit: 500, requireRisk: false,
  }, world)
  assert.ok(!(stage instanceof Promise))
  const out: Vanta[] = []
  for (const record of records) void stage.each(record as never, (made) => out.push(made))
  void stage.end?.((made) => out.push(made))
  for (const record of out) assert.ok('record' in check(record), JSON.stringify(check(record)))
  return new Map(out.filter((record) => record.kind === 'conviction').map((one) => [one.subject, one]))
}
const rise = (one: Conviction | undefined): number => (one === undefined ? 0 : one.direction === 'up' ? one.log_odds : -one.log_odds)
function assertSame(left: Map<string, Conviction>, right: Map<string, Conviction>): void {
  for (const subject of new Set([...left.keys(), ...right.keys()])) {
    assert.ok(Math.abs(rise(left.get(subject)) - rise(right.get(subject))) < 1e-6, `${subject}: ${rise(left.get(subject))}, ${rise(right.get(subject))}`)
  }
}

test('law: a re-post changes nothing at all, whoever posts it, however loud, read by whatever maker, even once the first has faded', () => {
  fc.assert(fc.property(stream, said, fc.nat(), fc.integer({ min: 1, max: 20 * 24 }), (all, repost, pick, later) => {
    const texts = all.map((one, i) => (i === pick % all.length ? { ...one, text: 'the text' } : one))
    const first = texts[pick % all.length]
    if (first === undefined) return
    const copy = { ...repost, key: 'copy', subject: first.subject, text: 'the text', hour: Math.min(first.hour + later, 16 * 24 - 1) }
    const together = [...texts, copy].sort((a, b) => a.hour - b.hour)
    assert.deepEqual(endOf(readings(together)), endOf(readings(texts)))
  }))
})

test('law: a source that says what another says changes no conviction', () => {
  fc.assert(fc.property(stream, fc.constantFrom('made/a', 'made/b', 'made/c'), (all, copied) => {
    const own = all.map((one) => ({ ...one, text: undefined, author: `${one.source}/${one.author}` }))
    const copies = own.filter(({ source }) => source === copied).map((one) => ({ ...one, key: `${one.key} copy`, author: `copy of ${one.author}`, source: 'made/copy' }))
    const together = [...own, ...copies].sort((a, b) => a.hour - b.hour)
    const counter = new OverlapCounter(DAY_MS)
    for (const one of readings(together)) counter.hear(one)
    const overlap = overlapMemory(counter.overlap(), END)
    assertSame(endOf(readings(together), overlap), endOf(readings(own), overlap))
  }), { numRuns: 300 })
})

test('law: across makers, of a source and its copy read by another maker the better counts, and no more', () => {
  const matrix = (overlap: number) => ({ at: END, sources: ['made/a', 'made/copy'], matrix: [[1, overlap], [overlap, 1]], effective: 1 })
  fc.assert(fc.property(stream, fc.double({ min: 0, max: 1, noNaN: true }), (all, overlap) => {
    const own = all.map((one) => ({ ...one, text: undefined, type: 'mention', source: 'made/a', polarity: Math.abs(one.polarity) }))
    const copies = own.map((one) => ({ ...one, key: `${one.key} copy`, type: 'insider_trade', source: 'made/copy' }))
    const [alone, other, both, some] = [endOf(readings(own)), endOf(readings(copies)), endOf(readings([...own, ...copies]), matrix(1)),
      endOf(readings([...own, ...copies]), matrix(overlap))]
    for (const subject of new Set([...alone.keys(), ...other.keys()])) {
      const [one, two] = [rise(alone.get(subject)), rise(other.get(subject))]
      assert.ok(Math.abs(rise(both.get(subject)) - Math.max(one, two)) < 1e-9)
      const partly = Math.max(one, two) + (Math.min(one, two) * (1 - overlap)) / (1 + overlap)
      assert.ok(Math.abs(rise(some.get(subject)) - partly) < 1e-6, 'two views of overlap o are worth 2 / (1 + o)')
    }
  }))
})

test('law: a belief that rests on what another rests on adds nothing to it', () => {
  fc.assert(fc.property(fc.double({ min: 0.1, max: 2, noNaN: true }), fc.double({ min: 0.1, max: 2, noNaN: true }), (a, b) => {
    const heard = { at: END, known_at: END, source: 'elsewhere', by: 'test/0', subject: 'ticker:AAA', direction: 'up' as const, horizon: '5d' }
    const evidence = ['1'.repeat(40), '2'.repeat(40)]
    const beliefs = [make('belief', { ...heard, maker: 'one', log_odds: a, parents: evidence }), make('belief', { ...heard, maker: 'two', log_odds: b, parents: evidence })]
    const strongest = Math.max(a, b)
    const of = (list: readonly Vanta[]): number => rise(endOf(list as Signal[]).get('ticker:AAA'))
    assert.ok(Math.abs(of(beliefs) - strongest / 2) < 1e-9)
  }))
})
