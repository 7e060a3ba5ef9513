/**
 * What must hold whatever happens, checked on the venue's truth and on the bytes of the logs, by arithmetic of its own: none of the
 * code that trades is used here.
 */
import { cents, ENDED, linesOf, type EntryLine, type Line, type OrderLine } from './lines.ts'
import type { Venue } from './venue.ts'

export interface Violation {
  readonly law: string
  readonly detail: string
}

const POSITION = 'assets:position:'
/** Shares by subject, and cash in cents, that an entry moved. */
function movedBy({ type, postings }: EntryLine): { readonly cash: number; readonly shares: readonly (readonly [string, number])[] } {
  // The opening is what everything starts from here.
  const cash = type === 'open' ? 0 : postings.filter(({ account }) => account === 'assets:cash').reduce((sum, { amount }) => sum + cents(amount), 0)
  const shares = postings.flatMap(({ account, quantity }) => (quantity === undefined ? [] : [[account.slice(POSITION.length), Number(quantity)] as const]))
  return { cash, shares }
}

const CLOCKS_DIFFER_MS = 10_000

/** Laws that hold at every moment. */
export function checkAlways(venue: Venue, beside: ReadonlyMap<string, number>, log: readonly Line[]): Violation[] {
  const found: Violation[] = []
  const last = new Map<string, string>(), decided = new Map<string, number>()
  for (const line of log) {
    if (line.kind !== 'order') continue
    const { client_order_id: id, state, at } = line, since = decided.get(id) ?? Date.parse(at)
    last.set(id, state)
    decided.set(id, since)
    if (Date.parse(at) < since - CLOCKS_DIFFER_MS) found.push({ law: 'time goes forward', detail: `${id} ${state} at ${at}` })
  }
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
export function checkLeaving(clientId: string, durableLog: Buffer | undefined, halt: 'none' | 'all' | 'flatten', side: 'buy' | 'sell'): Violation[] {
  const found: Violation[] = []
  const written = linesOf(durableLog).some((line) => line.kind === 'order' && line.client_order_id === clientId && line.state === 'intended')
  if (!written) found.push({ law: 'written down before it is sent', detail: clientId })
  if (halt === 'all' || (halt === 'flatten' && side === 'buy')) found.push({ law: 'nothing leaves after kill but what it sells', detail: clientId })
  return found
}

/** What was decided at moments at which it was forbidden: by the state of the vault, or because trading in the subject was halted. */
export function checkForbidden(
  log: readonly Line[], from: number, stateOf: (vault: string) => string | undefined, isHalted: (subject: string, at: string) => boolean,
): Violation[] {
  const found: Violation[] = []
  for (const line of log.slice(from)) {
    if (line.kind !== 'order' || line.state !== 'intended') continue
    const { vault, side, subject, at, client_order_id: id } = line, state = stateOf(vault)
    if (state === 'halted' || (state === 'closing' && side === 'buy')) {
      found.push({ law: 'a disabled vault does not trade', detail: `${side} ${id}: ${vault} is ${state}` })
    }
    if (side === 'buy' && isHalted(subject, at)) found.push({ law: 'nothing is bought that is halted', detail: `${id}: ${subject} at ${at}` })
  }
  return found
}

/** Once all is quiet: the venue, the trade log and the ledger tell one story, and every order can be explained. */
export function checkAtRest(
  venue: Venue, log: readonly Line[], ledger: Buffer | undefined, known: ReadonlySet<string>, beside: ReadonlyMap<string, number>, outsideCents: number,
): Violation[] {
  const found: Violation[] = []
  const last = new Map<string, OrderLine>(), first = new Map<string, OrderLine>(), filled = new Map<string, number>()
  const shares = new Map<string, number>(), fillIds = new Set<string>()
  const stops = new Set(log.flatMap((line) => (line.kind === 'control' ? [line.id] : [])))
  let brought = 0
  for (const line of log) {
    if (line.kind === 'control') continue
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
    const [reason = ''] = order.parents
    if (!known.has(reason) && !stops.has(reason)) found.push({ law: 'every order has a path to its reasons', detail: id })
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

/** Notes of the books' own: what a venue has beside them, and what was heard, which others tell. */
const UNTOLD: ReadonlySet<string> = new Set(['baseline', 'beside', 'corporate_action'])

/** What the executor wrote down it has told; what people moved they were told themselves. */
export function checkTold(logs: readonly (Buffer | undefined)[], told: ReadonlySet<string>): Violation[] {
  const lines = logs.flatMap((log) => (log ?? '').toString('utf8').split('\n').filter((line) => line !== ''))
  return lines.map((line) => JSON.parse(line) as { readonly id: string; readonly kind: string; readonly type?: string; readonly by: string })
    .filter(({ id, kind, type = '', by }) => by === 'vanta-exec/1' && !(kind === 'control' && UNTOLD.has(type)) && !told.has(id))
    .map(({ id, kind }) => ({ law: 'what is written down is told', detail: `${kind} ${id}` }))
}
