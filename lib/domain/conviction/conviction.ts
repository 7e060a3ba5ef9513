/** From what is known of a subject at a moment to beliefs, one a maker, and the conviction that stacks them. */
import { formatInstant, make, SECOND_MS, type Belief, type Conviction, type Millis, type Reason } from '#record'
import { decayed } from './decay.ts'
import type { Gate } from './gate.ts'
import type { HeldBelief, HeldOpinion, Live } from './live_evidence.ts'
import { overridesOf } from './personas.ts'
import { priorOfMaker, UNKNOWN_RELIABILITY } from './priors.ts'
import { routingTags } from './routing.ts'
import type { Reading } from './standing.ts'
import type { TrustOf } from './evidence.ts'
import { sharesOf, type OverlapOf } from './independence.ts'
import { agedLogOdds, rounded, stack, steepestOf, UNCALIBRATED, VOICES_MAX, type Calibration, type Opinion, type Stacked } from './stacker.ts'

export interface Deciding {
  readonly by: string
  readonly source: string
  /** Probability of a rise before any evidence. */
  readonly baseRate: number
  /** What is made of a conviction over a horizon at a moment, and from what it was fitted, in words. */
  readonly calibrationAt?: (horizon: string, momentMs: Millis) => Calibrating
  /** What was learned of makers, as `model:NAME`. */
  readonly trustOf?: TrustOf
  /** How far sources say the same; without it only texts and evidence that are the same are told. */
  readonly overlapOf?: OverlapOf | undefined
  /** Log-odds below which a conviction is not worth stating. */
  readonly minLogOdds: number
}

interface Calibrating {
  readonly map: Calibration
  readonly fitted: string | undefined
}
const AS_IT_IS: Calibrating = { map: UNCALIBRATED, fitted: undefined }

export interface Decision {
  readonly beliefs: readonly Belief[]
  readonly conviction: Conviction
}

/** One maker's part in a conviction. */
interface View {
  readonly maker: string
  readonly horizon: string
  readonly halfLifeMs: Millis
  readonly reliability: number
  /** Of a rise, before reliability. */
  readonly logOdds: number
  readonly text: string
  readonly counts: { readonly count?: number; readonly authors?: number }
  /** Heaviest first. */
  readonly evidence: readonly string[]
  /** The heaviest that speaks for what the view says. */
  readonly heaviest: string
  /** The belief it comes from, or undefined where it is still to be made of the evidence. */
  readonly beliefId: string | undefined
  /** What share of what counts of it is from whom, and whoever said it. */
  readonly shares: readonly (readonly [source: string, share: number])[]
  readonly sources: readonly string[]
  /** How much of it no heavier view of its side has said, 0 .. 1. */
  readonly independent: number
}

/** What the evidence on one subject comes to at a moment, before it is put into words. */
export interface Weighed {
  readonly subject: string
  readonly momentMs: Millis
  readonly views: readonly View[]
  readonly stacked: Stacked
  readonly calibrating: Calibrating
  /** What holds it back, and what that takes from its log-odds; `stacked` is what is left. */
  readonly gate?: Gate & { readonly taken: number }
}

type Weighing = Pick<Deciding, 'baseRate' | 'calibrationAt' | 'trustOf' | 'overlapOf'>

/** Undefined where nothing is known. */
export function weigh(subject: string, known: Live, momentMs: Millis, { baseRate, calibrationAt, trustOf, overlapOf }: Weighing): Weighed | undefined {
  const made = known.opinions.map((held) => viewOf(held, momentMs, overlapOf !== undefined))
  const all = [...made, ...known.beliefs.map((belief) => heldView(belief, momentMs))].map((view) => trusted(view, trustOf))
  if (all.length === 0) return undefined
  all.sort((a, b) => (a.maker < b.maker ? -1 : 1))
  const views = apart(all, overlapOf)
  const terms = views.map((view) => ({ logOdds: view.logOdds * view.reliability * view.independent }))
  const plain = stack(terms, baseRate, UNCALIBRATED)
  const calibrating = calibrationAt?.(foremost(views, plain.terms).horizon, momentMs) ?? AS_IT_IS
  return { subject, momentMs, views, calibrating, stacked: calibrating === AS_IT_IS ? plain : stack(terms, baseRate, calibrating.map) }
}

/** A maker's reliability as outcomes have shown it: its prior, taken up or down, never above taking it at its word. */
function trusted(view: View, trustOf: TrustOf | undefined): View {
  const factor = trustOf?.(`model:${view.maker}`, view.horizon) ?? 1
  return factor === 1 ? view : { ...view, reliability: Math.min(1, view.reliability * factor) }
}

