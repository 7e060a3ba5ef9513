/**
 * Beliefs stack in log-odds. For independent evidence that is Bayes' rule: the log-odds of the posterior are those of the
 * base rate plus one log likelihood ratio a piece. Evidence here is neither independent nor wholly reliable, so each belief
 * is discounted for the overlap of its voices and for the reliability of its maker. The sum is exact: its terms add up.
 */
import { logistic, logit, type Millis } from '#record'
import { decayed } from './decay.ts'
import { weightAt, type Evidence } from './evidence.ts'
import { kishOf, sharesOfVoices, type OverlapOf } from './independence.ts'

/**
 * Most voices that count. A subject in fashion has hundreds of readings an hour; with any correlation to speak of the 65th
 * voice adds next to nothing, and a belief that names hundreds of parents would be most of the record.
 */
export const VOICES_MAX = 64

/** One author's strongest statement. `logOdds` is of a rise, decayed to the moment. */
export interface Voice {
  readonly id: string
  readonly source: string
  readonly logOdds: number
}

/** What one maker's evidence says of one subject at a moment, before the reliability of the maker. */
export interface Opinion {
  readonly atMs: Millis
  /** The half-life it decays with as a whole, where all its readings share one; undefined where it must be stacked anew. */
  readonly halfLifeMs: Millis | undefined
  /** Log-odds of a rise. */
  readonly logOdds: number
  /** The voices that it is the sum of, heaviest first, {@link VOICES_MAX} at most. */
  readonly voices: readonly Voice[]
  /** Sources of all voices that speak for what it says, counted or not. */
  readonly sources: readonly string[]
  /** Readings that are no re-posts, and their authors, counted or not. */
  readonly readings: number
  readonly authors: number
}

/** Terms are rounded to 12 decimals: far below meaning, far above the error of a sum of doubles. Never -0. */
export const rounded = (logOdds: number): number => Math.round(logOdds * 1e12) / 1e12 + 0


/**
 * Stack the readings of one maker on one subject: a re-post adds nothing, an author counts once with the strongest thing said,
 * and the voices on either side are discounted for their correlation, and for the overlap of their sources: of two that always say the same, one.
 * The order of the readings does not matter, to the bit.
 *
 * Readings of one half-life keep their proportions as they age, so they are stacked for the moment of the last of them, and the
 * sum is aged from there with {@link agedLogOdds}: it need not be stacked again until there is news.
 */
export function opinionOf(readings: readonly Evidence[], momentMs: Millis, correlation: number, overlapOf?: OverlapOf): Opinion {
  const distinct = originals(readings)
  const halfLifeMs = sharedHalfLife(distinct, momentMs)
  const atMs = halfLifeMs === undefined ? momentMs : distinct.reduce((last, one) => Math.max(last, one.weightedAtMs), -Infinity)
  const said = distinct
    .map((reading) => ({ id: reading.id, author: reading.author, source: reading.source, logOdds: reading.strength * weightAt(reading, atMs) }))
    .sort(heaviestFirst)
  const authors = new Set<string>()
  const distinctVoices: Voice[] = []
  for (const voice of said) {
    if (authors.has(voice.author)) continue
    authors.add(voice.author)
    distinctVoices.push(voice)
  }
  const { voices, logOdds } = overlapOf === undefined ? alike(distinctVoices, correlation) : apart(distinctVoices, correlation, overlapOf)
  // Who speaks is of use only where it is known who repeats whom.
  const speaking = overlapOf === undefined ? [] : distinctVoices.filter((voice) => voice.logOdds * logOdds > 0)
  const sources = [...new Set(speaking.map(({ source }) => source))]
  return { atMs, halfLifeMs, logOdds, voices, sources, readings: said.length, authors: authors.size }
}

type Counted = Pick<Opinion, 'voices' | 'logOdds'>

/** Voices of sources that have nothing more to do with one another than any. */
function alike(all: readonly Voice[], correlation: number): Counted {
  const voices = all.slice(0, VOICES_MAX)
  const rises = voices.filter((voice) => voice.logOdds > 0).map((voice) => voice.logOdds)
  const falls = voices.filter((voice) => voice.logOdds < 0).map((voice) => -voice.logOdds)
  return { voices, logOdds: overlapped(rises, correlation) - overlapped(falls, correlation) }
}

