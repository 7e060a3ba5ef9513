import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, HOUR_MS, make, type Bar, type Conviction, type Outcome, type Signal } from '#record'
import { standingsOf } from '#domain/outcome/scores'
import { bandOf, Track } from '#domain/outcome/track'

const T = Date.UTC(2021, 0, 4)
const openMs = (day: number): number => T + day * DAY_MS + 14.5 * HOUR_MS
const bar = (day: number, open: number, close: number, subject = 'ticker:AAA'): Bar => make('bar', {
  at: formatInstant(openMs(day)), known_at: formatInstant(openMs(day) + 6.5 * HOUR_MS), source: 'test', by: 'test/0', subject, span: '1d',
  open: String(open), high: '999', low: '1', close: String(close), volume: '1', basis: 'split_adjusted',
})
const signal = (polarity: number, author: string): Signal => make('signal', {
  at: formatInstant(T), known_at: formatInstant(T), source: 'reddit/wsb', by: 'test/0', type: 'mention', key: author, subject: 'ticker:AAA', author, polarity,
})
const conviction = (hour: number, { direction = 'up' as const, ttlHours = 1000, evidence = [] as string[], subject = 'ticker:AAA' }: {
  direction?: 'up' | 'down'; ttlHours?: number; evidence?: string[]; subject?: string
} = {}): Conviction => {
  const at = formatInstant(T + hour * HOUR_MS)
  return make('conviction', {
    at, known_at: at, source: 'test', by: 'test/0', signal_id: '0'.repeat(40), subject, direction, conviction_score: 0.57, log_odds: 0.3,
    reason_vector: [{ term: 'chatter', log_odds: 0.3, evidence, ...{ maker: 'chatter' } }], contributing_models: ['chatter'], horizon: '5d',
    ttl: ttlHours * 3600, routing_tags: [],
  })
}
const track = (horizons = [1, 3]): Track => new Track({ by: 'test/0', horizons, windowMs: 30 * DAY_MS })

test('entered at the first open after it was known, left at the closes; known no sooner', () => {
  const following = track()
  following.conviction(conviction(0))
  const days = [[10, 11], [11, 12], [12, 9], [9, 9]] as const
  const outcomes = days.map(([open, close], day) => following.bar(bar(day, open, close)))
  const told = outcomes.map((list) => list.map(({ horizon, move, hit, entered_at: entered }) => [horizon, move, hit, entered.slice(8, 10)]))
  assert.deepEqual(told[0], [['1d', 0.1, true, '04']])
  assert.deepEqual(told[2], [['3d', -0.1, false, '04'], ['1d', -0.25, false, '06']])
  assert.equal(outcomes[2]?.[0]?.known_at, bar(2, 1, 1).known_at)
})

test('what is said during a session is judged from the next, what has expired or been taken back is not', () => {
  const following = track([1])
  following.conviction(conviction(15))
  assert.deepEqual(following.bar(bar(0, 10, 11)), [])
  following.conviction(conviction(23, { direction: 'down' }))
  assert.equal(following.bar(bar(1, 10, 9))[0]?.direction, 'down')
  following.conviction(conviction(47, { ttlHours: 0 }))
  assert.deepEqual(following.bar(bar(2, 10, 9)), [])
  following.conviction(conviction(72, { ttlHours: 2 }))
  assert.deepEqual(following.bar(bar(3, 10, 9)), [])
})

test('whose voices: the maker by its term, sources and authors by their share of the evidence, leaning as they leant', () => {
  const following = track([1])
  const [bull, bear] = [signal(0.8, 'reddit:bull'), signal(-0.5, 'reddit:bear')]
  following.signal(bull)
  following.signal(bear)
  following.conviction(conviction(1, { evidence: [bull.id, bear.id] }))
  const [outcome] = following.bar(bar(0, 10, 11))
  assert.deepEqual(outcome?.voices, [
    { who: 'author:reddit:bear', rise: -0.15 }, { who: 'author:reddit:bull', rise: 0.15 }, { who: 'model:chatter', rise: 0.3 },
  ])
})

test('law: no outcome is known before its close, and none uses a bar from before the conviction was known', () => {
  const streams = fc.array(fc.record({ hour: fc.integer({ min: 0, max: 240 }), up: fc.boolean(), ttl: fc.integer({ min: 0, max: 90 }) }), { maxLength: 20 })
  fc.assert(fc.property(streams, (said) => {
    const convictions = said.map(({ hour, up, ttl }) => conviction(hour, { direction: up ? 'up' : 'down', ttlHours: ttl }))
    const events = [...convictions, ...Array.from({ length: 11 }, (_, day) => bar(day, 10 + day, 10 + ((day * 7) % 5)))].sort((a, b) => (a.known_at < b.known_at ? -1 : 1))
    const following = track([1, 3])
    for (const event of events) {
      if (event.kind === 'conviction') following.conviction(event)
      else for (const outcome of following.bar(event)) {
        const judged = convictions.find(({ id }) => id === outcome.parents[0])
        const entryMs = Date.parse(outcome.entered_at)
        assert.equal(outcome.known_at, event.known_at)
        assert.ok(judged && Date.parse(judged.known_at) < entryMs)
        assert.ok(!convictions.some((other) => other.known_at > judged.known_at && Date.parse(other.known_at) < entryMs), 'a later one stood')
      }
    }
  }))
})

test('standings: hits, what does not overlap, base rate, the first five', () => {
  const made = (session: number, move: number, rank: number | undefined): Outcome => make('outcome', {
    at: formatInstant(T), known_at: formatInstant(T), source: 'test', by: 'test/0', subject: 'ticker:AAA', direction: 'up', horizon: '5d', move, hit: move > 0, conviction_score: 0.6,
    band: '60-65', entered_at: formatInstant(openMs(session + (session >= 5 ? 2 : 0))), ...(rank !== undefined && { rank }), voices: [{ who: 'source:a', rise: move > 0 ? 0.2 : -0.2 }], mode: 'live',
  })
  const outcomes = [0, 1, 2, 3, 4, 5, 6].map((session) => made(session, session < 5 ? 0.1 : -0.1, session < 2 ? 3 : undefined))
  const [band] = standingsOf(outcomes, 'band', { least: 1 })
  assert.deepEqual([band?.who, band?.n, band?.independent, band?.precisionAt5, band?.precisionAt5N], ['60-65', 7, 2, 1, 2])
  assert.ok(Math.abs((band?.hitRate ?? 0) - 5 / 7) < 1e-12 && Math.abs((band?.brier ?? 0) - (5 * 0.16 + 2 * 0.36) / 7) < 1e-12)
  const [source] = standingsOf(outcomes, 'source', { horizon: '5d', least: 1 })
  assert.deepEqual([source?.who, source?.hitRate, source?.alwaysUp], ['a', 1, 5 / 7])
  assert.deepEqual(standingsOf(outcomes, 'source', { horizon: '20d', least: 1 }), [])
})

test('bands are five points wide', () => assert.deepEqual([0.5, 0.5499, 0.55, 0.999, 1].map(bandOf), ['50-55', '50-55', '55-60', '95-100', '95-100']))
