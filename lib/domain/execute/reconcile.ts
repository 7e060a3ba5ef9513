/** Our books against the venue's: orders, what is held, and cash. */
import { make, millisOf } from '#record'
import { formatFixed } from '../money/decimal.ts'
import { centsOf, fixedOf, formatCents, type Cents, type Fixed } from '../money/money.ts'
import type { Account, Activity, Broker, BrokerOrder, VenueOrder } from './broker.ts'
import { HEARD_MS, heardTexts } from './activities.ts'
import type { Outside } from './beside.ts'
import type { Shelf } from './shelf.ts'

export interface Difference {
  /** `unheard`: the venue does not say, so that nothing can be compared. */
  readonly what: 'unheard' | 'cash' | 'position' | 'order'
  /** A subject, a client order id, what was not heard, or "". */
  readonly name: string
  readonly ours: string
  readonly theirs: string
  /** All of it in words. */
  readonly detail: string
}

const difference = (what: Difference['what'], name: string, ours: string, theirs: string): Difference =>
  ({ what, name, ours, theirs, detail: `${what}${name === '' ? '' : ` ${name}`}: ${ours} here, ${theirs} there` })

const unheard = (name: string, why: string): Difference =>
  ({ what: 'unheard', name, ours: 'expected', theirs: why, detail: `the venue does not tell its ${name}: ${why}` })

/**
 * What differs. A venue's account may hold more than the vaults do: what it held beside them when they first met is written down, and
 * from then on every cent and share of it has to be there. Throws nothing: what the venue does not tell is a difference.
 */
export async function differences(shelf: Shelf, broker: Broker, meeting: Meeting): Promise<readonly Difference[]> {
  const state = shelf.venues.get(broker.name)
  const before = state?.outside === undefined ? await activitiesOf(broker, meeting) : undefined
  const account = await broker.account()
  if ('unknown' in account) return [unheard('account', account.unknown)]
  meeting.heard?.(account.told)
  const ours = held(shelf)
  const found: Difference[] = []
  if (before !== undefined && idsOf(await activitiesOf(broker, meeting)) !== idsOf(before)) {
    return [unheard('account', 'something has happened to it meanwhile')]
  }
  const outside = state?.outside === undefined ? meet(shelf, broker, meeting, ours, { ...account.told, activities: before }) : outsideOf(shelf, state.outside)
  if (outside === undefined) return [difference('cash', '', formatCents(ours.cash), formatCents(account.told.cash))]
  if (outside.cash < 0n) found.push(difference('cash', 'beside the vaults', formatCents(outside.cash), TAKEN))
  const cash = ours.cash + outside.cash
  const bound = broker.rules.centsPerFill * fillsOf(shelf) + BigInt(state?.booked ?? 0)
  if (apart(cash, account.told.cash) > bound) found.push(difference('cash', '', formatCents(cash), formatCents(account.told.cash)))
  for (const subject of [...new Set([...ours.positions.keys(), ...outside.positions.keys(), ...account.told.positions.keys()])].sort()) {
    const here = (ours.positions.get(subject) ?? 0n) + (outside.positions.get(subject) ?? 0n), there = account.told.positions.get(subject) ?? 0n
    if (here !== there) found.push(difference('position', subject, formatFixed(here), formatFixed(there)))
  }
  found.push(...(await orderDifferences(shelf, broker)))
  return found
}

/** Undefined where it does not tell them. */
async function activitiesOf(broker: Broker, { at }: Meeting): Promise<readonly Activity[] | undefined> {
  const answer = await broker.activities?.(millisOf(at) - HEARD_MS, millisOf(at))
  return answer === undefined || 'unknown' in answer ? undefined : answer.told
}
const idsOf = (activities: readonly Activity[] | undefined): string => JSON.stringify((activities ?? []).map(({ activityId }) => activityId).sort())

const apart = (a: Cents, b: Cents): Cents => (a < b ? b - a : a - b)
const fillsOf = (shelf: Shelf): bigint => BigInt([...shelf.books.values()].reduce((sum, { fills }) => sum + fills, 0))

interface Held {
  readonly cash: Cents
  readonly positions: ReadonlyMap<string, Fixed>
}

const TAKEN = 'not less than nothing: what was taken out of the account is taken out of vaults by vanta-vault move NAME withdraw'

/** The sum of all vaults. */
function held(shelf: Shelf): Held {
  let cash = 0n
  const positions = new Map<string, Fixed>()
  for (const { ledger } of shelf.books.values()) {
    cash += ledger.money
    for (const subject of ledger.subjects()) positions.set(subject, (positions.get(subject) ?? 0n) + ledger.quantity(subject))
  }
  return { cash, positions }
}

