/**
 * The one definition of every record kind. Types, validation at the edge and the published JSON Schema derive from here;
 * unknown fields pass through everywhere. Ids, money, prices and quantities are strings, unitless measures are numbers.
 */
import type { Json } from './canonical.ts'
import {
  hex, instant, integer, isObject, list, literal, members, notObject, number, object, oneOf, optional, orNull, text, truth,
  type Fault, type Typed,
} from './shape.ts'
import { run } from './run.ts'
import { summary } from './summary.ts'
import { faultOfSum } from './sum.ts'
import { basis, decimal, direction, envelope, id, side, subject } from './terms.ts'
import { selection, trial } from './trial.ts'

/** One addend of a log-odds sum, with the records it rests on. */
const reason = object({
  term: text,
  log_odds: number(),
  evidence: list(id),
})

/** What tools note on a signal or belief as it passes; not part of what it says, so not of its id. */
const notes = {
  weight: optional(number(0)),
  half_life: optional(text),
  weighted_at: optional(instant),
  rank: optional(integer(1)),
  rank_score: optional(number()),
  reason_vector: optional(list(reason)),
  /** When it happened by a clock set right, and by how much it came too late to stand in its place. */
  aligned_at: optional(instant),
  late_ms: optional(integer(1)),
  /** Probability that it is part of a swarm: authors that act as one, programs. And why. */
  swarm: optional(number(0, 1)),
  swarm_reasons: optional(list(text)),
}

/** One mention of a subject in a text: polarity from -1 (bearish) to 1 (bullish), and how it was recognised. */
const mention = object({
  subject,
  polarity: number(-1, 1),
  how: text,
})

