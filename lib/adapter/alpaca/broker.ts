/**
 * Alpaca (https://docs.alpaca.markets): shares, options and pairs. A client id is burned by its first use, for ever: what is sent again under
 * it is refused with "client_order_id must be unique", which says that the order is there.
 */
import { millisOf, HOUR_MS, type Millis } from '#record'
import type {
  Account, Activity, Broker, BrokerOrder, Cancelling, Look, NewFills, Outcome, Quote, Told, VenueFill, VenueOrder, VenueTerms,
} from '#port/broker'
import type { Credentials } from '#port/secrets'
import { centsAt, fieldOf, listOf, readJson, textAt, Unreadable } from '../venue/json.ts'
import { isRefusal, reasonOf, rejected, told, unknown, words } from '../venue/say.ts'
import { openWire, type Answer } from '../venue/wire.ts'
import { readActivity } from './activity.ts'
import { answerTo, LIVE, openApi, PAPER, type AlpacaApi } from './api.ts'
import { instantOf, readError, readExecution, readOrder, readPosition, readQuote, type AlpacaOrder } from './read.ts'
import { requestOf } from './request.ts'
import { tradeUpdates, type TradeUpdates } from './stream.ts'
import { ALPACA_RULES } from './rules.ts'

const PAGE_ORDERS = 500, PAGE_ACTIVITIES = 100
/** A page of so many may have been cut to the venue's own limit: the next is asked for. */
const LEAST_PAGE = 50
/** Executions that are told late are looked for so far back. */
const OVERLAP_MS = HOUR_MS
const MOST_PAGES = 1000
const NOT_FOUND = '40410000'

export async function openAlpaca(terms: VenueTerms, secrets: Credentials): Promise<Broker> {
  const origin = terms.live ? LIVE : PAPER
  const { endpoint, timeoutMs, rehearse } = terms
  const wire = openWire({ venue: 'alpaca', origins: [origin], endpoint, timeoutMs, secrets, rehearse })
  const updates = rehearse === undefined ? tradeUpdates(endpoint ?? origin, secrets) : undefined
  return new AlpacaBroker(await openApi(wire, origin, secrets), terms.currency, updates)
}

class AlpacaBroker implements Broker {
  readonly name = 'alpaca'
  readonly rules = ALPACA_RULES
  readonly #api: AlpacaApi
  readonly #currency: string
  readonly #updates: TradeUpdates | undefined
  /** Our client ids by Alpaca's ids, of orders and their legs. */
  readonly #clientIds = new Map<string, string>()
  readonly #legs = new Set<string>()

  constructor(api: AlpacaApi, currency: string, updates: TradeUpdates | undefined) {
    this.#api = api
    this.#currency = currency
    this.#updates = updates
  }

