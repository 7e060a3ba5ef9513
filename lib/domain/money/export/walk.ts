/** A vault's journal in the order of its booking, told as other people's formats need it: what each lot was before and after each entry. */
import { dayOf, type JournalEntry } from '#record'
import { subjectOf } from '../accounts.ts'
import { postingOf } from '../entry.ts'
import type { Cents, Fixed } from '../money.ts'

export interface Holding {
  readonly quantity: Fixed
  readonly costCents: Cents
}
/** One lot in one entry. `label` and `next` are its names before and after: a lot that was cut has a new one. */
export interface LotChange {
  readonly account: string
  readonly subject: string
  readonly acquired: string
  readonly label: string
  readonly next: string
  readonly before: Holding
  readonly after: Holding
}
/** An entry; amounts of money by account, in the order they were said. */
export interface Told {
  /** Never earlier than the day of the entry before: what was heard late is booked late. */
  readonly day: string
  readonly record: JournalEntry
  readonly amounts: readonly { readonly account: string; readonly cents: Cents }[]
  readonly changes: readonly LotChange[]
}
export interface LotState extends Holding {
  readonly account: string
  readonly subject: string
  readonly acquired: string
  readonly label: string
}

const NOTHING: Holding = { quantity: 0n, costCents: 0n }

/** What the journal says so far: balances of money by account, lots that are held. */
export class Walk {
  readonly balances = new Map<string, Cents>()
  readonly #lots = new Map<string, LotState & { readonly cut: number }>()
  #day = ''

  dayFor({ at }: JournalEntry): string {
    const day = dayOf(at)
    return day > this.#day ? day : this.#day
  }

  take(record: JournalEntry): Told {
    this.#day = this.dayFor(record)
    const amounts = new Map<string, Cents>(), moved = new Map<string, { account: string; lot: string; acquired: string; quantity: Fixed; cents: Cents }>()
    for (const text of record.postings) {
      const { account, amountCents, move } = postingOf(text)
      if (move === undefined) {
        amounts.set(account, (amounts.get(account) ?? 0n) + amountCents)
        continue
      }
      const key = `${account} ${move.lot}`, known = moved.get(key)
      const { lot, acquired, quantity } = move
      moved.set(key, { account, lot, acquired, quantity: (known?.quantity ?? 0n) + quantity, cents: (known?.cents ?? 0n) + amountCents })
    }
    for (const [account, cents] of amounts) this.balances.set(account, (this.balances.get(account) ?? 0n) + cents)
    const changes = [...moved].map(([key, { account, lot, acquired, quantity, cents }]) => this.#change(key, account, lot, acquired, quantity, cents))
    return { day: this.#day, record, amounts: [...amounts].map(([account, cents]) => ({ account, cents })), changes }
  }

  #change(key: string, account: string, lot: string, acquired: string, quantity: Fixed, cents: Cents): LotChange {
    const known = this.#lots.get(key)
    const before: Holding = known ?? NOTHING
    const after = { quantity: before.quantity + quantity, costCents: before.costCents + cents }
    const cut = known === undefined ? 0 : known.cut + 1
    const name = lot.slice(0, 16), subject = subjectOf(account) ?? account
    const label = known?.label ?? name, next = cut === 0 ? name : `${name}/${cut}`
    const since = known?.acquired ?? acquired
    if (after.quantity === 0n) this.#lots.delete(key)
    else this.#lots.set(key, { account, subject, acquired: since, label: next, cut, ...after })
    return { account, subject, acquired: since, label, next, before, after }
  }

  lots(): readonly LotState[] {
    return [...this.#lots.values()]
  }

  quantities(): ReadonlyMap<string, Fixed> {
    const held = new Map<string, Fixed>()
    for (const { account, quantity } of this.#lots.values()) held.set(account, (held.get(account) ?? 0n) + quantity)
    return held
  }

  costs(): ReadonlyMap<string, Cents> {
    const costs = new Map<string, Cents>()
    for (const { account, costCents } of this.#lots.values()) costs.set(account, (costs.get(account) ?? 0n) + costCents)
    return costs
  }
}

export interface Quote {
  readonly day: string
  readonly subject: string
  readonly price: string
}

/** A vault's journal and what is wanted of it. */
export interface Exported {
  readonly vault: string
  readonly currency: string
  readonly entries: readonly JournalEntry[]
  readonly quotes: readonly Quote[]
  /** Days, both included; what was before is told as opening balances. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** One day's entries, and where all stands at its end. */
export interface DayTold {
  readonly day: string
  readonly told: readonly Told[]
  /** Of the accounts that moved on the day. */
  readonly balances: ReadonlyMap<string, Cents>
  readonly quantities: ReadonlyMap<string, Fixed>
}

export interface Period {
  /** Where all stood before the first day. */
  readonly opening: { readonly balances: readonly (readonly [string, Cents])[]; readonly lots: readonly LotState[] } | undefined
  readonly days: readonly DayTold[]
}

export function periodOf({ entries, since, until }: Exported): Period {
  const walk = new Walk()
  let opening: Period['opening']
  const days: { day: string; told: Told[]; balances: Map<string, Cents>; quantities: Map<string, Fixed> }[] = []
  let opened = false
  const open = (): void => {
    if (since !== undefined && !opened && walk.balances.size > 0) opening = { balances: [...walk.balances], lots: walk.lots() }
    opened = true
  }
  for (const record of entries) {
    const of = walk.dayFor(record)
    if (until !== undefined && of > until) break
    if (since !== undefined && of >= since) open()
    const told = walk.take(record)
    if (since !== undefined && of < since) continue
    let day = days.at(-1)
    if (day?.day !== told.day) days.push((day = { day: told.day, told: [], balances: new Map(), quantities: new Map() }))
    day.told.push(told)
    const quantities = walk.quantities()
    for (const { account } of told.amounts) day.balances.set(account, walk.balances.get(account) ?? 0n)
    for (const { account } of told.changes) day.quantities.set(account, quantities.get(account) ?? 0n)
  }
  open()
  return { opening, days }
}

/** In the words of people: what it was and of what. */
export const described = ({ type, subject, detail }: JournalEntry): string =>
  [type.replace(/_/g, ' '), subject?.replace(/^ticker:/, ''), detail].filter((part) => part !== undefined).join(' ')
