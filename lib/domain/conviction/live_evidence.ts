/** The evidence that still weighs something, by subject and maker: what a decision is made from, within a bound. */
import { DAY_MS, millisOf, parseDuration, type Belief, type Millis } from '#record'
import { bisect } from '../lookup/bisect.ts'
import { supersedes, type Evidence } from './evidence.ts'
import { FirstSaid } from './first_said.ts'
import { halfLifeFor } from './half_lives.ts'
import type { OverlapOf } from './independence.ts'
import type { Prior } from './priors.ts'
import { opinionOf, type Opinion } from './stacker.ts'

/** A belief made elsewhere. Kept as values: its record belongs to whoever it was passed on to. */
export interface HeldBelief {
  readonly id: string
  readonly subject: string
  readonly maker: string
  readonly source: string
  /** Of a rise. */
  readonly logOdds: number
  readonly horizon: string
  readonly evidence: readonly string[]
  readonly knownAtMs: Millis
  readonly weight: number
  readonly weightedAtMs: Millis
  readonly halfLifeMs: Millis
}

interface Held<E> {
  readonly evidence: E
  /** When its weight falls below the floor. */
  readonly expiresMs: Millis
  /** Orders pieces of one half-life by what they weigh, the same at every moment. */
  readonly heft: number
}

/** One maker's readings of one subject, by key, and what was last made of them. */
interface Group {
  readonly prior: Prior
  readonly readings: Map<string, Held<Evidence>>
  /** Holds, aged, from its own moment until `untilMs` unless there is news; undefined where it must be stacked anew. */
  opinion: Opinion | undefined
  untilMs: Millis
}

interface About {
  /** By maker. */
  readonly groups: Map<string, Group>
  /** By maker. */
  readonly beliefs: Map<string, Held<HeldBelief>>
}

export interface HeldOpinion {
  readonly prior: Prior
  readonly opinion: Opinion
}

export interface Live {
  readonly opinions: readonly HeldOpinion[]
  readonly beliefs: readonly HeldBelief[]
}

/** Re-posts are known as such for so long after the text was last said. */
const TEXTS_MS = 30 * DAY_MS

export class LiveEvidence {
  readonly #limit: number
  readonly #floor: number
  readonly #about = new Map<string, About>()
  /** The subjects in order; most moments see none come or go. */
  readonly #sorted: string[] = []
  /** Readings let go because there were heavier ones to the limit. */
  evicted = 0
  #overlapOf: OverlapOf | undefined
  readonly #texts = new FirstSaid(TEXTS_MS)

  /** Holds up to `limit` readings of one subject and maker, and nothing whose weight is below `floor`. */
  constructor(limit: number, floor: number, overlapOf?: OverlapOf) {
    this.#limit = limit
    this.#floor = floor
    this.#overlapOf = overlapOf
  }

