import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, formatInstant, HOUR_MS, make, millisOf, type Belief, type Conviction, type Json, type Signal, type Vanta } from '#record'
import type { FilterWorld } from '#tool'
import { TRUSTS } from '#domain/outcome/reinforce'
import { chain, openStage } from '#tool/stage'
import synthesize from '../../src/conviction/synthesize.ts'
import { bench } from '../execute/desk_world.ts'

const T = Date.UTC(2021, 0, 4, 10)
const END = '2021-01-20T00:00:00.000Z'

interface Said {
  readonly subject?: string
  readonly minute: number
  readonly knownMinute?: number
  readonly author?: string
  readonly polarity?: number
  readonly key?: string
  readonly type?: string
  readonly fingerprint?: string
}

function reading({ minute, knownMinute = minute, subject = 'ticker:AAA', author, polarity = 1, key, type = 'mention', fingerprint }: Said): Signal {
  return make('signal', {
    at: formatInstant(T + minute * 60_000), known_at: formatInstant(T + knownMinute * 60_000), source: 'made/up', by: 'test/0',
    type, key: key ?? `k${minute}-${author ?? ''}#${subject}`, subject, polarity, magnitude: 4,
    ...(author !== undefined && { author }), ...(fingerprint !== undefined && { fingerprint }),
  })
}

const world = (now = END, memory: { readonly [file: string]: { [field: string]: Json } } = {}): FilterWorld => ({
  clock: { now: () => millisOf(now) },
  log: { debug() {}, info() {}, warn() {}, error() {} },
  random: () => assert.fail('no chance in this'),
  by: 'vanta-synthesize/test',
  past: () => [],
  store: { read: (file) => (memory[file] === undefined ? undefined : { version: 1, memory: memory[file] }) },
})
type Values = Parameters<typeof synthesize.open>[0]
const defaults: Values = { every: undefined, restate: 0, minLogOdds: 0, baseRate: 0.5, slope: undefined, intercept: undefined, floor: 1e-9, limit: 500, requireRisk: false }

function run(records: readonly Vanta[], values: Partial<Values> = {}, now = END, memory: Parameters<typeof world>[1] = {}): Vanta[] {
  const out: Vanta[] = []
  const stage = synthesize.open({ ...defaults, ...values }, world(now, memory))
  assert.ok(!(stage instanceof Promise))
  const read = new Set<string>(synthesize.reads)
  for (const record of records) {
    assert.ok(read.has(record.kind))
    void stage.each(record as never, (made) => out.push(made))
  }
  void stage.end?.((made) => out.push(made))
  return out
}
const convictions = (records: readonly Vanta[]): Conviction[] => records.filter((record) => record.kind === 'conviction')
const beliefs = (records: readonly Vanta[]): Belief[] => records.filter((record) => record.kind === 'belief')
const ticks = (records: readonly Vanta[]): string[] => records.filter((record) => record.kind === 'control').map((record) => record.at)
const tick = (minute: number): Vanta => {
  const at = formatInstant(T + minute * 60_000)
  return make('control', { at, known_at: at, source: 'test', by: 'test/0', type: 'tick' })
}
const at = (minute: number): string => formatInstant(T + minute * 60_000)
const price = (minute: number): Vanta =>
  make('price', { at: at(minute), known_at: at(minute), source: 's', by: 'b', subject: 'ticker:AAA', type: 'open', price: '1', span: '1h', basis: 'as_traded' })

const said = fc.record({
  subject: fc.constantFrom('ticker:AAA', 'ticker:BBB', 'coin:CCC'),
  minute: fc.integer({ min: 0, max: 600 }),
  author: fc.constantFrom('u:1', 'u:2', 'u:3', 'u:4'),
  polarity: fc.double({ min: -1, max: 1, noNaN: true }),
  type: fc.constantFrom('mention', 'insider_trade', 'post'),
})
const stream = fc.array(said, { maxLength: 25 }).map((all) =>
  all.sort((a, b) => a.minute - b.minute).map((one, i) => reading({ ...one, key: `k${i}` })))

