/**
 * Any exchange of ccxt, its spot market. Most exchanges take a client id but remember it only while the order stands, so that nothing is sent twice:
 * what became of an order is found in the lists of open and of ended ones.
 */
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS, type Millis } from '#record'
import { hasLimit, isConditional, priceFault } from '#domain/execute/conditional'
import { instrumentOf } from '#domain/execute/instrument'
import { formatFixed } from '#domain/money/decimal'
import { Failure } from '#port/failure'
import type {
  Account, Activity, Booked, Broker, BrokerOrder, Cancelling, Look, NewFills, Outcome, Quote, Told, VenueFill, VenueOrder, VenueTerms,
} from '#port/broker'
import type { Credentials } from '#port/secrets'
import { fieldOf, textIn, Unreadable } from '../venue/json.ts'
import { reasonOf, rejected, told, unknown } from '../venue/say.ts'
import { readLedger, readTransfers } from './activity.ts'
import { classesOf } from './class.ts'
import { fitted, readBalances, readMarket, readOrder, readOrders, readTicker, readTrades, type CcxtOrder, type CcxtTrade } from './read.ts'
import { openTrading, type Trading, type Until } from './trading.ts'
import { CCXT_RULES } from './rules.ts'

const MOST_PAGES = 500
/** Whether a page may have been cut to the exchange's own limit, which is a round number. */
const mayBeCut = (size: number): boolean => size >= 20 && size % 10 === 0
/** Executions that are told late are looked for so far back; where nothing was ever heard, for so long. */
const OVERLAP_MS = HOUR_MS, FIRST_MS = 30 * DAY_MS
const FIXED_PER_CENT = 1_000_000n

export async function openCcxtBroker(terms: VenueTerms, secrets: Credentials): Promise<Broker> {
  return new CcxtBroker(`ccxt:${terms.exchange ?? ''}`, await openTrading(terms, secrets), terms.currency)
}

class CcxtBroker implements Broker {
  readonly name: string
  readonly rules = CCXT_RULES
  readonly #trading: Trading
  readonly #currency: string
  /** The exchange's ids, by ours. */
  readonly #ids = new Map<string, string>()
  /** Ours, by the exchange's. */
  readonly #clientIds = new Map<string, string>()
  #booked: Booked = { order: () => undefined, subjects: () => [] }

  constructor(name: string, trading: Trading, currency: string) {
    this.name = name
    this.#trading = trading
    this.#currency = currency
  }

  async #symbolOf(subject: string): Promise<string> {
    const instrument = instrumentOf(subject)
    if (instrument?.kind !== 'pair') throw new Refused(`${subject} is nothing that an exchange trades`)
    if (instrument.quote !== this.#currency) throw new Refused(`${subject} is not paid in ${this.#currency}, the currency of the vaults`)
    await this.#trading.exchange.loadMarkets()
    return `${instrument.base}/${instrument.quote}`
  }

  async submit(order: BrokerOrder): Promise<Outcome> {
    const { exchange, lastStatus } = this.#trading
    let leaves = false
    try {
      if (order.legs !== undefined) return rejected('exchanges take no orders of several legs')
      const fault = priceFault(order)
      if (fault !== undefined) return rejected(fault)
      if (isConditional(order) && !this.#trading.takesStops) return rejected('it lists orders that wait for a price apart from the others, or takes none')
      const symbol = await this.#symbolOf(order.subject)
      const fit = fitted(order, readMarket(exchange.market(symbol), exchange.precisionMode))
      if (typeof fit === 'string') return rejected(fit)
      const stands = order.timeInForce === 'ioc' || order.timeInForce === 'fok' ? { timeInForce: order.timeInForce.toUpperCase() } : {}
      leaves = true
      const answer = await exchange.createOrder(
        symbol, hasLimit(order) ? 'limit' : 'market', order.side, formatFixed(fit.quantity), fit.limit === undefined ? undefined : formatFixed(fit.limit),
        { clientOrderId: order.clientOrderId, ...(order.type === 'limit' && stands), ...(fit.stop !== undefined && { stopLossPrice: formatFixed(fit.stop) }) },
      )
      const taken = fieldOf(answer, 'order'), id = textIn(taken, 'id'), name = textIn(taken, 'clientOrderId')
      if (id === undefined || (name !== undefined && name !== order.clientOrderId)) return unknown('it answered with no order of this name')
      this.#note(id, order.clientOrderId)
      return { outcome: 'accepted' }
    } catch (error) {
      if (error instanceof Refused) return rejected(error.message)
      // Before it leaves there is nothing that could stand.
      if (!leaves) return rejected(`nothing was sent: ${reasonOf(error)}`)
      return isRefusal(error) && lastStatus() < 500 ? rejected(reasonOf(error)) : unknown(reasonOf(error))
    }
  }

  #note(id: string, clientOrderId: string): void {
    this.#ids.set(clientOrderId, id)
    this.#clientIds.set(id, clientOrderId)
  }

