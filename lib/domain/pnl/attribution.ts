/**
 * Profit and loss told apart by day, vault, band, subject, lot, persona, model, source and raw signal, from the journal of the ledger and the prices at
 * the end of each day. What belongs to several is divided by largest remainders, so that the parts add up to the total to the cent.
 */
import { dayOf, type JournalEntry } from '#record'
import { DIVIDENDS, FEES, INTEREST, INTEREST_EARNED, ADJUSTMENTS, REALISED, subjectOf } from '../money/accounts.ts'
import { apportioned, postingOf, type Posting } from '../money/entry.ts'
import { proceedsCents, type Cents, type Fixed } from '../money/money.ts'

export const DIMENSIONS = ['day', 'vault', 'band', 'subject', 'lot', 'persona', 'model', 'source', 'signal'] as const
/** Those that the reasons behind a fill tell. */
const OWED = ['persona', 'model', 'source', 'signal'] as const satisfies readonly Dimension[]
export type Dimension = (typeof DIMENSIONS)[number]

export const MEASURES = ['realised', 'unrealised', 'dividends', 'interest', 'fees', 'adjustments'] as const
export type Measure = (typeof MEASURES)[number]

/** To what a purchase is owed, and by what weight. */
export interface Credit {
  readonly persona: string
  readonly model: string
  readonly source: string
  /** The id of the record that came from outside. */
  readonly signal: string
  readonly weight: bigint
}

export interface AttributionTerms {
  readonly by: readonly Dimension[]
  /** Whom a fill is owed to; empty where that is not known. */
  readonly creditsOf: (fillId: string) => readonly Credit[]
}

export interface Row {
  readonly group: { readonly [dimension: string]: string }
  readonly currency: string
  readonly measures: Record<Measure, Cents>
  fills: number
}
/** Gains less losses, costs and interest taken off. */
export const profitOfRow = ({ measures: { realised, unrealised, dividends, interest, fees, adjustments } }: Row): Cents =>
  realised + unrealised + dividends + interest - fees - adjustments

/** What a lot was bought for: at average cost a lot is of several purchases. */
interface Part {
  readonly band: string
  readonly maker: string
  readonly fill: string
  quantity: Fixed
  /** Gain on paper that is told already. */
  told: Cents
}
interface HeldLot {
  readonly vault: string
  readonly currency: string
  readonly subject: string
  readonly id: string
  quantity: Fixed
  cost: Cents
  parts: Part[]
}
interface Where {
  readonly vault: string
  readonly currency: string
  readonly subject: string
  readonly lot: string
  readonly band: string
  readonly maker: string
  readonly fill: string
}

const NONE = 'none', UNKNOWN = 'unknown'

export class Attribution {
  readonly #terms: AttributionTerms
  readonly #rows = new Map<string, Row>()
  readonly #lots = new Map<string, HeldLot>()
  readonly #prices = new Map<string, Fixed>()
  /** Lots that the entry under way has emptied. */
  readonly #gone = new Map<string, readonly Part[]>()
  #day = ''

  constructor(terms: AttributionTerms) {
    this.#terms = terms
  }