  /** How far sources say the same is known otherwise from now on. */
  overlap(overlapOf: OverlapOf | undefined): void {
    this.#overlapOf = overlapOf
    for (const { groups } of this.#about.values()) for (const group of groups.values()) group.opinion = undefined
  }

  /** Of statements of one reading the last known is kept; one that says nothing takes the place of what was said before. */
  hold(evidence: Evidence): void {
    const { subject, prior, key } = evidence
    const known = this.#about.get(subject)?.groups.get(prior.maker)?.readings.get(key)
    if (known === undefined ? evidence.strength === 0 : !supersedes(evidence, known.evidence)) return
    const { groups } = this.#aboutOf(subject)
    const group = entry(groups, prior.maker, () => ({ prior, readings: new Map(), opinion: undefined, untilMs: 0 }))
    group.opinion = undefined
    if (evidence.strength === 0) {
      group.readings.delete(key)
      this.#texts.unsay(evidence)
      for (const other of groups.values()) other.opinion = undefined
      return
    }
    // What is restated was first said then: a re-post of it does not become the original.
    const atMs = Math.min(evidence.atMs, known?.evidence.atMs ?? Infinity)
    const restated = { ...evidence, atMs }
    if (this.#texts.hear(restated)) for (const other of groups.values()) other.opinion = undefined
    group.readings.set(key, this.#held(restated, Math.abs(evidence.strength)))
    if (group.readings.size > this.#limit) {
      group.readings.delete(lightest(group.readings))
      this.evicted++
    }
  }

  /** A belief made elsewhere stands for all evidence of its maker until a later one comes or it has decayed. */
  holdBelief(belief: Belief): void {
    const { id, subject, maker, source, horizon, direction, parents } = belief
    const held: HeldBelief = {
      id, subject, maker, source, horizon,
      logOdds: direction === 'up' ? belief.log_odds : -belief.log_odds,
      evidence: parents.length > 0 ? [...parents] : [id],
      knownAtMs: millisOf(belief.known_at),
      weight: belief.weight ?? 1,
      weightedAtMs: millisOf(belief.weighted_at ?? belief.at),
      halfLifeMs: parseDuration(belief.half_life ?? '') ?? halfLifeFor(belief).ms,
    }
    const { beliefs } = this.#aboutOf(subject)
    const known = beliefs.get(maker)?.evidence
    if (known === undefined || known.knownAtMs < held.knownAtMs || (known.knownAtMs === held.knownAtMs && known.id < held.id)) {
      beliefs.set(maker, this.#held(held, 1))
    }
  }

  /** Subjects with live evidence, sorted; a copy, since asking about one may forget it. */
  get subjects(): readonly string[] {
    return [...this.#sorted]
  }

  /** What was known of a subject at a moment; what has decayed by then is forgotten. Moments may not go backwards. */
  at(subject: string, momentMs: Millis): Live {
    const about = this.#about.get(subject)
    if (about === undefined) return { opinions: [], beliefs: [] }
    const { known: beliefs } = live(about.beliefs, momentMs)
    const opinions: HeldOpinion[] = []
    for (const [maker, group] of about.groups) {
      const opinion = this.#opinionAt(group, momentMs)
      if (group.readings.size === 0) about.groups.delete(maker)
      if (opinion !== undefined && !about.beliefs.has(maker)) opinions.push({ prior: group.prior, opinion })
    }
    if (about.groups.size === 0 && about.beliefs.size === 0) {
      this.#about.delete(subject)
      this.#sorted.splice(placeOf(this.#sorted, subject), 1)
    }
    return { opinions, beliefs }
  }

  /** Most groups hear nothing between two moments: their opinion is aged, not stacked again. */
  #opinionAt(group: Group, momentMs: Millis): Opinion | undefined {
    if (group.opinion !== undefined && momentMs <= group.untilMs) return group.opinion
    const { known, untilMs } = live(group.readings, momentMs)
    group.untilMs = untilMs
    const firsts = known.filter((reading) => {
      const { first, untilMs: firstUntilMs } = this.#texts.isFirst(reading, momentMs)
      group.untilMs = Math.min(group.untilMs, firstUntilMs)
      return first
    })
    if (firsts.length === 0) return undefined
    const opinion = opinionOf(firsts, momentMs, group.prior.correlation, this.#overlapOf)
    group.opinion = opinion.halfLifeMs === undefined ? undefined : opinion
    return opinion
  }

  #aboutOf(subject: string): About {
    return entry(this.#about, subject, () => {
      this.#sorted.splice(placeOf(this.#sorted, subject), 0, subject)
      return { groups: new Map(), beliefs: new Map() }
    })
  }

  #held<E extends { weight: number; weightedAtMs: Millis; halfLifeMs: Millis }>(evidence: E, strength: number): Held<E> {
    const { weight, weightedAtMs, halfLifeMs } = evidence
    return {
      evidence,
      expiresMs: weightedAtMs + (halfLifeMs * Math.log(weight / this.#floor)) / Math.LN2,
      heft: Math.log(strength * weight) + (Math.LN2 * weightedAtMs) / halfLifeMs,
    }
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}

/** Where a subject stands in a sorted list, or would. */
const placeOf = (sorted: readonly string[], subject: string): number => bisect(0, sorted.length, (place) => (sorted[place] ?? '') < subject)

interface Known<E> {
  readonly known: E[]
  /** The last moment at which the same is known. */
  readonly untilMs: Millis
}

/** What is known by a moment; what has decayed by then goes. */
function live<E extends { knownAtMs: Millis }>(held: Map<string, Held<E>>, momentMs: Millis): Known<E> {
  const known: E[] = []
  let untilMs = Infinity
  for (const [key, { evidence, expiresMs }] of held) {
    if (expiresMs < momentMs) held.delete(key)
    else if (evidence.knownAtMs <= momentMs) {
      known.push(evidence)
      untilMs = Math.min(untilMs, expiresMs)
    } else untilMs = Math.min(untilMs, evidence.knownAtMs - 1)
  }
  return { known, untilMs }
}

function lightest(held: ReadonlyMap<string, Held<Evidence>>): string {
  let lightestKey = ''
  let least: Held<Evidence> | undefined
  for (const [key, one] of held) {
    const tied = one.heft === least?.heft && one.evidence.id < least.evidence.id
    if (least !== undefined && one.heft >= least.heft && !tied) continue
    lightestKey = key
    least = one
  }
  return lightestKey
}