test('every record it makes is well formed, and a conviction is the exact sum of its reasons, all of them known by then', () => {
  fc.assert(fc.property(stream, fc.double({ min: 0.3, max: 0.7, noNaN: true }), (records, baseRate) => {
    const out = run(records, { every: HOUR_MS, baseRate })
    const seen = new Map<string, Vanta>()
    for (const record of out) {
      assert.ok('record' in check(record), JSON.stringify(record))
      for (const parent of record.parents) {
        const source = seen.get(parent)
        assert.ok(source !== undefined && source.known_at <= record.at, 'parents come first, and were known')
      }
      seen.set(record.id, record)
    }
    for (const conviction of convictions(out)) {
      const sum = conviction.reason_vector.reduce((total, reason) => total + reason.log_odds, 0)
      assert.equal(sum, conviction.log_odds)
      assert.equal(conviction.conviction_score, 1 / (1 + Math.exp(-Math.abs(conviction.log_odds))))
      for (const id of [conviction.signal_id, ...conviction.reason_vector.flatMap((reason) => reason.evidence)]) {
        assert.equal(seen.get(id)?.kind, 'signal')
      }
    }
  }))
})

test('the readings pass on as they came, in order', () => {
  fc.assert(fc.property(stream, (records) => {
    const out = run(records, { every: HOUR_MS })
    assert.deepEqual(out.filter((record) => record.kind === 'signal'), records)
  }))
})

test('a decision knows nothing of what came after it: a longer stream begins with the decisions of a shorter one', () => {
  fc.assert(fc.property(stream, fc.nat(25), (records, cut) => {
    const whole = convictions(run(records, { every: HOUR_MS }))
    const early = records.slice(0, cut)
    const last = early.at(-1)?.known_at ?? ''
    const some = convictions(run(early, { every: HOUR_MS })).filter((conviction) => conviction.at < last)
    assert.deepEqual(some, whole.slice(0, some.length))
  }))
})

test('without --every it decides once, at the end, for the present moment', () => {
  const out = run([reading({ minute: 0 }), reading({ minute: 5, subject: 'ticker:BBB' })])
  assert.deepEqual(out.map((record) => record.kind), ['signal', 'signal', 'belief', 'conviction', 'belief', 'conviction', 'control'])
  assert.deepEqual(out.slice(2).map((record) => record.known_at), Array.from({ length: 5 }, () => END))
  assert.deepEqual(convictions(out).map((conviction) => conviction.subject), ['ticker:AAA', 'ticker:BBB'])
  assert.deepEqual(run([]), [])
})

test('what is not known at the moment has no part in it', () => {
  const out = run([reading({ minute: 0 }), reading({ minute: 1, knownMinute: 90, polarity: -1, author: 'u:late' })], {}, at(60))
  assert.deepEqual(beliefs(out).map((belief) => [belief.direction, belief.parents.length]), [['up', 1]])
  const restated = [reading({ minute: 0, key: 'k' }), reading({ minute: 0, knownMinute: 90, polarity: -1, key: 'k' })]
  assert.deepEqual(beliefs(run(restated, {}, at(60))).map((belief) => belief.direction), ['up'])
})

test('moments are multiples of the duration, decided once something known after them is read; the rest is decided at the end', () => {
  const out = run([reading({ minute: 30 }), reading({ minute: 60, author: 'u:2' }), price(61), reading({ minute: 290, author: 'u:3' })], { every: HOUR_MS })
  assert.deepEqual(ticks(out), [at(60), at(120), at(290)])
  assert.deepEqual(beliefs(out).map((belief) => belief.parents.length), [2, 2, 3])
  assert.equal(out.findIndex((record) => record.kind === 'control') < out.findIndex((record) => record.kind === 'price'), true)
})

test('a tick from upstream is a moment to decide, and the only tick of that moment', () => {
  for (const every of [undefined, HOUR_MS]) {
    const out = run([reading({ minute: 10 }), tick(60), price(70)], { every })
    assert.deepEqual(out.map((record) => record.kind), ['signal', 'belief', 'conviction', 'control', 'price'])
    assert.deepEqual(ticks(out), [at(60)])
    assert.equal(convictions(out)[0]?.at, at(60))
  }
})

test('a reading restated counts as last known, and one that turned neutral no more', () => {
  const first = reading({ minute: 0, key: 'k' })
  const later = reading({ minute: 0, knownMinute: 20, key: 'k', polarity: -1 })
  assert.deepEqual(convictions(run([first, later])).map((conviction) => conviction.direction), ['down'])
  assert.deepEqual(convictions(run([later, first])).map((conviction) => conviction.direction), ['down'])
  assert.deepEqual(convictions(run([first, reading({ minute: 0, knownMinute: 20, key: 'k', polarity: 0 })])), [])
})