  /** Entries in the order of the journal, day by day; `close` between them. */
  take(entry: JournalEntry): void {
    const postings = entry.postings.map(postingOf)
    this.#gone.clear()
    const moves = postings.filter(({ move }) => move !== undefined)
    const sold = moves.map((posting) => this.#move(entry, posting))
    if (entry.type === 'split') this.#rebase(entry, moves)
    const { vault, currency, band = UNKNOWN, maker = UNKNOWN, subject = NONE } = entry
    const own = { vault, currency, subject, lot: NONE, band, maker, fill: entry.parents[0] ?? '' }
    if (entry.type === 'fill') {
      const weights = moves.map(({ move }) => abs(move?.quantity ?? 0n)), fee = sumOf(postings, FEES)
      apportioned(fee, weights).forEach((part, i) => this.#add({ ...own, lot: moves[i]?.move?.lot ?? NONE }, 'fees', part))
      this.#count({ ...own, lot: moves[0]?.move?.lot ?? NONE })
    } else this.#add(own, 'fees', sumOf(postings, FEES))
    const gone = sold.flat()
    this.#share(gone, own, 'realised', -sumOf(postings, REALISED))
    const dividends = -sumOf(postings, DIVIDENDS)
    if (dividends !== 0n) this.#share(this.#held(vault, subject), own, 'dividends', dividends)
    const idle = { ...own, band: NONE, maker: NONE }
    this.#add(idle, 'interest', -sumOf(postings, INTEREST) - sumOf(postings, INTEREST_EARNED))
    this.#add(idle, 'adjustments', sumOf(postings, ADJUSTMENTS))
  }

  /** A day begins: whatever is told from now on belongs to it. */
  begin(day: string): void {
    this.#day = day
  }

  /** A day ends, at these prices; what has none keeps the last, or counts at cost. */
  close(prices: ReadonlyMap<string, Fixed>): void {
    for (const [subject, price] of prices) this.#prices.set(subject, price)
    const positions = new Map<string, HeldLot[]>()
    for (const lot of this.#lots.values()) {
      const key = `${lot.vault} ${lot.subject}`, known = positions.get(key)
      if (known === undefined) positions.set(key, [lot])
      else known.push(lot)
    }
    for (const lots of positions.values()) this.#value(lots)
  }

  #value(lots: readonly HeldLot[]): void {
    const price = this.#prices.get(lots[0]?.subject ?? '')
    if (price === undefined) return
    const value = proceedsCents(lots.reduce((sum, { quantity }) => sum + quantity, 0n), price)
    const values = apportioned(value, lots.map(({ quantity }) => quantity))
    for (const [i, lot] of lots.entries()) {
      const gains = apportioned((values[i] ?? 0n) - lot.cost, lot.parts.map(({ quantity }) => quantity))
      for (const [j, part] of lot.parts.entries()) {
        this.#add(whereOf(lot, part), 'unrealised', (gains[j] ?? 0n) - part.told)
        part.told = gains[j] ?? 0n
      }
    }
  }

  /** Move a lot. What leaves is returned with its weight; its gain on paper is taken back, because it is realised now or gone elsewhere. */
  #move(entry: JournalEntry, { account, amountCents, move }: Posting): { readonly where: Where; readonly weight: bigint }[] {
    const subject = subjectOf(account)
    if (subject === undefined || move === undefined) return []
    const { vault, currency, band = UNKNOWN, maker = UNKNOWN } = entry
    const key = `${vault} ${account} ${move.lot}`
    let lot = this.#lots.get(key)
    if (lot === undefined) {
      lot = { vault, currency, subject, id: move.lot, quantity: 0n, cost: 0n, parts: [] }
      this.#lots.set(key, lot)
      if (entry.type !== 'fill') lot.parts = this.#partsOf(lot).map((part) => ({ ...part, told: 0n }))
    }
    const before = lot.quantity
    lot.quantity += move.quantity
    lot.cost += amountCents
    if (entry.type === 'fill' && move.quantity > 0n) {
      const fill = entry.parents[0] ?? ''
      const known = lot.parts.find((part) => part.fill === fill)
      if (known === undefined) lot.parts.push({ band, maker, fill, quantity: move.quantity, told: 0n })
      else known.quantity += move.quantity
      return []
    }
    if (move.quantity >= 0n) {
      const base = lot.parts.length === 0 ? [{ band, maker, fill: entry.parents[0] ?? '', quantity: 1n, told: 0n }] : lot.parts
      const shares = apportioned(lot.quantity, base.map(({ quantity }) => quantity))
      lot.parts = base.map((part, i) => ({ ...part, quantity: shares[i] ?? 0n }))
      return []
    }
    const current = lot
    const taken = apportioned(-move.quantity, lot.parts.map(({ quantity }) => quantity))
    const left = lot.parts.map((part, i) => ({ part, taken: taken[i] ?? 0n }))
    for (const { part, taken: gone } of left) {
      const back = before === 0n || part.quantity === 0n ? 0n : (part.told * gone) / part.quantity
      this.#add(whereOf(current, part), 'unrealised', -back)
      part.told -= back
      part.quantity -= gone
    }
    if (lot.quantity === 0n) {
      for (const part of lot.parts) this.#add(whereOf(current, part), 'unrealised', -part.told)
      this.#lots.delete(key)
      this.#gone.set(lot.id, left.map(({ part, taken: gone }) => ({ ...part, quantity: gone, told: 0n })))
    }
    return left.map(({ part, taken: gone }) => ({ where: whereOf(current, part), weight: gone }))
  }

  /** A lot that left under one name, or is held under it still, and comes under another is the same. */
  #partsOf(lot: HeldLot): readonly Part[] {
    for (const held of this.#lots.values()) if (held !== lot && held.vault === lot.vault && held.id === lot.id) return held.parts
    return this.#gone.get(lot.id) ?? []
  }

  #held(vault: string, subject: string): { readonly where: Where; readonly weight: bigint }[] {
    return [...this.#lots.values()].filter((lot) => lot.vault === vault && lot.subject === subject)
      .flatMap((lot) => lot.parts.map((part) => ({ where: whereOf(lot, part), weight: part.quantity })))
  }

