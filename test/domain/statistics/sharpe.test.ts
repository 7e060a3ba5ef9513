import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { momentsOf } from '#domain/statistics/moments'
import { normalCdf, normalQuantile } from '#domain/statistics/normal'
import { deflatedSharpe, expectedLargest, minimumTrackRecord, NORMAL, probabilisticSharpe, sharpeOf } from '#domain/statistics/sharpe'

const near = (found: number | undefined, expected: number, within: number): void =>
  assert.ok(Math.abs((found ?? NaN) - expected) <= within, `${found} is not ${expected}`)

test('the quantile undoes the distribution, both ways', () => {
  fc.assert(fc.property(fc.double({ min: -6, max: 5, noNaN: true }), (x) => near(normalQuantile(normalCdf(x)), x, 1e-8)))
  fc.assert(fc.property(fc.double({ min: 1e-300, max: 1 - 1e-15, noNaN: true }), (p) => near(normalCdf(normalQuantile(p)), p, 1e-14)))
  assert.deepEqual([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)], [-Infinity, 0, Infinity])
  // As R and scipy have them.
  for (const [p, x] of [[1e-300, -37.0470962993612], [1e-50, -14.933337534788487], [1e-5, -4.264890793922825], [0.9, 1.2815515655446004]] as const) {
    near(normalQuantile(p), x, 1e-14 * Math.abs(x))
  }
  for (const wrong of [-0.1, 1.1, NaN]) assert.throws(() => normalQuantile(wrong), RangeError)
})

// "The Sharpe ratio efficient frontier" (2012): 24 months of a hedge fund, mean 0.036, deviation 0.079, skewness -2.448, kurtosis 10.164.
const fund = { ratio: 0.458, n: 24, skewness: -2.448, kurtosis: 10.164 }

test('worked examples of Bailey and Lopez de Prado, 2012', () => {
  near(probabilisticSharpe(fund), 0.913, 5e-4)
  near(probabilisticSharpe({ ...fund, ...NORMAL }), 0.982, 5e-4)
  // Years until an annual ratio of 2 is above 1 with 95 % confidence: by days, weeks and months; and by the months of hedge funds.
  for (const [periods, shape, years] of [
    [252, NORMAL, 2.73], [52, NORMAL, 2.83], [12, NORMAL, 3.24], [12, { skewness: -0.72, kurtosis: 5.78 }, 4.99],
  ] as const) {
    const root = Math.sqrt(periods)
    near((minimumTrackRecord({ ratio: 2 / root, ...shape }, 1 / root) ?? NaN) / periods, years, 5e-3)
  }
})

test('worked examples of Bailey and Lopez de Prado, 2014', () => {
  // An annual ratio of 2.5 over 1250 days of 250 a year, trials whose annual ratios vary by one half.
  const found = { ratio: 2.5 / Math.sqrt(250), n: 1250, skewness: -3, kurtosis: 10 }, variance = 0.5 / 250
  near(expectedLargest(100, variance), 0.1132, 5e-5)
  near(deflatedSharpe(found, 100, variance), 0.9004, 5e-5)
  near(deflatedSharpe(found, 46, variance), 0.9505, 5e-5)
  near(deflatedSharpe({ ...found, ...NORMAL }, 88, variance), 0.9505, 5e-5)
})

test('traps: annualised ratios make everything sure, excess kurtosis flatters, and what is missing is no observation', () => {
  const daily = { ratio: 0.05, n: 250, skewness: -0.5, kurtosis: 6 }
  assert.ok(probabilisticSharpe({ ...daily, ratio: 0.05 * Math.sqrt(252) }) > 0.9999 && probabilisticSharpe(daily) < 0.8)
  assert.ok(probabilisticSharpe({ ...fund, kurtosis: fund.kurtosis - 3 }) > probabilisticSharpe(fund) + 0.005)
  const returns = Array.from({ length: 40 }, (_, i) => ((i * 7) % 11) / 1000 - 0.004)
  const holes = returns.flatMap((value, i) => (i % 3 === 0 ? [NaN, value, null, undefined] : [value]))
  assert.deepEqual(sharpeOf(holes), sharpeOf(returns))
  assert.equal(momentsOf(holes)?.n, 40)
  for (const nothing of [[], [0.1], [0.1, NaN, null], [0.01, 0.01, 0.01]]) assert.equal(sharpeOf(nothing), undefined)
})