test('a re-post adds nothing, not even to an original that is restated after it', () => {
  const original = reading({ minute: 0, key: 'k', author: 'u:1', fingerprint: 'f' })
  const repost = reading({ minute: 10, author: 'u:2', fingerprint: 'f' })
  const restated = reading({ minute: 20, key: 'k', author: 'u:1', fingerprint: 'f' })
  assert.deepEqual(beliefs(run([original, repost]))[0]?.parents, [original.id])
  assert.deepEqual(beliefs(run([original, repost, restated]))[0]?.parents, [restated.id])
})

test('makers are stacked: each has its belief, its reason and its part in the sum; the loudest lends horizon and signal', () => {
  const mention = reading({ minute: 0, author: 'u:1', polarity: -1 })
  const trade = reading({ minute: 0, author: 'sec:1', type: 'insider_trade' })
  const out = run([mention, trade], {}, at(0))
  const [conviction] = convictions(out)
  assert.deepEqual(beliefs(out).map((belief) => [belief.maker, belief.direction]), [['chatter', 'down'], ['insider', 'up']])
  assert.deepEqual(conviction?.parents, beliefs(out).map((belief) => belief.id))
  assert.deepEqual(conviction?.contributing_models, ['chatter', 'insider'])
  assert.deepEqual(conviction?.reason_vector.map((reason) => reason.term), [
    'base rate', 'chatter: 1 mention by 1 author', 'insider: 1 trade by 1 insider', 'calibration',
  ])
  assert.equal(conviction?.signal_id, trade.id)
  assert.equal(conviction?.horizon, '20d')
  assert.equal(conviction?.direction, 'up')
  assert.ok((conviction?.reason_vector[1]?.log_odds ?? 0) < 0)
})

test('a belief made elsewhere is a parent, is not made again, and stands for the evidence of its maker', () => {
  const heard = { at: at(0), known_at: at(0), source: 'elsewhere', by: 'test/0' }
  const oracle = make('belief', { ...heard, subject: 'ticker:AAA', maker: 'oracle', direction: 'up', log_odds: 0.8, horizon: '1d' })
  const chatter = make('belief', { ...heard, subject: 'ticker:AAA', maker: 'chatter', direction: 'up', log_odds: 0.8, horizon: '5d' })
  const out = run([reading({ minute: 0, polarity: -1 }), oracle, chatter], {}, at(0))
  assert.deepEqual(beliefs(out), [oracle, chatter])
  assert.deepEqual(convictions(out)[0]?.parents, [chatter.id, oracle.id])
  assert.deepEqual(convictions(out)[0]?.reason_vector.map((reason) => reason.log_odds), [0, 0.4, 0.4, 0])
  const aged = convictions(run([oracle], {}, at(24 * 60)))[0]
  assert.ok(Math.abs((aged?.log_odds ?? 0) - 0.2) < 1e-9)
})

test('the bound holds the heaviest readings, the floor forgets the lightest, and weak convictions are left out', () => {
  const crowd = Array.from({ length: 9 }, (_, i) => reading({ minute: i, author: `u:${i}` }))
  assert.deepEqual(beliefs(run(crowd, { limit: 3 }))[0]?.parents, crowd.slice(-3).reverse().map((one) => one.id))
  assert.deepEqual(convictions(run(crowd, { floor: 0.01 })), [])
  assert.equal(convictions(run(crowd, { minLogOdds: 0.02 }, at(10))).length, 1)
  assert.equal(convictions(run(crowd, { minLogOdds: 2 }, at(10))).length, 0)
})

test('opinions kept between moments are those stacked anew', () => {
  fc.assert(fc.property(stream, (records) => {
    const end = at(900)
    const hourly = convictions(run([...records, tick(900)], { every: HOUR_MS })).filter((conviction) => conviction.at === end)
    assert.deepEqual(hourly, convictions(run(records, {}, end)))
  }))
})