/** As written down, less the money that has come into the vaults since (capital, loans) without any trade: it came out of what was beside. */
function outsideOf(shelf: Shelf, written: Outside): Held {
  let cash = centsOf(written.cash)
  for (const { vault, ledger } of shelf.books.values()) {
    const before = written.funded?.[vault] ?? (written.vaults.includes(vault) ? formatCents(ledger.capital) : '0.00')
    cash -= ledger.funded - centsOf(before)
  }
  return { cash, positions: new Map(Object.entries(written.positions).map(([subject, quantity]) => [subject, fixedOf(quantity)])) }
}

const fundedBy = (shelf: Shelf) => Object.fromEntries([...shelf.books.values()].map(({ vault, ledger }) => [vault, formatCents(ledger.funded)]))

/** Who writes the meeting down, and when. */
export interface Meeting {
  readonly by: string
  readonly at: string
  /** What the venue said, for whoever else wants to know. */
  readonly heard?: (account: Account) => void
}

interface Theirs extends Held {
  /** What was told of it so far; undefined where it does not tell. */
  readonly activities: readonly Activity[] | undefined
}

/**
 * The first meeting: what the account has beside the vaults; undefined where it has less than they do, or where it cannot be told apart any
 * more because orders went there before. It is written to the trade log, and so is durable before the first order is sent.
 */
function meet(shelf: Shelf, broker: Broker, { by, at }: Meeting, ours: Held, theirs: Theirs): Held | undefined {
  if (broker.embedded !== undefined) return { cash: 0n, positions: new Map() }
  if (shelf.hasTraded) return undefined
  const cash = theirs.cash - ours.cash
  if (cash < 0n) return undefined
  const positions = new Map<string, Fixed>()
  for (const subject of new Set([...ours.positions.keys(), ...theirs.positions.keys()])) {
    const beside = (theirs.positions.get(subject) ?? 0n) - (ours.positions.get(subject) ?? 0n)
    if (beside !== 0n) positions.set(subject, beside)
  }
  if ([...positions].some(([subject, beside]) => beside < 0n && ours.positions.has(subject))) return undefined
  const written = Object.fromEntries([...positions].map(([subject, quantity]) => [subject, formatFixed(quantity)]))
  const outside = { cash: formatCents(cash), positions: written, vaults: [...shelf.books.keys()], funded: fundedBy(shelf) }
  const facts = { ...outside, ...(theirs.activities !== undefined && { activities: heardTexts(theirs.activities) }) }
  shelf.beside(make('control', { type: 'baseline', at, known_at: at, source: `exec/${broker.name}`, by, facts }))
  return { cash, positions }
}

/** Orders that stand there and are none of ours, or ended here. */
async function orderDifferences(shelf: Shelf, broker: Broker): Promise<Difference[]> {
  const standing = await broker.openOrders()
  if ('unknown' in standing) return [unheard('open orders', standing.unknown)]
  const found: Difference[] = []
  for (const { clientOrderId, subject, side, quantity, state } of standing.told) {
    const known = shelf.find(clientOrderId)
    const there = `${state} ${side} ${formatFixed(quantity)} ${subject}`
    if (known === undefined) found.push(difference('order', clientOrderId, 'unheard of', there))
    else if (!known.book.orders.has(clientOrderId)) found.push(difference('order', clientOrderId, known.order.state, there))
  }
  return found
}

/** All that differs, orders that are open here and have ended, filled more or are absent there among it: each is asked for by its name. */
export async function allDifferences(
  shelf: Shelf, broker: Broker, meeting: Meeting, orderOf: (id: string) => BrokerOrder | undefined,
): Promise<readonly Difference[]> {
  const found = [...(await differences(shelf, broker, meeting))]
  if (found.some(({ what }) => what === 'unheard')) return found
  for (const book of shelf.books.values()) {
    for (const { clientOrderId, state, filled } of book.orders.values()) {
      const order = orderOf(clientOrderId)
      if (state === 'intended' || order === undefined) continue
      const look = await broker.look(order)
      if (look.look === 'unknown') return [...found, unheard(`order ${clientOrderId}`, look.why)]
      const here = `${state}, ${formatFixed(filled)} filled`
      const there = look.look === 'absent' ? 'absent' : `${look.order.state}, ${formatFixed(look.order.filled)} filled`
      const stands = look.look === 'found' && look.order.filled === filled && STANDING.has(look.order.state)
      if (!stands) found.push(difference('order', clientOrderId, here, there))
    }
  }
  return found
}
const STANDING: ReadonlySet<VenueOrder['state']> = new Set(['accepted', 'pending'])
