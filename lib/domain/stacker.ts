/**
 * Beliefs stack in log-odds. For independent evidence that is Bayes' rule: the log-odds of the posterior are those of the
 * base rate plus one log likelihood ratio a piece. Evidence here is neither independent nor wholly reliable, so each belief
 * is discounted for the overlap of its voices and for the reliability of its maker. The sum is exact: its terms add up.
 */
import type { Millis } from '#record'
import { weightAt, type Evidence } from './evidence.ts'

/** Most ids that one reason names; a subject in fashion has hundreds of readings an hour. */
export const EVIDENCE_MAX = 64

/** One author's strongest statement. `logOdds` is of a rise, decayed to the moment. */
export interface Voice {
  readonly id: string
  readonly logOdds: number
}

/** What one maker's evidence says of one subject, before the reliability of the maker. */
export interface Opinion {
  /** Log-odds of a rise. */
  readonly logOdds: number
  /** Readings that are no re-posts, heaviest first. */
  readonly evidence: readonly string[]
  readonly voices: number
}

/** Terms are rounded to 12 decimals: far below meaning, far above the error of a sum of doubles. Never -0. */
export const rounded = (logOdds: number): number => Math.round(logOdds * 1e12) / 1e12 + 0

export const logit = (probability: number): number => Math.log(probability / (1 - probability))
export const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

/**
 * Stack the readings of one maker on one subject: a re-post adds nothing, an author counts once with the strongest thing said,
 * and the voices on either side are discounted for their correlation. The order of the readings does not matter, to the bit.
 */
export function opinionOf(readings: readonly Evidence[], momentMs: Millis, correlation: number): Opinion {
  const said = originals(readings)
    .map((reading) => ({ id: reading.id, author: reading.author, logOdds: reading.strength * weightAt(reading, momentMs) }))
    .sort(heaviestFirst)
  const authors = new Set<string>()
  const rises: number[] = []
  const falls: number[] = []
  for (const { author, logOdds } of said) {
    if (authors.has(author)) continue
    authors.add(author)
    if (logOdds > 0) rises.push(logOdds)
    else falls.push(-logOdds)
  }
  return {
    logOdds: rounded(overlapped(rises, correlation) - overlapped(falls, correlation)),
    evidence: said.map((voice) => voice.id),
    voices: authors.size,
  }
}

/** Heaviest first, and by id among equals, so that every sum runs in one order. */
export function heaviestFirst(a: Voice, b: Voice): number {
  return Math.abs(b.logOdds) - Math.abs(a.logOdds) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** Of texts that are the same, the one that happened first. */
function originals(readings: readonly Evidence[]): readonly Evidence[] {
  const first = new Map<string, Evidence>()
  let alike = false
  for (const reading of readings) {
    if (reading.fingerprint === undefined) continue
    const other = first.get(reading.fingerprint)
    if (other !== undefined) alike = true
    if (other === undefined || earlier(reading, other)) first.set(reading.fingerprint, reading)
  }
  if (!alike) return readings
  return readings.filter((reading) => reading.fingerprint === undefined || first.get(reading.fingerprint) === reading)
}

function earlier(a: Evidence, b: Evidence): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs
  return a.knownAtMs === b.knownAtMs ? a.id < b.id : a.knownAtMs < b.knownAtMs
}

/**
 * The sum of correlated strengths, given heaviest first. `n` equal voices of mean correlation r count as n / (1 + (n - 1) r)
 * independent ones (Kish's design effect, "Survey Sampling", 1965). For unequal ones the k-th adds what the count grows by
 * with it, so that adding a voice, however faint, never takes from the others and the sum never falls.
 */
export function overlapped(strengths: readonly number[], correlation: number): number {
  let sum = 0
  let counted = 0
  for (let k = 0; k < strengths.length; k++) {
    const effective = (k + 1) / (1 + k * correlation)
    sum += (strengths[k] ?? 0) * (effective - counted)
    counted = effective
  }
  return sum
}

/** One addend of a conviction, its log-odds being of a rise. */
export interface Term {
  readonly logOdds: number
}

/** A straight line in log-odds that maps what was said to what came true; slope 1 and intercept 0 leave it as it is. */
export interface Calibration {
  readonly slope: number
  readonly intercept: number
}
export const UNCALIBRATED: Calibration = { slope: 1, intercept: 0 }

export interface Stacked {
  readonly direction: 'up' | 'down'
  /** Of the stated direction, 0 and up: exactly the sum of base rate, terms and calibration in this order. */
  readonly logOdds: number
  /** Probability that the stated direction holds, 0.5 to 1. */
  readonly score: number
  /** Addends, of the stated direction: what speaks against it is below zero. */
  readonly baseRate: number
  readonly terms: readonly number[]
  readonly calibration: number
}

/** Add up a base rate (the probability of a rise before any evidence), terms, and what calibration makes of them. */
export function stack(terms: readonly Term[], baseRate: number, calibration: Calibration): Stacked {
  const addends = [rounded(logit(baseRate)), ...terms.map((term) => rounded(term.logOdds))]
  const uncalibrated = sum(addends)
  addends.push(rounded((calibration.slope - 1) * uncalibrated + calibration.intercept))
  const rises = sum(addends) >= 0
  const oriented = addends.map((addend) => (rises ? addend : 0 - addend))
  const logOdds = sum(oriented)
  return {
    direction: rises ? 'up' : 'down',
    logOdds,
    score: logistic(logOdds),
    baseRate: oriented[0] ?? 0,
    terms: oriented.slice(1, -1),
    calibration: oriented[oriented.length - 1] ?? 0,
  }
}

function sum(addends: readonly number[]): number {
  let total = 0
  for (const addend of addends) total += addend
  return total
}
