/**
 * An answer is statements, and each names what it rests on: there is none without. A figure in one stands in what it names, is a rounding of one that
 * does, or is worked out of such figures in a way that is said, so that anybody can check it.
 */
import { formatInstant, type Vanta } from '#record'
import { plainText } from '../report/grounded.ts'
import type { Intent } from './intent.ts'

/** A record, as `vanta-audit lineage` knows it, or a line of a file of the home, counted from 1. */
export type Citation = { readonly record: string } | { readonly file: string; readonly line: number }

/** How a figure was worked out: of exact decimal texts that stand in what is cited, or as the number of records cited. */
export type Working =
  | { readonly figure: string; readonly how: 'sum'; readonly of: readonly string[] }
  /** The first less all others. */
  | { readonly figure: string; readonly how: 'difference'; readonly of: readonly string[] }
  | { readonly figure: string; readonly how: 'count'; readonly of: readonly string[] }

export interface Statement {
  /** Our words. */
  readonly text: string
  /** Somebody's words, as the record has them: never a part of ours, and shown to no model. */
  readonly quote?: string
  readonly citations: readonly Citation[]
  readonly worked?: readonly Working[]
}

export interface Answer {
  /** As it was understood: what a follow-up goes on from. */
  readonly intent: Intent
  /** What was known at this moment counts; null where all that the home holds does. */
  readonly as_of: string | null
  readonly statements: readonly Statement[]
  /** What was asked and is not in the records, in words. */
  readonly unknown: readonly string[]
}

const QUOTE_MOST = 160
/** Citations shown of one statement; `--json` has all. */
const SHOWN = 4

/** A statement. Throws RangeError where it rests on nothing. */
export function stated(text: string, citations: readonly Citation[], more: { quote?: string | undefined; worked?: readonly Working[] } = {}): Statement {
  if (citations.length === 0) throw new RangeError(`nothing is cited for: ${text}`)
  const quote = more.quote === undefined ? undefined : quoted(more.quote)
  return { text, ...(quote !== undefined && { quote }), citations, ...(more.worked !== undefined && { worked: more.worked }) }
}

export const by = (...records: readonly Pick<Vanta, 'id'>[]): Citation[] => records.map(({ id }) => ({ record: id }))

/** Words of others without what a terminal would act on, cut between words: half a number would be another. */
function quoted(words: string): string | undefined {
  const plain = plainText(words, Infinity)
  if (plain === undefined || plain.length <= QUOTE_MOST) return plain
  const cut = plain.lastIndexOf(' ', QUOTE_MOST)
  return `${cut <= 0 ? '' : plain.slice(0, cut)}...`
}

export const citationText = (one: Citation): string => ('record' in one ? one.record.slice(0, 12) : `${one.file}:${one.line}`)

export function statementText({ text, quote, citations }: Statement): string {
  const rest = citations.length - SHOWN
  const cited = [...citations.slice(0, SHOWN).map(citationText), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
  return `${text}${quote === undefined ? '' : `: "${quote}"`} [${cited}]`
}

/** The lines of an answer. */
export function answerLines({ statements, unknown }: Answer): string[] {
  return [...statements.map(statementText), ...unknown.map((one) => `Not known: ${one}.`)]
}

export const asOfText = (asOfMs: number): string | null => (asOfMs === Infinity ? null : formatInstant(asOfMs))