/** Those whose source only repeats what heavier ones have said are left out: they would take the places of voices that count. */
function apart(all: readonly Voice[], correlation: number, overlapOf: OverlapOf): Counted {
  const shares = new Map<Voice, number>()
  for (const side of [1, -1]) {
    const ours = all.filter(({ logOdds }) => logOdds * side > 0).slice(0, 4 * VOICES_MAX)
    sharesOfVoices(ours.map(({ source }) => source), correlation, overlapOf).forEach((share, i) => {
      const voice = ours[i]
      if (voice !== undefined && (share > 0 || correlation === 1)) shares.set(voice, share)
    })
  }
  const voices = all.filter((voice) => shares.has(voice)).slice(0, VOICES_MAX)
  const of = (side: number): number =>
    voices.reduce((sum, voice) => (voice.logOdds * side > 0 ? sum + side * voice.logOdds * (shares.get(voice) ?? 0) : sum), 0)
  return { voices, logOdds: of(1) - of(-1) }
}

/** What is left of an opinion at a moment at which no more is known. */
export function agedLogOdds({ logOdds, atMs, halfLifeMs }: Opinion, momentMs: Millis): number {
  return rounded(halfLifeMs === undefined ? logOdds : decayed(logOdds, momentMs - atMs, halfLifeMs))
}

/** The one half-life of all readings, if they have one and all have begun to age. */
function sharedHalfLife(readings: readonly Evidence[], momentMs: Millis): Millis | undefined {
  const halfLifeMs = readings[0]?.halfLifeMs
  return readings.every((one) => one.halfLifeMs === halfLifeMs && one.weightedAtMs <= momentMs) ? halfLifeMs : undefined
}

/** Heaviest first, and by id among equals, so that every sum runs in one order. */
function heaviestFirst(a: Pick<Voice, 'id' | 'logOdds'>, b: Pick<Voice, 'id' | 'logOdds'>): number {
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
 * The sum of correlated strengths, given heaviest first. For unequal ones the k-th adds what the effective number of voices grows by with it, so
 * that adding a voice, however faint, never takes from the others and the sum never falls.
 */
export function overlapped(strengths: readonly number[], correlation: number): number {
  let sum = 0
  let counted = 0
  for (let k = 0; k < strengths.length; k++) {
    const effective = kishOf(k + 1, correlation)
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
export interface Line {
  readonly slope: number
  readonly intercept: number
}
/** A rising map in log-odds: what is said at some places; in between it is drawn straight, beyond either end it says what it says there. */
export interface Curve {
  readonly at: readonly number[]
  readonly says: readonly number[]
}
export type Calibration = Line | Curve
export const UNCALIBRATED: Line = { slope: 1, intercept: 0 }

/** What calibration makes of log-odds. */
export function calibrated(calibration: Calibration, logOdds: number): number {
  if ('slope' in calibration) return calibration.slope * logOdds + calibration.intercept
  const { at, says } = calibration
  const above = at.findIndex((place) => place > logOdds)
  if (above === 0) return says[0] ?? logOdds
  if (above < 0) return says.at(-1) ?? logOdds
  const from = at[above - 1] ?? 0, low = says[above - 1] ?? 0
  return low + (((says[above] ?? 0) - low) * (logOdds - from)) / ((at[above] ?? 0) - from)
}

/** By how much what is said may change for a change in what is thought. */
export function steepestOf(calibration: Calibration): number {
  if ('slope' in calibration) return Math.abs(calibration.slope)
  const { at, says } = calibration
  return says.reduce((most, said, i) => (i === 0 ? most : Math.max(most, (said - (says[i - 1] ?? 0)) / ((at[i] ?? 0) - (at[i - 1] ?? 0)))), 0)
}

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
  addends.push(rounded(calibrated(calibration, uncalibrated) - uncalibrated))
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