  /** The last price goes with the shares. */
  #rebase({ vault }: JournalEntry, moves: readonly Posting[]): void {
    const subject = moves[0] === undefined ? undefined : subjectOf(moves[0].account), price = subject === undefined ? undefined : this.#prices.get(subject)
    if (subject === undefined || price === undefined) return
    const after = [...this.#lots.values()].filter((lot) => lot.vault === vault && lot.subject === subject).reduce((sum, { quantity }) => sum + quantity, 0n)
    const before = moves.reduce((sum, { move }) => sum - (move?.quantity ?? 0n), after)
    if (after > 0n) this.#prices.set(subject, (price * before) / after)
  }

  #share(parts: readonly { readonly where: Where; readonly weight: bigint }[], otherwise: Where, measure: Measure, cents: Cents): void {
    if (cents === 0n) return
    if (parts.length === 0) return this.#add(otherwise, measure, cents)
    const shares = apportioned(cents, parts.map(({ weight }) => weight))
    parts.forEach(({ where }, i) => this.#add(where, measure, shares[i] ?? 0n))
  }

  #add(where: Where, measure: Measure, cents: Cents): void {
    if (cents === 0n) return
    const credits = this.#credits(where), shares = apportioned(cents, credits.map(({ weight }) => weight))
    credits.forEach((credit, i) => {
      if (shares[i] !== 0n) this.#row(where, credit).measures[measure] += shares[i] ?? 0n
    })
  }

  #count(where: Where): void {
    const [first] = this.#credits(where)
    if (first !== undefined) this.#row(where, first).fills += 1
  }

  #credits({ fill, maker }: Where): readonly Credit[] {
    const { by, creditsOf } = this.#terms
    const nobody = { persona: UNKNOWN, model: maker, source: UNKNOWN, signal: UNKNOWN, weight: 1n }
    if (!by.some((dimension) => isOwed(dimension))) return [nobody]
    if (maker === NONE) return [{ persona: NONE, model: NONE, source: NONE, signal: NONE, weight: 1n }]
    const known = creditsOf(fill)
    return known.length > 0 ? known : maker.split('+').map((model) => ({ ...nobody, model }))
  }

  #row(where: Where, { persona, model, source, signal }: Credit): Row {
    const { vault, subject, band, lot, currency } = where
    const values: Record<Dimension, string> = { day: this.#day, vault, band, subject, lot, persona, model, source, signal }
    const group = Object.fromEntries(this.#terms.by.map((dimension) => [dimension, values[dimension]]))
    const key = JSON.stringify([...Object.values(group), currency])
    let row = this.#rows.get(key)
    if (row === undefined) {
      const measures = { realised: 0n, unrealised: 0n, dividends: 0n, interest: 0n, fees: 0n, adjustments: 0n }
      this.#rows.set(key, (row = { group, currency, measures, fills: 0 }))
    }
    return row
  }

  /** Sorted by the dimensions in their order. */
  rows(): Row[] {
    const names = [...this.#terms.by]
    const before = (a: Row, b: Row): number => {
      for (const name of names) {
        const x = a.group[name] ?? '', y = b.group[name] ?? ''
        if (x !== y) return x < y ? -1 : 1
      }
      return a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0
    }
    return [...this.#rows.values()].sort(before)
  }
}

const owed: ReadonlySet<Dimension> = new Set(OWED)
export const isOwed = (dimension: Dimension): boolean => owed.has(dimension)

const abs = (value: bigint): bigint => (value < 0n ? -value : value)
const sumOf = (postings: readonly Posting[], account: string): Cents =>
  postings.reduce((sum, posting) => (posting.account === account ? sum + posting.amountCents : sum), 0n)
const whereOf = ({ vault, currency, subject, id }: HeldLot, { band, maker, fill }: Part): Where => ({ vault, currency, subject, lot: id, band, maker, fill })

/** Prices at the end of days: by day, then by subject. */
export type DayPrices = ReadonlyMap<string, ReadonlyMap<string, Fixed>>

/** The whole journal and all prices, day by day. */
export function attributed(terms: AttributionTerms, entries: Iterable<JournalEntry>, prices: DayPrices): Row[] {
  const attribution = new Attribution(terms)
  const byDay = new Map<string, JournalEntry[]>(), latest = new Map<string, string>()
  for (const entry of entries) {
    // What was heard late is told on the day of the entry before it.
    const own = dayOf(entry.at), last = latest.get(entry.vault) ?? ''
    const day = own > last ? own : last
    latest.set(entry.vault, day)
    const known = byDay.get(day)
    if (known === undefined) byDay.set(day, [entry])
    else known.push(entry)
  }
  for (const day of [...new Set([...byDay.keys(), ...prices.keys()])].sort()) {
    attribution.begin(day)
    for (const entry of byDay.get(day) ?? []) attribution.take(entry)
    attribution.close(prices.get(day) ?? new Map())
  }
  return attribution.rows()
}
