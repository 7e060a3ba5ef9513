import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bestMix, kishOf, sharesOf, sharesOfVoices } from '#domain/conviction/independence'

const total = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0)
/** Cosines of vectors without negative parts: a matrix of correlations as the overlap of sources is. */
const vectors = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }).filter((v) => total(v) > 0), { minLength: 1, maxLength: 5 })
const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]): number => total(x.map((value, i) => value * (y[i] ?? 0)))
  return Math.min(1, dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))
}
const gram = (all: readonly (readonly number[])[]): number[][] => all.map((a, i) => all.map((b, k) => (i === k ? 1 : cosine(a, b))))
const effective = (all: readonly (readonly number[])[]): number => total(sharesOf(gram(all)))

/** 1 / min wᵀCw over the simplex, by walking down it in small steps: slow, and knows nothing of active sets. */
function oracle(correlations: readonly (readonly number[])[]): number {
  const size = correlations.length
  let mix = correlations.map(() => 1 / size)
  const value = (w: readonly number[]): number => total(w.map((a, i) => a * total(w.map((b, k) => b * (correlations[i]?.[k] ?? 0)))))
  for (let round = 0; round < 20_000; round++) {
    const slopes = mix.map((_, i) => total(mix.map((b, k) => b * (correlations[i]?.[k] ?? 0))))
    const best = slopes.indexOf(Math.min(...slopes))
    const towards = mix.map((_, i) => (i === best ? 1 : 0))
    const change = towards.map((one, i) => one - (mix[i] ?? 0))
    const curve = value(change), slope = -total(change.map((one, i) => one * (slopes[i] ?? 0)))
    if (slope <= 1e-12) break
    const step = curve <= 0 ? 1 : Math.min(1, slope / curve)
    mix = mix.map((one, i) => one + step * (change[i] ?? 0))
  }
  return 1 / value(mix)
}

test('the effective number is that of the best mix of voices', () => {
  fc.assert(fc.property(vectors, (all) => {
    const expected = oracle(gram(all))
    assert.ok(Math.abs(effective(all) - expected) < 2e-3 * expected, `${effective(all)} is not ${expected}`)
    const mix = bestMix(gram(all), all.map(() => 0))
    const slopes = gram(all).map((row) => 1 - total(row.map((value, i) => value * (mix[i] ?? 0))))
    // Karush, Kuhn and Tucker: no voice left out would help, and none taken is worth more or less than another.
    for (const [i, slope] of slopes.entries()) assert.ok(mix[i] === 0 ? slope <= 1e-8 : Math.abs(slope) < 1e-6, `${i}: ${slope}`)
  }), { numRuns: 60 })
})

test('a copy adds nothing, wherever it stands, and no voice takes from the others', () => {
  fc.assert(fc.property(vectors, fc.nat(), fc.nat(), (all, pick, place) => {
    const copy = all[pick % all.length] ?? []
    const at = place % (all.length + 1)
    assert.ok(Math.abs(effective([...all.slice(0, at), copy, ...all.slice(at)]) - effective(all)) < 1e-6)
    assert.ok(effective(all) >= effective(all.slice(1)) - 1e-6)
    assert.ok(effective(all) <= all.length + 1e-9)
  }))
})

test('voices of sources that share nothing count as by Kish, of one source too', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), (sources, r) => {
    const plain = total(sharesOfVoices(sources, r, undefined))
    assert.ok(Math.abs(plain - kishOf(sources.length, r)) < 1e-9)
    const nearly = total(sharesOfVoices(sources, r, (a, b) => (a + b === 'ad' ? 1 : 0)))
    assert.ok(Math.abs(nearly - plain) < 1e-9)
  }))
})

test('many voices of a source and their copies in another are worth the voices of the one', () => {
  const twins = (a: string, b: string): number => (a.slice(0, 1) === b.slice(0, 1) ? 1 : 0)
  fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 }), fc.double({ min: 0, max: 0.95, noNaN: true }), (sources, r) => {
    const doubled = sources.flatMap((source) => [source, `${source} copy`])
    assert.ok(Math.abs(total(sharesOfVoices(doubled, r, twins)) - kishOf(sources.length, r)) < 1e-6)
    const behind = [...sources, ...sources.map((source) => `${source} copy`)]
    assert.deepEqual(sharesOfVoices(behind, r, twins).slice(sources.length), sources.map(() => 0))
  }))
})

test('the more two sources overlap, the less the second adds', () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.9, noNaN: true }), (p, q, r) => {
    const worth = (overlap: number): number => total(sharesOfVoices(['a', 'b', 'a', 'b'], r, () => overlap))
    assert.ok(worth(Math.max(p, q)) <= worth(Math.min(p, q)) + 1e-7)
  }))
})
