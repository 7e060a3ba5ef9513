/**
 * What must hold whatever happens, checked on the venue's truth and on the bytes of the logs, by arithmetic of its own: none of the
 * code that trades is used here.
 */
import type { Venue } from './venue.ts'

export interface Violation {
  readonly law: string
  readonly detail: string
}

interface OrderLine {
  readonly kind: 'order'
  readonly client_order_id: string
  readonly vault: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: string
  readonly state: string
  readonly at: string
  readonly leg?: string
  readonly parents: readonly string[]
}
interface FillLine {
  readonly kind: 'fill'
  readonly client_order_id: string
  readonly vault: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: string
  readonly price: string
  readonly fee: string
  readonly venue_fill_id?: string
}
/** What moved the books and was no fill: a split, a dividend, money that people moved. */
interface EntryLine {
  readonly kind: 'entry'
  readonly vault: string
  readonly type: string
  readonly postings: readonly { readonly account: string; readonly amount: string; readonly quantity?: string }[]
}
type Line = OrderLine | FillLine | EntryLine

const POSITION = 'assets:position:'
/** Shares by subject, and cash in cents, that an entry moved. */
function movedBy({ type, postings }: EntryLine): { readonly cash: number; readonly shares: readonly (readonly [string, number])[] } {
  // The opening is what everything starts from here.
  const cash = type === 'open' ? 0 : postings.filter(({ account }) => account === 'assets:cash').reduce((sum, { amount }) => sum + cents(amount), 0)
  const shares = postings.flatMap(({ account, quantity }) => (quantity === undefined ? [] : [[account.slice(POSITION.length), Number(quantity)] as const]))
  return { cash, shares }
}

export interface Caps {
  readonly position: number
  readonly gross: number
  readonly cashCents: number
}

const ENDED: ReadonlySet<string> = new Set(['filled', 'cancelled', 'rejected', 'expired'])

export const linesOf = (log: Buffer | undefined): Line[] =>
  (log?.toString('utf8') ?? '').split('\n').slice(0, -1).filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
    .filter(({ kind }) => kind === 'order' || kind === 'fill' || kind === 'entry')

/** Laws that hold at every moment. */
export function checkAlways(venue: Venue, beside: ReadonlyMap<string, number>, log: readonly Line[]): Violation[] {
  const found: Violation[] = []
  const last = new Map<string, string>()
  for (const line of log) if (line.kind === 'order') last.set(line.client_order_id, line.state)
  for (const { clientId } of venue.live()) {
    const state = last.get(clientId) ?? 'nowhere'
    if (ENDED.has(state)) found.push({ law: 'what is said to have ended has ended', detail: `${clientId} stands at the venue and is ${state} here` })
  }
  const byId = new Map<string, number>()
  for (const { clientId } of venue.orders) byId.set(clientId, (byId.get(clientId) ?? 0) + 1)
  for (const [id, count] of byId) if (count > 1) found.push({ law: 'one order an intent', detail: `${count} orders for ${id}` })
  for (const [subject, quantity] of venue.positions) {
    if (quantity < (beside.get(subject) ?? 0)) found.push({ law: 'nothing is sold that is not ours', detail: `${subject}: ${quantity}` })
  }
  if (venue.cashCents < 0) found.push({ law: 'no debt', detail: String(venue.cashCents) })
  return found
}

/** At the moment a request leaves. */
export function checkLeaving(clientId: string, durableLog: Buffer | undefined, killed: boolean, side: 'buy' | 'sell'): Violation[] {
  const found: Violation[] = []
  const written = linesOf(durableLog).some((line) => line.kind === 'order' && line.client_order_id === clientId && line.state === 'intended')
  if (!written) found.push({ law: 'written down before it is sent', detail: clientId })
  if (killed && side === 'buy') found.push({ law: 'no new exposure after kill', detail: clientId })
  return found
}

interface Holding {
  cashCents: number
  readonly shares: Map<string, number>
  /** Still to be filled, by client id. */
  readonly open: Map<string, { readonly subject: string; readonly side: string; left: number }>
}

const cents = (text: string): number => Math.round(Number(text) * 100)

/** Every purchase that was decided on, against the caps, as the log itself tells what was held then. */
export function checkCaps(log: readonly Line[], caps: Caps, priceCentsAt: (subject: string, at: string) => number | undefined): Violation[] {
  const found: Violation[] = []
  const vaults = new Map<string, Holding>()
  for (const line of log) {
    let held = vaults.get(line.vault)
    if (held === undefined) vaults.set(line.vault, (held = { cashCents: caps.cashCents, shares: new Map(), open: new Map() }))
    if (line.kind === 'fill') take(held, line)
    else if (line.kind === 'entry') {
      const { cash, shares } = movedBy(line)
      held.cashCents += cash
      for (const [subject, count] of shares) held.shares.set(subject, (held.shares.get(subject) ?? 0) + count)
    } else if (line.state === 'intended') {
      held.open.set(line.client_order_id, { subject: line.subject, side: line.side, left: Number(line.quantity) })
      if (line.side === 'buy') found.push(...overCaps(held, line, caps, priceCentsAt))
    } else if (ENDED.has(line.state)) held.open.delete(line.client_order_id)
  }
  return found
}

function take(held: Holding, { client_order_id: id, subject, side, quantity, price, fee }: FillLine): void {
  const sign = side === 'buy' ? 1 : -1, count = Number(quantity)
  held.shares.set(subject, (held.shares.get(subject) ?? 0) + sign * count)
  held.cashCents -= sign * count * cents(price) + cents(fee)
  const open = held.open.get(id)
  if (open !== undefined) open.left -= count
}

