/** The executor's records: an order's states as a chain of children, fills and refusals. */
import { formatInstant, make, type Fill, type Millis, type Order, type OrderState, type Refusal } from '#record'
import { sha256Of } from '#record/sha256'
import type { Book, OpenOrder } from './book.ts'
import { formatFixed } from '../money/decimal.ts'
import { remaining, type Intent, type Refused, type Wanted } from './desk.ts'
import { formatCents, type Cents, type Fixed } from '../money/money.ts'

/** Who writes, and for which broker. */
export interface Hand {
  readonly by: string
  readonly broker: string
}
/** When it happened and when it was known. */
export interface When {
  readonly at: string
  readonly knownAt: string
}

/**
 * An order's client id: 32 hex digits of the hash of the intent (vault, what asked for it, subject, leg, attempt) and of nothing else, so
 * that the same intent has the same id after any restart and no venue can be made to take it twice.
 */
function clientOrderIdOf(vault: string, { allocationId, subject, generation }: Wanted, leg: string): string {
  return sha256Of(`vanta order\n${vault}\n${allocationId}\n${subject}\n${leg}\n${generation}`).slice(0, 32)
}

/*
 * The same five fields begin each of these records and are written out in each: an object literal that begins with a spread takes V8 a hundred times
 * as long to make as one that does not.
 */

export function intendedRecord(book: Book, intent: Intent, nowMs: Millis, orderTtlMs: Millis, { by, broker }: Hand): Order {
  const { wanted, leg } = intent
  const now = formatInstant(nowMs)
  const id = clientOrderIdOf(book.vault, wanted, leg)
  return make('order', {
    source: `exec/${broker}`, by, client_order_id: id, vault: book.vault, broker, parents: [wanted.allocationId], at: now, known_at: now,
    type: intent.limit === undefined ? 'market' : 'limit', ...(intent.limit !== undefined && { limit_price: formatFixed(intent.limit) }),
    subject: wanted.subject, side: intent.side, quantity: formatFixed(intent.quantity), state: 'intended',
    expires_at: formatInstant(expiryMs(wanted, leg, nowMs + orderTtlMs)), leg, generation: wanted.generation,
    left_over: formatCents(intent.leftOver), band: wanted.band, maker: wanted.maker,
    allocation_expires_at: formatInstant(wanted.expiresMs),
  })
}

/** An entry ends with its allocation; an exit outlives it. */
const expiryMs = ({ expiresMs }: Wanted, leg: string, latestMs: Millis): Millis =>
  leg === 'exit' ? latestMs : Math.min(latestMs, expiresMs)

/** What brought a state about: records, words. */
export interface Because {
  readonly causes?: readonly string[]
  readonly detail?: string | undefined
}

/** The order's next state, a child of the one before and of what caused it. */
export function stateRecord(
  book: Book, order: OpenOrder, state: OrderState, when: When, { by, broker }: Hand, { causes = [], detail }: Because = {},
): Order {
  return make('order', {
    source: `exec/${broker}`, by, client_order_id: order.clientOrderId, vault: book.vault, broker,
    parents: [order.lastId, ...causes], at: when.at, known_at: when.knownAt,
    type: order.type, ...(order.limit !== undefined && { limit_price: formatFixed(order.limit) }),
    subject: order.subject, side: order.side, quantity: formatFixed(order.quantity), state, expires_at: order.expiresAt,
    leg: order.leg, generation: order.generation, filled: formatFixed(order.filled), band: order.band, maker: order.maker,
    ...(detail !== undefined && { detail }),
  })
}

export interface Filled extends When {
  readonly quantity: Fixed
  readonly price: Fixed
  readonly feeCents: Cents
  readonly fillId: string
  /** The print it was filled on. */
  readonly evidence?: string
}

export function fillRecord(book: Book, order: OpenOrder, filled: Filled, { by, broker }: Hand): Fill {
  return make('fill', {
    source: `exec/${broker}`, by, client_order_id: order.clientOrderId, vault: book.vault, broker,
    parents: filled.evidence === undefined ? [order.lastId] : [order.lastId, filled.evidence],
    at: filled.at, known_at: filled.knownAt,
    subject: order.subject, side: order.side, quantity: formatFixed(filled.quantity), price: formatFixed(filled.price),
    fee: formatCents(filled.feeCents), currency: book.currency, venue_fill_id: filled.fillId, sequence: book.fills + 1, band: order.band, maker: order.maker,
  })
}

/** The state an order has after its latest fill. */
export const stateAfterFill = (order: OpenOrder): OrderState => (remaining(order) <= 0n ? 'filled' : 'partly_filled')

export function refusalRecord(vault: string, { wanted, code, detail }: Refused, now: string, { by, broker }: Hand): Refusal {
  return make('refusal', {
    parents: [wanted.allocationId], at: now, known_at: now, source: `exec/${broker}`, by,
    vault, subject: wanted.subject, code, detail,
  })
}
