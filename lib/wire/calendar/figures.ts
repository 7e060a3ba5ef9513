/** Figures of calendars as people write them, `185K`, `-0.9%`, `15.0B`, as exact decimals with their unit; and what is surprising about them. */
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { exactDecimal, Numeral } from '../json_exact.ts'

export interface Figure {
  /** As it was written, blanks trimmed. */
  readonly text: string
  /** In units of one: `185K` is 185000. Undefined where it is no single number (`<0.10%`, `4.12|2.5`, `5-4`). */
  readonly value: string | undefined
  /** `%`, a currency or what else stands behind it; empty where there is none. */
  readonly unit: string
}

const POWERS: Readonly<Record<string, number>> = { '': 0, K: 3, M: 6, B: 9, T: 12 }
const CURRENCY = String.raw`([A-Z]{0,3}[$€£¥])?`
const DIGITS = String.raw`((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)`
const FIGURE = new RegExp(String.raw`^${CURRENCY}\s*([+-]?)\s*${CURRENCY}\s*${DIGITS}\s*([KMBT]?)\s*(%|[A-Za-z$€£¥/ ]{1,12})?$`)

/** Nobody writes a figure longer than this. */
const LONGEST = 60

/** Undefined where nothing is stated. */
export function figureOf(written: string | undefined): Figure | undefined {
  const text = written?.trim()
  if (text === undefined || text === '' || /^(-|–|—|n\/?a|null)$/i.test(text)) return undefined
  // Typographers write another minus.
  const [, before = '', sign = '', between = '', digits, power = '', behind = ''] = FIGURE.exec(text.slice(0, LONGEST).replace(/[−–]/g, '-')) ?? []
  if (digits === undefined || text.length > LONGEST) return { text, value: undefined, unit: '' }
  const value = exactDecimal(new Numeral(`${sign === '-' ? '-' : ''}${digits.replaceAll(',', '').replace(/^\./, '0.')}e${POWERS[power] ?? 0}`))
  return { text, value, unit: (before || between || behind).trim() }
}

/** Actual less forecast, where both are numbers of the same unit; in units of one, exact. */
export function surpriseOf(actual: Figure | undefined, forecast: Figure | undefined): string | undefined {
  if (actual?.value === undefined || forecast?.value === undefined || actual.unit !== forecast.unit) return undefined
  const a = parseFixed(actual.value), b = parseFixed(forecast.value)
  return a === undefined || b === undefined ? undefined : formatFixed(a - b)
}
