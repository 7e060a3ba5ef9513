/**
 * The one definition of every record kind. Types, validation at the edge and the published JSON Schema derive from here;
 * unknown fields pass through everywhere. Ids, money, prices and quantities are strings, unitless measures are numbers.
 */
import type { Json } from './canonical.ts'
import { belief, bar, conviction, link, notes, outcome, price, ranking, signal } from './evidence.ts'
import { allocation, attribution, entry, exit_plan, fill, order, pnl, refusal, vault, warning } from './money.ts'
import { risk } from './risk.ts'
import { run } from './run.ts'
import { integer, isObject, literal, members, notObject, object, oneOf, optional, orNull, text, type Fault, type Typed } from './shape.ts'
import { summary } from './summary.ts'
import { faultOfSum } from './sum.ts'
import { envelope } from './terms.ts'
import { selection, trial } from './trial.ts'

const kinds = {
  signal, bar, price,
  belief, link, conviction, ranking,
  vault, allocation, order, refusal, warning, exit_plan, fill, entry, pnl, attribution,
  outcome,
  risk,
  /** The result of a run. */
  summary,
  run,
  trial,
  selection,
  /** How one stream of a collector fares: said after each round, and when its state changes. */
  health: object({
    kind: literal('health'),
    ...envelope,
    stream: text,
    state: oneOf('live', 'mute', 'down'),
    /** Records heard since the one before. */
    records: integer(0),
    /** From when the newest of them happened to when it was heard; null where there was none. */
    lag_ms: orNull(integer(0)),
    detail: optional(text),
  }),
  /**
   * Word to the tools themselves: `tick` closes one moment of decision, `genesis` opens a log, `baseline` says what an account held beside the
   * vaults, `corporate_action` what will befall a holding, `stop` that one is left by a rule, `high` how high one stood,
   * `memory` what a tool read there, `run` begins a run in a log, `again` says what it heard that was there, `known` what a filter dropped of it,
   * `carried` what had passed before of subjects that it decides on.
   */
  control: object({ kind: literal('control'), ...envelope, type: text, facts: optional(members) }),
} as const

export type Kind = keyof typeof kinds
export type RecordOf<K extends Kind> = Typed<(typeof kinds)[K]>
export type Signal = RecordOf<'signal'>
export type Bar = RecordOf<'bar'>
export type Price = RecordOf<'price'>
export type Belief = RecordOf<'belief'>
export type Link = RecordOf<'link'>
export type Conviction = RecordOf<'conviction'>
export type Ranking = RecordOf<'ranking'>
export type Allocation = RecordOf<'allocation'>
export type Order = RecordOf<'order'>
export type Refusal = RecordOf<'refusal'>
export type ExitPlan = RecordOf<'exit_plan'>
export type Warning = RecordOf<'warning'>
export type Fill = RecordOf<'fill'>
export type JournalEntry = RecordOf<'entry'>
export type Pnl = RecordOf<'pnl'>
export type Attribution = RecordOf<'attribution'>
export type Outcome = RecordOf<'outcome'>
export type Risk = RecordOf<'risk'>
export type RiskState = Risk['state']
export type Summary = RecordOf<'summary'>
export type Run = RecordOf<'run'>
export type Trial = RecordOf<'trial'>
export type Selection = RecordOf<'selection'>
export type Health = RecordOf<'health'>
export type Control = RecordOf<'control'>
export type Reason = Conviction['reason_vector'][number]
export type Mention = NonNullable<Signal['mentions']>[number]
export type Direction = Conviction['direction']
export type OrderState = Order['state']
/** A record of any kind; `switch (record.kind)` narrows it. */
export type Vanta = { [K in Kind]: RecordOf<K> }[Kind]

export const KINDS = Object.keys(kinds) as readonly Kind[]

/** Fields that tools note on a passing record: outside its identity. */
export type Note = keyof typeof notes
const noteSet: ReadonlySet<string> = new Set(Object.keys(notes))
/** How fast a run was is no part of its result, nor is what else was tried. */
const beside: ReadonlySet<string> = new Set(['events_per_s', 'bars_per_s', 'elapsed_s', 'trials'])
const rankOnly: ReadonlySet<string> = new Set(['rank', 'rank_score'])
/** It is over what the allocation says, so no part of that. */
const signatureOnly: ReadonlySet<string> = new Set(['signature'])
const none: ReadonlySet<string> = new Set()

/** Which fields of a kind are notes: a conviction's reasons, say, are what it says, a signal's are not. */
export function notesOf(kind: Kind): ReadonlySet<string> {
  if (kind === 'signal' || kind === 'belief') return noteSet
  if (kind === 'summary') return beside
  if (kind === 'allocation') return signatureOnly
  return kind === 'conviction' ? rankOnly : none
}

export const isKind = (name: unknown): name is Kind => typeof name === 'string' && Object.hasOwn(kinds, name)

export type Checked = { readonly record: Vanta } | { readonly fault: Fault }

const kindFault: Fault = { path: 'kind', message: `expected one of ${KINDS.join(', ')}` }

/** Check one parsed JSON value against its kind, and that the reasons of a conviction add up. The value itself is returned, unknown fields and all. */
export function check(value: unknown): Checked {
  if (!isObject(value)) return { fault: notObject }
  const shape = isKind(value['kind']) ? kinds[value['kind']] : undefined
  if (shape === undefined) return { fault: kindFault }
  const fault = shape.holds(value) ? undefined : shape.fault(value)
  const wrong = fault ?? (shape === kinds.conviction ? faultOfSum(value as Conviction) : undefined)
  return wrong === undefined ? { record: value as Vanta } : { fault: wrong }
}

/** JSON Schema (draft 2020-12) of one kind, for other people's tools. */
export function jsonSchema(kind: Kind): Json {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: kind, ...kinds[kind].schema }
}
