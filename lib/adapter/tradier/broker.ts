/**
 * Tradier (https://documentation.tradier.com): shares, options and several of them at once. Our id goes along as a tag, which is a note and nothing
 * more: the same tag twice is two orders, so nothing is ever sent again. What an order has come to is told as sums.
 */
import { instrumentOf } from '#domain/execute/instrument'
import { DAY_MS, formatInstant, type Millis } from '#record'
import type {
  Account, Activity, Booked, Broker, BrokerOrder, Cancelling, Look, NewFills, Outcome, Quote, Told, VenueFill, VenueOrder, VenueTerms,
} from '#port/broker'
import type { Credentials } from '#port/secrets'
import { centsAt, fieldOf, readJson, textAt, Unreadable, type Field } from '../venue/json.ts'
import { isRefusal, reasonOf, rejected, stepTo, told, unknown, words } from '../venue/say.ts'
import { openWire, type Answer, type Wire } from '../venue/wire.ts'
import { readHistory } from './activity.ts'
import { manyOf, readErrors, readOrder, readPosition, readQuote, type TradierOrder } from './read.ts'
import { formOf } from './request.ts'
import { TRADIER_RULES } from './rules.ts'

const LIVE = 'https://api.tradier.com', SANDBOX = 'https://sandbox.tradier.com'
const PAGE = 100, MOST_PAGES = 500
const PAGE_EVENTS = 1000
/** So that the address of the question is not too long. */
const SYMBOLS_AT_ONCE = 50

export async function openTradier({ live, endpoint, timeoutMs, rehearse, currency }: VenueTerms, secrets: Credentials): Promise<Broker> {
  const origin = live ? LIVE : SANDBOX
  const wire = openWire({ venue: 'tradier', origins: [origin], endpoint, timeoutMs, secrets, rehearse })
  return new TradierBroker(wire, origin, secrets, currency)
}

class TradierBroker implements Broker {
  readonly name = 'tradier'
  readonly rules = TRADIER_RULES
  readonly #wire: Wire
  readonly #origin: string
  readonly #account: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #currency: string

  constructor(wire: Wire, origin: string, secrets: Credentials, currency: string) {
    this.#wire = wire
    this.#origin = origin
    this.#account = `${origin}/v1/accounts/${encodeURIComponent(secrets['account'] ?? '')}`
    this.#headers = { accept: 'application/json', authorization: `Bearer ${secrets['token'] ?? ''}` }
    this.#currency = currency
  }