/** Views that say what heavier ones of their side have said count for what is left of them: the effective number of makers, as of voices. */
function apart(views: readonly View[], overlapOf: OverlapOf | undefined): readonly View[] {
  if (views.length < 2) return views
  const independent = new Map<View, number>()
  for (const side of [1, -1]) {
    const ours = views.filter((view) => view.logOdds * side > 0).sort((a, b) => weightOf(b) - weightOf(a) || (a.maker < b.maker ? -1 : 1))
    const among = ours.map((a) => ours.map((b) => Math.max(coverage(a, b, overlapOf), coverage(b, a, overlapOf), sharedEvidence(a, b))))
    if (!among.some((row, i) => row.some((overlap, k) => i !== k && overlap > 0))) continue
    sharesOf(among).forEach((share, i) => {
      const view = ours[i]
      if (view !== undefined) independent.set(view, rounded(share))
    })
  }
  return independent.size === 0 ? views : views.map((view) => ({ ...view, independent: independent.get(view) ?? 1 }))
}

const weightOf = (view: View): number => Math.abs(view.logOdds * view.reliability)

/**
 * How much of what one view's sources say is said by other sources, in another view. Where a source speaks in both, to two makers, it says two things:
 * whether those are one, texts tell.
 */
function coverage(a: View, b: View, overlapOf: OverlapOf | undefined): number {
  if (overlapOf === undefined) return 0
  return a.shares.reduce((sum, [source, share]) =>
    sum + (b.sources.includes(source) ? 0 : share * b.sources.reduce((most, other) => Math.max(most, overlapOf(source, other)), 0)), 0)
}

/** Beliefs made elsewhere may rest on the same records: as a share of those of the one that rests on fewer. */
function sharedEvidence(a: View, b: View): number {
  if (a.beliefId === undefined && b.beliefId === undefined) return 0
  const [few, many] = a.evidence.length <= b.evidence.length ? [a.evidence, b.evidence] : [b.evidence, a.evidence]
  const known = new Set(many)
  return few.length === 0 ? 0 : few.filter((id) => known.has(id)).length / few.length
}

/** What decides whether there is something to say. */
export function readingOf({ views, stacked, calibrating }: Weighed): Reading {
  const steepest = Math.max(1, steepestOf(calibrating.map))
  return {
    rise: stacked.direction === 'up' ? stacked.logOdds : -stacked.logOdds,
    strength: steepest * views.reduce((sum, view) => sum + weightOf(view), Math.abs(stacked.baseRate)),
    halfLifeMs: views.reduce((least, view) => Math.min(least, view.halfLifeMs), Infinity),
  }
}

/**
 * The records that say it. Beliefs made elsewhere are parents, but not made again. What no longer `stands` is said with a ttl of
 * 0: it takes back what was said before.
 */
export function state(weighed: Weighed, { source, by }: Pick<Deciding, 'source' | 'by'>, stands = true): Decision {
  const { subject, momentMs, views } = weighed
  const moment = momentOf(momentMs)
  const heard = { at: moment, known_at: moment, source, by }
  const made = views.map((view) => (view.beliefId === undefined ? beliefOf(subject, view, heard) : undefined))
  const parents = views.map((view, i) => view.beliefId ?? made[i]?.id ?? '')
  return {
    beliefs: made.filter((belief) => belief !== undefined),
    conviction: convictionOf(weighed, parents, heard, stands),
  }
}

/** {@link weigh} and {@link state} in one; undefined also where there is nothing worth saying. */
export function decide(subject: string, known: Live, momentMs: Millis, deciding: Deciding): Decision | undefined {
  const weighed = weigh(subject, known, momentMs, deciding)
  return weighed === undefined || weighed.stacked.logOdds < deciding.minLogOdds ? undefined : state(weighed, deciding)
}

let lastMs: Millis | undefined
let lastText = ''

/** A moment as text; all subjects are decided at the same one. */
function momentOf(ms: Millis): string {
  if (ms !== lastMs) {
    lastText = formatInstant(ms)
    lastMs = ms
  }
  return lastText
}

type Heard = Pick<Belief, 'at' | 'known_at' | 'source' | 'by'>

function beliefOf(subject: string, view: View, heard: Heard): Belief {
  return make('belief', {
    parents: [...view.evidence],
    ...heard,
    subject,
    maker: view.maker,
    direction: view.logOdds < 0 ? 'down' : 'up',
    log_odds: Math.abs(view.logOdds),
    horizon: view.horizon,
  })
}

