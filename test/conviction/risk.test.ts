import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addsUp, check, DAY_MS, formatInstant, HOUR_MS, make, millisOf, RISK_STATES, type Conviction, type Risk, type RiskState, type Signal, type Vanta } from '#record'
import { Failure, type FilterWorld } from '#tool'
import { memoryOfRisk, SYSTEM_RISK_FILE } from '#domain/risk/memory'
import { Remembered, RiskMonitor, type RiskInput } from '#domain/risk/monitor'
import synthesize from '../../src/conviction/synthesize.ts'

const WATCHING = { by: 'vanta-risk/test', benchmark: 'ticker:SPY', graceMs: HOUR_MS, dwellMs: 3 * DAY_MS }
const SUBJECTS = ['ticker:SPY', ...Array.from({ length: 11 }, (_, i) => `ticker:T${i}`)]
/** The close of Monday, 2020-06-01, and of every day after it, weekends too: there is no session, and nobody minds. */
const close = (day: number): number => Date.UTC(2020, 5, 1 + day, 20)

function bar(subject: string, day: number, price: number): RiskInput {
  const at = formatInstant(close(day) - 6.5 * HOUR_MS), text = price.toFixed(4)
  return make('bar', {
    at, known_at: formatInstant(close(day)), source: 'made/up', by: 'test/0', subject, span: '1d', open: text, high: text, low: text, close: text, volume: '1',
    basis: 'as_traded',
  })
}

function watched(records: readonly RiskInput[], untilMs?: number): Risk[] {
  const monitor = new RiskMonitor(WATCHING), said: (Risk | undefined)[] = []
  for (const record of records) {
    said.push(monitor.advance(millisOf(record.known_at)))
    said.push(monitor.hear(record))
  }
  if (untilMs !== undefined) said.push(monitor.advance(untilMs))
  return said.filter((one) => one !== undefined)
}

/** Daily moves of all subjects alike, one a day. */
function bars(moves: readonly number[]): RiskInput[] {
  let price = 100
  return moves.flatMap((move, day) => {
    price *= 1 + move
    return SUBJECTS.map((subject, i) => bar(subject, day, price * (1 + ((day * 7 + i * 13) % 11) / 2000)))
  })
}

const days = fc.array(fc.oneof({ weight: 4, arbitrary: fc.double({ min: -0.01, max: 0.01, noNaN: true }) }, fc.double({ min: -0.1, max: 0.1, noNaN: true })),
  { minLength: 5, maxLength: 80 })

test('what is said follows from what came before: a prefix gives the same states', () => {
  fc.assert(fc.property(days, fc.nat(1000), (moves, cut) => {
    const records = bars(moves), whole = watched(records), part = watched(records.slice(0, cut % records.length))
    assert.deepEqual(part, whole.slice(0, part.length))
    for (const risk of whole) {
      assert.ok('record' in check(risk))
      for (const parent of risk.parents) assert.ok(records.some(({ id, known_at }) => id === parent && known_at <= risk.known_at))
    }
  }), { numRuns: 25 })
})

test('quiet markets are calm once volatility can be told, a crash is stressed at once, and calm returns only after the dwell', () => {
  const quiet = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 0.002 : -0.002))
  const states = watched(bars([...quiet, -0.12, -0.12, ...quiet])).map(({ at, state }) => [Math.round((millisOf(at) - close(0)) / DAY_MS), state] as const)
  assert.equal(states[0]?.[1], 'elevated')
  const stateOn = (day: number): RiskState | undefined => states.findLast(([on]) => on <= day)?.[1]
  assert.deepEqual([stateOn(10), stateOn(28), stateOn(31), stateOn(40)], ['elevated', 'calm', 'stressed', 'stressed'])
})

test('without prices for a session all is halted, weekends are none, and what stood expires', () => {
  const said = watched(bars(Array.from({ length: 26 }, () => 0.001)).filter((record) => record.kind === 'bar'), close(29))
  // 26 June 2020 is a Friday, the last with prices; Monday the 29th has none.
  assert.deepEqual(said.slice(-2).map(({ at, state, because }) => [at.slice(0, 10), state, because]), [
    ['2020-06-25', 'calm', []], ['2020-06-29', 'halted', ['prices']],
  ])
  const friday = said.find(({ at }) => at.startsWith('2020-06-25'))
  assert.equal(friday?.ttl, (DAY_MS + 12 * HOUR_MS) / 1000)
})

