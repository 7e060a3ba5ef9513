/** Features of a stream are those of its past, whoever feeds it and whatever follows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MONTH, QUARTER, YEAR } from '#domain/features/bar_past'
import { MomentumFeatures, type Momentum } from '#domain/features/momentum'
import { barsOf } from './bars.ts'

const walk = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: YEAR + 1, maxLength: YEAR + 40 })
  .map((steps) => steps.reduce<number[]>((closes, step) => [...closes, (closes[closes.length - 1] ?? 100) * (1 + step / 10000)], []))

const near = (is: number | undefined, expected: number): void => assert.ok(Math.abs((is ?? NaN) - expected) < 1e-9, `${is}, not ${expected}`)

test('they are what the closes say, worked out from the whole list', () =>
  fc.assert(fc.property(walk, (closes) => {
    const bars = barsOf('ticker:A', closes)
    const features = new MomentumFeatures()
    let found: Momentum | undefined
    for (const bar of bars) found = features.add(bar)
    const ago = (k: number): number => Math.log(Number(bars[bars.length - 1 - k]?.close))
    const steps = Array.from({ length: QUARTER }, (_, k) => ago(k) - ago(k + 1)), mean = steps.reduce((a, b) => a + b) / QUARTER
    const volatility = Math.sqrt(steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (QUARTER - 1))
    if (!(volatility > 1e-9)) return
    near(found?.month, ago(0) - ago(MONTH))
    near(found?.quarter, ago(0) - ago(QUARTER))
    near(found?.year, ago(0) - ago(YEAR))
    near(found?.yearLessMonth, ago(MONTH) - ago(YEAR))
    near(found?.volatility, volatility)
    assert.deepEqual(found?.parents, [bars[bars.length - 1 - YEAR]?.id, bars[bars.length - 1]?.id])
  }), { numRuns: 30 }))

test('a session whose bar is corrected counts once, as corrected', () =>
  fc.assert(fc.property(walk, fc.nat(YEAR - 1), (closes, back) => {
    const bars = barsOf('ticker:A', closes), at = bars.length - 2 - back, right = bars[at], next = closes[closes.length - 1] ?? 100
    if (right === undefined) return
    const wrong = { ...right, id: 'wrong', close: (Number(right.close) * 1.01).toFixed(6) }, last = barsOf('ticker:A', [...closes, next]).slice(-1)
    const plain = new MomentumFeatures(), corrected = new MomentumFeatures()
    const saidOf = (features: MomentumFeatures, all: typeof bars): Momentum | undefined => all.reduce<Momentum | undefined>((_, bar) => features.add(bar), undefined)
    saidOf(corrected, bars.map((bar, i) => (i === at ? wrong : bar)))
    assert.equal(corrected.add(right), undefined)
    assert.deepEqual(saidOf(corrected, last), saidOf(plain, [...bars, ...last]))
  }), { numRuns: 30 }))

test('bars that come late take the place of their sessions: what the last says is what it says when all come in order', () =>
  fc.assert(fc.property(walk, fc.array(fc.tuple(fc.nat(YEAR + 60), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 12 }), (closes, delays) => {
    const bars = barsOf('ticker:A', closes), last = bars.length - 1
    // Some sessions are heard of so many sessions later; the last closes the year.
    const lateBy = new Map(delays.map(([place, by]) => [place % last, by]))
    const arriving = bars.map((bar, i) => ({ bar, i, turn: i === last ? last + 100 : i + (lateBy.get(i) ?? 0) + (lateBy.has(i) ? 0.5 : 0) }))
    arriving.sort((a, b) => a.turn - b.turn)
    const late = new MomentumFeatures(), plain = new MomentumFeatures()
    let youngest = -1
    for (const { bar, i } of arriving) {
      const said = late.add(bar)
      if (i < youngest) assert.equal(said, undefined, 'nothing is said of what is not the last')
      youngest = Math.max(youngest, i)
      if (i !== last) continue
      assert.deepEqual(said, bars.reduce<Momentum | undefined>((_, one) => plain.add(one), undefined))
    }
  }), { numRuns: 40 }))

test('a late bar of before a beginning is no part of what began; one that shows a beginning makes it', () => {
  const closes = Array.from({ length: YEAR + 5 }, (_, i) => 100 + (i % 7)), all = barsOf('ticker:A', closes, 'as_traded')
  const said = (...parts: (typeof all)[]): Momentum | undefined => {
    const features = new MomentumFeatures()
    return parts.flat().reduce<Momentum | undefined>((_, bar) => features.add(bar), undefined)
  }
  const [first, ...rest] = all.slice(3)
  assert.ok(first !== undefined)
  const split = { ...first, close: (Number(first.close) * 4).toFixed(6) }
  // A year and a session: with the late one in its place, before the others, a whole year; split off it, one short.
  const year = rest.slice(0, YEAR), end = year.slice(-1)
  assert.notEqual(said(year.slice(0, -1), [first], end), undefined)
  assert.equal(said(year.slice(0, -1), [split], end), undefined)
  const [early = [], later = []] = [all.slice(0, 100), all.slice(101, -1)], middle = all.slice(100, 101)
  assert.notEqual(said(early, later, middle, all.slice(-1)), undefined)
  assert.equal(said(early, later, middle.map((bar) => ({ ...bar, close: (Number(bar.close) / 4).toFixed(6) })), all.slice(-1)), undefined)
})

test('no skew: what a later start or other subjects beside it make of the same year is the same', () =>
  fc.assert(fc.property(walk, walk, (closes, others) => {
    const bars = barsOf('ticker:A', closes), beside = barsOf('ticker:B', others)
    const live = new MomentumFeatures(), late = new MomentumFeatures()
    let liveFound: Momentum | undefined, lateFound: Momentum | undefined
    bars.forEach((bar, i) => {
      const other = beside[i]
      if (other !== undefined) live.add(other)
      liveFound = live.add(bar)
    })
    for (const bar of bars.slice(-YEAR - 1)) lateFound = late.add(bar)
    assert.deepEqual(liveFound, lateFound)
  }), { numRuns: 30 }))

test('a silence, another basis and a jump like a split begin anew', () => {
  const closes = Array.from({ length: YEAR + 5 }, (_, i) => 100 + (i % 7))
  const count = (bars: ReturnType<typeof barsOf>): number => {
    const features = new MomentumFeatures()
    return bars.filter((bar) => features.add(bar) !== undefined).length
  }
  const split = closes.map((close, i) => (i < 100 ? close * 4 : close))
  assert.equal(count(barsOf('ticker:A', closes)), 5)
  assert.equal(count(barsOf('ticker:A', split, 'as_traded')), 0)
  assert.equal(count(barsOf('ticker:A', split, 'split_adjusted')), 5)
  assert.equal(count([...barsOf('ticker:A', closes.slice(0, 100), 'as_traded'), ...barsOf('ticker:A', closes).slice(100)]), 0)
  assert.equal(count([...barsOf('ticker:A', closes).slice(0, 100), ...barsOf('ticker:A', [...closes, ...closes.slice(0, 20)]).slice(130)]), 0)
})
