/**
 * Where orders go: a venue, or the embedded paper broker. Whatever a venue answers is one of three things: it says yes, it says no,
 * or we do not know; a time-out, a server's failure or an unreadable answer is always the last. What became of an order is never
 * concluded from an answer to something else: it is looked up. All amounts are integers (`#domain/money`).
 */
import type { Bar, Millis, Price } from '#record'
import type { Cents, Fixed } from '../money/money.ts'
import type { TradingCosts } from './costs.ts'

/** How long an order stands at a venue: its session, until cancelled, or not at all (in part, or whole or nothing). */
export type TimeInForce = 'day' | 'gtc' | 'ioc' | 'fok'

/**
 * What is ordered is told by the subject's namespace: `ticker:AAPL` (shares), `option:AAPL250117C00150000` (contracts, by OCC symbol) or
 * `pair:BTC/USDT` (units of the first, paid in the second). Prices are of one unit of the quantity, so an option's of one whole contract:
 * its venues quote a hundredth of that.
 */
export interface BrokerOrder {
  /** Chosen by us, a hash of the intent; the venue's own record of it is found by it. */
  readonly clientOrderId: string
  readonly vault: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  /** `stop`, `stop_limit`: rests until the market trades at the stop, and is a market or limit order from then on. */
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit'
  /** Worst price accepted; of limit orders. */
  readonly limit?: Fixed | undefined
  /** What orders that wait for a price wait for: a sale for this or less, a purchase for this or more. */
  readonly stop?: Fixed | undefined
  readonly quantity: Fixed
  readonly timeInForce: TimeInForce
  /**
   * Several at once or none. The subject is then what they have in common (an underlying), a unit of the quantity is every leg by its
   * ratio, and side and limit are those of the net: a buyer pays it, a seller gets it.
   */
  readonly legs?: readonly OrderLeg[]
  /** Filled so far by our books: what an embedded broker that lives and dies with us takes up an order with. */
  readonly filled: Fixed
  /** The venue's names of the executions in our books. */
  readonly fillIds: ReadonlySet<string>
  readonly sentMs: Millis
  readonly expiresMs: Millis
}

export interface OrderLeg {
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly effect: 'open' | 'close'
  /** Units of it in one of the order: a whole number of at least 1. */
  readonly ratio: number
}

/** Our books, as far as a venue's adapter needs them to tell what is new. */
export interface Booked {
  order(clientOrderId: string): BrokerOrder | undefined
  /** Everything that orders of ours were ever in. */
  subjects(): Iterable<string>
}

/**
 * `accepted` and `rejected` are the venue's own words. `unknown`: the order may or may not stand, now or a little later.
 */
export type Outcome =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'rejected' | 'unknown'; readonly why: string }

/** The venue has taken note that we want it gone, which is not yet its end; or we do not know. */
export type Cancelling = 'requested' | 'unknown'

/** What a venue says of one order. */
export interface VenueOrder {
  /** Empty where the order is none of ours. */
  readonly clientOrderId: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  /** By the venue's count, which may run ahead of the fills it has told us. */
  readonly filled: Fixed
  /** `pending`: taken in, but not yet standing, or leaving but not yet gone. */
  readonly state: 'pending' | 'accepted' | 'filled' | 'cancelled' | 'rejected' | 'expired'
  readonly at: string
  readonly why?: string
}

export type Look =
  | { readonly look: 'found'; readonly order: VenueOrder }
  /** The venue knows of no such order: at this moment. A request that is still on its way may yet make one. */
  | { readonly look: 'absent' }
  | { readonly look: 'unknown'; readonly why: string }

export interface VenueFill {
  /** The venue's name for the execution: the same fill told twice is one fill. */
  readonly fillId: string
  readonly clientOrderId: string
  readonly quantity: Fixed
  readonly price: Fixed
  readonly feeCents: Cents
  readonly at: string
  readonly knownAt: string
  /** Which leg of an order of several it is of. */
  readonly leg?: Pick<OrderLeg, 'subject' | 'side'>
  /** The record it rests on, where the market data of the stream filled it. */
  readonly evidence?: string
}

/**
 * What an activity was. `fee`: of trading, the account or what is held; `dividend`: and what is withheld of it; `in_lieu`: cash for fractions of shares;
 * `capital`: money or holdings that were brought or taken away by their owner; `exercise`: options that were exercised, assigned or ran out, `delivery`
 * what came of it; `action`: what a company did to its shares, which is booked as it is heard elsewhere; `other`: nobody but a person can tell.
 */
export type ActivityType = 'fee' | 'dividend' | 'interest' | 'in_lieu' | 'capital' | 'exercise' | 'delivery' | 'action' | 'other'