  async cancel(order: BrokerOrder): Promise<Cancelling> {
    try {
      const symbol = await this.#symbolOf(order.subject)
      const id = this.#ids.get(order.clientOrderId) ?? (await this.#find(order, symbol))?.id
      if (id === undefined) return 'unknown'
      await this.#trading.exchange.cancelOrder(id, symbol)
      return 'requested'
    } catch (error) {
      return error instanceof Error && classesOf(error).includes('OrderNotFound') ? 'requested' : 'unknown'
    }
  }

  async look(order: BrokerOrder): Promise<Look> {
    try {
      const found = await this.#find(order, await this.#symbolOf(order.subject))
      return found === undefined ? { look: 'absent' } : { look: 'found', order: this.#told(found, order) }
    } catch (error) {
      return { look: 'unknown', why: reasonOf(error) }
    }
  }

  /** Undefined only where both the open and the ended were listed, and it is in neither. */
  async #find(order: BrokerOrder, symbol: string): Promise<CcxtOrder | undefined> {
    const { exchange } = this.#trading
    const id = this.#ids.get(order.clientOrderId)
    if (id !== undefined && exchange.has['fetchOrder'] === true) return readOrder(await exchange.fetchOrder(id, symbol))
    const named = (orders: readonly CcxtOrder[]): CcxtOrder | undefined => {
      for (const { id: own, order: { clientOrderId } } of orders) if (clientOrderId !== '') this.#note(own, clientOrderId)
      return orders.find((found) => found.order.clientOrderId === order.clientOrderId)
    }
    const open = named(this.#allOpen(await exchange.fetchOpenOrders(symbol)))
    if (open !== undefined) return open
    for (const list of this.#endedLists()) {
      const ended = named(await this.#pages(order.sentMs - MINUTE_MS, (since, more) => list(symbol, since, more), readOrders))
      if (ended !== undefined) return ended
    }
    return undefined
  }

  #endedLists(): readonly ((symbol: string, since: number, more: Until) => Promise<unknown>)[] {
    const { exchange } = this.#trading
    if (exchange.has['fetchOrders'] === true) return [(symbol, since, more) => exchange.fetchOrders(symbol, since, this.#trading.pageSize, more)]
    if (exchange.has['fetchClosedOrders'] !== true) throw new Unreadable('it lists no orders that have ended')
    const closed = (symbol: string, since: number, more: Until): Promise<unknown> => exchange.fetchClosedOrders(symbol, since, this.#trading.pageSize, more)
    const cancelled = (symbol: string, since: number, more: Until): Promise<unknown> =>
      exchange.fetchCanceledOrders(symbol, since, this.#trading.pageSize, more)
    return exchange.has['fetchCanceledOrders'] === true ? [closed, cancelled] : [closed]
  }

  /**
   * Pages by time, until one brings nothing new: the end, unless it is all of one moment and so many that there may be more. Then there is no
   * telling, and that is said. Most exchanges begin with the latest: what a full first page has left out is asked for by its end.
   */
  async #pages<T extends { readonly id: string; readonly atMs: number }>(
    sinceMs: Millis, ask: (sinceMs: Millis, more: Until) => Promise<unknown>, read: (value: unknown) => readonly T[],
  ): Promise<readonly T[]> {
    const first = read(await ask(sinceMs, {}))
    const found = new Map(first.map((one) => [one.id, one]))
    if (!mayBeCut(first.length)) return first
    if (!this.#trading.beginsWithOldest) await this.#earlier(found, sinceMs, ask, read)
    return this.#later(found, ask, read)
  }

  async #earlier<T extends { readonly id: string; readonly atMs: number }>(
    found: Map<string, T>, sinceMs: Millis, ask: (sinceMs: Millis, more: Until) => Promise<unknown>, read: (value: unknown) => readonly T[],
  ): Promise<void> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const until = Math.min(...[...found.values()].map(({ atMs }) => atMs)), before = found.size
      const told = read(await ask(sinceMs, { until }))
      for (const one of told) found.set(one.id, one)
      if (found.size === before && mayBeCut(told.length)) throw new Unreadable(`${told.length} at one moment, and perhaps more`)
      if (found.size === before) return
    }
    throw new Unreadable('its pages do not end')
  }

  async #later<T extends { readonly id: string; readonly atMs: number }>(
    found: Map<string, T>, ask: (sinceMs: Millis, more: Until) => Promise<unknown>, read: (value: unknown) => readonly T[],
  ): Promise<readonly T[]> {
    let since = Math.max(...[...found.values()].map(({ atMs }) => atMs))
    for (let page = 0; page < MOST_PAGES; page++) {
      const told = read(await ask(since, {})), before = found.size
      for (const one of told) found.set(one.id, one)
      if (found.size === before && mayBeCut(told.length) && told.every(({ atMs }) => atMs === since)) {
        throw new Unreadable(`${told.length} at one moment, and perhaps more`)
      }
      if (found.size === before) return [...found.values()]
      since = Math.max(since, ...told.map(({ atMs }) => atMs))
    }
    throw new Unreadable('its pages do not end')
  }

  /** The exchange counts what was filled before fees; what is booked of it says, by its names, what that was of ours. */
  #told({ order }: CcxtOrder, own = this.#booked.order(order.clientOrderId)): VenueOrder {
    if (own === undefined) return order
    let gross = 0n
    for (const id of own.fillIds) gross += BigInt(id.split('@')[1] ?? '0')
    return { ...order, filled: order.filled - gross + own.filled }
  }

