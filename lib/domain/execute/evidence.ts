/** What a venue's word on one order lets us conclude. Pure: the order as we know it, what was said, and when. */
import { millisOf, type Millis, type OrderState } from '#record'
import { formatFixed } from '../money/decimal.ts'
import type { OpenOrder } from './book.ts'
import type { Look, VenueOrder, VenueRules } from './broker.ts'

export interface Verdict {
  /** The state that is now proven, where it is another than before. */
  readonly state?: OrderState
  readonly at?: string
  /** `outstanding`: the venue counts more than the fills that it has told. */
  readonly fills?: 'outstanding'
  /** In words, where something is worth saying. */
  readonly said?: string
}

const NOTHING: Verdict = {}
/** States in which we have sent, and not heard whether it stands. */
const UNSURE: ReadonlySet<OrderState> = new Set(['intended', 'submitted', 'unknown'])

/** Our clock may have been set between the sending and the look. */
const CLOCK_ERROR_MS = 5000

/**
 * An order ends only by the venue's word and only once all that it says was filled is booked. Absence is believed when it outlasts the
 * time a request may take; until then, and whenever nothing is known, the order is `unknown`, which is not an end.
 */
export function judged(order: OpenOrder, look: Look, rules: VenueRules, nowMs: Millis): Verdict {
  if (look.look === 'unknown') return order.state === 'submitted' ? { state: 'unknown', said: look.why } : { said: look.why }
  return look.look === 'absent' ? absent(order, rules, nowMs) : found(order, look.order)
}

function absent(order: OpenOrder, { settleMs }: VenueRules, nowMs: Millis): Verdict {
  // It was never sent, as far as we know: the executor sends or ends it.
  if (order.state === 'intended') return NOTHING
  const sinceMs = order.sentAt === '' ? 0 : nowMs - millisOf(order.sentAt)
  const stood = order.state === 'accepted' || order.state === 'partly_filled'
  if (stood) return { state: 'unknown', said: 'the venue no longer knows an order that it had accepted' }
  if (sinceMs < settleMs + CLOCK_ERROR_MS) return order.state === 'unknown' ? NOTHING : { state: 'unknown', said: 'the venue does not know it yet' }
  return { state: 'expired', said: `the venue has no such order ${Math.floor(sinceMs / 1000)} s after it was sent` }
}

function found(order: OpenOrder, told: VenueOrder): Verdict {
  const counts = `${formatFixed(told.filled)} filled there, ${formatFixed(order.filled)} booked`
  if (told.filled > order.filled) return { fills: 'outstanding', said: counts }
  if (told.filled < order.filled) return { said: `${counts}: the venue has forgotten fills` }
  switch (told.state) {
    case 'pending':
      return order.state === 'submitted' ? { state: 'unknown', said: 'pending at the venue' } : NOTHING
    case 'accepted':
      if (!UNSURE.has(order.state)) return NOTHING
      return { state: order.filled > 0n ? 'partly_filled' : 'accepted', at: told.at }
    case 'filled':
      // All of it is booked: the last fill has ended it already, or the venue filled less than we asked and calls it filled.
      return { state: 'filled', at: told.at }
    default:
      return { state: told.state, at: told.at, ...(told.why !== undefined && { said: told.why }) }
  }
}