test('feeds that die are told at once, all of them halt', () => {
  const health = (stream: string, state: 'live' | 'down', minute: number): RiskInput => {
    const at = formatInstant(close(27) + minute * 60_000)
    return make('health', { at, known_at: at, source: stream, by: 'test/0', stream, state, records: 0, lag_ms: null })
  }
  const quiet = bars(Array.from({ length: 26 }, () => 0.001))
  const said = watched([...quiet, health('a', 'live', 1), health('b', 'live', 2), health('a', 'down', 3), health('b', 'down', 4), health('b', 'live', 5)])
  assert.deepEqual(said.slice(-2).map(({ state, because, parents }) => [state, because, parents.length]), [['stressed', ['feeds'], 2], ['halted', ['feeds'], 3]])
})

test('of the past nothing is told before it was known', () => {
  const pnl = (at: string): Vanta => make('pnl', {
    at, known_at: at, source: 's', by: 'b', vault: 'core', day: at.slice(0, 10), currency: 'USD', equity: '1', cash: '1', realised: '0', unrealised: '0', fees: '0',
  })
  const remembered = new Remembered([pnl('2021-01-05T21:00:00.000Z'), pnl('2021-01-04T21:00:00.000Z')])
  const until = (at: string): string[] => [...remembered.until(millisOf(at))].map((record) => record.at.slice(0, 10))
  assert.deepEqual([until('2021-01-04T20:00:00.000Z'), until('2021-01-04T21:00:00.000Z'), until('2022-01-01T00:00:00.000Z')], [[], ['2021-01-04'], ['2021-01-05']])
})

const T = Date.UTC(2021, 0, 4, 10)
const minuteAt = (minute: number): string => formatInstant(T + minute * 60_000)

function mention(minute: number, polarity: number, author: string): Signal {
  return make('signal', {
    at: minuteAt(minute), known_at: minuteAt(minute), source: 'made/up', by: 'test/0', type: 'mention', key: `${minute} ${author}`, subject: 'ticker:AAA',
    polarity, magnitude: 4, author,
  })
}
const riskAt = (minute: number, state: RiskState, ttl = 1e6): Risk => make('risk', {
  at: minuteAt(minute), known_at: minuteAt(minute), source: 'vanta-risk', by: 'vanta-risk/test', state, ttl, measures: [], because: state === 'calm' ? [] : ['volatility'],
})

interface Around {
  readonly memory?: { readonly [field: string]: unknown } | Failure
  readonly requireRisk?: boolean
  /** Files that were asked for. */
  readonly asked?: string[]
}

function decided(records: readonly (Signal | Risk)[], { memory, requireRisk = false, asked = [] }: Around = {}): Conviction[] {
  const world: FilterWorld = {
    clock: { now: () => T + 30 * DAY_MS }, log: { debug() {}, info() {}, warn() {}, error() {} }, random: () => assert.fail(), by: 'vanta-synthesize/test', past: () => [],
    store: { read(file) {
      asked.push(file)
      if (file !== SYSTEM_RISK_FILE || memory === undefined) return undefined
      if (memory instanceof Failure) throw memory
      return { version: 1, memory: memory as { [field: string]: string } }
    } },
  }
  const stage = synthesize.open({
    every: HOUR_MS, restate: 0.02, minLogOdds: 0.02, baseRate: 0.5, slope: undefined, intercept: undefined, floor: 0.01, limit: 500, requireRisk,
  }, world)
  assert.ok(!(stage instanceof Promise))
  const out: Conviction[] = []
  const emit = (record: Vanta): void => void (record.kind === 'conviction' && out.push(record))
  for (const record of records) void stage.each(record, emit)
  void stage.end?.(emit)
  return out
}

const stream = fc.array(fc.record({ minute: fc.integer({ min: 0, max: 3000 }), polarity: fc.double({ min: -1, max: 1, noNaN: true }), author: fc.constantFrom('a', 'b', 'c') }),
  { minLength: 1, maxLength: 20 }).map((all) => all.sort((a, b) => a.minute - b.minute).map(({ minute, polarity, author }) => mention(minute, polarity, author)))

