/**
 * What trading is assumed to cost where no venue says so: commissions, what is levied on sales, the spread, slippage and our own impact on the price.
 * All of it rounds against us. Each assumption is an option, with the reason for its default.
 */
import { mulUp, ONE } from '../money/decimal.ts'
import { costCents, feeCents, slipped, type Cents, type Fixed } from '../money/money.ts'
import { tickOf } from './hours.ts'

/** Basis points are counts of 10^-8 of one. */
export interface TradingCosts {
  /** Of the notional, of every fill. */
  readonly feeBps: Fixed
  readonly feePerShare: Fixed
  /** Smallest of the two above together, of one fill. */
  readonly feeMinimum: Cents
  /** Levied on sales: of the notional, and of each share up to so much a fill. */
  readonly saleBps: Fixed
  readonly salePerShare: Fixed
  readonly saleMost: Cents
  /** Ask less bid; half of it is paid each way. It is never less than so many ticks (10^-8). */
  readonly spreadBps: Fixed
  readonly spreadTicks: Fixed
  readonly slippageBps: Fixed
  /** What buying or selling as much as had traded would move the price by; less goes with the square root of the share. */
  readonly impactBps: Fixed
}

/** The options of these, as a person would type them. */
export const COST_OPTIONS = {
  latency: {
    kind: 'duration', default: '1s', help: 'paper: an order fills at the first opening print this much later',
    why: 'From decision to exchange in about 100 ms over the internet; a full second leaves room.',
  },
  feePerShare: {
    kind: 'decimal', default: '0.005', help: 'commission for each share (or other unit)',
    why: 'IBKR Pro Fixed, the dearest of the usual plans; Alpaca and Tradier take none. Its cap of 1 % of the trade is not granted.',
  },
  fee: { kind: 'decimal', default: '0', help: 'commission in basis points of the notional', why: 'Stocks pay by the share.' },
  feeMinimum: {
    kind: 'decimal', default: '1', help: 'smallest commission of one fill', why: 'IBKR Pro Fixed: 1.00 an order; here of every fill.',
  },
  saleFee: {
    kind: 'decimal', default: '0.278', help: 'basis points levied on what is sold (SEC, Section 31)',
    why: '27.80 USD a million from May 2024; in 2014 to 2021 it was between 5.10 and 23.10.',
  },
  saleFeePerShare: {
    kind: 'decimal', default: '0.000166', help: 'levied on each share sold (FINRA, trading activity fee)',
    why: 'The rate of 2024; 0.000119 until 2021.',
  },
  saleFeeMost: { kind: 'decimal', default: '8.30', help: 'most of the levy by the share on one fill', why: 'FINRA, the cap of 2024.' },
  spread: {
    kind: 'decimal', default: '10', help: 'ask less bid in basis points, at least a tick (SEC rule 612); half of it is paid each way',
    why: 'About what stocks of middling size quote; large ones less, and cheap ones pay the tick.',
  },
  slippage: {
    kind: 'decimal', default: '5', help: 'basis points by which the price moves against us beyond the spread',
    why: 'Orders meet the opening print late in its queue; a guess.',
  },
  impact: {
    kind: 'decimal', default: '200', help: 'basis points by which as much as had traded would move the price; by the square root of the share',
    why: 'The square-root law with a daily volatility of 2 % (Almgren, Thum, Hauptmann and Li 2005; Toth et al. 2011).',
  },
  participation: {
    kind: 'decimal', default: '0.05', help: 'paper: share of the last known volume that one print fills',
    why: 'More than a twentieth would not go unnoticed; backtesters that cap at all take 2.5 to 25 %.',
  },
} as const

/** Where a subject of a record of prices falls silent. */
export const DELISTING_LOSS = {
  kind: 'decimal', default: '0.3', help: 'part of the last close lost where a ticker falls silent while others of its file trade on',
  why: 'The mean return of delistings for performance is -30 % (Shumway, J. of Finance 52, 1997); takeovers lose nothing, but no record says which.',
} as const

/** The same options for whoever hands them on, without defaults of their own. */
type HandedOn = { readonly [K in keyof typeof COST_OPTIONS]: { readonly kind: (typeof COST_OPTIONS)[K]['kind']; readonly help: string } }
const handedOn = <K extends string>({ kind, help, default: usual }: { readonly kind: K; readonly help: string; readonly default: string }) =>
  ({ kind, help: `${help} (default of vanta-exec: ${usual})` })
