/** Momentum is believed as far as it has shown itself, and no further. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bar, Belief } from '#record'
import { MomentumBeliefs, STYLES } from '#domain/forecast/momentum'
import { Skill } from '#domain/outcome/skill'
import { normalQuantile } from '#domain/statistics/normal'
import { seededRandom } from '#tool/random'
import { barsOf } from '../features/bars.ts'

const SUBJECTS = 24, SESSIONS = 620, HORIZON = 5

/** A market of walks whose drift, a share of their volatility, stays for half a year and is then drawn anew. */
function market(seed: string, drift: number): Bar[] {
  const random = seededRandom(seed, 'market')
  const normal = (): number => normalQuantile(Math.min(0.9999, Math.max(0.0001, random.next())))
  const all = Array.from({ length: SUBJECTS }, (_, s) => {
    let close = 100, leaning = 0
    return barsOf(`ticker:S${s}`, Array.from({ length: SESSIONS }, (_, i) => {
      if (i % 500 === 0) leaning = drift * (s % 2 === 0 ? 1 : -1)
      return (close *= Math.exp(0.01 * (normal() + leaning)))
    }))
  })
  return Array.from({ length: SESSIONS }, (_, i) => all.flatMap((bars) => bars.slice(i, i + 1))).flat()
}

function beliefsOf(bars: readonly Bar[]): Belief[] {
  const momentum = new MomentumBeliefs({ by: 'test/1', styles: STYLES, horizon: HORIZON })
  const said: Belief[] = []
  for (const bar of bars) {
    said.push(...momentum.until(Date.parse(bar.known_at)))
    momentum.bar(bar)
  }
  return [...said, ...momentum.close()]
}

test('where there is none, beliefs stay near a half', () => {
  const off = beliefsOf(market('1', 0)).map((belief) => Math.abs((belief.p_up ?? NaN) - 0.5))
  assert.ok(Math.max(0, ...off) < 0.1, String(Math.max(...off)))
  assert.ok(off.reduce((sum, one) => sum + one, 0) / Math.max(1, off.length) < 0.03)
})

test('where it is, both styles find it, and on the right side', () => {
  const said = beliefsOf(market('1', 0.25)).filter(({ log_odds: logOdds }) => logOdds > 0).slice(-200)
  for (const [bucket, direction] of [['strongly up', 'up'], ['strongly down', 'down'], ['best fifth', 'up'], ['worst fifth', 'down']]) {
    const own = said.filter(({ model }) => model === `momentum/1:${bucket}`)
    assert.ok(own.length > 0, bucket)
    for (const belief of own) {
      assert.equal(belief.direction, direction, bucket)
      assert.ok(belief.log_odds > 0.1, `${bucket}: ${belief.log_odds}`)
    }
  }
})

test('causal: what was said up to a day does not change with what follows', () => {
  const bars = market('2', 0.2), all = beliefsOf(bars)
  for (const share of [0.75, 0.9]) {
    const cut = bars.slice(0, SUBJECTS * Math.floor(SESSIONS * share))
    const early = beliefsOf(cut)
    assert.deepEqual(early.map(({ id }) => id), all.slice(0, early.length).map(({ id }) => id))
    assert.ok(early.length > 0)
  }
})

test('a record is drawn towards nothing, and never believed beyond what it shows', () =>
  fc.assert(fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 }), (excesses) => {
    const skill = new Skill()
    for (const excess of excesses) skill.add('up', excess)
    const { pUp, dates } = skill.of('up'), mean = excesses.reduce((sum, one) => sum + one, 0) / Math.max(1, excesses.length)
    assert.equal(dates, excesses.length)
    assert.equal(skill.of('down').pUp, 0.5)
    if (excesses.length < 12) assert.equal(pUp, 0.5)
    assert.ok(Math.abs(pUp - 0.5) <= Math.abs(mean) + 1e-12)
    assert.ok((pUp - 0.5) * mean >= 0)
  })))