  #ask(method: string, path: string, form?: URLSearchParams): Promise<Answer> {
    return this.#askAt(`${this.#account}${path}`, method, form)
  }

  #askAt(url: string, method: string, form?: URLSearchParams): Promise<Answer> {
    const headers = form === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/x-www-form-urlencoded' }
    return this.#wire.ask({ method, url, headers, body: form?.toString() })
  }

  async submit(order: BrokerOrder): Promise<Outcome> {
    const form = formOf(order)
    if (typeof form === 'string') return rejected(form)
    try {
      const answer = await this.#ask('POST', '/orders', form)
      const what = `HTTP ${answer.status} ${words(answer.text)}`
      if (answer.status !== 200 && answer.status !== 201 && !isRefusal(answer)) return unknown(what)
      const said = readJson(answer.text)
      const errors = readErrors(said)
      // Turned down with 200 as well as with 400.
      if (errors !== undefined) return rejected(errors)
      if (isRefusal(answer)) return unknown(what)
      const taken = fieldOf(fieldOf(said, 'answer')['order'], 'order')
      textAt(taken, 'id')
      return taken['status'] === 'ok' ? { outcome: 'accepted' } : unknown(what)
    } catch (error) {
      return unknown(reasonOf(error))
    }
  }

  async cancel(order: BrokerOrder): Promise<Cancelling> {
    try {
      const found = this.#one(await this.#orders(), order.clientOrderId)
      if (found === undefined) return 'unknown'
      const answer = await this.#ask('DELETE', `/orders/${encodeURIComponent(found.id)}`)
      return answer.status === 200 || isRefusal(answer) ? 'requested' : 'unknown'
    } catch {
      return 'unknown'
    }
  }

  async look({ clientOrderId }: BrokerOrder): Promise<Look> {
    try {
      const found = this.#one(await this.#orders(), clientOrderId)
      return found === undefined ? { look: 'absent' } : { look: 'found', order: found.order }
    } catch (error) {
      return { look: 'unknown', why: reasonOf(error) }
    }
  }

  #one(orders: readonly TradierOrder[], clientOrderId: string): TradierOrder | undefined {
    const found = orders.filter(({ order }) => order.clientOrderId === clientOrderId)
    if (found.length > 1) throw new Unreadable(`${found.length} orders carry the tag ${clientOrderId}: ${found.map(({ id }) => id).join(', ')}`)
    return found[0]
  }

  /** All it lists: those of the session, and older ones that stand. */
  async #orders(): Promise<readonly TradierOrder[]> {
    const found = new Map<string, TradierOrder>()
    for (let page = 1; page <= MOST_PAGES; page++) {
      const answer = await this.#ask('GET', `/orders?page=${page}&limit=${PAGE}&includeTags=true`)
      const orders = manyOf(bodyOf(answer), 'orders', 'order').map(readOrder)
      const before = found.size
      for (const order of orders) found.set(order.id, order)
      // Pages that bring nothing new end the list, whether or not the limit was heeded.
      if (found.size === before) return [...found.values()]
    }
    throw new Unreadable('more orders than can be')
  }

  openOrders(): Promise<Told<readonly VenueOrder[]>> {
    return told(async () => (await this.#orders()).map(({ order }) => order).filter(({ state }) => state === 'accepted' || state === 'pending'))
  }

  fills(_after: string | undefined, nowMs: Millis, booked: Booked): Promise<Told<NewFills>> {
    return told(async () => {
      const knownAt = formatInstant(nowMs)
      const fills: VenueFill[] = []
      for (const { order, reached } of await this.#orders()) {
        const fillIds = booked.order(order.clientOrderId)?.fillIds ?? []
        for (const sum of reached) {
          const fill = stepTo({ ...sum, knownAt }, fillIds)
          if (fill !== undefined) fills.push(fill)
        }
      }
      return { fills, mark: undefined }
    })
  }

  account(): Promise<Told<Account>> {
    return told(async () => {
      if (this.#currency !== 'USD') throw new Unreadable(`the account is kept in USD, the vaults in ${this.#currency}`)
      const balances = fieldOf(fieldOf(bodyOf(await this.#ask('GET', '/balances')), 'answer')['balances'], 'balances')
      const positions = manyOf(bodyOf(await this.#ask('GET', '/positions')), 'positions', 'position').map(readPosition)
      const margin = balances['margin'], own = balances['cash']
      const buyingPower = margin !== undefined && margin !== null ? centsAt(fieldOf(margin, 'margin'), 'stock_buying_power')
        : own !== undefined && own !== null ? centsAt(fieldOf(own, 'cash'), 'cash_available') : undefined
      return { cash: centsAt(balances, 'total_cash'), positions: summed(positions), ...(buyingPower !== undefined && { buyingPower }) }
    })
  }

  /** https://documentation.tradier.com/brokerage-api/markets/get-quotes */
  quotes(subjects: readonly string[]): Promise<Told<ReadonlyMap<string, Quote>>> {
    return told(async () => {
      const symbols = subjects.map(instrumentOf).flatMap((one) => (one?.kind === 'equity' ? [one.symbol] : one?.kind === 'option' ? [one.occ] : []))
      const found = new Map<string, Quote>()
      for (let from = 0; from < symbols.length; from += SYMBOLS_AT_ONCE) {
        const query = new URLSearchParams({ symbols: symbols.slice(from, from + SYMBOLS_AT_ONCE).join(',') })
        const body = bodyOf(await this.#askAt(`${this.#origin}/v1/markets/quotes?${query.toString()}`, 'GET'))
        for (const [subject, quote] of manyOf(body, 'quotes', 'quote').map(readQuote).filter((one) => one !== undefined)) found.set(subject, quote)
      }
      return found
    })
  }

  activities(sinceMs: Millis, nowMs: Millis): Promise<Told<readonly Activity[]>> {
    return told(async () => {
      const [start, end] = [sinceMs, nowMs + DAY_MS].map((ms) => formatInstant(ms).slice(0, 10))
      const events: Field[] = []
      for (let page = 1; page <= MOST_PAGES; page++) {
        const more = manyOf(bodyOf(await this.#ask('GET', `/history?page=${page}&limit=${PAGE_EVENTS}&start=${start}&end=${end}`)), 'history', 'event')
        // A page that says what the one before said is no further one.
        if (more.length === 0 || JSON.stringify(more) === JSON.stringify(events.slice(-more.length))) return readHistory(events)
        events.push(...more)
      }
      throw new Unreadable('more events than can be')
    })
  }
}

/** A subject that was bought at several times is listed as often. */
function summed(positions: readonly (readonly [string, bigint])[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const [subject, quantity] of positions) sums.set(subject, (sums.get(subject) ?? 0n) + quantity)
  return sums
}

function bodyOf({ status, text }: Answer): unknown {
  if (status !== 200) throw new Unreadable(`HTTP ${status} ${words(text)}`)
  const body = readJson(text)
  const errors = readErrors(body)
  if (errors !== undefined) throw new Unreadable(errors)
  return body
}
