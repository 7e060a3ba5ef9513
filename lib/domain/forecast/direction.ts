/**
 * Where prices go, by a classifier of their features: the rows that it learns from, what its calls have shown, and beliefs in a stream. A row is a subject at
 * the close of a session, entered at its next open and left at the close of the horizon, as convictions are judged. Dates are one horizon apart, so that
 * no two rows of a subject are about the same days.
 */
import { formatInstant, logit, make, millisOf, type Bar, type Belief, type Millis } from '#record'
import { PriceFeatures, PRICE_FEATURES, PRICES_VERSION, type Prices } from '../features/prices.ts'
import { learnClassifier, type Classifier, type Classifying, type DirectionBelief, type Learned, type LearningTerms } from '../learn/classifier.ts'
import type { Boosting } from '../learn/boosting.ts'
import { Skill } from '../outcome/skill.ts'
import { Said } from './said.ts'

export const TARGET = 'direction', CLASSES = ['down', 'up'] as const

export interface Case {
  readonly subject: string
  /** The session at whose close it was told, in the order of sessions. */
  readonly session: number
  readonly knownMs: Millis
  readonly values: Float64Array
  readonly rose: boolean
}

/** Sessions beside the horizon that a subject may be late before its row is left out. */
const LATE = 10

/** Rows of daily bars, oldest first; what has not come true by the last of them is none. */
export function casesOf(bars: Iterable<Bar>, horizon: number): Case[] {
  const features = new PriceFeatures(), open = new Map<string, { told: Prices; session: number; entry: number; seen: number }[]>()
  const cases: Case[] = []
  let session = 0, knownMs = -Infinity
  for (const bar of bars) {
    const atMs = millisOf(bar.known_at)
    if (atMs > knownMs) session++
    knownMs = Math.max(knownMs, atMs)
    const mine = open.get(bar.subject) ?? []
    for (const one of mine) {
      if (one.seen++ === 0) one.entry = Number(bar.open)
      if (one.seen !== horizon || !(one.entry > 0) || session - one.session > horizon + LATE) continue
      cases.push({ subject: bar.subject, session: one.session, knownMs: one.told.knownMs, values: one.told.values, rose: Number(bar.close) > one.entry })
    }
    open.set(bar.subject, mine.filter(({ seen }) => seen < horizon))
    const told = features.add(bar)
    if (told !== undefined && session % horizon === 0) open.get(bar.subject)?.push({ told, session, entry: NaN, seen: 0 })
  }
  return cases.sort((a, b) => a.session - b.session || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0))
}

export interface DirectionModel extends Classifier {
  readonly beliefs: DirectionBelief
}

/** Throws RangeError where the rows are too few. `knownMs` is when the last bar was known that the rows rest on. */
export async function learnDirection(
  cases: readonly Case[], horizon: number, knownMs: Millis, terms: Omit<LearningTerms, 'groups'>, told?: (round: number, loss: number | undefined) => void,
  engine?: Boosting,
): Promise<Omit<Learned, 'model'> & { readonly model: DirectionModel }> {
  const fields = PRICE_FEATURES.map((name, f) => ({ name, kind: 'number' as const, values: Float64Array.from(cases, ({ values }) => values[f] ?? NaN) }))
  const labels = cases.map(({ rose }) => Number(rose)), groups = cases.map(({ session }) => session)
  const { model, said, ...rest } = await learnClassifier(TARGET, CLASSES, fields, labels, { ...terms, groups }, undefined, told, engine)
  const early = labels.length - rest.judged.rows, base = (labels.slice(0, early).reduce((sum, rose) => sum + rose, 0) + 1) / (early + 2)
  const [, up = new Float64Array(0)] = said
  const beliefs = { features: PRICES_VERSION, horizon, known_until: formatInstant(knownMs), base: rounded(base), shown: shownBy(cases.slice(early), up, base) }
  return { ...rest, said, model: { ...model, beliefs } }
}

/** A call is strong from this distance from the share of all rises, in log-odds: some two and a half in a hundred. */
const STRONG = 0.1

function callOf(pUp: number, base: number): string {
  const off = logit(Math.min(0.999, Math.max(0.001, pUp))) - logit(base)
  return `${Math.abs(off) >= STRONG ? 'strongly' : 'weakly'} ${off < 0 ? 'down' : 'up'}`
}

