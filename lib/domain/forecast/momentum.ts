/**
 * Beliefs from momentum. Of a series: what has risen over a year goes on (Moskowitz, Ooi and Pedersen, "Time series momentum", J. of Financial Economics 104,
 * 2012). Across series: the best fifth of the year less its last month goes on beside the others, and the worst fifth falls behind (Jegadeesh and Titman,
 * Journal of Finance 48, 1993). Neither is believed for its name: how far either is believed follows from what it has shown so far in this very stream.
 */
import { formatInstant, logit, make, millisOf, type Bar, type Belief, type Millis } from '#record'
import { MomentumFeatures, type Momentum } from '../features/momentum.ts'
import { Skill } from '../outcome/skill.ts'
import { Said } from './said.ts'

export type Style = 'series' | 'cross'
export const STYLES: readonly Style[] = ['series', 'cross']

export interface MomentumTerms {
  readonly by: string
  readonly styles: readonly Style[]
  /** Sessions over which a belief is meant to hold, and is judged. */
  readonly horizon: number
}

/** Fewer subjects have no best fifth. */
const CROSS_LEAST = 20
const FIFTH = 0.2
/** A year's return of so many times what chance would do is a strong one. */
const STRONG = 1
/** Sessions beside the horizon that a subject may be late before it is left out of a date's judgement. */
const LATE = 10

const MODEL = 'momentum/1'

/** Calls of one date that are being judged. */
interface Date {
  readonly calls: { readonly bucket: string; readonly style: Style; readonly subject: string }[]
  readonly rose: Map<string, boolean>
  readonly session: number
}
interface Entered {
  readonly date: Date
  readonly open: number
  seen: number
}

export class MomentumBeliefs {
  readonly #terms: MomentumTerms
  readonly #features = new MomentumFeatures()
  readonly #skill = new Skill()
  /** Of rises over the horizon, of all subjects and dates so far. */
  readonly #rises = { up: 0, all: 0 }
  /** Features of the session whose close is `#closeMs`. */
  #fresh: Momentum[] = []
  #closeMs: Millis = -Infinity
  #session = 0
  #dates: Date[] = []
  readonly #entering = new Map<string, Date>()
  readonly #entered = new Map<string, Entered[]>()
  /** Of a subject, by style. */
  readonly #said: Said

  constructor(terms: MomentumTerms) {
    this.#terms = terms
    this.#said = new Said(terms.horizon)
  }

  /** Before a record of a later moment is taken in: what the session that is over says. */
  until(knownMs: Millis): readonly Belief[] {
    return knownMs > this.#closeMs ? this.close() : []
  }

  /** Take in a daily bar; `until` its moment has been asked before. */
  bar(bar: Bar): void {
    this.#judge(bar)
    const features = this.#features.add(bar)
    this.#closeMs = Math.max(this.#closeMs, millisOf(bar.known_at))
    if (features !== undefined) this.#fresh.push(features)
  }

  /** Close the session; once more says nothing. */
  close(): readonly Belief[] {
    const fresh = this.#fresh
    if (fresh.length === 0) return []
    this.#fresh = []
    this.#session++
    this.#settle()
    const ranks = ranksOf(fresh)
    const bucketed = fresh.flatMap((features) => this.#terms.styles.map((style) => ({
      style, features, bucket: bucketOf(style, features, ranks.get(features)),
    }))).filter(({ bucket }) => bucket !== '')
    if (this.#session % this.#terms.horizon === 0) this.#open(fresh, bucketed)
    return bucketed.flatMap(({ style, features, bucket }) => this.#say(style, features, bucket))
  }

  /** From this date on: one in `horizon` sessions, so that no two are judged over the same days. */
  #open(fresh: readonly Momentum[], calls: readonly { readonly style: Style; readonly features: Momentum; readonly bucket: string }[]): void {
    const date: Date = {
      calls: calls.map(({ style, features, bucket }) => ({ style, bucket, subject: features.subject })), rose: new Map(), session: this.#session,
    }
    this.#dates.push(date)
    for (const { subject } of fresh) this.#entering.set(subject, date)
  }

  /** Entered at the open after the date, left at the close of the horizon's last session, as vanta-track judges convictions. */
  #judge(bar: Bar): void {
    const entering = this.#entering.get(bar.subject)
    let entered = this.#entered.get(bar.subject)
    if (entering !== undefined) {
      this.#entering.delete(bar.subject)
      if (entered === undefined) this.#entered.set(bar.subject, (entered = []))
      if (Number(bar.open) > 0) entered.push({ date: entering, open: Number(bar.open), seen: 0 })
    }
    if (entered === undefined) return
    for (const one of entered) {
      one.seen++
      if (one.seen === this.#terms.horizon) one.date.rose.set(bar.subject, Number(bar.close) > one.open)
    }
    this.#entered.set(bar.subject, entered.filter(({ seen }) => seen < this.#terms.horizon))
  }

  /** Dates of which all there will be is known. */
  #settle(): void {
    const due = this.#dates.filter(({ session }) => this.#session - session >= this.#terms.horizon + LATE)
    if (due.length === 0) return
    this.#dates = this.#dates.filter((date) => !due.includes(date))
    for (const { calls, rose } of due) {
      const up = [...rose.values()].filter(Boolean).length, all = rose.size
      if (all === 0) continue
      const longRun = (this.#rises.up + 1) / (this.#rises.all + 2)
      for (const bucket of new Set(calls.map((call) => call.bucket))) {
        const judged = calls.filter((call) => call.bucket === bucket && rose.has(call.subject))
        if (judged.length === 0) continue
        const share = judged.filter(({ subject }) => rose.get(subject)).length / judged.length
        // Of series it is the direction that counts, beside that of all dates; across series who rises beside the others of the date.
        this.#skill.add(bucket, share - (judged[0]?.style === 'cross' ? up / all : longRun))
      }
      this.#rises.up += up
      this.#rises.all += all
    }
  }

  #say(style: Style, features: Momentum, bucket: string): Belief[] {
    const { by, horizon } = this.#terms
    const shown = this.#skill.of(bucket)
    const logOdds = rounded(logit(shown.pUp))
    if (!this.#said.isDue(`${style} ${features.subject}`, bucket, this.#session, logOdds)) return []
    const at = formatInstant(features.knownMs)
    return [make('belief', {
      parents: [...features.parents], at, known_at: at, source: 'vanta-momentum', by, subject: features.subject, maker: `momentum_${style}`,
      direction: logOdds < 0 ? 'down' : 'up', log_odds: Math.abs(logOdds), horizon: `${horizon}d`,
      p_up: rounded(shown.pUp), uncertainty: rounded(shown.uncertainty), model: `${MODEL}:${bucket}`,
    })]
  }
}

/** From 0, the worst of the year less its last month, to 1; none where there are too few. */
function ranksOf(fresh: readonly Momentum[]): ReadonlyMap<Momentum, number> {
  if (fresh.length < CROSS_LEAST) return new Map()
  const sorted = [...fresh].sort((a, b) => a.yearLessMonth - b.yearLessMonth || (a.subject < b.subject ? -1 : 1))
  return new Map(sorted.map((features, i) => [features, i / (sorted.length - 1)]))
}

function bucketOf(style: Style, { yearScore }: Momentum, rank: number | undefined): string {
  if (style === 'series') return `${Math.abs(yearScore) >= STRONG ? 'strongly' : 'weakly'} ${yearScore > 0 ? 'up' : 'down'}`
  if (rank === undefined) return ''
  return rank >= 1 - FIFTH ? 'best fifth' : rank <= FIFTH ? 'worst fifth' : 'between'
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6 + 0