/** `beliefs` are those behind the views, in their order. */
function convictionOf(weighed: Weighed, beliefs: string[], heard: Heard, stands: boolean): Conviction {
  const { subject, views, stacked, gate } = weighed
  const first = foremost(views, stacked.terms)
  const { direction } = stacked
  const { horizon, halfLifeMs } = first
  const makers = views.filter((_, i) => (stacked.terms[i] ?? 0) > 0).map(({ maker }) => maker)
  return make('conviction', {
    parents: gate?.isHeard === true && gate.record !== undefined ? [...beliefs, gate.record] : beliefs,
    ...heard,
    signal_id: first.heaviest,
    subject,
    direction,
    conviction_score: stacked.score,
    log_odds: stacked.logOdds,
    reason_vector: reasonsOf(weighed),
    contributing_models: views.map((view) => view.maker),
    persona_overrides: overridesOf(stacked.logOdds),
    horizon,
    ttl: stands ? Math.round(halfLifeMs / SECOND_MS) : 0,
    routing_tags: routingTags({ subject, direction, horizon, halfLifeMs, stands, makers }),
  })
}

/** The view that speaks loudest for the stated direction; it lends the conviction its horizon and its life. */
function foremost(views: readonly View[], terms: readonly number[]): View {
  let best = 0
  for (let i = 1; i < terms.length; i++) if ((terms[i] ?? 0) > (terms[best] ?? 0)) best = i
  const view = views[best]
  if (view === undefined) throw new RangeError('a conviction needs a view')
  return view
}

function reasonsOf({ views, stacked, calibrating: { fitted }, gate }: Weighed): Reason[] {
  return [
    { term: 'base rate', log_odds: stacked.baseRate, evidence: [] },
    ...views.map(({ text, maker, evidence, counts, reliability, independent }, i) => ({
      term: text, maker, log_odds: stacked.terms[i] ?? 0, evidence: [...evidence], ...counts, reliability, ...(independent < 1 && { independent }),
    })),
    { term: 'calibration', log_odds: stacked.calibration, evidence: [], ...(fitted !== undefined && { fitted }) },
    ...(gate === undefined ? [] : [{ term: gate.term, log_odds: gate.taken, evidence: gate.record === undefined ? [] : [gate.record] }]),
  ]
}

function viewOf({ prior, opinion }: HeldOpinion, momentMs: Millis, bySource: boolean): View {
  const { maker, horizon, halfLifeMs, reliability, nouns } = prior
  const text = `${maker}: ${counted(opinion.readings, nouns.reading)} by ${counted(opinion.authors, nouns.author)}`
  return {
    maker, horizon, halfLifeMs, reliability,
    logOdds: agedLogOdds(opinion, momentMs),
    text: opinion.authors > VOICES_MAX ? `${text}, the ${VOICES_MAX} heaviest counted` : text,
    counts: { count: opinion.readings, authors: opinion.authors },
    evidence: opinion.voices.map((voice) => voice.id),
    heaviest: heaviestOf(opinion),
    beliefId: undefined,
    shares: bySource ? sharesBySource(opinion) : [],
    sources: opinion.sources,
    independent: 1,
  }
}

function heaviestOf({ voices, logOdds }: Opinion): string {
  return (voices.find((voice) => (logOdds < 0 ? voice.logOdds < 0 : voice.logOdds > 0)) ?? voices[0])?.id ?? ''
}

/** What share of an opinion is from each source, by the voices that say what it says. */
function sharesBySource({ voices, logOdds }: Opinion): View['shares'] {
  const shares = new Map<string, number>()
  let whole = 0
  for (const voice of voices) {
    if (voice.logOdds * logOdds <= 0) continue
    whole += Math.abs(voice.logOdds)
    shares.set(voice.source, (shares.get(voice.source) ?? 0) + Math.abs(voice.logOdds))
  }
  return [...shares].map(([source, share]) => [source, share / whole] as const)
}

function heldView(belief: HeldBelief, momentMs: Millis): View {
  const { id, maker, source, horizon, halfLifeMs, evidence } = belief
  return {
    maker, horizon, halfLifeMs,
    reliability: priorOfMaker(maker)?.reliability ?? UNKNOWN_RELIABILITY,
    logOdds: belief.logOdds * decayed(belief.weight, momentMs - belief.weightedAtMs, halfLifeMs),
    text: `${maker}: a belief${evidence.length > VOICES_MAX ? `, its first ${VOICES_MAX} pieces of evidence named` : ''}`,
    counts: {},
    evidence: evidence.slice(0, VOICES_MAX),
    heaviest: evidence[0] ?? id,
    beliefId: id,
    shares: [[source, 1]],
    sources: [source],
    independent: 1,
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