/** By date, how many rose after each kind of call, beside how many of all rows of all dates did. */
function shownBy(cases: readonly Case[], pUp: Float64Array, base: number): DirectionBelief['shown'] {
  const dates = new Map<number, Map<string, { up: number; all: number }>>(), skill = new Skill(), calls = new Set<string>()
  cases.forEach(({ session, rose }, i) => {
    const date = dates.get(session) ?? new Map<string, { up: number; all: number }>(), call = callOf(pUp[i] ?? NaN, base)
    const tally = date.get(call) ?? { up: 0, all: 0 }
    dates.set(session, date.set(call, tally))
    calls.add(call)
    tally.all++
    tally.up += Number(rose)
  })
  const rises = (cases.reduce((sum, { rose }) => sum + Number(rose), 0) + 1) / (cases.length + 2)
  for (const [, date] of dates) for (const [call, { up, all }] of date) skill.add(call, up / all - rises)
  return [...calls].sort().map((call) => {
    const { pUp: borne, uncertainty, dates: count } = skill.of(call)
    return { call, p_up: rounded(borne), uncertainty: rounded(uncertainty), dates: count }
  })
}

export interface DirectionTerms {
  readonly by: string
  readonly model: DirectionModel
  /** SHA-256 of the model's file. */
  readonly sha256: string
}

/** Beliefs of a stream of daily bars, a session at a time; of prices that the model may have learned from nothing is said. */
export class DirectionBeliefs {
  readonly #by: string
  readonly #belief: DirectionBelief
  readonly #name: string
  readonly #classifying: Classifying
  readonly #features = new PriceFeatures()
  readonly #said: Said
  readonly #learnedMs: Millis
  #fresh: Prices[] = []
  #closeMs: Millis = -Infinity
  #session = 0

  /** `classifying` is the model at work. */
  constructor({ by, model, sha256 }: DirectionTerms, classifying: Classifying) {
    this.#by = by
    this.#belief = model.beliefs
    this.#name = `direction:${sha256.slice(0, 12)}`
    this.#classifying = classifying
    this.#said = new Said(model.beliefs.horizon)
    this.#learnedMs = millisOf(model.beliefs.known_until)
  }

  /** Before a record of a later moment is taken in: what the session that is over says. */
  until(knownMs: Millis): readonly Belief[] {
    return knownMs > this.#closeMs ? this.close() : []
  }

  /** Take in a daily bar; `until` its moment has been asked before. */
  bar(bar: Bar): void {
    const told = this.#features.add(bar)
    this.#closeMs = Math.max(this.#closeMs, millisOf(bar.known_at))
    if (told !== undefined && told.knownMs > this.#learnedMs) this.#fresh.push(told)
  }

  /** Close the session; once more says nothing. */
  close(): readonly Belief[] {
    const fresh = this.#fresh
    if (fresh.length === 0) return []
    this.#fresh = []
    this.#session++
    const columns = PRICE_FEATURES.map((_, f) => Float64Array.from(fresh, ({ values }) => values[f] ?? NaN))
    const [, up] = this.#classifying.probabilities({ rows: fresh.length, features: [...PRICE_FEATURES], columns })
    return fresh.flatMap((told, i) => this.#say(told, up?.[i] ?? NaN))
  }

  #say({ subject, knownMs, parents }: Prices, pUp: number): Belief[] {
    const { base, shown, horizon } = this.#belief, call = callOf(pUp, base), known = shown.find((one) => one.call === call)
    const borne = known?.p_up ?? 0.5, logOdds = rounded(logit(borne))
    if (!this.#said.isDue(subject, call, this.#session, logOdds)) return []
    const at = formatInstant(knownMs)
    return [make('belief', {
      parents: [...parents], at, known_at: at, source: 'vanta-classify', by: this.#by, subject, maker: 'direction', direction: logOdds < 0 ? 'down' : 'up',
      log_odds: Math.abs(logOdds), horizon: `${horizon}d`, p_up: borne, uncertainty: known?.uncertainty ?? 0.5, model: `${this.#name}:${call}`,
    })]
  }
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6 + 0
