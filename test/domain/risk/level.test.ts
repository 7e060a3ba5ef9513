import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Dwell, Gauge, type Level, type Threshold } from '#domain/risk/level'
import { MEASURES, MEASURE_NAMES, type Readings } from '#domain/risk/measures'
import { Assessment } from '#domain/risk/assess'
import { RISK_STATES } from '#record'

const thresholds: readonly Threshold[] = [{ level: 1, enter: 0.5, leave: 0.4 }, { level: 2, enter: 0.8, leave: 0.6 }]
const value = fc.double({ min: 0, max: 1, noNaN: true })
const path = fc.array(value, { minLength: 1, maxLength: 40 })

test('a gauge is left lower than it is entered, and a measure that wavers between the two changes nothing', () => {
  fc.assert(fc.property(path, (values) => {
    const gauge = new Gauge(thresholds)
    let on = [false, false]
    for (const one of values) {
      on = [one >= 0.5 || (on[0] === true && one >= 0.4), one >= 0.8 || (on[1] === true && one >= 0.6)]
      assert.equal(gauge.read(one), on[1] ? 2 : on[0] ? 1 : 0)
    }
  }))
  fc.assert(fc.property(fc.array(fc.double({ min: 0.4, max: 0.4999, noNaN: true })), fc.boolean(), (wavering, isOn) => {
    const gauge = new Gauge(thresholds)
    const before = gauge.read(isOn ? 0.55 : 0.1)
    for (const one of wavering) assert.equal(gauge.read(one), before)
  }))
})

test('what cannot be told changes no level', () => {
  const gauge = new Gauge(thresholds)
  assert.deepEqual([0.9, undefined, 0.7, undefined, 0.1, undefined].map((one) => gauge.read(one)), [2, 2, 2, 2, 0, 0])
})

const level = fc.constantFrom<Level[]>(0, 1, 2, 3)

test('it is worse at once, and calmer only when nothing worse has been for the span', () => {
  fc.assert(fc.property(fc.array(fc.tuple(level, fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 12 }), (steps, span) => {
    const dwell = new Dwell(span)
    const heard: { level: Level; atMs: number }[] = []
    let now = 0
    for (const [one, gap] of steps) {
      now += gap
      heard.push({ level: one, atMs: now })
      // Brute force: each level lasts until the next is read.
      let most = one
      heard.forEach((other, i) => {
        const until = heard[i + 1]?.atMs ?? now
        if ((i === heard.length - 1 || until + span > now) && other.level > most) most = other.level
      })
      assert.equal(dwell.read(one, now), most)
    }
  }))
})

const readings: fc.Arbitrary<Readings> = fc.record(Object.fromEntries(MEASURE_NAMES.map((name) => [name, fc.double({ min: 0, max: 5, noNaN: true })])) as
  { [name in keyof Readings]: fc.Arbitrary<number> })

test('worse inputs never give a calmer state', () => {
  const worse = fc.array(fc.tuple(readings, readings), { minLength: 1, maxLength: 20 })
  fc.assert(fc.property(worse, fc.integer({ min: 0, max: 5 }), (pairs, dwell) => {
    const calmer = new Assessment(dwell), other = new Assessment(dwell)
    pairs.forEach(([low, more], i) => {
      const high = Object.fromEntries(MEASURE_NAMES.map((name) => [name, (low[name] ?? 0) + (more[name] ?? 0) / 4])) as Readings
      const below = RISK_STATES.indexOf(calmer.read(low, i).state), above = RISK_STATES.indexOf(other.read(high, i).state)
      assert.ok(above >= below, `${above} < ${below}`)
    })
  }))
})

test('the state is that of the worst measure, which is named', () => {
  fc.assert(fc.property(readings, (one) => {
    const { state, because, measures } = new Assessment(0).read(one, 0)
    const worst = Math.max(...measures.map((measure) => RISK_STATES.indexOf(measure.state)))
    assert.equal(state, RISK_STATES[worst])
    assert.deepEqual(because, worst === 0 ? [] : measures.filter((measure) => measure.state === state).map(({ name }) => name))
  }))
})

test('every threshold is left no higher than it is entered, and higher levels are entered later', () => {
  for (const { name, thresholds: each } of Object.values<{ name: string; thresholds: readonly Threshold[] }>(MEASURES)) {
    for (const [i, { enter, leave, level: one }] of each.entries()) {
      assert.ok(leave <= enter, name)
      const before = each[i - 1]
      if (before !== undefined) assert.ok(before.enter <= enter && before.leave <= leave && before.level < one, name)
    }
  }
})