test('a worse state only ever takes from what is said, by a term of its own, and the reasons add up', () => {
  fc.assert(fc.property(stream, (signals) => {
    const rises = RISK_STATES.map((state) => new Map(decided([riskAt(-1, state), ...signals]).map((one) => [one.at, one])))
    const free = new Map(decided(signals).map((one) => [one.at, one]))
    assert.deepEqual(rises[0], free)
    rises.forEach((convictions, i) => {
      for (const [at, one] of convictions) {
        assert.ok(addsUp(one) && one.log_odds >= 0)
        assert.equal(one.reason_vector.some(({ term }) => term.startsWith('system risk')), i > 0)
        const before = one.reason_vector.filter(({ term }) => !term.startsWith('system risk')).reduce((sum, reason) => sum + reason.log_odds, 0)
        assert.ok(Math.abs(one.log_odds - before * ([1, 0.75, 0.5, 0][i] ?? 0)) < 1e-9, at)
        if (i > 0) assert.equal(one.parents.at(-1), riskAt(-1, RISK_STATES[i] ?? 'calm').id)
      }
    })
    assert.equal(rises[3]?.size, 0)
  }), { numRuns: 60 })
})

test('where it is halted nothing new is said; what its evidence no longer carries is taken back, and all is said again once it may be', () => {
  const up = mention(0, 1, 'a'), down = ['b', 'c', 'd', 'e'].map((author) => mention(130, -1, author))
  const halt = riskAt(70, 'halted')
  const said = decided([up, mention(61, 0, 'x'), halt, ...down, mention(250, 0, 'y')])
  assert.deepEqual(said.map(({ direction, ttl, log_odds: logOdds }) => [direction, ttl > 0, logOdds > 0]), [['up', true, true], ['down', false, false]])
  assert.ok(addsUp(said[1] ?? assert.fail()))
  const again = decided([up, mention(61, 0, 'x'), halt, ...down, riskAt(250, 'calm'), mention(310, 0, 'y'), mention(400, 0, 'z')])
  assert.deepEqual(again.map(({ direction, ttl }) => [direction, ttl > 0]), [['up', true], ['down', false], ['down', true]])
  const standing = decided([up, mention(61, 0, 'x'), halt, mention(250, 0, 'y')])
  assert.equal(standing.length, 1)
})

test('memory holds back while it stands; it fails closed where it cannot be read, is required, or falls silent in the stream', () => {
  const signals = [mention(0, 1, 'a'), mention(120, 1, 'b'), mention(240, 1, 'c')]
  const terms = (around: Around, records: readonly (Signal | Risk)[] = signals): (string | undefined)[] =>
    decided(records, around).map(({ reason_vector: reasons }) => reasons.find(({ term }) => term.startsWith('system risk'))?.term)
  const free = terms({})
  assert.ok(free.length > 0 && free.every((term) => term === undefined))
  assert.ok(terms({ memory: memoryOfRisk(riskAt(-5, 'stressed')) }).every((term) => term === 'system risk stressed: volatility'))
  // Of another time: nothing is known, which only --require-risk minds.
  for (const other of [riskAt(-500, 'stressed', 60), riskAt(5000, 'stressed')]) {
    assert.deepEqual(terms({ memory: memoryOfRisk(other) }), free)
    assert.deepEqual(terms({ memory: memoryOfRisk(other), requireRisk: true }), [])
  }
  assert.deepEqual(terms({ requireRisk: true }), [])
  for (const memory of [{ state: 'fine' }, { ...memoryOfRisk(riskAt(-5, 'calm')), ttl: 'long' }, new Failure('data', 'torn')]) assert.deepEqual(terms({ memory }), [])
  // It stood at the first decision, and nobody has said it again.
  assert.equal(terms({ memory: memoryOfRisk(riskAt(-5, 'stressed', 70 * 60)) }).length, 1)
  // The stream overrules the file.
  assert.deepEqual(terms({ memory: { state: 'fine' } }, [riskAt(-1, 'calm'), ...signals]), free)
  assert.equal(decided([riskAt(-1, 'calm', 60 * 90), ...signals]).length, 1)
  // Nor is the file asked then: who tells the stream may be writing it, sooner or later than this opens.
  const asked: string[] = [], askedAlone: string[] = []
  decided([riskAt(-1, 'calm'), ...signals], { asked })
  decided(signals, { asked: askedAlone })
  assert.ok(!asked.includes(SYSTEM_RISK_FILE) && askedAlone.includes(SYSTEM_RISK_FILE))
})

test('tags say where the evidence is from and how urgent it is', () => {
  const [said] = decided([mention(0, 1, 'a')])
  assert.deepEqual(said?.routing_tags, ['asset:equity', 'direction:up', 'domain:social', 'horizon:5d', 'urgency:normal'])
  const back = decided([mention(0, 1, 'a'), ...['b', 'c', 'd', 'e'].map((author) => mention(90, -1, author)), mention(200, 0, 'z')]).filter(({ ttl }) => ttl === 0)
  for (const one of back) assert.ok(one.routing_tags.includes('urgency:high'))
})
