/**
 * A vault's journal for Beancount (https://beancount.github.io/docs/beancount_language_syntax.html): accounts opened, lots at their total cost
 * (`{{}}`) under a label of their own, balances asserted at the end of each day, prices. A lot that is cut leaves as it was and comes back as it
 * is, so that what each part costs is what our books say, to the cent. `bean-check` accepts it.
 */
import { DAY_MS, formatInstant, parseMoment, dayOf } from '#record'
import { formatFixed } from '../decimal.ts'
import { formatCents, type Cents, type Fixed } from '../money.ts'
import { beancountAccount, commodityOf, quoted } from './names.ts'
import { described, periodOf, type DayTold, type Exported, type LotChange, type Period, type Told } from './walk.ts'

export function* beancountLines(exported: Exported): Generator<string> {
  const period = periodOf(exported), writer = new Writer(exported)
  yield* writer.head(period)
  if (period.opening !== undefined) yield* writer.opening(period.opening, exported.since ?? '')
  for (const day of period.days) {
    for (const told of day.told) yield* writer.entry(told)
    yield* writer.balances(day)
  }
  yield* writer.prices()
}

/** A balance is asserted at the beginning of a day. */
const dayAfter = (day: string): string => formatInstant((parseMoment(day) ?? 0) + DAY_MS).slice(0, 10)

class Writer {
  readonly #exported: Exported

  constructor(exported: Exported) {
    this.#exported = exported
  }

  #commodity(subject: string): string {
    return commodityOf(subject, this.#exported.currency)
  }

  #money(cents: Cents): string {
    return `${formatCents(cents)} ${this.#exported.currency}`
  }

  *head({ opening, days }: Period): Generator<string> {
    const { vault, currency, quotes, since } = this.#exported
    yield `option "title" ${quoted(`vault ${vault}`)}`
    yield `option "operating_currency" ${quoted(currency)}`
    // Costs of a unit are quotients of many digits: an entry of lots alone is off by the last of them.
    yield `option "inferred_tolerance_default" ${quoted(`${currency}:0.005`)}`
    yield ''
    const first = opening !== undefined ? since : days[0]?.day
    if (first === undefined) return
    const money = new Set<string>(), positions = new Map<string, string>()
    for (const [account] of opening?.balances ?? []) money.add(account)
    for (const { account, subject } of opening?.lots ?? []) positions.set(account, subject)
    for (const { amounts, changes } of days.flatMap(({ told }) => told)) {
      for (const { account } of amounts) money.add(account)
      for (const { account, subject } of changes) positions.set(account, subject)
    }
    for (const subject of [...new Set([...positions.values(), ...quotes.map((quote) => quote.subject)])].sort()) {
      yield `${first} commodity ${this.#commodity(subject)}`
      yield `  name: ${quoted(subject)}`
    }
    for (const account of [...money].sort()) yield `${first} open ${beancountAccount(account)} ${currency}`
    for (const [account, subject] of [...positions].sort()) yield `${first} open ${beancountAccount(account)} ${this.#commodity(subject)} "STRICT"`
    yield ''
  }

  *opening({ balances, lots }: NonNullable<Period['opening']>, day: string): Generator<string> {
    yield `${day} * "opening balances"`
    for (const [account, cents] of balances) if (cents !== 0n) yield this.#line(account, this.#money(cents))
    for (const { account, subject, quantity, costCents, acquired, label } of lots) yield this.#came(account, subject, quantity, costCents, acquired, label)
    yield ''
  }

  #came(account: string, subject: string, quantity: Fixed, cost: Cents, acquired: string, label: string): string {
    const since = acquired === '' ? '' : `, ${dayOf(acquired)}`
    return this.#line(account, `${formatFixed(quantity)} ${this.#commodity(subject)} {{${this.#money(cost)}${since}, ${quoted(label)}}}`)
  }

  *entry({ day, record, amounts, changes }: Told): Generator<string> {
    if (amounts.length + changes.length === 0) return
    const { id, parents, at } = record
    yield `${day} * ${quoted(described(record))}`
    yield `  id: ${quoted(id)}`
    if (parents[0] !== undefined) yield `  cause: ${quoted(parents[0])}`
    yield `  happened: ${quoted(at)}`
    for (const change of changes) yield* this.#change(change)
    for (const { account, cents } of amounts) yield this.#line(account, this.#money(cents))
    yield ''
  }

  *#change({ account, subject, acquired, label, next, before, after }: LotChange): Generator<string> {
    if (before.quantity > 0n) yield this.#line(account, `${formatFixed(-before.quantity)} ${this.#commodity(subject)} {${quoted(label)}}`)
    if (after.quantity > 0n) yield this.#came(account, subject, after.quantity, after.costCents, acquired, next)
  }

  *balances({ day, balances, quantities }: DayTold): Generator<string> {
    const next = dayAfter(day)
    for (const [account, cents] of balances) yield `${next} balance ${beancountAccount(account)} ${this.#money(cents)}`
    for (const [account, quantity] of quantities) {
      const commodity = this.#commodity(account.slice('assets:position:'.length))
      yield `${next} balance ${beancountAccount(account)} ${formatFixed(quantity)} ${commodity}`
    }
    yield ''
  }

  *prices(): Generator<string> {
    for (const { day, subject, price } of this.#exported.quotes) yield `${day} price ${this.#commodity(subject)} ${price} ${this.#exported.currency}`
  }

  #line(account: string, amount: string): string {
    return `  ${beancountAccount(account).padEnd(36)}  ${amount}`
  }
}
