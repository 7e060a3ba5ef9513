/** Axes: round steps, and days on a line. */
import { DAY_MS, formatInstant, parseMoment } from '#record'

export interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  /** Decimals that tell the ticks apart, where they are shown in hundredths. */
  readonly percentDigits: number
}

const ROUND_STEPS = [1, 2, 2.5, 5, 10]

/** The smallest of 1, 2, 2.5, 5 times a power of ten that covers `range` in at most `count` steps. */
export function roundStep(range: number, count: number): number {
  const least = range / count
  let power = 1
  while (power > least) power /= 10
  while (power * 10 <= least) power *= 10
  return (ROUND_STEPS.find((step) => step * power >= least * (1 - 1e-9)) ?? 10) * power
}

/** An axis that holds all values, from one round number to another. */
export function axisOf(values: readonly number[], count = 5): Axis {
  let least = Infinity, most = -Infinity
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (least > most) [least, most] = [0, 1]
  if (most - least < 1e-6) [least, most] = [least - 0.005, most + 0.005]
  const step = roundStep(most - least, count)
  const from = Math.floor(least / step + 1e-9), to = Math.ceil(most / step - 1e-9)
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step)
  const digits = [0, 1, 2, 3].find((places) => isWhole(step * 100 * tenTo(places))) ?? 4
  return { low: from * step, high: to * step, ticks, percentDigits: digits }
}

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6
const tenTo = (places: number): number => Number(`1e${places}`)

/** Days since 1970; undefined where the text is no day. */
export function dayNumber(day: string): number | undefined {
  const ms = parseMoment(day)
  return ms === undefined ? undefined : Math.floor(ms / DAY_MS)
}
export const dayText = (number: number): string => formatInstant(number * DAY_MS).slice(0, 10)

const MONDAY = 4 // 1970-01-05

export type Period = 'day' | 'week' | 'month' | 'quarter' | 'year'
const PERIODS: readonly Period[] = ['day', 'week', 'month', 'quarter', 'year']

/** The first day of the period that a day lies in. */
export function startOf(period: Period, day: string): string {
  const [year = '', month = ''] = day.split('-')
  switch (period) {
    case 'day':
      return day
    case 'week': {
      const number = dayNumber(day) ?? 0
      return dayText(number - ((((number - MONDAY) % 7) + 7) % 7))
    }
    case 'month':
      return `${year}-${month}-01`
    case 'quarter':
      return `${year}-${String(Number(month) - ((Number(month) - 1) % 3)).padStart(2, '0')}-01`
    case 'year':
      return `${year}-01-01`
  }
}

/** All periods from one day to another, by their first days. */
export function periodsOf(period: Period, from: string, to: string): string[] {
  const starts: string[] = []
  const last = dayNumber(to) ?? 0
  for (let number = dayNumber(from) ?? 0; number <= last; number++) {
    const start = startOf(period, dayText(number))
    if (starts.at(-1) !== start) starts.push(start)
  }
  return starts
}

const LONGEST_DAYS: Readonly<Record<Period, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 }

/** The finest periods of which at most `limit` cover the span. */
export function finest(from: string, to: string, limit: number): { readonly period: Period; readonly starts: readonly string[] } {
  const days = (dayNumber(to) ?? 0) - (dayNumber(from) ?? 0)
  for (const period of PERIODS) {
    if (period !== 'year' && days / LONGEST_DAYS[period] > limit) continue
    const starts = periodsOf(period, from, to)
    if (starts.length <= limit || period === 'year') return { period, starts }
  }
  return { period: 'year', starts: [] }
}

/** Days to label on a time axis, few enough to stand side by side. */
export function dayTicks(from: string, to: string, limit = 6): string[] {
  const { starts } = finest(from, to, limit * 4)
  const within = starts.filter((start) => start >= from)
  const every = Math.ceil(within.length / limit)
  return within.filter((_, i) => i % every === 0)
}
