/** What room a vault's own caps leave for one more purchase, by the value of what is held, ordered and planned. */
import type { Millis } from '#record'
import type { Book } from './book.ts'
import type { RefusalCode } from './pretrade.ts'
import { formatFixed } from '../money/decimal.ts'
import { costCents, formatCents, proceedsCents, shareOf, type Cents, type Fixed } from '../money/money.ts'
import type { Vault } from '../vault/vault.ts'

export type Room = readonly [code: RefusalCode, room: Cents]

export class Rooms {
  readonly #vault: Vault
  readonly #equity: Cents
  readonly #sectorOf: (subject: string) => string
  readonly #makersOf: (subject: string) => string
  /** Value of positions once open and planned orders are filled; also by sector and by maker. */
  #gross: Cents = 0n
  readonly #sectors = new Map<string, Cents>()
  readonly #sources = new Map<string, Cents>()
  /** Bought and sold today, open and planned orders included. */
  #turnover: Cents
  #orders: number
  /** Why no new exposure is taken on at all. */
  readonly breach: string | undefined

  constructor(book: Book, vault: Vault, equity: Cents, sectorOf: (subject: string) => string, priceOf: (subject: string) => Fixed | undefined, nowMs: Millis) {
    this.#vault = vault
    this.#equity = equity
    this.#sectorOf = sectorOf
    this.#makersOf = (subject) => book.watch.holdings.get(subject)?.maker ?? 'unknown'
    this.#turnover = book.watch.tradedOn(nowMs)
    this.#orders = book.orders.size
    const { ledger } = book
    for (const subject of ledger.subjects()) {
      const price = priceOf(subject)
      this.#move(subject, this.#makersOf(subject), price === undefined ? ledger.costOf(subject) : proceedsCents(ledger.quantity(subject), price))
    }
    this.breach = covenantBreach(vault, equity, this.#gross, book.watch.peak)
  }

  #move(subject: string, makers: string, cents: Cents): void {
    const sector = this.#sectorOf(subject)
    this.#gross += cents
    this.#sectors.set(sector, (this.#sectors.get(sector) ?? 0n) + cents)
    for (const maker of new Set(makers.split('+'))) this.#sources.set(maker, (this.#sources.get(maker) ?? 0n) + cents)
  }

  /** An order, open or planned, is expected to move so much. */
  reserve(side: 'buy' | 'sell', subject: string, maker: string, quantity: Fixed, price: Fixed): void {
    const value = side === 'buy' ? costCents(quantity, price) : proceedsCents(quantity, price)
    this.#move(subject, side === 'buy' ? maker : this.#makersOf(subject), side === 'buy' ? value : -value)
    this.#turnover += value
  }

  /** One more order is planned. */
  count(): void {
    this.#orders += 1
  }

  get ordersLeft(): number {
    return this.#vault.caps.openOrders - this.#orders
  }

  /** In the order in which they are named where several leave equally little. */
  left(subject: string, maker: string): Room[] {
    const { caps, loan } = this.#vault
    const within = (fraction: Fixed, used: Cents): Cents => shareOf(this.#equity, fraction) - used
    const sector = this.#sectors.get(this.#sectorOf(subject)) ?? 0n
    const rooms: Room[] = [
      ['GROSS_CAP', within(caps.gross, this.#gross)],
      // No position is short.
      ['NET_CAP', within(caps.net, this.#gross)],
      ['SECTOR_CAP', within(caps.sector, sector)],
    ]
    for (const name of new Set(maker.split('+'))) rooms.push(['SOURCE_CAP', within(caps.source, this.#sources.get(name) ?? 0n)])
    rooms.push(['TURNOVER_CAP', within(caps.turnover, this.#turnover)])
    if (loan !== undefined) rooms.push(['COVENANT', within(loan.covenants.exposure, this.#gross)])
    return rooms
  }
}

/** Which covenant of a vault's loan does not hold: exposure above its share of the equity, or equity that fell too far below its highest. */
export function covenantBreach({ loan }: Vault, equity: Cents, gross: Cents, peak: Cents | undefined): string | undefined {
  if (loan === undefined) return undefined
  const { drawdown, exposure } = loan.covenants
  if (gross > shareOf(equity, exposure)) return `exposure of ${formatCents(gross)} is above ${formatFixed(exposure)} of ${formatCents(equity)}`
  if (peak !== undefined && peak - equity > shareOf(peak, drawdown)) {
    return `equity of ${formatCents(equity)} is more than ${formatFixed(drawdown)} below its highest, ${formatCents(peak)}`
  }
  return undefined
}