const returns = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 5, maxLength: 60 })

test('laws: more trials, fewer days and a higher bar make it less sure; a whole track record makes it exactly so sure', () => {
  fc.assert(fc.property(returns, fc.integer({ min: 1, max: 500 }), fc.double({ min: 1e-6, max: 0.05, noNaN: true }), (values, trials, variance) => {
    const found = sharpeOf(values)
    if (found === undefined) return
    const one = deflatedSharpe(found, trials, variance)
    assert.ok(one >= 0 && one <= 1)
    assert.ok(deflatedSharpe(found, trials + 1, variance) <= one && one <= probabilisticSharpe(found))
    const record = minimumTrackRecord(found)
    assert.equal(record === undefined, found.ratio <= 0)
    if (record !== undefined && record < 1e9) near(probabilisticSharpe({ ...found, n: record }), 0.95, 1e-9)
  }))
  assert.equal(expectedLargest(1, 1), 0)
})

test('the largest of so many is what chance shows', () => {
  // Sums of twelve uniform draws are normal enough; a linear congruence (Knuth, MMIX) makes them.
  let state = 1n
  const draw = (): number => Number((state = (state * 6364136223846793005n + 1442695040888963407n) % (1n << 64n)) >> 11n) / 2 ** 53
  const normal = (): number => Array.from({ length: 12 }, draw).reduce((sum, one) => sum + one, -6)
  const rounds = 3000, trials = 20
  let sum = 0
  for (let i = 0; i < rounds; i++) sum += Math.max(...Array.from({ length: trials }, normal))
  near(sum / rounds, expectedLargest(trials, 1), 0.04)
})

const scipy = spawnSync('python3', ['-c', 'import scipy'])
const wanted = (process.env['VANTA_REQUIRE'] ?? '').split(',').includes('scipy')
test('scipy agrees', { skip: !wanted && scipy.status !== 0 ? 'python3 with scipy is not installed here' : false }, () => {
  const series = fc.sample(returns, { numRuns: 60, seed: 11 }).filter((values) => sharpeOf(values) !== undefined)
  const code = `
import json, sys, math
from scipy.stats import norm, skew, kurtosis
out = []
for r in json.load(sys.stdin):
    n = len(r); m = sum(r) / n; d = math.sqrt(sum((x - m) ** 2 for x in r) / (n - 1)); s = m / d
    g, k = skew(r), kurtosis(r, fisher=False)
    v = 1 - g * s + (k - 1) / 4 * s * s
    e = 0.1 * ((1 - 0.5772156649015329) * norm.ppf(1 - 1 / 50) + 0.5772156649015329 * norm.ppf(1 - 1 / (50 * math.e)))
    out.append([s, g, k, norm.cdf(s * math.sqrt(n - 1) / math.sqrt(v)), norm.cdf((s - e) * math.sqrt(n - 1) / math.sqrt(v))])
json.dump(out, sys.stdout)`
  const { stdout, stderr } = spawnSync('python3', ['-c', code], { input: JSON.stringify(series), encoding: 'utf8' })
  const told = JSON.parse(stdout === '' ? assert.fail(stderr) : stdout) as number[][]
  assert.ok(told.length === series.length && series.length > 20, `${series.length} series`)
  for (const [i, values] of series.entries()) {
    const found = sharpeOf(values)
    assert.ok(found !== undefined)
    const ours = [found.ratio, found.skewness, found.kurtosis, probabilisticSharpe(found), deflatedSharpe(found, 50, 0.01)]
    for (const [j, value] of ours.entries()) near(value, told[i]?.[j] ?? NaN, 1e-9 * Math.max(1, Math.abs(value)))
  }
})