/** What moved cash or holdings of the account without an execution of an order. */
export interface Activity {
  /** The venue's name for it, or one made of all it says: told twice it is one, told otherwise than before it has become what it says now. */
  readonly activityId: string
  readonly type: ActivityType
  readonly subject?: string | undefined
  /** What came (above zero) or went, rounded down; nothing, where it was called off. */
  readonly cents: Cents
  /** Units of the subject that came or went. */
  readonly quantity: Fixed
  /** The venue's date of it, `2026-05-09`. */
  readonly day: string
  /** In the venue's words. */
  readonly said: string
}

/** What the venue says is there. */
export interface Account {
  readonly cash: Cents
  readonly positions: ReadonlyMap<string, Fixed>
  /** What may be spent, where the venue says so and it is not the cash. */
  readonly buyingPower?: Cents | undefined
}

/** What a subject trades at. */
export interface Quote {
  /** Of the last trade, for one unit of the quantity. */
  readonly price: Fixed
  /** When that was, where the venue says so. */
  readonly atMs?: Millis | undefined
}

export type Told<T> = { readonly told: T } | { readonly unknown: string }

/** How a venue deals with orders; stated by its adapter. */
export interface VenueRules {
  /**
   * How far, in cents for each execution, the venue's count of the cash may lie from ours: we round every execution against us to whole
   * cents, where a venue keeps fractions or rounds the sum.
   */
  readonly centsPerFill: bigint
  /**
   * Whether a client id that is sent again is refused for ever, so that sending an order again, whose fate is unknown, cannot make
   * two. Where not, it is never sent again.
   */
  readonly idempotent: boolean
  /** How long after its sending a request may still take effect: absence before that proves nothing. */
  readonly settleMs: Millis
}

type Now<T> = T | Promise<T>

/** No method throws for what a venue or the network may do: all of that has a name here. */
export interface Broker {
  readonly name: string
  readonly rules: VenueRules
  submit(order: BrokerOrder): Now<Outcome>
  cancel(order: BrokerOrder): Now<Cancelling>
  look(order: BrokerOrder): Now<Look>
  /** Every order that stands at the venue, not ours alone. */
  openOrders(): Now<Told<readonly VenueOrder[]>>
  /** Executions of our orders after a mark, `undefined` for the beginning; some may be told again. The new mark is for the next time. */
  fills(after: string | undefined, nowMs: Millis, booked: Booked): Now<Told<NewFills>>
  account(): Now<Told<Account>>
  /** All activities since a moment, some may be of before; brokers whose money moves by our fills alone lack it. */
  activities?(sinceMs: Millis, nowMs: Millis): Now<Told<readonly Activity[]>>
  /** What these trade at, as far as the venue knows them; brokers that live on the prices that pass lack it. */
  quotes?(subjects: readonly string[]): Now<Told<ReadonlyMap<string, Quote>>>
  /** Settles when the venue has stirred, or after so long: a hint that looking again may be worth it, and never more than that. */
  stirred?(withinMs: Millis): Promise<void>
  /** Nothing more will be asked. */
  close?(): void
  /** Embedded brokers only: what lives and dies with our books. */
  readonly embedded?: Embedded
}

export interface NewFills {
  readonly fills: readonly VenueFill[]
  readonly mark: string | undefined
}

export interface Embedded {
  /** An order that was taken in by a run before, which has met all market data of its subject that was known by then: told again, it trades no more. */
  revive(order: BrokerOrder, metMs: Millis): void
  /** The account of a vault starts with what our books say. */
  fund(vault: string, account: Account): void
  /** Orders live on the market data that passes: fills at once, in order. */
  observe(record: Bar | Price): readonly VenueFill[]
  /** Time passes: orders that end by it do. */
  expire(nowMs: Millis): void
}

/** How the embedded paper broker trades. */
export interface PaperTerms {
  readonly name: 'paper'
  readonly latencyMs: Millis
  readonly costs: TradingCosts
  /** Share (10^-8) of the last known volume that one print can fill. */
  readonly participation: Fixed
  readonly lot: Fixed
}

/** How orders are sent to a venue. */
export interface VenueTerms {
  readonly name: 'alpaca' | 'tradier' | 'ccxt'
  /** ccxt: which exchange. */
  readonly exchange?: string
  /** Stands in for the venue's own address. */
  readonly endpoint?: string
  /** File with the secrets, where not the usual place. */
  readonly credentials?: string
  /** Real money; else only a paper account or this machine is asked. */
  readonly live: boolean
  readonly timeoutMs: Millis
  /** Currency of the cash: that of the vaults. */
  readonly currency: string
  /** Told of each request in place of its sending. */
  readonly rehearse?: (request: RehearsedRequest) => void
}

export type BrokerTerms = PaperTerms | VenueTerms

/** A request as it would leave, secrets masked. */
export interface RehearsedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}
