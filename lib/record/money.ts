/** Kinds of capital and orders: what vaults want, what the executor did of it, and the books. */
import { hex, instant, integer, list, literal, members, object, oneOf, optional, text, truth } from './shape.ts'
import { decimal, direction, envelope, side, subject } from './terms.ts'

/** A vault's settings as they stand: capital, bands, caps. */
export const vault = object({
  kind: literal('vault'), ...envelope, vault: text, version: integer(0), capital: decimal, currency: text, method: text,
  /** Over the settings of this version, by the vault's key. */
  seal: optional(object({ version: integer(1), key: text, signed: text })),
})

/** A vault's target for one subject: a fraction of its equity, "0" to leave. The executor's ledger turns it into money. */
export const allocation = object({
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
})

/** What is bought or sold, where, for whom: of an order and of each of its fills. */
const traded = { client_order_id: text, vault: text, broker: text, subject, side, quantity: decimal }

/** One state of one order; all states of an order share `client_order_id`, each is a child of the one before. */
export const order = object({
  kind: literal('order'),
  ...envelope,
  ...traded,
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
})

/** The executor declined to send something, and why. */
export const refusal = object({
  kind: literal('refusal'),
  ...envelope,
  vault: text,
  subject,
  code: text,
  detail: text,
})

/** An order went out, and something about it has to be known: a code (`PDT`, `WASH_SALE`) and the words. Its parent is the order. */
export const warning = object({ kind: literal('warning'), ...envelope, vault: text, subject, code: text, detail: text })

/** How a position is to be left: levels and times, how far away they are, and the reason in words (of a template, or a model's wording of it). */
export const exit_plan = object({
  kind: literal('exit_plan'),
  ...envelope,
  vault: text, subject, quantity: decimal, entry: decimal, mark: optional(decimal), value: optional(decimal), since: optional(instant),
  /** `loss`, `trailing`: at a level; `time`, `conviction`: at a moment. Distances from the mark in percent and money. */
  rules: list(object({ rule: text, level: optional(decimal), at: optional(instant), percent: optional(decimal), money: optional(decimal) })),
  leaving: truth, open_orders: integer(0), cooldown_until: optional(text),
  rationale: text, written_by: oneOf('template', 'model'),
})

export const fill = object({
  kind: literal('fill'),
  ...envelope,
  ...traded,
  price: decimal,
  fee: decimal,
  currency: text,
  /** The venue's name for the execution. */
  venue_fill_id: optional(text),
  /** Counts the fills of a vault from 1, so that a reader knows whether it has seen them all. */
  sequence: optional(integer(1)),
  band: optional(text),
  maker: optional(text),
})

/**
 * One balanced movement of a vault's books; its parent is what caused it. Amounts add up to zero; debits are above it. Positions move in lots,
 * each known by the record that opened it.
 */
export const entry = object({
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
})

/** One vault's books at one day's close, in its currency. */
export const pnl = object({
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
})

/** Profit and loss of one group: a day, a vault and a band, say. Rows of one question add up to the whole, to the cent. */
export const attribution = object({
  kind: literal('attribution'),
  ...envelope,
  group: members,
  currency: text,
  /** `profit` is gains, on paper and realised, dividends and interest less fees and adjustments; `unrealised` is the change over the group's days. */
  profit: decimal, realised: decimal, unrealised: decimal, dividends: decimal, interest: decimal, fees: decimal, adjustments: decimal,
  fills: integer(0),
})
