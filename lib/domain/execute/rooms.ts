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
  /** The caps in money. */
  readonly #limits: { readonly [cap in 'gross' | 'net' | 'sector' | 'source' | 'turnover']: Cents } & { readonly exposure: Cents | undefined }
  readonly #sectorOf: (subject: string) => string
  readonly #makersOf: (subject: string) => string
  /** Value of positions once open and planned purchases are filled; also by sector and by maker. */
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
    const { caps, loan } = vault
    const share = (fraction: Fixed): Cents => shareOf(equity, fraction)
    this.#limits = {
      gross: share(caps.gross), net: share(caps.net), sector: share(caps.sector), source: share(caps.source), turnover: share(caps.turnover),
      exposure: loan === undefined ? undefined : share(loan.covenants.exposure),
    }
    this.#sectorOf = sectorOf
    this.#makersOf = (subject) => book.watch.holdings.get(subject)?.maker ?? 'unknown'
    this.#turnover = book.watch.tradedOn(nowMs)
    this.#orders = book.orders.size
    const { ledger } = book
    for (const subject of ledger.subjects()) {
      const price = priceOf(subject)
      this.#move(subject, this.#makersOf(subject), price === undefined ? ledger.costOf(subject) : proceedsCents(ledger.quantity(subject), price))
    }
    this.breach = covenantBreach(vault, equity, this.#gross, book.watch.highest)
  }

  #move(subject: string, makers: string, cents: Cents): void {
    const sector = this.#sectorOf(subject)
    this.#gross += cents
    this.#sectors.set(sector, (this.#sectors.get(sector) ?? 0n) + cents)
    for (const maker of makersIn(makers)) this.#sources.set(maker, (this.#sources.get(maker) ?? 0n) + cents)
  }

  /** An order is open or planned. A sale may never be filled: it makes room only once it is. */
  reserve(side: 'buy' | 'sell', subject: string, maker: string, quantity: Fixed, price: Fixed): void {
    const value = side === 'buy' ? costCents(quantity, price) : proceedsCents(quantity, price)
    if (side === 'buy') this.#move(subject, maker, value)
    this.#turnover += value
  }

  /** One more order is planned. */
  count(): void {
    this.#orders += 1
  }

  get ordersLeft(): number {
    return this.#vault.caps.openOrders - this.#orders
  }

  /** The cap that leaves least for one more purchase of a subject, and how much; of several, the first. */
  tightest(subject: string, maker: string): Room {
    const { gross, net, sector, source, turnover, exposure } = this.#limits
    let code: RefusalCode = 'GROSS_CAP', room = gross - this.#gross
    const bound = (name: RefusalCode, most: Cents): void => {
      if (most < room) [code, room] = [name, most]
    }
    // No position is short.
    bound('NET_CAP', net - this.#gross)
    bound('SECTOR_CAP', sector - (this.#sectors.get(this.#sectorOf(subject)) ?? 0n))
    for (const name of makersIn(maker)) bound('SOURCE_CAP', source - (this.#sources.get(name) ?? 0n))
    bound('TURNOVER_CAP', turnover - this.#turnover)
    if (exposure !== undefined) bound('COVENANT', exposure - this.#gross)
    return [code, room]
  }
}

/** Makers joined by "+", each once. */
const makersIn = (makers: string): Iterable<string> => (makers.includes('+') ? new Set(makers.split('+')) : [makers])

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