  async submit(order: BrokerOrder): Promise<Outcome> {
    const request = requestOf(order)
    if (typeof request === 'string') return rejected(request)
    try {
      const answer = await answerTo(this.#api.orders.postOrderRaw({ postOrderRequest: request }))
      if (answer.status === 200 || answer.status === 201) {
        const { order: taken } = this.#noted(readOrder(readJson(answer.text)))
        return taken.clientOrderId === order.clientOrderId ? { outcome: 'accepted' } : unknown(`it answered with the order ${taken.clientOrderId}`)
      }
      return outcomeOf(answer)
    } catch (error) {
      return unknown(reasonOf(error))
    }
  }

  async cancel(order: BrokerOrder): Promise<Cancelling> {
    try {
      const found = await this.#find(order.clientOrderId)
      if (found === undefined) return 'unknown'
      const { status } = await answerTo(this.#api.orders.deleteOrderByOrderIDRaw({ orderId: found.id }))
      // 422: it can no longer be cancelled, because it has ended or is on its way out.
      return status === 204 || status === 200 || status === 422 ? 'requested' : 'unknown'
    } catch {
      return 'unknown'
    }
  }

  async look({ clientOrderId }: BrokerOrder): Promise<Look> {
    try {
      const found = await this.#find(clientOrderId)
      return found === undefined ? { look: 'absent' } : { look: 'found', order: found.order }
    } catch (error) {
      return { look: 'unknown', why: reasonOf(error) }
    }
  }

  async #find(clientOrderId: string): Promise<AlpacaOrder | undefined> {
    const answer = await answerTo(this.#api.orders.getOrderByClientOrderIdRaw({ clientOrderId }))
    // Only its own words for it say that there is none: a 404 of something in between says nothing.
    if (answer.status === 404 && readError(readJson(answer.text))?.code === NOT_FOUND) return undefined
    const found = this.#noted(readOrder(bodyOf(answer)))
    if (found.order.clientOrderId !== clientOrderId) throw new Unreadable(`asked for ${clientOrderId}, told of ${found.order.clientOrderId}`)
    return found
  }

  #noted(read: AlpacaOrder): AlpacaOrder {
    for (const id of [read.id, ...read.legIds]) this.#clientIds.set(id, read.order.clientOrderId)
    for (const id of read.legIds) this.#legs.add(id)
    return read
  }

  openOrders(): Promise<Told<readonly VenueOrder[]>> {
    return told(async () => {
      const found = new Map<string, VenueOrder>()
      let afterOrderId: string | undefined
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await answerTo(this.#api.orders.getAllOrdersRaw({
          status: 'open', limit: PAGE_ORDERS, direction: 'asc', nested: true, ...(afterOrderId !== undefined && { afterOrderId }),
        }))
        const orders = listOf(bodyOf(answer), 'orders').map((value) => this.#noted(readOrder(value)))
        const before = found.size
        for (const { id, order } of orders) found.set(id, order)
        afterOrderId = orders.at(-1)?.id
        if (orders.length < LEAST_PAGE) return [...found.values()]
        if (found.size === before) throw new Unreadable('its pages of orders do not end')
      }
      throw new Unreadable('more orders than can be')
    })
  }

  fills(after: string | undefined): Promise<Told<NewFills>> {
    return told(async () => {
      const fills: VenueFill[] = [], seen = new Set<string>()
      const sinceMs = after === undefined ? undefined : momentOfActivity(after) - OVERLAP_MS
      let pageToken: string | undefined, mark = after
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await answerTo(this.#api.activities.getAccountActivitiesByActivityTypeRaw({
          activityType: 'FILL', direction: 'asc', pageSize: PAGE_ACTIVITIES,
          ...(sinceMs !== undefined && { after: new Date(sinceMs) }), ...(pageToken !== undefined && { pageToken }),
        }))
        const told = listOf(bodyOf(answer), 'activities').map(readExecution)
        const fresh = told.filter(({ id }) => !seen.has(id))
        for (const { id, orderId, subject, side, quantity, price, at } of fresh) {
          seen.add(id)
          if (mark === undefined || id > mark) mark = id
          const { clientOrderId, isLeg } = await this.#ownerOf(orderId)
          fills.push({ fillId: id, clientOrderId, quantity, price, feeCents: 0n, at, knownAt: at, ...(isLeg && { leg: { subject, side } }) })
        }
        if (told.length < LEAST_PAGE) return { fills, mark }
        if (fresh.length === 0) throw new Unreadable('its pages of executions do not end')
        pageToken = told.at(-1)?.id
      }
      throw new Unreadable('more executions than can be')
    })
  }

  /** Executions name Alpaca's own ids. */
  async #ownerOf(orderId: string): Promise<{ readonly clientOrderId: string; readonly isLeg: boolean }> {
    let clientOrderId = this.#clientIds.get(orderId)
    if (clientOrderId === undefined) {
      const answer = await answerTo(this.#api.orders.getOrderByOrderIDRaw({ orderId, nested: true }))
      clientOrderId = this.#noted(readOrder(bodyOf(answer))).order.clientOrderId
    }
    return { clientOrderId, isLeg: this.#legs.has(orderId) }
  }

  account(): Promise<Told<Account>> {
    return told(async () => {
      const account = fieldOf(bodyOf(await answerTo(this.#api.account.getAccountRaw())), 'account')
      const currency = textAt(account, 'currency')
      if (currency !== this.#currency) throw new Unreadable(`the account is kept in ${currency}, the vaults in ${this.#currency}`)
      for (const bar of ['account_blocked', 'trading_blocked', 'trade_suspended_by_user']) {
        if (account[bar] === true) throw new Unreadable(`the account says ${bar}`)
      }
      const held = (await this.#positions()).map(readPosition)
      return { cash: centsAt(account, 'cash'), buyingPower: centsAt(account, 'buying_power'), positions: new Map(held) }
    })
  }

  async #positions(): Promise<readonly unknown[]> {
    return listOf(bodyOf(await answerTo(this.#api.positions.getAllOpenPositionsRaw())), 'positions')
  }

  /** Of what is held, which is where its trading interface tells prices (https://docs.alpaca.markets/reference/getallopenpositions). */
  quotes(subjects: readonly string[]): Promise<Told<ReadonlyMap<string, Quote>>> {
    return told(async () => {
      const held = (await this.#positions()).map(readQuote).filter((one) => one !== undefined)
      return new Map(held.filter(([subject]) => subjects.includes(subject)))
    })
  }

  activities(sinceMs: Millis): Promise<Told<readonly Activity[]>> {
    return told(async () => {
      const found = new Map<string, Activity | undefined>()
      let pageToken: string | undefined
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await answerTo(this.#api.activities.getAccountActivitiesRaw({
          category: 'non_trade_activity', direction: 'asc', pageSize: PAGE_ACTIVITIES, after: new Date(sinceMs), ...(pageToken !== undefined && { pageToken }),
        }))
        const read = listOf(bodyOf(answer), 'activities').map((value) => readActivity(value, this.#currency)), before = found.size
        for (const { id, activity } of read) found.set(activity?.activityId ?? id, activity)
        if (read.length < LEAST_PAGE) return [...found.values()].filter((activity) => activity !== undefined)
        if (found.size === before) throw new Unreadable('its pages of activities do not end')
        pageToken = read.at(-1)?.id
      }
      throw new Unreadable('more activities than can be')
    })
  }

  async stirred(withinMs: Millis): Promise<void> {
    await this.#updates?.stirred(withinMs)
  }

  close(): void {
    this.#updates?.close()
  }
}

/** The body of a success. Throws Unreadable for anything else. */
function bodyOf({ status, text }: Answer): unknown {
  if (status === 200) return readJson(text)
  throw new Unreadable(`HTTP ${status} ${words(text)}`)
}

function outcomeOf(answer: Answer): Outcome {
  const what = `HTTP ${answer.status} ${words(answer.text)}`
  if (!isRefusal(answer)) return unknown(what)
  const error = readError(readJson(answer.text))
  if (error === undefined) return unknown(what)
  const why = `${error.code} ${error.message}`.trim()
  return /client_order_id must be unique/i.test(error.message) ? unknown(why) : rejected(why)
}

/** Ids of activities begin with their moment, `20190524113406977::...`, in New York's time: less exact than the overlap is long. */
function momentOfActivity(id: string): Millis {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(id) ?? []
  if (second === undefined) throw new Unreadable(`"${id}" is no mark of an activity`)
  return millisOf(instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`))
}
