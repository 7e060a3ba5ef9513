/**
 * Beliefs from forecasts of prices. What a forecaster says of a direction counts as far as it was right before: it is asked in hindsight, at dates one horizon
 * apart, of all subjects together, and what its calls of a kind were worth beside the base rate is what it is believed.
 */
import { DAY_MS, formatInstant, logit, make, type Belief, type Millis } from '#record'
import type { Forecast } from './forecaster.ts'
import { Skill } from '../outcome/skill.ts'

export interface PriceForecast {
  readonly subject: string
  /** Logarithms of closes, and when each was known. */
  readonly values: Float64Array
  readonly knownMs: Float64Array
  /** Of the first and last bar. */
  readonly parents: readonly string[]
  /** Asked with its origins one horizon apart. */
  readonly forecast: Forecast
}

export interface BeliefTerms {
  readonly by: string
  /** Sessions ahead. */
  readonly horizon: number
}

/** A call is strong from this share of what chance does over the horizon. */
const STRONG = 0.2

/** One belief a subject that has something to say, by subject; each is known with its last bar. */
export function beliefsOf(all: readonly PriceForecast[], { by, horizon }: BeliefTerms): Belief[] {
  const skill = shownBy(all, horizon)
  return all.flatMap(({ subject, values, knownMs, parents, forecast }) => {
    const last = values[values.length - 1] ?? NaN
    const bucket = bucketOf(values, (forecast.median[horizon - 1] ?? NaN) - last, horizon)
    const { pUp, uncertainty } = skill.of(bucket)
    const logOdds = rounded(logit(pUp))
    if (logOdds === 0) return []
    const at = formatInstant(knownMs[knownMs.length - 1] ?? NaN)
    return [make('belief', {
      parents: [...parents], at, known_at: at, source: 'vanta-forecast', by, subject, maker: 'forecast', direction: logOdds < 0 ? 'down' : 'up',
      log_odds: Math.abs(logOdds), horizon: `${horizon}d`, p_up: rounded(pUp), uncertainty: rounded(uncertainty), model: `${forecast.method}:${bucket}`,
    })]
  }).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.subject < b.subject ? -1 : 1))
}

function bucketOf(values: Float64Array, move: number, horizon: number): string {
  let squares = 0
  for (let i = 1; i < values.length; i++) squares += ((values[i] ?? 0) - (values[i - 1] ?? 0)) * ((values[i] ?? 0) - (values[i - 1] ?? 0))
  const size = Math.sqrt((squares / Math.max(1, values.length - 1)) * horizon)
  if (!(Math.abs(move) > 0)) return 'level'
  return `${Math.abs(move) >= STRONG * size ? 'strongly' : 'weakly'} ${move > 0 ? 'up' : 'down'}`
}

/** The calls of hindsight by date: how the share of rises after each kind of call compares with the share of all subjects and dates. */
function shownBy(all: readonly PriceForecast[], horizon: number): Skill {
  const dates = new Map<Millis, Map<string, { up: number; all: number }>>()
  let up = 0, count = 0
  for (const { values, knownMs, forecast: { hindsight } } of all) {
    hindsight?.origins.forEach((origin, k) => {
      const before = values[origin - 1], after = values[origin + horizon - 1]
      if (before === undefined || after === undefined) return
      // Only what was known then says how large a move is.
      const bucket = bucketOf(values.subarray(0, origin), (hindsight.paths[k]?.[horizon - 1] ?? NaN) - before, horizon)
      const day = Math.floor((knownMs[origin - 1] ?? 0) / DAY_MS)
      const buckets = dates.get(day) ?? new Map<string, { up: number; all: number }>()
      dates.set(day, buckets)
      const tally = buckets.get(bucket) ?? { up: 0, all: 0 }
      buckets.set(bucket, tally)
      tally.all++
      count++
      if (after > before) {
        tally.up++
        up++
      }
    })
  }
  const skill = new Skill()
  for (const [, buckets] of [...dates].sort(([a], [b]) => a - b)) {
    for (const [bucket, tally] of buckets) skill.add(bucket, tally.up / tally.all - (up + 1) / (count + 2))
  }
  return skill
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6 + 0
