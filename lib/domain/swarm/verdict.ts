/** From what is seen of a text to a probability that it is part of a swarm, with the reasons. */
import swarm from '../../../models/swarm.json' with { type: 'json' }
import { DAY_MS, formatDuration, HOUR_MS, MINUTE_MS, SECOND_MS, logistic, type Millis } from '#record'
import type { Sight } from './detector.ts'

/** The features of the model, in its order; all 0 where there is nothing to see. */
export const SIGHT_FEATURES = ['copiers', 'likeness', 'fresh_copiers', 'quick_copies', 'spread_copies', 'evenness', 'together', 'pace'] as const

export function sightRow(sight: Sight): readonly number[] {
  const { copiers, shared, likeness, spanMs, gapMs, freshShare, evenness, together, texts } = sight
  /** From 0 for a phrase to near 1 for a paragraph: what short texts share they share by chance. */
  const length = shared / (shared + 25)
  const crowd = Math.log(1 + copiers) * length
  return [
    crowd, crowd * likeness, crowd * freshShare, copiers === 0 ? 0 : (length * 10 * MINUTE_MS) / (10 * MINUTE_MS + gapMs),
    copiers === 0 ? 0 : (length * spanMs) / (spanMs + 6 * HOUR_MS), evenness, Math.log(1 + together) * length, evenness * Math.log(1 + texts),
  ]
}

export interface SwarmModel {
  readonly weights: readonly number[]
  readonly intercept: number
}
const SWARM_MODEL: SwarmModel = swarm.model

export function swarmProbability(sight: Sight, { weights, intercept }: SwarmModel = SWARM_MODEL): number {
  const row = sightRow(sight)
  return logistic(row.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), intercept))
}

/** What speaks for it, in words. */
export function reasonsOf({ copiers, spanMs, freshShare, evenness, together, texts }: Sight, bot: number | undefined): string[] {
  const reasons: string[] = []
  const span = formatDuration(roundly(spanMs))
  if (copiers > 0) reasons.push(`${copiers} other author${copiers === 1 ? '' : 's'} said nearly the same within ${span}`)
  if (copiers > 0 && freshShare >= 0.5) reasons.push(`${Math.round(freshShare * 100)} % of them had said nothing before`)
  if (together > 0) reasons.push(`the same authors shared ${together} other text${together === 1 ? '' : 's'}`)
  if (evenness > 0.6) reasons.push(`${texts} texts at even intervals`)
  if (bot !== undefined && bot >= 0.5) reasons.push(`the profile looks like that of a program (${bot.toFixed(2)})`)
  return reasons
}

/** To the unit in which one would say it. */
function roundly(ms: Millis): Millis {
  const unit = [DAY_MS, HOUR_MS, MINUTE_MS].find((each) => ms >= 2 * each) ?? SECOND_MS
  return Math.max(SECOND_MS, Math.round(ms / unit) * unit)
}