export const COST_OVERRIDES: HandedOn = {
  latency: handedOn(COST_OPTIONS.latency), feePerShare: handedOn(COST_OPTIONS.feePerShare), fee: handedOn(COST_OPTIONS.fee),
  feeMinimum: handedOn(COST_OPTIONS.feeMinimum), saleFee: handedOn(COST_OPTIONS.saleFee), saleFeePerShare: handedOn(COST_OPTIONS.saleFeePerShare),
  saleFeeMost: handedOn(COST_OPTIONS.saleFeeMost), spread: handedOn(COST_OPTIONS.spread), slippage: handedOn(COST_OPTIONS.slippage),
  impact: handedOn(COST_OPTIONS.impact), participation: handedOn(COST_OPTIONS.participation),
}
export type CostName = keyof HandedOn

/** So many times the costs (10^-8); a multiple never makes a fee less than it is. */
export function multiplied(costs: TradingCosts, multiple: Fixed): TradingCosts {
  const times = (value: bigint): bigint => mulUp(value, multiple)
  const { feeBps, feePerShare, feeMinimum, saleBps, salePerShare, saleMost, spreadBps, spreadTicks, slippageBps, impactBps } = costs
  return {
    feeBps: times(feeBps), feePerShare: times(feePerShare), feeMinimum: times(feeMinimum), saleBps: times(saleBps),
    salePerShare: times(salePerShare), saleMost: times(saleMost), spreadBps: times(spreadBps), spreadTicks: times(spreadTicks),
    slippageBps: times(slippageBps), impactBps: times(impactBps),
  }
}

/** Commission and levies of one fill, each rounded up to a cent. */
export function feesOf(costs: TradingCosts, side: 'buy' | 'sell', quantity: Fixed, notional: Cents): Cents {
  const commission = feeCents(notional, costs.feeBps) + costCents(quantity, costs.feePerShare)
  const least = commission > costs.feeMinimum ? commission : costs.feeMinimum
  if (side === 'buy') return least
  const byShare = costCents(quantity, costs.salePerShare)
  return least + feeCents(notional, costs.saleBps) + (byShare < costs.saleMost ? byShare : costs.saleMost)
}

/** The price that `quantity` is traded at where `print` was printed and `volume` had traded before: against us, and never below zero. */
export function tradedAt(costs: TradingCosts, subject: string, side: 'buy' | 'sell', print: Fixed, quantity: Fixed, volume: Fixed): Fixed {
  const spread = slipped(print, 'buy', costs.spreadBps) - print, least = mulUp(tickOf(subject, print), costs.spreadTicks)
  const half = ((spread > least ? spread : least) + 1n) / 2n
  const touched = side === 'buy' ? print + half : print > half ? print - half : 0n
  const price = slipped(touched, side, costs.slippageBps + impactOf(costs, quantity, volume))
  return price > 0n ? price : 0n
}

/** Basis points (10^-8) by which trading a share of the volume moves the price, rounded up. */
function impactOf({ impactBps }: TradingCosts, quantity: Fixed, volume: Fixed): Fixed {
  if (impactBps === 0n || quantity <= 0n) return 0n
  const share = volume <= quantity ? ONE : -(-(quantity * ONE) / volume) + 1n
  return mulUp(impactBps, rootUp(share * ONE))
}

/** The smallest whole number whose square is not below `n`: Newton's iteration. */
function rootUp(n: bigint): bigint {
  if (n < 2n) return n
  let root = n, next = (n + 1n) / 2n
  while (next < root) {
    root = next
    next = (root + n / root) / 2n
  }
  return root * root === n ? root : root + 1n
}

/**
 * What a purchase is to be reckoned with beyond its mark before its quantity is known: basis points of price (half a spread, slippage, the impact of
 * the largest share that one print fills) and of fees.
 */
export function expectedBps(costs: TradingCosts, participation: Fixed): { readonly slippageBps: Fixed; readonly feeBps: Fixed } {
  const impact = impactOf(costs, participation, ONE)
  return { slippageBps: costs.slippageBps + costs.spreadBps / 2n + impact, feeBps: costs.feeBps }
}

/** An assumption as a summary states it. */
export interface Assumption {
  readonly name: string
  readonly value: string
  readonly why: string
}

/** A value beside the option it is of. */
export const assumption = (name: string, value: string, option: { readonly default: string; readonly why: string }): Assumption =>
  ({ name, value, why: value === option.default ? option.why : 'as asked for' })

/** What the options came to, in the order of the table; `textOf` gives an option's value as it would be typed. */
export const assumptionsOf = (textOf: (name: CostName) => string): Assumption[] =>
  (Object.keys(COST_OPTIONS) as CostName[]).map((name) => assumption(name, textOf(name), COST_OPTIONS[name]))
