/** An order book of price levels (L2), exact at the precision that its venue writes: whole numbers inside, decimal text out. */
import { BookSide, finer } from './book_side.ts'
import { TooManyDigits, unitsText, type Levels } from './levels.ts'

export interface Level {
  /** The shortest exact decimals. */
  readonly price: string
  readonly size: string
}

export class Book {
  /** Bids and asks count in 10^-priceDigits and 10^-sizeDigits; finer as soon as a finer number comes. */
  priceDigits = 0
  sizeDigits = 0
  readonly bids = new BookSide('bid')
  readonly asks = new BookSide('ask')

  /** The whole book anew. Throws TooManyDigits, and is empty then. */
  replace(bids: Levels, asks: Levels): void {
    this.bids.clear()
    this.asks.clear()
    this.priceDigits = Math.max(bids.priceDigits, asks.priceDigits)
    this.sizeDigits = Math.max(bids.sizeDigits, asks.sizeDigits)
    this.apply(bids, asks)
  }

  /** Set levels to their new sizes; those of size zero go. Throws TooManyDigits, and is of no use then. */
  apply(bids: Levels, asks: Levels): void {
    if (bids.tooLong || asks.tooLong) throw new TooManyDigits('prices of more than 15 digits')
    const priceDigits = Math.max(this.priceDigits, bids.priceDigits, asks.priceDigits)
    const sizeDigits = Math.max(this.sizeDigits, bids.sizeDigits, asks.sizeDigits)
    if (priceDigits > this.priceDigits || sizeDigits > this.sizeDigits) {
      for (const side of [this.bids, this.asks]) side.refine(finer(this.priceDigits, priceDigits), finer(this.sizeDigits, sizeDigits))
      this.priceDigits = priceDigits
      this.sizeDigits = sizeDigits
    }
    this.bids.apply(bids, finer(bids.priceDigits, priceDigits), finer(bids.sizeDigits, sizeDigits))
    this.asks.apply(asks, finer(asks.priceDigits, priceDigits), finer(asks.sizeDigits, sizeDigits))
  }

  /** Only the best levels of both sides stay: as far as a venue tells of changes. */
  trim(depth: number): void {
    this.bids.trim(depth)
    this.asks.trim(depth)
  }

  /** Somebody would buy for more than somebody sells for: no real book of one venue, so something was missed. */
  get isCrossed(): boolean {
    return this.bids.price(0) >= this.asks.price(0)
  }

  /** The best levels of one side, best first. */
  best(side: 'bids' | 'asks', levels: number): Level[] {
    const from = this[side]
    return Array.from({ length: Math.min(levels, from.count) }, (_, nth) => ({
      price: unitsText(from.price(nth), this.priceDigits),
      size: unitsText(from.size(nth), this.sizeDigits),
    }))
  }
}
