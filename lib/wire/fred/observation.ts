/** One value of one series, as it was known at one time: what all sources of series come down to. */
import { DAY_MS, type Millis, type Signal } from '#record'
import { newYorkMillis } from '#domain/market/session'
import { readMoment } from '../dates.ts'
import { exactDecimal } from '../json_exact.ts'
import { happened, type Facts } from '../signal.ts'

export interface Observation {
  /** `fred:CPIAUCSL/2026-01-01`: the observation, whatever its value is said to be. */
  readonly key: string
  readonly source: string
  /** `CPIAUCSL`. */
  readonly series: string
  /** The day it is of, `2026-01-01`; of a month, quarter or year the first. */
  readonly date: string
  /** Decimal text, every digit as stated. */
  readonly value: string
  /** The day from which this value stood, where that is known: a later vintage of the same observation is its revision. */
  readonly vintage?: string | undefined
  readonly knownMs: Millis
  readonly more?: Facts
}

/** Undefined where the date is none of the calendar. */
export function observationSignal({ key, source, series, date, value, vintage, knownMs, more }: Observation, by: string): Signal | undefined {
  const atMs = dayStart(date)
  if (atMs === undefined) return undefined
  return happened({ type: 'observation', key, source, subject: `series:${series}`, atMs, knownMs, facts: { date, value, vintage, ...more } }, by)
}

/** 00:00 UTC of a plain date, `2026-01-01`. */
export function dayStart(date: string): Millis | undefined {
  const moment = readMoment(date)
  return moment?.unit === 'day' && moment.ms % DAY_MS === 0 && date.length === 10 ? moment.ms : undefined
}

/** A value that is stated: undefined for `.`, blanks and words. */
export const valueOf = (text: string | undefined): string | undefined => exactDecimal(text?.trim())

/**
 * FRED says the day of a vintage and no hour: by the end of that day in St. Louis (Central Time, an hour behind New York) it was
 * public, and it is taken to be known no sooner.
 */
export const endOfVintage = (date: string): Millis | undefined => newYorkMillis(date, 25, 0)
