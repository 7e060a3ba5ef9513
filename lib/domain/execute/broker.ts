/**
 * Where orders go: a venue, or the embedded paper broker. An answer that is not understood is `unknown`, never `rejected`; only
 * the venue's own evidence ends it. All amounts are integers (`#domain/money`).
 */
import type { Bar, Millis, Price } from '#record'
import type { Cents, Fixed } from '../money/money.ts'

export interface BrokerOrder {
  /** Chosen by us; sending it twice must not make two orders. */
  readonly clientOrderId: string
  readonly vault: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly type: 'market'
  /** Still to be filled. */
  readonly quantity: Fixed
  readonly sentMs: Millis
  readonly expiresMs: Millis
}

/** `unknown`: a time-out, a server's failure or an unreadable answer; the order may or may not stand. */
export type Outcome =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'rejected' | 'unknown'; readonly why: string }

/** `closed`: there was nothing left to cancel; the events say how it ended. */
export type Cancelled = 'cancelled' | 'closed' | 'unknown'

export type BrokerEvent =
  | {
      readonly type: 'fill'
      readonly clientOrderId: string
      readonly quantity: Fixed
      readonly price: Fixed
      readonly feeCents: Cents
      readonly at: string
      readonly knownAt: string
      /** The record it rests on, where the market data of the stream filled it. */
      readonly evidence?: string
    }
  | { readonly type: 'expired' | 'cancelled' | 'rejected'; readonly clientOrderId: string; readonly at: string }

/** What the venue says is there: compared with our own ledger. */
export interface Account {
  readonly cash: Cents
  readonly positions: ReadonlyMap<string, Fixed>
}

/** How the embedded paper broker trades. */
export interface PaperTerms {
  readonly name: 'paper'
  readonly latencyMs: Millis
  /** 10^-8 of a basis point, against us. */
  readonly slippageBps: Fixed
  readonly feeBps: Fixed
  /** Smallest fee of one fill. */
  readonly feeMinimum: Cents
  /** Share (10^-8) of the last known volume that one print can fill. */
  readonly participation: Fixed
  readonly lot: Fixed
}

type Now<T> = T | Promise<T>

export interface Broker {
  readonly name: string
  /** Send an order; the same client id again is answered, not executed again. */
  submit(order: BrokerOrder): Now<Outcome>
  cancel(clientOrderId: string): Now<Cancelled>
  /** Take up an order sent by an earlier run: does it still stand there? */
  resume(order: BrokerOrder): Now<Outcome>
  /** What has happened since the last call, in order, up to `now`. */
  events(nowMs: Millis): Now<readonly BrokerEvent[]>
  account(vault: string): Now<Account | undefined>
  /** Embedded brokers only: the account starts with what our books say. */
  fund?(vault: string, account: Account): void
  /** Embedded brokers only: they live on the market data that passes, and answer at once with what it brought about. */
  observe?(record: Bar | Price): readonly BrokerEvent[]
}
