import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gammaRatio, RunLengths, type SegmentPrior } from '#domain/anomaly/changepoint'

/** Lanczos' approximation with the coefficients of Godfrey: nothing of the code under test. */
function lnGamma(x: number): number {
  const g = [676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7]
  const sum = g.reduce((total, c, i) => total + c / (x + i), 0.99999999999980993), t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

test('the ratio of gammas is that of the gammas', () => {
  for (const a of [0.5, 1, 1.5, 2, 7.5, 40, 123.5]) assert.ok(Math.abs(gammaRatio(a) - (lnGamma(a + 0.5) - lnGamma(a))) < 1e-11, `${a}`)
})

const HAZARD = 0.1, KAPPA = 0.5, ALPHA = 1.5
const TERMS = { hazard: HAZARD, kappa: KAPPA, alpha: ALPHA, share: 1, least: 0, most: 64, history: true }
const PRIOR: SegmentPrior = { mean: [0.5, -1], variance: [2, 0.7] }

/** The log evidence of one segment in closed form (Murphy 2007, equation 95), no step by step. */
function evidence(values: readonly number[], mean: number, variance: number): number {
  const n = values.length, average = values.reduce((sum, x) => sum + x, 0) / n
  const squares = values.reduce((sum, x) => sum + (x - average) ** 2, 0)
  const beta = ALPHA * variance, kappa = KAPPA + n, alpha = ALPHA + n / 2
  const after = beta + squares / 2 + (KAPPA * n * (average - mean) ** 2) / (2 * kappa)
  return lnGamma(alpha) - lnGamma(ALPHA) + ALPHA * Math.log(beta) - alpha * Math.log(after) + 0.5 * Math.log(KAPPA / kappa) - (n / 2) * Math.log(2 * Math.PI)
}

/** The same with regressors: Student's t of all values at once, its scale matrix (I + X V X') by elimination. Nothing of recursive least squares. */
function evidenceAround(values: readonly number[], rows: readonly (readonly number[])[], prior: readonly number[], spread: readonly number[], variance: number): number {
  const n = values.length, beta = ALPHA * variance
  const matrix = rows.map((x, i) => rows.map((y, j) => (i === j ? 1 : 0) + x.reduce((sum, v, k) => sum + v * (y[k] ?? 0) * (spread[k] ?? 0), 0)))
  const off = values.map((value, i) => value - (rows[i] ?? []).reduce((sum, x, k) => sum + x * (prior[k] ?? 0), 0))
  const solved = [...off]
  let determinant = 0
  for (let i = 0; i < n; i++) {
    const pivot = matrix[i]?.[i] ?? NaN
    determinant += Math.log(pivot)
    for (let j = i + 1; j < n; j++) {
      const share = (matrix[j]?.[i] ?? 0) / pivot, row = matrix[j] ?? []
      for (let k = i; k < n; k++) row[k] = (row[k] ?? 0) - share * (matrix[i]?.[k] ?? 0)
      solved[j] = (solved[j] ?? 0) - share * (solved[i] ?? 0)
    }
  }
  // off' M^-1 off, from the forward elimination of a symmetric matrix.
  const square = solved.reduce((sum, x, i) => sum + (x * x) / (matrix[i]?.[i] ?? NaN), 0)
  return lnGamma(ALPHA + n / 2) - lnGamma(ALPHA) - (n / 2) * Math.log(2 * Math.PI * beta) - determinant / 2 - (ALPHA + n / 2) * Math.log(1 + square / (2 * beta))
}

interface Enumerated {
  readonly byStart: Float64Array
  readonly total: number
  readonly best: readonly number[]
  readonly lead: number
}

/** All 2^(n - 1) segmentations. */
function enumerate(rows: readonly (readonly number[])[], evidenceOf = evidence): Enumerated {
  const n = rows.length, byStart = new Float64Array(n), all: { readonly log: number; readonly starts: readonly number[] }[] = []
  for (let mask = 0; mask < 1 << (n - 1); mask++) {
    const starts = [0, ...Array.from({ length: n - 1 }, (_, i) => i + 1).filter((i) => mask & (1 << (i - 1)))]
    let log = (starts.length - 1) * Math.log(HAZARD) + (n - starts.length) * Math.log(1 - HAZARD)
    starts.forEach((start, i) => {
      for (const [d, mean] of [...Array.from(PRIOR.mean)].entries()) {
        const column = rows.slice(start, starts[i + 1] ?? n).map((row) => row[d] ?? NaN)
        if (!Number.isNaN(column[0] ?? NaN)) log += evidenceOf(column, mean, PRIOR.variance[d] ?? 1)
      }
    })
    byStart[starts.at(-1) ?? 0] = (byStart[starts.at(-1) ?? 0] ?? 0) + Math.exp(log)
    all.push({ log, starts })
  }
  all.sort((a, b) => b.log - a.log)
  return { byStart, total: byStart.reduce((sum, p) => sum + p, 0), best: all[0]?.starts.slice(1) ?? [], lead: (all[0]?.log ?? 0) - (all[1]?.log ?? -Infinity) }
}

const value = fc.double({ min: -4, max: 4, noNaN: true })

for (const dimensions of [1, 2]) {
  test(`the posterior over run lengths, the evidence and the best segmentation are those of full enumeration, ${dimensions} dimensions`, () => {
    const rows = fc.array(fc.array(value, { minLength: dimensions, maxLength: dimensions }), { minLength: 1, maxLength: 9 })
    fc.assert(fc.property(rows, (series) => {
      const runs = new RunLengths(dimensions, TERMS)
      const surprise = series.reduce((sum, row) => sum + runs.see(row, PRIOR), 0)
      const truth = enumerate(series)
      assert.ok(Math.abs(surprise + Math.log(truth.total)) < 1e-9)
      const posterior = runs.posterior()
      assert.equal(posterior.length, series.length)
      for (const { start, probability } of posterior) assert.ok(Math.abs(probability - (truth.byStart[start] ?? 0) / truth.total) < 1e-9)
      // Where two are as good but for rounding, either may be found.
      if (truth.lead > 1e-9) assert.deepEqual(runs.changes(), truth.best)
    }), { numRuns: 60 })
  })
}

for (const [follows, trends] of [[true, false], [false, true], [true, true]] as const) {
  test(`so they are with regressors: ${follows ? 'the value before' : ''} ${trends ? 'the time' : ''}`, () => {
    const evidenceOf = (column: readonly number[], mean: number, variance: number): number => {
      const rows = column.map((_, i) => [1, ...(follows ? [i === 0 ? 0 : (column[i - 1] ?? 0) - mean] : []), ...(trends ? [i] : [])])
      return evidenceAround(column, rows, [mean], [1 / KAPPA, ...(follows ? [10 / variance] : []), ...(trends ? [0.1] : [])], variance)
    }
    fc.assert(fc.property(fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 7 }), (series) => {
      const runs = new RunLengths(2, { ...TERMS, follows, trends })
      const surprise = series.reduce((sum, row) => sum + runs.see(row, PRIOR), 0)
      const truth = enumerate(series, evidenceOf)
      assert.ok(Math.abs(surprise + Math.log(truth.total)) < 1e-7)
      for (const { start, probability } of runs.posterior()) assert.ok(Math.abs(probability - (truth.byStart[start] ?? 0) / truth.total) < 1e-7)
      if (truth.lead > 1e-7) assert.deepEqual(runs.changes(), truth.best)
    }), { numRuns: 40 })
  })
}

test('capped and pruned, it keeps so many run lengths, sums to one, and is near the whole', () => {
  fc.assert(fc.property(fc.array(value, { minLength: 30, maxLength: 60 }), (series) => {
    const whole = new RunLengths(1, { ...TERMS, hazard: 0.02 }), capped = new RunLengths(1, { ...TERMS, hazard: 0.02, least: 1e-6, most: 24 })
    for (const x of series) {
      whole.see([x], PRIOR)
      capped.see([x], PRIOR)
      const posterior = capped.posterior()
      assert.ok(posterior.length <= 24)
      assert.ok(Math.abs(posterior.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-9)
    }
    assert.ok(Math.abs(whole.began(10) - capped.began(10)) < 0.1)
  }), { numRuns: 30 })
})
