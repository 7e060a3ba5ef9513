/** From what is measured to the state it calls for. */
import type { Millis, Risk } from '#record'
import { Dwell, Gauge, stateOf, type Level } from './level.ts'
import { MEASURE_NAMES, MEASURES, type MeasureName, type Readings } from './measures.ts'

export type Assessed = Pick<Risk, 'state' | 'measures' | 'because'>

const PLACES = 1e6
const rounded = (value: number): number => Math.round(value * PLACES) / PLACES + 0

/** The state is that of the worst measure, and of the worst that was within the least dwell. */
export class Assessment {
  readonly #gauges = new Map<MeasureName, Gauge>(MEASURE_NAMES.map((name) => [name, new Gauge(MEASURES[name].thresholds)]))
  readonly #dwell: Dwell
  /** What called for each level last. */
  readonly #because = new Map<Level, string[]>()

  constructor(dwellMs: Millis) {
    this.#dwell = new Dwell(dwellMs)
  }

  /** Moments may not go backwards. */
  read(readings: Readings, nowMs: Millis): Assessed {
    let worst: Level = 0
    const levels = new Map<MeasureName, Level>()
    for (const [name, gauge] of this.#gauges) {
      const level = gauge.read(readings[name])
      levels.set(name, level)
      if (level > worst) worst = level
    }
    const level = this.#dwell.read(worst, nowMs)
    if (worst > 0) this.#because.set(worst, [...levels].filter(([, one]) => one === worst).map(([name]) => MEASURES[name].name))
    return {
      state: stateOf(level),
      // What has passed still counts for a while.
      because: level === 0 ? [] : [...(this.#because.get(level) ?? [])],
      measures: [...levels].map(([name, one]) => {
        const { name: said, says } = MEASURES[name], value = readings[name]
        return { name: said, value: value === undefined ? null : rounded(value), state: stateOf(one), ...(value !== undefined && { detail: says(value) }) }
      }),
    }
  }
}
