/** Following convictions until it is known what became of them. */
import { make, millisOf, SECOND_MS, type Bar, type Conviction, type Direction, type Millis, type Outcome, type Ranking, type Signal } from '#record'

export interface TrackTerms {
  readonly by: string
  /** Sessions over which each conviction is judged. */
  readonly horizons: readonly number[]
  /** How long a signal is remembered, so that it can be said whose it was. */
  readonly windowMs: Millis
}

interface Standing {
  readonly conviction: Conviction
  readonly knownMs: Millis
  readonly expiresMs: Millis
  /** In the first ranking that named it. */
  rank: number | undefined
}

interface Pending {
  readonly standing: Standing
  readonly enteredAt: string
  readonly entry: number
  /** Sessions seen, the first counted. */
  seen: number
}

interface Whose {
  readonly source: string
  readonly author: string | undefined
  /** -1, 0 or 1. */
  readonly leaning: number
}

const DAILY = '1d'
/** Statements on one subject that are kept while it has no session. */
const STATEMENTS_MOST = 64

/**
 * One judgement a subject, session and horizon: of the conviction that stood when the session opened. An outcome is known at the close of its horizon's
 * last session and never before. Memory is bounded by the convictions that stand or are being judged, and by the window for signals.
 */
export class Track {
  readonly #terms: TrackTerms
  /** By subject, oldest first: those said since the last session opened, and the last before. */
  readonly #said = new Map<string, Standing[]>()
  readonly #pending = new Map<string, Pending[]>()
  readonly #byId = new Map<string, Standing>()
  #young = new Map<string, Whose>()
  #old = new Map<string, Whose>()
  #turnMs = -Infinity

  constructor(terms: TrackTerms) {
    this.#terms = terms
  }

  signal({ id, source, author, polarity = 0, known_at }: Signal): void {
    const knownMs = millisOf(known_at)
    if (knownMs >= this.#turnMs) {
      this.#old = this.#turnMs + this.#terms.windowMs <= knownMs ? new Map() : this.#young
      this.#young = new Map()
      this.#turnMs = knownMs + this.#terms.windowMs
    }
    this.#young.set(id, { source, author, leaning: Math.sign(polarity) })
  }

  ranking({ ranked }: Ranking): void {
    ranked.forEach(({ conviction }, i) => {
      const standing = this.#byId.get(conviction)
      if (standing !== undefined) standing.rank ??= i + 1
    })
  }

  conviction(conviction: Conviction): void {
    const knownMs = millisOf(conviction.known_at)
    const expiresMs = millisOf(conviction.at) + conviction.ttl * SECOND_MS
    const standing = { conviction, knownMs, expiresMs, rank: conviction.rank }
    this.#byId.set(conviction.id, standing)
    const list = this.#said.get(conviction.subject)
    if (list === undefined) this.#said.set(conviction.subject, [standing])
    else if (list.push(standing) > STATEMENTS_MOST) this.#forget(list, 1)
  }

  /** A session of a subject is over: what it settles. */
  bar(bar: Bar): readonly Outcome[] {
    if (bar.span !== DAILY) return []
    const openMs = millisOf(bar.at), open = Number(bar.open), close = Number(bar.close)
    const pending = this.#pending.get(bar.subject) ?? []
    const standing = this.#standingAt(bar.subject, openMs)
    if (standing !== undefined && open > 0) pending.push({ standing, enteredAt: bar.at, entry: open, seen: 0 })
    const outcomes: Outcome[] = []
    const last = Math.max(...this.#terms.horizons)
    const kept = pending.filter((one) => {
      one.seen++
      if (this.#terms.horizons.includes(one.seen)) outcomes.push(this.#outcome(one, bar, close))
      return one.seen < last
    })
    if (kept.length > 0) this.#pending.set(bar.subject, kept)
    else this.#pending.delete(bar.subject)
    return outcomes
  }

  /** What stood when the session opened; what was said before it is forgotten. */
  #standingAt(subject: string, openMs: Millis): Standing | undefined {
    const list = this.#said.get(subject)
    if (list === undefined) return undefined
    let at = -1
    list.forEach(({ knownMs }, i) => void (knownMs < openMs && (at = i)))
    if (at > 0) this.#forget(list, at)
    const standing = at >= 0 ? list[0] : undefined
    if (standing === undefined || standing.expiresMs <= openMs) {
      if (list.length === 1 && standing !== undefined) {
        this.#forget(list, 1)
        this.#said.delete(subject)
      }
      return undefined
    }
    return standing
  }

  #forget(list: Standing[], count: number): void {
    for (const { conviction } of list.splice(0, count)) this.#byId.delete(conviction.id)
  }

  #outcome({ standing, enteredAt, entry, seen }: Pending, bar: Bar, close: number): Outcome {
    const { conviction, rank } = standing
    const move = rounded(close / entry - 1)
    return make('outcome', {
      parents: [conviction.id, bar.id], at: bar.known_at, known_at: bar.known_at, source: 'vanta-track', by: this.#terms.by,
      subject: conviction.subject, direction: conviction.direction, horizon: `${seen}d`, move,
      hit: isHit(move, conviction.direction), conviction_score: conviction.conviction_score, band: bandOf(conviction.conviction_score), entered_at: enteredAt,
      ...(rank !== undefined && { rank }),
      uncalibrated: uncalibratedRise(conviction),
      voices: this.#voicesOf(conviction),
      mode: conviction.routing_tags.includes('mode:shadow') ? 'shadow' : 'live',
    })
  }

  /** Each maker by its term; each source and author by the share of the evidence that is theirs, leaning as they leant. */
  #voicesOf({ reason_vector: reasons, direction }: Conviction): Outcome['voices'] {
    const sign = direction === 'up' ? 1 : -1
    const voices = new Map<string, number>()
    const add = (who: string, rise: number): void => void voices.set(who, (voices.get(who) ?? 0) + rise)
    for (const reason of reasons) {
      if (!('maker' in reason) || typeof reason.maker !== 'string') continue
      add(`model:${reason.maker}`, sign * reason.log_odds)
      for (const id of reason.evidence) {
        const whose = this.#young.get(id) ?? this.#old.get(id)
        if (whose === undefined || whose.leaning === 0) continue
        const share = (whose.leaning * Math.abs(reason.log_odds)) / reason.evidence.length
        add(`source:${whose.source}`, share)
        if (whose.author !== undefined) add(`author:${whose.author}`, share)
      }
    }
    return [...voices].map(([who, rise]) => ({ who, rise: rounded(rise) })).filter(({ rise }) => rise !== 0).sort((a, b) => (a.who < b.who ? -1 : 1))
  }
}

/** What base rate and evidence come to, of a rise: neither calibration nor what else is laid on top is part of what calibration is to learn from. */
const uncalibratedRise = ({ reason_vector: reasons, direction }: Conviction): number =>
  rounded((direction === 'up' ? 1 : -1) * reasons.reduce((sum, reason) => sum + ('maker' in reason || reason.term === 'base rate' ? reason.log_odds : 0), 0))

const rounded = (value: number): number => Math.round(value * 1e9) / 1e9 + 0
export const isHit = (move: number, direction: Direction): boolean => (direction === 'up' ? move > 0 : move < 0)

/** Five points of probability each: `50-55`, `55-60` ... */
export function bandOf(score: number): string {
  const low = Math.min(95, Math.floor(score * 20) * 5)
  return `${low}-${low + 5}`
}
