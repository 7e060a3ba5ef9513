/** Where prices go, by a classifier: its rows are what convictions are judged by, and it is believed as far as it was right on rows it was not learned from. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { millisOf, type Bar, type Belief } from '#record'
import { YEAR } from '#domain/features/bar_past'
import { PriceFeatures } from '#domain/features/prices'
import { casesOf, DirectionBeliefs, learnDirection, type Case, type DirectionModel } from '#domain/forecast/direction'
import { Classifying, LEARNING } from '#domain/learn/classifier'
import { normalQuantile } from '#domain/statistics/normal'
import { seededRandom } from '#tool/random'
import { barsOf } from '../features/bars.ts'

const SESSIONS = YEAR + 200, SHARES = 16

/** Shares whose steps take after the one before, by a share; bars of all of them, session by session. */
function market(alike: number): Bar[] {
  const random = seededRandom('direction', String(alike))
  const shares = Array.from({ length: SHARES }, (_, s) => {
    let step = 0, log = 3
    return barsOf(`ticker:S${String(s).padStart(2, '0')}`, Array.from({ length: SESSIONS }, () => {
      step = alike * step + 0.01 * normalQuantile(Math.min(0.999, Math.max(0.001, random.next())))
      return Math.exp(log += step)
    }))
  })
  return Array.from({ length: SESSIONS }, (_, t) => shares.flatMap((bars) => bars[t] ?? [])).flat()
}

test('rows: entered at the next open, left at the close of the horizon, on dates one horizon apart; a later bar changes no row', () => {
  const bars = market(0.5), horizon = 3, cases = casesOf(bars, horizon)
  const bySubject = new Map<string, Bar[]>(), features = new PriceFeatures(), values = new Map<string, Float64Array>()
  for (const bar of bars) {
    bySubject.set(bar.subject, [...bySubject.get(bar.subject) ?? [], bar])
    const told = features.add(bar)
    if (told !== undefined) values.set(`${bar.subject} ${told.knownMs}`, told.values)
  }
  // Sessions count from 1; the first with a year before it is the 253rd.
  const dates = Array.from({ length: SESSIONS }, (_, t) => t + 1).filter((session) => session > YEAR && session % horizon === 0 && session + horizon <= SESSIONS)
  assert.deepEqual([...new Set(cases.map(({ session }) => session))], dates)
  assert.equal(cases.length, dates.length * SHARES)
  for (const { subject, session, knownMs, values: told, rose } of cases) {
    const mine = bySubject.get(subject) ?? []
    assert.equal(knownMs, millisOf(mine[session - 1]?.known_at ?? ''))
    assert.equal(rose, Number(mine[session + horizon - 1]?.close) > Number(mine[session]?.open))
    assert.deepEqual(told, values.get(`${subject} ${knownMs}`))
  }
  const cut = bars.slice(0, (SESSIONS - 20) * SHARES), early = casesOf(cut, horizon)
  assert.deepEqual(early, cases.slice(0, early.length))
})

const learnFrom = (bars: readonly Bar[], cases: readonly Case[]) =>
  learnDirection(cases, 1, millisOf(bars[bars.length - 1]?.known_at ?? ''), { ...LEARNING, trees: 60 })
const ahead = (model: DirectionModel, bars: readonly Bar[]): Belief[] => {
  const beliefs = new DirectionBeliefs({ by: 'test/1', model, sha256: 'f'.repeat(64) }, new Classifying(model))
  return [...bars.flatMap((bar) => {
    const said = beliefs.until(millisOf(bar.known_at))
    beliefs.bar(bar)
    return said
  }), ...beliefs.close()]
}

let bars: Bar[], past: Bar[], model: DirectionModel
before(async () => {
  bars = market(0.6)
  past = bars.slice(0, (SESSIONS - 20) * SHARES)
  model = (await learnFrom(past, casesOf(past, 1))).model
})

test('where steps take after one another, beliefs are on the side of the last, of prices after those learned from alone; most come true', () => {
  const said = ahead(model, bars), learnedMs = millisOf(model.beliefs.known_until), closes = new Map(bars.map((bar) => [`${bar.subject} ${bar.known_at}`, bar]))
  assert.ok(said.length > 50, String(said.length))
  let right = 0, judged = 0
  for (const { subject, known_at: knownAt, direction, p_up: pUp = NaN, log_odds: logOdds, maker, horizon } of said) {
    assert.ok(millisOf(knownAt) > learnedMs)
    assert.deepEqual([maker, horizon], ['direction', '1d'])
    assert.ok(Math.abs(logOdds - Math.abs(Math.log(pUp / (1 - pUp)))) < 1e-4)
    const mine = bars.filter((bar) => bar.subject === subject), at = mine.indexOf(closes.get(`${subject} ${knownAt}`) ?? bars[0] ?? assert.fail())
    const entry = mine[at + 1]
    if (entry === undefined || logOdds === 0) continue
    judged++
    if (Number(entry.close) > Number(entry.open) === (direction === 'up')) right++
  }
  assert.ok(judged > 50 && right / judged > 0.6, `${right} of ${judged}`)
})

test('a stream that begins a year before says the same; of what the model was learned from nothing is said', () => {
  const whole = ahead(model, bars), late = ahead(model, bars.slice((SESSIONS - 20 - YEAR) * SHARES))
  assert.deepEqual(late, whole)
  assert.deepEqual(ahead(model, past), [])
})

test('of walks next to nothing is believed', async () => {
  const walk = market(0), cut = walk.slice(0, (SESSIONS - 20) * SHARES)
  for (const { p_up: pUp = NaN } of ahead((await learnFrom(cut, casesOf(cut, 1))).model, walk)) assert.ok(Math.abs(pUp - 0.5) < 0.06, String(pUp))
})

test('the same rows give the same model to the byte, and no date is parted', async () => {
  const again = await learnFrom(past, casesOf(past, 1))
  assert.equal(JSON.stringify(again.model), JSON.stringify(model))
  for (const rows of [again.learnedRows, again.stoppingRows, again.judged.rows]) assert.equal(rows % SHARES, 0)
})
