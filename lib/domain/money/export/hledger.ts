/**
 * A vault's journal for hledger (https://hledger.org/hledger.html): every account and commodity declared, positions at their total cost (`@@`),
 * balance assertions at the end of each day, prices. `hledger check --strict` accepts it, and its balances are ours.
 */
import { formatFixed } from '../decimal.ts'
import { formatCents, type Cents, type Fixed } from '../money.ts'
import { commodityOf, hledgerAccount } from './names.ts'
import { described, periodOf, type DayTold, type Exported, type LotChange, type LotState, type Period, type Told } from './walk.ts'

export function* hledgerLines(exported: Exported): Generator<string> {
  const period = periodOf(exported), writer = new Writer(exported)
  yield* writer.head(period)
  if (period.opening !== undefined) yield* writer.opening(period.opening, exported.since ?? '')
  for (const day of period.days) {
    for (const told of day.told) yield* writer.entry(told)
    yield* writer.assertions(day)
  }
  yield* writer.prices()
}

/** Letters alone need no quotes. */
const nameOf = (commodity: string): string => (/^[A-Za-z]+$/.test(commodity) ? commodity : `"${commodity}"`)
/** A description ends at a semicolon, and a bar cuts it in two. */
const plain = (text: string): string => text.replace(/[;|\r\n]+/g, ' ').trim()

class Writer {
  readonly #exported: Exported
  readonly #names = new Map<string, string>()

  constructor(exported: Exported) {
    this.#exported = exported
  }

  #commodity(subject: string): string {
    let name = this.#names.get(subject)
    if (name === undefined) this.#names.set(subject, (name = nameOf(commodityOf(subject, this.#exported.currency))))
    return name
  }

  #money(cents: Cents): string {
    return `${formatCents(cents)} ${nameOf(this.#exported.currency)}`
  }

  *head({ opening, days }: Period): Generator<string> {
    const { vault, currency, quotes } = this.#exported
    yield `; vault ${vault}, in ${currency}; debits are positive`
    yield ''
    const accounts = new Set<string>(), places = new Map<string, number>()
    const saw = (subject: string, quantity: Fixed): void => {
      const decimals = formatFixed(quantity).split('.')[1]?.length ?? 0
      places.set(subject, Math.max(places.get(subject) ?? 0, decimals))
    }
    for (const [account] of opening?.balances ?? []) accounts.add(account)
    for (const { account, subject, quantity } of opening?.lots ?? []) {
      accounts.add(account)
      saw(subject, quantity)
    }
    for (const { amounts, changes } of days.flatMap(({ told }) => told)) {
      for (const { account } of amounts) accounts.add(account)
      for (const { account, subject, before, after } of changes) {
        accounts.add(account)
        saw(subject, before.quantity)
        saw(subject, after.quantity)
      }
    }
    for (const { subject } of quotes) if (!places.has(subject)) places.set(subject, 0)
    yield `commodity 1000.00 ${nameOf(currency)}`
    for (const [subject, decimals] of [...places].sort()) {
      yield `commodity 1000.${'0'.repeat(decimals)} ${this.#commodity(subject)}  ; ${plain(subject)}`
    }
    yield ''
    for (const account of [...accounts].sort()) yield `account ${hledgerAccount(account)}`
    yield ''
  }

  *opening({ balances, lots }: NonNullable<Period['opening']>, day: string): Generator<string> {
    yield `${day} * opening balances`
    for (const [account, cents] of balances) if (cents !== 0n) yield this.#line(account, this.#money(cents))
    for (const lot of lots) yield this.#held(lot, 1n)
    yield ''
  }

  #held({ account, subject, quantity, costCents }: Pick<LotState, 'account' | 'subject' | 'quantity' | 'costCents'>, sign: bigint): string {
    return this.#line(account, `${formatFixed(sign * quantity)} ${this.#commodity(subject)} @@ ${this.#money(costCents)}`)
  }

  *entry({ day, record, amounts, changes }: Told): Generator<string> {
    const { id, parents, at, sequence } = record
    yield `${day} * (${sequence}) ${plain(described(record))}`
    yield `    ; id:${id}${parents.map((parent) => `, cause:${parent}`).join('')}, at:${at}`
    for (const change of changes) yield* this.#change(change)
    for (const { account, cents } of amounts) yield this.#line(account, this.#money(cents))
    yield ''
  }

  /** One posting where quantity and cost move the same way; else the lot leaves as it was and comes back as it is. */
  *#change({ account, subject, before, after }: LotChange): Generator<string> {
    const quantity = after.quantity - before.quantity, cost = after.costCents - before.costCents
    if ((quantity > 0n && cost >= 0n) || (quantity < 0n && cost <= 0n)) {
      const size = cost < 0n ? -cost : cost
      yield this.#line(account, `${formatFixed(quantity)} ${this.#commodity(subject)} @@ ${this.#money(size)}`)
      return
    }
    if (before.quantity > 0n) yield this.#held({ account, subject, ...before }, -1n)
    if (after.quantity > 0n) yield this.#held({ account, subject, ...after }, 1n)
  }

  *assertions({ day, balances, quantities }: DayTold): Generator<string> {
    if (balances.size + quantities.size === 0) return
    yield `${day} * balances at the end of the day`
    for (const [account, cents] of balances) yield this.#line(account, `${this.#money(0n)} = ${this.#money(cents)}`)
    for (const [account, quantity] of quantities) {
      const commodity = this.#commodity(account.slice('assets:position:'.length))
      yield this.#line(account, `0 ${commodity} = ${formatFixed(quantity)} ${commodity}`)
    }
    yield ''
  }

  *prices(): Generator<string> {
    for (const { day, subject, price } of this.#exported.quotes) {
      yield `P ${day} ${this.#commodity(subject)} ${price} ${nameOf(this.#exported.currency)}`
    }
  }

  #line(account: string, amount: string): string {
    return `    ${hledgerAccount(account).padEnd(36)}  ${amount}`
  }
}