const kinds = {
  /** A fact from outside (`post`, `snapshot`, `form4`, `purchase` ...), or one normalised reading of it (`mention`). */
  signal: object({
    kind: literal('signal'),
    ...envelope,
    type: text,
    /** The source's own name for it, stable over time: a post's later snapshots and mentions share its key. */
    key: text,
    subject: optional(subject),
    author: optional(text),
    mentions: optional(list(mention)),
    polarity: optional(number(-1, 1)),
    /** How loud it is: unitless, 0 and up, comparable within one `type` and source. */
    magnitude: optional(number(0)),
    language: optional(text),
    /** Hash of the normalised text; equal for re-posts. */
    fingerprint: optional(text),
    facts: optional(members),
    ...notes,
  }),
  /** Open, high, low, close and volume over `span` from `at`; known at its end. */
  bar: object({
    kind: literal('bar'),
    ...envelope,
    subject,
    span: text,
    open: decimal, high: decimal, low: decimal, close: decimal, volume: decimal,
    /** Mean price of the span, weighted by volume, and the number of trades in it. */
    vwap: optional(decimal), trades: optional(integer(0)),
    basis,
  }),
  /** One tradable price at one moment, such as the opening print of a bar. */
  price: object({
    kind: literal('price'),
    ...envelope,
    subject,
    type: oneOf('open', 'close', 'last'),
    price: decimal,
    /** Shares that traded over the previous span of the same length: what is known about liquidity at `at`. */
    prior_volume: optional(decimal),
    span: text,
    basis,
  }),
  /** What one maker (a family of evidence, a model) believes of one subject. */
  belief: object({
    kind: literal('belief'),
    ...envelope,
    subject,
    maker: text,
    direction,
    log_odds: number(),
    horizon: text,
    ...notes,
  }),
  /** Two things that have to do with one another: `from` is the insider of, the same as, the owner of ... `to`. Said again where the probability changed. */
  link: object({
    kind: literal('link'),
    ...envelope,
    from: subject,
    to: subject,
    relation: text,
    probability: number(0, 1),
    /** In words, from what it was concluded. */
    reason: text,
  }),
  /** The calibrated probability that `direction` holds over `horizon`, as an exact sum of reasons in log-odds. */
  conviction: object({
    kind: literal('conviction'),
    ...envelope,
    /** The signal that weighs most among those behind it. */
    signal_id: id,
    subject,
    direction,
    conviction_score: number(0, 1),
    log_odds: number(),
    /** Terms whose `log_odds` add up to the conviction's, evidence named. */
    reason_vector: list(reason),
    contributing_models: list(text),
    persona_overrides: optional(members),
    horizon: text,
    /** Seconds it stands after `at`, unless restated; 0 takes back an earlier one. */
    ttl: integer(0),
    routing_tags: list(text),
    rank: optional(integer(1)),
    rank_score: optional(number()),
  }),
  /** The convictions that stand at one moment, best first; said when the order changes. Its parents are the convictions. */
  ranking: object({
    kind: literal('ranking'),
    ...envelope,
    ranked: list(object({ subject, conviction: id, direction, rank_score: number() })),
  }),
  /** A vault's settings as they stand: capital, bands, caps. */
  vault: object({
    kind: literal('vault'), ...envelope, vault: text, version: integer(0), capital: decimal, currency: text, method: text,
    /** Over the settings of this version, by the vault's key. */
    seal: optional(object({ version: integer(1), key: text, signed: text })),
  }),
  /** A vault's target for one subject: a fraction of its equity, "0" to leave. The executor's ledger turns it into money. */
  allocation: object({
    kind: literal('allocation'),
    ...envelope,
    vault: text,
    subject,
    direction,
    fraction: decimal,
    band: text,
    /** Why now: `entry`, `resize`, `expired`, `below_band`, `direction`, `cap`, `persona`, or the vault's state. */
    reason: text,
    /** The makers behind the conviction, joined by "+". */
    maker: optional(text),
    /** Whose temper sized it, such as `athena` or `plain+0.1 ares`. */
    persona: optional(text),
    expires_at: instant,
    /** The vault's signature over the Merkle root of the allocations of one moment, and the path from this one to it. */
    signature: optional(object({ key: text, signed: text, index: integer(0), size: integer(1), path: list(hex(64, 'a SHA-256 hash')) })),
  }),
  /** One state of one order; all states of an order share `client_order_id`, each is a child of the one before. */
  order: object({
    kind: literal('order'),
    ...envelope,
    client_order_id: text,
    vault: text,
    broker: text,
    subject,
    side,
    quantity: decimal,
    type: oneOf('market', 'limit'),
    /** Worst price accepted; of limit orders. */
    limit_price: optional(decimal),
    state: oneOf('intended', 'submitted', 'accepted', 'partly_filled', 'filled', 'cancelled', 'rejected', 'expired', 'unknown'),
    expires_at: instant,
    /** What the order does to the position: `enter`, `resize` or `exit`. */
    leg: optional(oneOf('enter', 'resize', 'exit')),
    /** Counts the attempts at the same leg of the same allocation, from 0. */
    generation: optional(integer(0)),
    /** Filled so far. */
    filled: optional(decimal),
    /** Money that the lot size or the cash at hand left unspent. */
    left_over: optional(decimal),
    band: optional(text),
    maker: optional(text),
    /** Until when the allocation behind it may be acted on: as long is it remembered that it was. */
    allocation_expires_at: optional(instant),
    /** In the venue's words or ours: why it was rejected, is unknown, or ended. */
    detail: optional(text),
  }),
  /** The executor declined to send something, and why. */
  refusal: object({
    kind: literal('refusal'),
    ...envelope,
    vault: text,
    subject,
    code: text,
    detail: text,
  }),
  /** An order went out, and something about it has to be known: a code (`PDT`, `WASH_SALE`) and the words. Its parent is the order. */
  warning: object({ kind: literal('warning'), ...envelope, vault: text, subject, code: text, detail: text }),
  /** How a position is to be left: levels and times, how far away they are, and the reason in words (of a template, or a model's wording of it). */
  exit_plan: object({
    kind: literal('exit_plan'),
    ...envelope,
    vault: text, subject, quantity: decimal, entry: decimal, mark: optional(decimal), value: optional(decimal), since: optional(instant),
    /** `loss`, `trailing`: at a level; `time`, `conviction`: at a moment. Distances from the mark in percent and money. */
    rules: list(object({ rule: text, level: optional(decimal), at: optional(instant), percent: optional(decimal), money: optional(decimal) })),
    leaving: truth, open_orders: integer(0), cooldown_until: optional(text),
    rationale: text, written_by: oneOf('template', 'model'),
  }),
  fill: object({
    kind: literal('fill'),
    ...envelope,
    client_order_id: text,
    vault: text,
    broker: text,
    subject,
    side,
    quantity: decimal,
    price: decimal,
    fee: decimal,
    currency: text,
    /** The venue's name for the execution. */
    venue_fill_id: optional(text),
    /** Counts the fills of a vault from 1, so that a reader knows whether it has seen them all. */
    sequence: optional(integer(1)),
    band: optional(text),
    maker: optional(text),
  }),
  /**
   * One balanced movement of a vault's books; its parent is what caused it. Amounts add up to zero; debits are above it. Positions move in lots,
   * each known by the record that opened it.
   */
  entry: object({
    kind: literal('entry'),
    ...envelope,
    vault: text,
    /** `open`, `fill`, `dividend`, `split`, `interest` ... */
    type: text,
    currency: text,
    /** Counts the entries of a vault from 1. */
    sequence: integer(1),
    postings: list(object({ account: text, amount: decimal, quantity: optional(decimal), lot: optional(text), acquired: optional(text) })),
    /** What stands from now on and is no sum: the terms of a loan, say. An empty text takes one away. */
    marks: optional(members),
    subject: optional(subject),
    band: optional(text),
    maker: optional(text),
    detail: optional(text),
  }),
  /** One vault's books at one day's close, in its currency. */
  pnl: object({
    kind: literal('pnl'),
    ...envelope,
    vault: text,
    day: text,
    currency: text,
    equity: decimal, cash: decimal, realised: decimal, unrealised: decimal, fees: decimal,
    /** Where there is any: money kept out of trading, dividends so far, interest paid less earned, and what came in (or left) on this day. */
    reserve: optional(decimal), dividends: optional(decimal), interest: optional(decimal), flow: optional(decimal),
    /** The closes that what is held was valued at. */
    marks: optional(members),
  }),
  /** Profit and loss of one group: a day, a vault and a band, say. Rows of one question add up to the whole, to the cent. */
  attribution: object({
    kind: literal('attribution'),
    ...envelope,
    group: members,
    currency: text,
    /** `profit` is gains, on paper and realised, dividends and interest less fees and adjustments; `unrealised` is the change over the group's days. */
    profit: decimal, realised: decimal, unrealised: decimal, dividends: decimal, interest: decimal, fees: decimal, adjustments: decimal,
    fills: integer(0),
  }),
  /**
   * What became of a conviction over a horizon: entered at the first open after it was known, left at a close. Its parents are the conviction and the bar
   * of that close.
   */
  outcome: object({
    kind: literal('outcome'),
    ...envelope,
    subject,
    direction,
    /** `5d`: five sessions. */
    horizon: text,
    /** Exit over entry, less one. */
    move: number(),
    hit: truth,
    conviction_score: number(0, 1),
    /** `55-60`: what the conviction score was, in percent. */
    band: text,
    /** The open it was entered at; outcomes of one subject that were entered within one horizon overlap. */
    entered_at: instant,
    rank: optional(integer(1)),
    /** Who had a part in it, such as `model:chatter` or `source:reddit/wallstreetbets`: log-odds of a rise that each lent. */
    voices: list(object({ who: text, rise: number() })),
    mode: oneOf('live', 'shadow'),
  }),
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
const NOTES = ['weight', 'half_life', 'weighted_at', 'rank', 'rank_score', 'reason_vector', 'aligned_at', 'late_ms', 'swarm', 'swarm_reasons'] as const
export type Note = (typeof NOTES)[number]
const noteSet: ReadonlySet<string> = new Set(NOTES)
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
