/** What a book says at one moment, as facts: prices and sizes as exact decimals, measures without a unit as numbers. */
import { roundDiv } from '../money/decimal.ts'
import type { Book } from './book.ts'
import { tenTo, unitsText } from './levels.ts'

/** A type and no interface, so that it can stand among the facts of a signal. */
export type BookView = {
  bid?: string
  bid_size?: string
  ask?: string
  ask_size?: string
  spread?: string
  mid?: string
  /** Bid and ask weighted each by the size on the other side; rounded to four digits beyond those of the two. */
  micro_price?: string
  /** (bid size - ask size) / (bid size + ask size) at the best level: -1 to 1. */
  imbalance?: number
  /** The same over the best `levels` levels of each side. */
  imbalance_deep?: number
  levels?: number
  /** Sizes within so many hundredths of a percent of the mid. */
  bid_depth?: string
  ask_depth?: string
  depth_bps?: number
}

export interface ViewTerms {
  readonly levels: number
  readonly bps: number
}

const MICRO_DIGITS = 4

export function viewOf(book: Book, { levels, bps }: ViewTerms): BookView {
  const { bids, asks, priceDigits, sizeDigits } = book
  const price = (units: bigint | number): string => unitsText(units, priceDigits)
  const size = (units: bigint): string => unitsText(units, sizeDigits)
  const view: BookView = {}
  if (bids.count > 0) {
    view.bid = price(bids.price(0))
    view.bid_size = size(bids.size(0))
  }
  if (asks.count > 0) {
    view.ask = price(asks.price(0))
    view.ask_size = size(asks.size(0))
  }
  if (bids.count === 0 || asks.count === 0) return view
  const bid = BigInt(bids.price(0)), ask = BigInt(asks.price(0)), bidSize = bids.size(0), askSize = asks.size(0)
  view.spread = price(ask - bid)
  view.mid = unitsText((bid + ask) * 5n, priceDigits + 1)
  const written = Math.max(digitsOf(view.bid ?? ''), digitsOf(view.ask ?? ''))
  view.micro_price = unitsText(
    roundDiv((bid * askSize + ask * bidSize) * tenTo(MICRO_DIGITS), (bidSize + askSize) * tenTo(priceDigits - written)),
    written + MICRO_DIGITS,
  )
  view.imbalance = imbalance(bidSize, askSize)
  view.imbalance_deep = imbalance(bids.sizeOf(levels), asks.sizeOf(levels))
  view.levels = levels
  const [low, high] = within(bid + ask, bps)
  view.bid_depth = size(bids.sizeOf(bids.countTo(low)))
  view.ask_depth = size(asks.sizeOf(asks.countTo(high)))
  view.depth_bps = bps
  return view
}

const digitsOf = (decimal: string): number => (decimal.includes('.') ? decimal.length - decimal.indexOf('.') - 1 : 0)

/** To six decimals. */
function imbalance(bids: bigint, asks: bigint): number {
  const sum = bids + asks
  return sum === 0n ? 0 : Number(roundDiv((bids - asks) * 1_000_000n, sum)) / 1_000_000
}

/** The lowest bid and the highest ask within `bps` of the mid, which is half of `twice`. */
function within(twice: bigint, bps: number): readonly [low: number, high: number] {
  const share = BigInt(Math.round(bps * 100)), whole = 1_000_000n
  const least = twice * (whole - share), most = twice * (whole + share), unit = 2n * whole
  const low = least / unit
  return [Number(low * unit < least ? low + 1n : low), Number(most / unit)]
}
