/** Fields of exact JSON and of table cells, in one form whoever writes them: `7.00`, `7.0` and `"7"` are the same fact. */
import { exactDecimal, exactList, exactNumber, exactObject, exactString, Numeral, type Exact, type ExactObject } from './json_exact.ts'

/** The shortest text of a plain decimal: no noughts behind the last digit of a fraction. */
export const shortDecimal = (plain: string): string => (plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain)

/** A price or quantity, shortest exact text. */
export function decimalOf(value: Exact | undefined): string | undefined {
  const decimal = exactDecimal(value)
  return decimal === undefined ? undefined : shortDecimal(decimal)
}

/** A decimal in a table made for people: commas between thousands, a currency sign or a percent sign are left out. */
export const shownDecimal = (text: string): string | undefined => decimalOf(
  text.replaceAll(/[,$%\s]/g, '').replace(/^\+/, '').replace(/^(-?)\./, '$10.'),
)

/** A measure without a unit. */
export function numberOf(value: Exact | undefined): number | undefined {
  const number = exactNumber(value)
  return number !== undefined && Number.isFinite(number) ? number : undefined
}

/** A whole number, 0 and up (`103`, `103.0`, `"103"`). */
export function countOf(value: Exact | undefined): number | undefined {
  const number = numberOf(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** Text or a number as it was written, trimmed; undefined where it says nothing. */
export function wordOf(value: Exact | undefined): string | undefined {
  const text = value instanceof Numeral ? value.text : exactString(value)?.trim()
  return text === '' ? undefined : text
}

export const flagOf = (value: Exact | undefined): boolean | undefined => (typeof value === 'boolean' ? value : undefined)

/** The members, none where it is no object: every field is then absent. */
export const membersOf = (value: Exact | undefined): ExactObject => exactObject(value) ?? {}

/** Some things, or one: services that grew out of XML write a list of one as the thing itself. */
export const manyOf = (value: Exact | undefined): readonly Exact[] => exactList(value) ?? (value === undefined || value === null ? [] : [value])

/** Texts and numbers of a list, as they were written. */
export const wordsOf = (value: Exact | undefined): string[] => (exactList(value) ?? []).flatMap((item) => wordOf(item) ?? [])
