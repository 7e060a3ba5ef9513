/** How good a source, an author, a model or a band has been, from what became of what it said. */
import { DAY_MS, millisOf, logistic, type Outcome } from '#record'
import { wilson } from '../backtest/precision.ts'
import { brierOf, calibrationError } from '../learn/scores.ts'

export const GROUPS = ['source', 'author', 'model', 'band', 'horizon', 'subject', 'mode'] as const
export type GroupBy = (typeof GROUPS)[number]

/** One statement and whether it came true. */
interface Said {
  readonly who: string
  readonly isUp: boolean
  /** Probability that the stated direction holds. */
  readonly probability: number
  readonly outcome: Outcome
}

export interface Standing {
  readonly who: string
  readonly horizon: string
  /** Statements judged, and how many of them do not overlap in time on one subject: the interval rests on those. */
  readonly n: number
  readonly independent: number
  readonly hitRate: number
  readonly low: number
  readonly high: number
  /** How often a rise would have been right in the same places: what always saying up has. */
  readonly alwaysUp: number
  readonly brier: number
  /** Brier score of saying one half each time is 0.25: what is saved of it. */
  readonly skill: number
  readonly calibrationError: number
  /** Hit rate of those that were among the five ranked first, and how many. */
  readonly precisionAt5: number | undefined
  readonly precisionAt5N: number
  readonly meanMove: number
}

/** Best first: by the lower end of the interval, so that luck with few does not lead. `least` is the fewest statements worth a row. */
export function standingsOf(
  outcomes: Iterable<Outcome>, by: GroupBy, { horizon, least }: { readonly horizon?: string | undefined; readonly least: number },
): readonly Standing[] {
  const groups = new Map<string, Said[]>()
  for (const outcome of outcomes) {
    if (horizon !== undefined && outcome.horizon !== horizon) continue
    for (const said of saidIn(outcome, by)) {
      const key = `${said.who}\n${outcome.horizon}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [said])
      else group.push(said)
    }
  }
  return [...groups.values()].filter((group) => group.length >= least).map(standingOf)
    .sort((a, b) => b.low - a.low || b.n - a.n || (a.who < b.who ? -1 : a.who > b.who ? 1 : 0))
}

function saidIn(outcome: Outcome, by: GroupBy): readonly Said[] {
  if (by === 'source' || by === 'author' || by === 'model') {
    return outcome.voices.filter(({ who }) => who.startsWith(`${by}:`))
      .map(({ who, rise }) => ({ who: who.slice(by.length + 1), isUp: rise > 0, probability: logistic(Math.abs(rise)), outcome }))
  }
  const who = by === 'band' ? outcome.band : by === 'horizon' ? outcome.horizon : by === 'subject' ? outcome.subject : outcome.mode
  return [{ who, isUp: outcome.direction === 'up', probability: outcome.conviction_score, outcome }]
}

const sessionsOf = (horizon: string): number => Number.parseInt(horizon, 10) || 1

/** Weekdays since the Monday before 1970: as good as sessions for telling what overlaps. */
function weekdayOf(instant: string): number {
  const day = Math.floor(millisOf(instant) / DAY_MS) + 3
  return Math.floor(day / 7) * 5 + Math.min(day % 7, 5)
}

function standingOf(group: readonly Said[]): Standing {
  const hits = group.map(({ isUp, outcome }) => (isUp ? outcome.move > 0 : outcome.move < 0) ? 1 : 0)
  const hitCount = hits.reduce<number>((sum, hit) => sum + hit, 0)
  const n = group.length
  const first = group[0]
  const horizon = first?.outcome.horizon ?? ''
  const span = sessionsOf(horizon)
  const independent = new Set(group.map(({ outcome }) => `${outcome.subject} ${Math.floor(weekdayOf(outcome.entered_at) / span)}`)).size
  const [low, high] = wilson((hitCount / n) * independent, independent)
  const probabilities = group.map(({ probability }) => probability)
  const top = group.flatMap(({ outcome }, i) => ((outcome.rank ?? Infinity) <= 5 ? [hits[i] ?? 0] : []))
  const brier = brierOf(probabilities, hits)
  return {
    who: first?.who ?? '', horizon, n, independent, hitRate: hitCount / n, low, high,
    alwaysUp: group.filter(({ outcome }) => outcome.move > 0).length / n,
    brier, skill: 1 - brier / 0.25, calibrationError: calibrationError(probabilities, hits),
    precisionAt5: top.length === 0 ? undefined : top.reduce<number>((sum, hit) => sum + hit, 0) / top.length, precisionAt5N: top.length,
    meanMove: group.reduce((sum, { isUp, outcome }) => sum + (isUp ? outcome.move : -outcome.move), 0) / n,
  }
}
