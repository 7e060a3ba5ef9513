/**
 * How long a signal or belief takes to lose half its weight: as learned of its source (models/half_lives.json, made by scripts/train/half_lives.ts), for what
 * was known after the last of what it was learned from; else as the prior of its maker says.
 */
import { HOUR_MS, type Belief, type Millis, type Signal } from '#record'
import learned from '../../../models/half_lives.json' with { type: 'json' }
import { halfLifeOf, makerOf } from './priors.ts'

export interface LearnedHalfLife {
  readonly maker: string
  readonly source: string
  readonly hours: number
  readonly known_at: string
}

/** The half-life, and whether it was learned. */
export interface HalfLifeSaid {
  readonly ms: Millis
  readonly learned: boolean
}

/** A lookup by maker and source. */
export function halfLivesFrom(model: readonly LearnedHalfLife[]): (record: Signal | Belief) => HalfLifeSaid {
  const bySource = new Map(model.map((one) => [`${one.maker} ${one.source}`, one] as const))
  return (record) => {
    const maker = makerOf(record)
    const one = maker === undefined ? undefined : bySource.get(`${maker} ${record.source}`)
    // A half-life is used only for what was known later than all that it was learned from.
    return one !== undefined && record.known_at >= one.known_at ? { ms: one.hours * HOUR_MS, learned: true } : { ms: halfLifeOf(record), learned: false }
  }
}

export const halfLifeFor = halfLivesFrom(learned.model)
