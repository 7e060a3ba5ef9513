/** From a reading to what it says in log-odds: how strong it is in full, and how much of that is left at a moment. */
import { millisOf, parseDuration, type Millis, type Signal } from '#record'
import { decayed } from './decay.ts'
import { halfLifeFor } from './half_lives.ts'
import { priorOfReading, UNSTATED_MAGNITUDE, type Prior } from './priors.ts'

/** One reading as evidence for its subject. */
export interface Evidence {
  readonly id: string
  /** Restatements of one reading share their key; the one known last holds. */
  readonly key: string
  readonly subject: string
  readonly prior: Prior
  /** Whose voice it is; a reading without an author is a voice of its own. */
  readonly author: string
  readonly source: string
  readonly fingerprint: string | undefined
  readonly atMs: Millis
  readonly knownAtMs: Millis
  /** Log-odds that the subject rises, at full weight; bearish evidence is below zero. */
  readonly strength: number
  /** Weight at `weightedAtMs`. */
  readonly weight: number
  readonly weightedAtMs: Millis
  readonly halfLifeMs: Millis
}

/** By how much a voice is to be taken up or down over a horizon: 1 for one of whom nothing has been learned. */
export type TrustOf = (who: string, horizon: string) => number

/** The evidence in a signal; undefined where it is a reading of no known maker, or has no subject. */
export function evidenceOf(signal: Signal, trustOf: TrustOf = () => 1): Evidence | undefined {
  const prior = priorOfReading(signal.type)
  if (prior === undefined || signal.subject === undefined) return undefined
  return {
    id: signal.id,
    key: signal.key,
    subject: signal.subject,
    prior,
    author: signal.author ?? `key:${signal.key}`,
    source: signal.source,
    fingerprint: signal.fingerprint,
    atMs: millisOf(signal.at),
    knownAtMs: millisOf(signal.known_at),
    // A voice that is probably one of a swarm counts for what is left.
    strength: strengthOf(prior, signal.polarity ?? 0, signal.magnitude ?? UNSTATED_MAGNITUDE) * trustIn(signal, prior, trustOf) * (1 - (signal.swarm ?? 0)),
    weight: signal.weight ?? 1,
    weightedAtMs: millisOf(signal.weighted_at ?? signal.at),
    halfLifeMs: notedHalfLife(signal.half_life) ?? halfLifeFor(signal).ms,
  }
}

/** Of a source and an author together never more than of one who is wholly trusted. */
const TRUST_MOST = 2

function trustIn({ source, author }: Signal, { horizon }: Prior, trustOf: TrustOf): number {
  return Math.min(TRUST_MOST, trustOf(`source:${source}`, horizon) * (author === undefined ? 1 : trustOf(`author:${author}`, horizon)))
}

/**
 * Log-odds of one reading at full weight. It grows with magnitude ever more slowly (half of the most it can say is said at
 * the saturation), so that no single voice, however loud, decides alone.
 */
export function strengthOf(prior: Prior, polarity: number, magnitude: number): number {
  const loudness = (prior.saturation * magnitude) / (prior.saturation + magnitude)
  return prior.logOddsPerUnit * loudness * polarity * (polarity < 0 ? prior.bearish : 1)
}

/** What is left of the weight of a piece of evidence at a moment. */
export function weightAt({ weight, weightedAtMs, halfLifeMs }: Evidence, momentMs: Millis): number {
  return decayed(weight, momentMs - weightedAtMs, halfLifeMs)
}

/** Whether `a` is to replace `b`, another statement of the same reading: the later known, whichever came first. */
export function supersedes(a: Evidence, b: Evidence): boolean {
  if (a.knownAtMs !== b.knownAtMs) return a.knownAtMs > b.knownAtMs
  return a.atMs === b.atMs ? a.id > b.id : a.atMs > b.atMs
}

let lastText: string | undefined
let lastMs: Millis | undefined

/** The half-life a decay noted on the signal: nearly always the same one again. */
function notedHalfLife(text: string | undefined): Millis | undefined {
  if (text === undefined) return undefined
  if (text !== lastText) {
    lastMs = parseDuration(text)
    lastText = text
  }
  return lastMs
}
