/**
 * An exchange as it really is, behind any of the venues' ways of speaking: what it holds is the truth that adapters are measured by. Knows nothing
 * of Vanta; amounts are counts of 10^-8, read from and written as decimal text by its own few lines.
 */
export type Units = bigint
const ONE = 100_000_000n

export function units(text: string): Units {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,8})0*)?$/.exec(text) ?? []
  if (whole === '') throw new RangeError(`"${text}" is no amount`)
  const value = BigInt(whole + fraction.padEnd(8, '0'))
  return sign === '-' ? -value : value
}
/** With at least so many decimals. */
export function decimal(value: Units, places = 0): string {
  const digits = (value < 0n ? -value : value).toString().padStart(9, '0')
  const fraction = digits.slice(-8).replace(/0+$/, '').padEnd(places, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -8)}${fraction === '' ? '' : `.${fraction}`}`
}

export interface Placing {
  readonly clientId: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit'
  readonly limit?: Units | undefined
  readonly stop?: Units | undefined
  readonly quantity: Units
  readonly timeInForce: string
  readonly legs?: readonly { readonly symbol: string; readonly side: 'buy' | 'sell'; readonly effect: string; readonly ratio: bigint }[] | undefined
}
export interface Standing extends Placing {
  readonly number: number
  readonly placedMs: number
  filled: Units
  /** The market has traded where it waited for. */
  setOff?: boolean
  /** Money paid for what is filled, in 10^-8. */
  value: Units
  state: 'open' | 'leaving' | 'filled' | 'cancelled' | 'expired' | 'rejected'
  why?: string
  changedMs: number
}
export interface Execution {
  readonly number: number
  readonly order: Standing
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Units
  readonly price: Units
  /** Taken from what is bought, or from the money. */
  readonly fee: Units
  readonly feeIn: 'base' | 'money'
  readonly atMs: number
}

/** What moved the account without an execution. */
export interface Happened {
  readonly number: number
  readonly kind: 'fee' | 'dividend' | 'interest' | 'deposit' | 'withdrawal'
  readonly symbol: string | undefined
  money: Units
  state: 'executed' | 'correct' | 'canceled'
  readonly atMs: number
}

export type Refusal = 'duplicate' | 'funds' | 'holdings' | 'symbol'

export interface ExchangeTerms {
  /** Every id is burned for ever by its first use; or while its order stands; or it is a tag that says nothing. */
  readonly ids: 'burned' | 'open' | 'tags'
  readonly cash: string
  /** Share of what is bought that is kept as the fee; or of the money, either way. */
  readonly baseFee?: Units
  readonly takesMoney?: boolean
  readonly multiplier: (symbol: string) => bigint
  readonly isTraded: (symbol: string) => boolean
  nowMs(): number
}

export class Exchange {
  readonly orders: Standing[] = []
  readonly executions: Execution[] = []
  readonly happenings: Happened[] = []
  readonly positions = new Map<string, Units>()
  readonly prices = new Map<string, Units>()
  cash: Units
  /** Of the cash, what is not settled yet: it may not be spent. */
  unsettled: Units = 0n
  /** Cancels are taken note of, and done when told. */
  cancelsLate = false
  /** New orders are shown only after so many looks. */
  hidesFor = 0
  readonly #terms: ExchangeTerms
  readonly #hidden = new Map<Standing, number>()
  readonly #listeners: ((order: Standing) => void)[] = []

  constructor(terms: ExchangeTerms) {
    this.#terms = terms
    this.cash = units(terms.cash)
  }

  onChange(listener: (order: Standing) => void): void {
    this.#listeners.push(listener)
  }
  #changed(order: Standing): void {
    order.changedMs = this.#terms.nowMs()
    for (const listener of this.#listeners) listener(order)
  }

  place(placing: Placing): Standing | Refusal {
    const { ids, isTraded } = this.#terms
    const same = this.orders.filter(({ clientId }) => clientId === placing.clientId)
    if (ids === 'burned' && same.length > 0) return 'duplicate'
    if (ids === 'open' && same.some(({ state }) => state === 'open' || state === 'leaving')) return 'duplicate'
    const symbols = placing.legs?.map(({ symbol }) => symbol) ?? [placing.symbol]
    if (!symbols.every(isTraded)) return 'symbol'
    const price = placing.limit ?? placing.stop ?? this.prices.get(placing.symbol) ?? 0n
    const cost = placing.side === 'buy' ? this.#cost(placing.symbol, placing.quantity, price) : 0n
    if (cost > this.buyingPower()) return 'funds'
    if (placing.legs === undefined && placing.side === 'sell' && placing.quantity > this.available(placing.symbol)) return 'holdings'
    return this.#take(placing, 'open')
  }

  /** Taken in, and turned down by itself: as venues do that answer first and look later. */
  placeRejected(placing: Placing, why: string): Standing {
    const order = this.#take(placing, 'rejected')
    order.why = why
    return order
  }

  #take(placing: Placing, state: Standing['state']): Standing {
    const nowMs = this.#terms.nowMs()
    const order: Standing = { ...placing, number: this.orders.length + 1, placedMs: nowMs, filled: 0n, value: 0n, state, changedMs: nowMs }
    this.orders.push(order)
    this.#hidden.set(order, this.hidesFor)
    this.#changed(order)
    return order
  }

  #cost(symbol: string, quantity: Units, price: Units): Units {
    return (quantity * price * this.#terms.multiplier(symbol)) / ONE
  }

  /** Money that no standing order has claimed. */
  buyingPower(): Units {
    return this.live().filter(({ side }) => side === 'buy').reduce((left, { symbol, quantity, filled, limit, stop }) =>
      left - this.#cost(symbol, quantity - filled, limit ?? stop ?? this.prices.get(symbol) ?? 0n), this.cash - this.unsettled)
  }
  available(symbol: string): Units {
    return this.live().filter((order) => order.side === 'sell' && order.legs === undefined && order.symbol === symbol)
      .reduce((left, { quantity, filled }) => left - (quantity - filled), this.positions.get(symbol) ?? 0n)
  }
  live(): Standing[] {
    return this.orders.filter(({ state }) => state === 'open' || state === 'leaving')
  }

  /** What somebody who asks is shown: what is new may not be everywhere yet. */
  shown(): Standing[] {
    return this.orders.filter((order) => {
      const left = this.#hidden.get(order) ?? 0
      if (left > 0) this.#hidden.set(order, left - 1)
      return left <= 0
    })
  }

  cancel(order: Standing): boolean {
    if (order.state !== 'open' && order.state !== 'leaving') return false
    order.state = this.cancelsLate ? 'leaving' : 'cancelled'
    this.#changed(order)
    return true
  }
  end(order: Standing, state: 'cancelled' | 'expired' | 'rejected'): void {
    order.state = state
    this.#changed(order)
  }
  /** Orders of the day end with it. */
  closeSession(): void {
    for (const order of this.live()) if (order.timeInForce === 'day') this.end(order, 'expired')
  }

  /** The market trades at a price: what it reaches fills, and what was to be had at once or not at all goes. */
  trade(symbol: string, price: Units): void {
    this.prices.set(symbol, price)
    for (const order of this.live()) {
      if (order.symbol !== symbol || order.legs !== undefined) continue
      if (order.stop !== undefined && order.setOff !== true) order.setOff = order.side === 'buy' ? price >= order.stop : price <= order.stop
      if (order.setOff === false) continue
      const reached = order.type === 'market' || order.limit === undefined || (order.side === 'buy' ? price <= order.limit : price >= order.limit)
      if (reached) this.fill(order, order.quantity - order.filled, price)
      else if (order.timeInForce === 'ioc' || order.timeInForce === 'fok') this.end(order, 'cancelled')
    }
  }

  /** An execution of a part, at a price; of several legs, every leg by its ratio at its own. */
  fill(order: Standing, quantity: Units, price: Units, legPrices: readonly Units[] = []): void {
    if (order.state !== 'open' && order.state !== 'leaving') throw new Error(`order ${order.number} is ${order.state}`)
    if (quantity > order.filled + order.quantity) throw new Error('more than was ordered')
    if (order.legs === undefined) this.#execute(order, order.symbol, order.side, quantity, price)
    for (const [i, leg] of (order.legs ?? []).entries()) this.#execute(order, leg.symbol, leg.side, quantity * leg.ratio, legPrices[i] ?? price)
    order.filled += quantity
    order.value += (quantity * price) / ONE
    if (order.filled === order.quantity) order.state = 'filled'
    this.#changed(order)
  }

  #execute(order: Standing, symbol: string, side: 'buy' | 'sell', quantity: Units, price: Units): void {
    const { baseFee = 0n, takesMoney = false, nowMs } = this.#terms
    const money = this.#cost(symbol, quantity, price)
    const ofMoney = takesMoney || side === 'sell'
    const fee = ((ofMoney ? money : quantity) * baseFee) / ONE
    this.cash += (side === 'buy' ? -money : money) - (ofMoney ? fee : 0n)
    const moved = side === 'sell' ? -quantity : ofMoney ? quantity : quantity - fee
    const held = (this.positions.get(symbol) ?? 0n) + moved
    if (held === 0n) this.positions.delete(symbol)
    else this.positions.set(symbol, held)
    this.executions.push({
      number: this.executions.length + 1, order, symbol, side, quantity, price, fee, feeIn: ofMoney ? 'money' : 'base', atMs: nowMs(),
    })
  }

  happen(kind: Happened['kind'], money: Units, symbol?: string): Happened {
    const happened: Happened = { number: this.happenings.length + 1, kind, symbol, money, state: 'executed', atMs: this.#terms.nowMs() }
    this.cash += money
    this.happenings.push(happened)
    return happened
  }
  /** It comes to something else after all: to nothing, where it is called off. */
  correct(happened: Happened, money: Units): void {
    this.cash += money - happened.money
    happened.money = money
    happened.state = money === 0n ? 'canceled' : 'correct'
  }
}