function overCaps(held: Holding, line: OrderLine, caps: Caps, priceCentsAt: (subject: string, at: string) => number | undefined): Violation[] {
  const worth = (subject: string, shares: number): number => shares * (priceCentsAt(subject, line.at) ?? 0)
  const withOpen = new Map(held.shares)
  for (const { subject, side, left } of held.open.values()) if (side === 'buy') withOpen.set(subject, (withOpen.get(subject) ?? 0) + left)
  let gross = 0, equity = held.cashCents
  for (const [subject, shares] of withOpen) gross += worth(subject, shares)
  for (const [subject, shares] of held.shares) equity += worth(subject, shares)
  const found: Violation[] = []
  const one = worth(line.subject, withOpen.get(line.subject) ?? 0)
  if (one > caps.position * equity + 1) found.push({ law: 'position cap', detail: `${line.vault} ${line.subject}: ${one} of ${equity}` })
  if (gross > caps.gross * equity + 1) found.push({ law: 'gross cap', detail: `${line.vault}: ${gross} of ${equity}` })
  return found
}

/** Once all is quiet: the venue, the trade log and the ledger tell one story, and every order can be explained. */
export function checkAtRest(
  venue: Venue, log: readonly Line[], ledger: Buffer | undefined, known: ReadonlySet<string>, beside: ReadonlyMap<string, number>, outsideCents: number,
): Violation[] {
  const found: Violation[] = []
  const last = new Map<string, OrderLine>(), first = new Map<string, OrderLine>(), filled = new Map<string, number>()
  const shares = new Map<string, number>(), fillIds = new Set<string>()
  let brought = 0
  for (const line of log) {
    if (line.kind === 'entry') {
      for (const [subject, count] of movedBy(line).shares) shares.set(subject, (shares.get(subject) ?? 0) + count)
      // The venue knows nothing of what people take out of the books.
      if (line.type === 'deposit' || line.type === 'withdrawal' || line.type === 'transfer') brought += movedBy(line).cash
      continue
    }
    if (line.kind === 'order') {
      last.set(line.client_order_id, line)
      if (!first.has(line.client_order_id)) first.set(line.client_order_id, line)
      continue
    }
    const sign = line.side === 'buy' ? 1 : -1
    filled.set(line.client_order_id, (filled.get(line.client_order_id) ?? 0) + Number(line.quantity))
    shares.set(line.subject, (shares.get(line.subject) ?? 0) + sign * Number(line.quantity))
    if (fillIds.has(line.venue_fill_id ?? '')) found.push({ law: 'no fill twice', detail: line.venue_fill_id ?? '' })
    fillIds.add(line.venue_fill_id ?? '')
  }
  for (const order of venue.orders) {
    const ours = last.get(order.clientId)
    if (ours === undefined) found.push({ law: 'every order at the venue is in the log', detail: order.clientId })
    else if (order.state === 'accepted' || order.state === 'leaving' ? ENDED.has(ours.state) : !ENDED.has(ours.state)) {
      found.push({ law: 'states agree', detail: `${order.clientId}: ${order.state} there, ${ours.state} here` })
    }
    if (order.filled !== (filled.get(order.clientId) ?? 0)) {
      found.push({ law: 'fills agree', detail: `${order.clientId}: ${order.filled} there, ${filled.get(order.clientId) ?? 0} here` })
    }
  }
  for (const [id, order] of first) {
    if (!known.has(order.parents[0] ?? '')) found.push({ law: 'every order has a path to its reasons', detail: id })
    const end = last.get(id)
    if (end !== undefined && !ENDED.has(end.state) && !venue.live().some(({ clientId }) => clientId === id)) {
      found.push({ law: 'nothing is forgotten in doubt', detail: `${id} is ${end.state}` })
    }
  }
  for (const subject of new Set([...shares.keys(), ...venue.positions.keys()])) {
    const here = (shares.get(subject) ?? 0) + (beside.get(subject) ?? 0), there = venue.positions.get(subject) ?? 0
    if (here !== there) found.push({ law: 'positions agree', detail: `${subject}: ${here} by the log, ${there} at the venue` })
  }
  found.push(...checkLedger(ledger, venue, shares, outsideCents - brought))
  return found
}

interface LedgerFile {
  readonly vaults?: { readonly [vault: string]: { readonly ledger: { readonly balances: { readonly [account: string]: string }; readonly lots: { readonly [subject: string]: readonly { readonly quantity: string }[] } } } }
}

function checkLedger(ledger: Buffer | undefined, venue: Venue, shares: ReadonlyMap<string, number>, outsideCents: number): Violation[] {
  if (ledger === undefined) return []
  const { vaults = {} } = JSON.parse(ledger.toString('utf8')) as LedgerFile
  const found: Violation[] = []
  let cash = 0
  const held = new Map<string, number>()
  for (const [vault, { ledger: { balances, lots } }] of Object.entries(vaults)) {
    let sum = 0
    for (const amount of Object.values(balances)) sum += cents(amount)
    if (sum !== 0) found.push({ law: 'the ledger balances', detail: `${vault}: ${sum}` })
    cash += cents(balances['assets:cash'] ?? '0')
    for (const [subject, list] of Object.entries(lots)) held.set(subject, list.reduce((total, { quantity }) => total + Number(quantity), held.get(subject) ?? 0))
  }
  if (cash + outsideCents !== venue.cashCents) found.push({ law: 'cash agrees', detail: `${cash} and ${outsideCents} here, ${venue.cashCents} there` })
  for (const subject of new Set([...held.keys(), ...shares.keys()])) {
    if ((held.get(subject) ?? 0) !== (shares.get(subject) ?? 0)) found.push({ law: 'ledger and log agree', detail: subject })
  }
  return found
}
