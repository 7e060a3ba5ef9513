/**
 * What is measured, and what it calls for. The thresholds are conventions of the field, chosen before any result of this system was looked at, and are
 * not to be tuned on recorded history.
 */
import type { Threshold } from './level.ts'

export interface Measure {
  readonly name: string
  readonly thresholds: readonly Threshold[]
  /** What the value is, for people. */
  readonly says: (value: number) => string
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
const elevated = (enter: number, leave: number): Threshold => ({ level: 1, enter, leave })
const stressed = (enter: number, leave: number): Threshold => ({ level: 2, enter, leave })
const halted = (enter: number, leave: number): Threshold => ({ level: 3, enter, leave })

export const MEASURES = {
  /** Until volatility can be told the market is unknown, which is not calm. */
  history: {
    name: 'little_history', thresholds: [elevated(1, 1)],
    says: (value) => (value === 0 ? 'volatility can be told' : 'too few sessions to tell volatility'),
  },
  /** A year. US shares move some 16 % a year in the long run, and beyond 40 % in crises (Schwert, Journal of Finance 44, 1989). */
  volatility: {
    name: 'volatility', thresholds: [elevated(0.25, 0.2), stressed(0.4, 0.32)], says: (value) => `the benchmark moves ${percent(value)} a year`,
  },
  /** Higher than nine in ten of its own past: unusual, and no more than that where the level itself is low. */
  volatilityRank: { name: 'volatility_rank', thresholds: [elevated(0.9, 0.8)], says: (value) => `higher than at ${percent(value)} of the sessions before` },
  crossSection: {
    name: 'cross_section', thresholds: [elevated(0.9, 0.8)],
    says: (value) => `the median share moves more than at ${percent(value)} of sessions`,
  },
  /** Pairs of large US shares: some 0.2 to 0.3 in quiet years, above 0.5 when all fall (Pollet & Wilson, Journal of Financial Economics 96, 2010). */
  correlation: {
    name: 'correlation', thresholds: [elevated(0.5, 0.42), stressed(0.65, 0.55)], says: (value) => `pairs correlate by ${value.toFixed(2)} on average`,
  },
  /** A correction and a bear market, as they are commonly called. */
  drawdown: {
    name: 'drawdown', thresholds: [elevated(0.1, 0.07), stressed(0.2, 0.15)], says: (value) => `the benchmark is ${percent(value)} below its highest close`,
  },
  capital: {
    name: 'capital', thresholds: [elevated(0.1, 0.07), stressed(0.2, 0.15), halted(0.3, 0.25)],
    says: (value) => `a vault is ${percent(value)} below its highest`,
  },
  /** Sessions in a row: nothing is decided without prices. */
  prices: {
    name: 'prices', thresholds: [halted(1, 1)],
    says: (value) => (value === 0 ? 'prices came in the last session' : `${value} sessions without any price`),
  },
  benchmark: {
    name: 'benchmark', thresholds: [elevated(1, 1), stressed(3, 1)],
    says: (value) => (value === 0 ? 'the benchmark has one of the last session' : `${value} sessions without a price of the benchmark`),
  },
  coverage: { name: 'coverage', thresholds: [elevated(0.25, 0.15), stressed(0.5, 0.35)], says: (value) => `${percent(value)} of the subjects have no price` },
  /** Streams that are mute or down, as a share. */
  feeds: {
    name: 'feeds', thresholds: [elevated(0.25, 0.2), stressed(0.5, 0.4), halted(1, 1)],
    says: (value) => `${percent(value)} of the feeds are mute or down`,
  },
  /** The population stability index; conventional. */
  inputDrift: {
    name: 'input_drift', thresholds: [elevated(0.25, 0.2)], says: (value) => `readings against those before: PSI ${value.toFixed(2)}`,
  },
  /** Standard errors: chance alone gives 2.5 in one of 160. */
  calibrationDrift: {
    name: 'calibration_drift', thresholds: [elevated(2.5, 1.5), stressed(4, 3)],
    says: (value) => `convictions promise ${value.toFixed(1)} standard errors too much`,
  },
} as const satisfies { readonly [name: string]: Measure }

export type MeasureName = keyof typeof MEASURES
export const MEASURE_NAMES = Object.keys(MEASURES) as readonly MeasureName[]

/** The higher, the worse; undefined where it cannot be told. */
export type Readings = { readonly [name in MeasureName]: number | undefined }