  openOrders(): Promise<Told<readonly VenueOrder[]>> {
    return told(async () => {
      const { exchange } = this.#trading
      await exchange.loadMarkets()
      const orders = await exchange.fetchOpenOrders().then((all) => this.#allOpen(all), (error: unknown) => {
        if (error instanceof Error && classesOf(error).includes('ArgumentsRequired')) return this.#openBySymbol()
        throw error
      })
      for (const { id, order } of orders) if (order.clientOrderId !== '') this.#note(id, order.clientOrderId)
      return orders.map((found) => this.#told(found))
    })
  }

  /** Throws Unreadable where there may be more than it lists. */
  #allOpen(value: unknown): readonly CcxtOrder[] {
    const orders = readOrders(value), { mostOpen } = this.#trading
    if (mostOpen !== undefined && orders.length >= mostOpen) throw new Unreadable(`${orders.length} orders are open, and it lists no more`)
    return orders
  }

  async #openBySymbol(): Promise<readonly CcxtOrder[]> {
    const found: CcxtOrder[] = []
    for (const subject of this.#booked.subjects()) {
      if (!subject.startsWith('pair:')) continue
      found.push(...this.#allOpen(await this.#trading.exchange.fetchOpenOrders(await this.#symbolOf(subject))))
    }
    return found
  }

  fills(after: string | undefined, nowMs: Millis, booked: Booked): Promise<Told<NewFills>> {
    this.#booked = booked
    return told(async () => {
      const since = after === undefined ? nowMs - FIRST_MS : Number(after) - OVERLAP_MS
      const fills: VenueFill[] = []
      let latestMs = after === undefined ? 0 : Number(after)
      for (const subject of booked.subjects()) {
        if (!subject.startsWith('pair:')) continue
        const symbol = await this.#symbolOf(subject)
        const { exchange, pageSize } = this.#trading
        const trades = await this.#pages(since, (sinceMs, more) => exchange.fetchMyTrades(symbol, sinceMs, pageSize, more), readTrades)
        for (const trade of trades) {
          fills.push(await this.#fillOf(trade, symbol, nowMs))
          latestMs = Math.max(latestMs, trade.atMs)
        }
      }
      return { fills, mark: latestMs === 0 ? after : String(latestMs) }
    })
  }

  async #fillOf({ id, orderId, gross, quantity, price, feeCents, atMs }: CcxtTrade, symbol: string, nowMs: Millis): Promise<VenueFill> {
    let clientOrderId = this.#clientIds.get(orderId)
    if (clientOrderId === undefined) {
      if (this.#trading.exchange.has['fetchOrder'] !== true) throw new Unreadable(`it does not tell which order ${orderId} is`)
      clientOrderId = readOrder(await this.#trading.exchange.fetchOrder(orderId, symbol)).order.clientOrderId
      this.#clientIds.set(orderId, clientOrderId)
    }
    const at = formatInstant(atMs), knownAt = formatInstant(Math.max(atMs, nowMs))
    return { fillId: `${id}@${gross}`, clientOrderId, quantity, price, feeCents, at, knownAt }
  }

  account(): Promise<Told<Account>> {
    return told(async () => {
      await this.#trading.exchange.loadMarkets()
      const positions = new Map<string, bigint>()
      let cash = 0n, buyingPower = 0n
      for (const [currency, { total, free }] of readBalances(await this.#trading.exchange.fetchBalance())) {
        if (currency === this.#currency) {
          cash = total / FIXED_PER_CENT
          buyingPower = free / FIXED_PER_CENT
        } else if (total !== 0n) positions.set(`pair:${currency}/${this.#currency}`, total)
      }
      return { cash, positions, buyingPower }
    })
  }

  /** One by one: tickers of all markets are an answer of megabytes. */
  quotes(subjects: readonly string[]): Promise<Told<ReadonlyMap<string, Quote>>> {
    return told(async () => {
      const found = new Map<string, Quote>()
      for (const subject of subjects) {
        const instrument = instrumentOf(subject)
        if (instrument?.kind !== 'pair' || instrument.quote !== this.#currency) continue
        const quote = await this.#quoteOf(await this.#symbolOf(subject))
        if (quote !== undefined) found.set(subject, quote)
      }
      return found
    })
  }

  /** Undefined of what it does not list, or no longer: that is no reason to know nothing of the others. */
  async #quoteOf(symbol: string): Promise<Quote | undefined> {
    try {
      return readTicker(await this.#trading.exchange.fetchTicker(symbol))
    } catch (error) {
      if (error instanceof Error && classesOf(error).includes('BadSymbol')) return undefined
      throw error
    }
  }

  /** By its ledger, or where it has none of the spot market by its lists of deposits and withdrawals. */
  activities(sinceMs: Millis): Promise<Told<readonly Activity[]>> {
    return told(async () => {
      const { exchange } = this.#trading, { has } = exchange
      await exchange.loadMarkets()
      if (has['fetchLedger'] === true) {
        try {
          const ask = (since: number, more: Until): Promise<unknown> => exchange.fetchLedger(undefined, since, this.#trading.pageSize, more)
          const ledger = await this.#pages(sinceMs, ask, (value) => readLedger(value, this.#currency))
          return ledger.flatMap(({ activity }) => activity ?? [])
        } catch (error) {
          const isNone = error instanceof Error && classesOf(error).some((name) => name === 'NotSupported' || name === 'ArgumentsRequired')
          if (!isNone) throw error
        }
      }
      if (has['fetchDeposits'] !== true || has['fetchWithdrawals'] !== true) throw new Unreadable('it tells neither a ledger nor deposits and withdrawals')
      const deposits = (since: number, more: Until): Promise<unknown> => exchange.fetchDeposits(undefined, since, this.#trading.pageSize, more)
      const withdrawals = (since: number, more: Until): Promise<unknown> => exchange.fetchWithdrawals(undefined, since, this.#trading.pageSize, more)
      const came = await this.#pages(sinceMs, deposits, (value) => readTransfers(value, 'deposit', this.#currency))
      const went = await this.#pages(sinceMs, withdrawals, (value) => readTransfers(value, 'withdrawal', this.#currency))
      return [...came, ...went].flatMap(({ activity }) => activity ?? [])
    })
  }
}

/** Turned down by us. */
class Refused extends Error {}

/** The exchange's own no; anything else it may say leaves open what it did. */
const NO = [
  'InvalidOrder', 'InsufficientFunds', 'BadSymbol', 'BadRequest', 'ArgumentsRequired', 'NotSupported', 'AuthenticationError', 'MarketClosed',
]
/** Kinds of the above that are no answer to what was asked. */
const NOT_THAT = ['DuplicateOrderId', 'OrderNotFound']

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Failure) return false
  const classes = classesOf(error)
  return NO.some((name) => classes.includes(name)) && !NOT_THAT.some((name) => classes.includes(name))
}
