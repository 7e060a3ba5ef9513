/** Checksums that venues send with their books, so that a copy can be told from the original. */
import type { Book } from './book.ts'
import type { BookSide } from './book_side.ts'

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest >>> 0
})

/** CRC-32 (ISO 3309, as in zip) of ASCII text, unsigned. */
export function crc32(text: string): number {
  let rest = 0xffffffff
  for (let i = 0; i < text.length; i++) rest = (rest >>> 8) ^ (TABLE[(rest ^ text.charCodeAt(i)) & 0xff] ?? 0)
  return (rest ^ 0xffffffff) >>> 0
}

/** Decimals with which a venue writes the prices and sizes of one pair. */
export interface Written {
  readonly priceDigits: number
  readonly sizeDigits: number
}

const KRAKEN_LEVELS = 10

/**
 * Kraken's: the ten best asks, then the ten best bids, each as the digits of its price and of its size as they are written, without the
 * point and the noughts before (https://docs.kraken.com/api/docs/guides/spot-ws-book-v2).
 */
export function krakenChecksum(book: Book, written: Written): number {
  return crc32(krakenText(book.asks, book, written) + krakenText(book.bids, book, written))
}

function krakenText(side: BookSide, { priceDigits, sizeDigits }: Book, written: Written): string {
  const priceZeros = '0'.repeat(Math.max(0, written.priceDigits - priceDigits)), sizeZeros = '0'.repeat(Math.max(0, written.sizeDigits - sizeDigits))
  let text = ''
  for (let nth = 0, count = Math.min(KRAKEN_LEVELS, side.count); nth < count; nth++) {
    text += side.price(nth) + priceZeros + side.sizeDigits(nth) + sizeZeros
  }
  return text
}

const BITFINEX_LEVELS = 25

/**
 * Bitfinex's, signed: price and amount of the best bid, of the best ask, of the next bid ..., as JavaScript writes them, asks below zero
 * (https://docs.bitfinex.com/docs/ws-websocket-checksum).
 */
export function bitfinexChecksum(book: Book): number {
  const parts: string[] = []
  const bids = book.best('bids', BITFINEX_LEVELS), asks = book.best('asks', BITFINEX_LEVELS)
  for (let nth = 0; nth < BITFINEX_LEVELS; nth++) {
    const bid = bids[nth], ask = asks[nth]
    if (bid !== undefined) parts.push(`${Number(bid.price)}:${Number(bid.size)}`)
    if (ask !== undefined) parts.push(`${Number(ask.price)}:${-Number(ask.size)}`)
  }
  return crc32(parts.join(':')) | 0
}