test('prices alone make no moment: the first comes with the first evidence', () => {
  assert.deepEqual(ticks(run([price(10), price(70), price(130)], { every: HOUR_MS })), [])
  const out = run([price(10), price(70), reading({ minute: 130 }), price(190)], { every: HOUR_MS })
  assert.deepEqual(ticks(out)[0], at(180))
})

test('what was fitted to outcomes is a reason of its own, from the moment on at which they were known; options take its place', () => {
  const maps = fc.oneof(
    fc.record({ slope: fc.double({ min: 0, max: 3, noNaN: true }), intercept: fc.double({ min: -1, max: 1, noNaN: true }) }),
    fc.constant({ at: [-1, 0, 0.5], says: [-0.5, 0.1, 0.2] }))
  fc.assert(fc.property(stream, maps, fc.integer({ min: 0, max: 600 }), (records, map, knownMinute) => {
    const memory = { 'calibration.json': { method: 'platt', known_at: at(knownMinute), ids: [], horizons: { '5d': { n: 500, bins: [], map }, '20d': { n: 1, bins: [], map: null } } } }
    const plain = new Map(convictions(run(records, { every: HOUR_MS })).map((one) => [`${one.at} ${one.subject}`, one]))
    for (const one of convictions(run(records, { every: HOUR_MS }, END, memory))) {
      assert.ok('record' in check(one), JSON.stringify(check(one)))
      const reason = one.reason_vector.at(-1)
      const applies = one.at >= at(knownMinute) && reason !== undefined && 'fitted' in reason
      assert.equal(reason?.term, 'calibration')
      if (!applies) assert.equal(reason?.log_odds, 0)
      const before = plain.get(`${one.at} ${one.subject}`)
      if (before?.horizon !== '5d' || !('slope' in map) || one.at < at(knownMinute)) continue
      const [rise, said] = [one, before].map((each) => (each.direction === 'up' ? each.log_odds : -each.log_odds))
      assert.ok(Math.abs((rise ?? 0) - (map.slope * (said ?? 0) + map.intercept)) < 1e-9)
    }
  }))
  const fixed = convictions(run([reading({ minute: 0 })], { slope: 0.5 }, at(0)))[0]
  const free = convictions(run([reading({ minute: 0 })], {}, at(0)))[0]
  assert.ok(Math.abs((fixed?.log_odds ?? 0) - (free?.log_odds ?? 0) / 2) < 1e-9)
})

test('what others learn while it goes on counts from the first moment of the next day, and is told then', async () => {
  const lines = Array.from({ length: 12 }, (_, i) => reading({ minute: 30 + i * 240, author: `a${i}` }))
  const voice = { weights: TRUSTS.map((trust) => (trust === 0 ? 1000 : 0.001)), losses: TRUSTS.map(() => 0), n: 50, mixture_loss: 0 }
  const learned = {
    known_at: '2021-01-04T22:00:00.000Z', ids: [], voices: Object.fromEntries(['1d', '3d', '5d', '10d', '20d'].map((horizon) => [horizon, { 'source:made/up': voice }])),
  }
  const said = async (learnsBefore: number): Promise<Vanta[]> => {
    const around = bench(), out: Vanta[] = []
    const stages = chain([await openStage(synthesize, { ...defaults, every: HOUR_MS }, around)], (record) => out.push(record))
    for (const [i, line] of lines.entries()) {
      if (i === learnsBefore) around.store.write('reliability.json', learned, 0)
      await stages.push(line)
    }
    return out
  }
  const without = await said(Infinity), learning = await said(2), day = (records: readonly Vanta[], date: string): string[] =>
    convictions(records).filter((one) => one.at.startsWith(date)).map(({ conviction_score }) => conviction_score.toFixed(6))
  assert.deepEqual(day(learning, '2021-01-04'), day(without, '2021-01-04'))
  assert.ok(day(without, '2021-01-05').length > 2)
  assert.notDeepEqual(day(learning, '2021-01-05'), day(without, '2021-01-05'))
  // Whoever does it over has to know what was read, and when.
  const told = learning.findIndex((record) => record.kind === 'control' && record.type === 'memory')
  assert.equal(without.findIndex((record) => record.kind === 'control' && record.type === 'memory'), -1)
  assert.ok(told > 0 && learning.slice(0, told).every((record) => record.kind !== 'conviction' || record.at < '2021-01-05'))
})
