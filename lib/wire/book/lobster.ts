/**
 * LOBSTER (https://lobsterdata.com/info/DataStructure.php): NASDAQ's orders of one stock and day. A message file tells of every order that comes,
 * changes or goes: seconds after midnight New York, what happened (1 new, 2 smaller, 3 gone, 4 executed, 5 a hidden one executed, 6 cross, 7 halt),
 * order, shares, price in hundredths of a cent, 1 for buyers. Neither day nor stock stand in it.
 */
import type { Millis } from '#record'
import { Levels } from '#domain/market/levels'
import { newYorkMillis } from '#domain/market/session'
import { diff, snapshot, type Market, type SaidAt } from './said.ts'
import type { TableContext } from './tables.ts'

const MESSAGE = /^\d{1,5}(?:\.\d{1,20})?,[1-7],-?\d+,-?\d+,-?\d+,-?1\s*$/
const STATES = /^(?:-?\d+,-?\d+,-?\d+,-?\d+)(?:,-?\d+,-?\d+,-?\d+,-?\d+)*\s*$/

/** By the first line: its header, where there is one, or its shape. */
export function lobsterKind(firstLine: string): 'messages' | 'states' | 'resting' | undefined {
  if (firstLine.startsWith('time_s,type,order_id,') || MESSAGE.test(firstLine)) return 'messages'
  if (/^ask1?(_e4)?[,_]/.test(firstLine) || STATES.test(firstLine)) return 'states'
  return firstLine.startsWith('stamp,type,order_id,') ? 'resting' : undefined
}

interface Message {
  readonly line: number
  readonly ms: Millis
  readonly type: number
  readonly order: string
  readonly size: number
  /** Hundredths of a cent. */
  readonly price: number
  readonly isBid: boolean
}

/** Messages that change nothing in the book that all can see. */
const UNSEEN: Readonly<Record<number, string>> = { 5: 'a hidden order was executed: nothing changes that can be seen', 6: 'a cross trade' }
/** Decimals of a price in hundredths of a cent. */
const PRICE_DIGITS = 4

export function* lobsterRows(text: string, kind: 'messages' | 'states' | 'resting', { symbol, day }: TableContext): Generator<SaidAt> {
  if (kind !== 'messages') {
    const why = kind === 'states' ? 'states of a book without moments: those stand in the message file' : 'resting orders without a moment'
    yield { place: 'the whole', why }
    return
  }
  const midnightMs = day === undefined ? undefined : newYorkMillis(day, 0, 0)
  if (midnightMs === undefined) {
    yield { place: 'the whole', why: 'moments without a day: --day tells it' }
    return
  }
  const market: Market = { venue: 'nasdaq', symbol, subject: symbol === undefined ? undefined : `ticker:${symbol}` }
  const messages: Message[] = []
  for (const { line, cells } of linesOf(text)) {
    const message = messageOf(line, cells)
    if (message === undefined) yield { place: `line ${line}`, why: 'expected moment, type, order, size, price and direction' }
    else messages.push(message)
  }
  const book = new Sizes()
  const [first] = messages
  if (first === undefined) return
  for (const { isBid, price, size } of restingBefore(messages)) book.add(isBid, price, size)
  yield { place: `line ${first.line}`, localMs: undefined, said: snapshot(market, { ...book.whole(), atMs: midnightMs + first.ms }) }
  for (const { line, ms, type, isBid, price, size } of messages) {
    const place = `line ${line}`
    if (type > 4) yield { place, why: UNSEEN[type] ?? 'a halt' }
    else yield { place, localMs: undefined, said: diff(market, { ...book.add(isBid, price, type === 1 ? size : -size), atMs: midnightMs + ms }) }
  }
}

function* linesOf(text: string): Generator<{ readonly line: number; readonly cells: readonly string[] }> {
  let line = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const cells = text.slice(from, end < 0 ? text.length : end).trimEnd().split(',')
    from = end < 0 ? text.length : end + 1
    line++
    if (cells.length > 1 && !cells[0]?.startsWith('time')) yield { line, cells }
  }
}

function messageOf(line: number, [time = '', type = '', order = '', size = '', price = '', direction = '']: readonly string[]): Message | undefined {
  const match = /^(\d{1,5})(?:\.(\d{1,20}))?$/.exec(time)
  const shares = Number(size), units = Number(price)
  if (match === null || !/^[1-7]$/.test(type) || !/^-?1$/.test(direction)) return undefined
  if (!Number.isSafeInteger(shares) || !Number.isSafeInteger(units)) return undefined
  if (Number(type) < 6 && (shares < 0 || units < 0)) return undefined
  const ms = Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0').slice(0, 3))
  return { line, ms, type: Number(type), order, size: shares, price: units, isBid: direction === '1' }
}

/** Orders that were there before the file begins, known by what becomes of them later. */
function restingBefore(messages: readonly Message[]): Iterable<{ isBid: boolean; price: number; size: number }> {
  const born = new Set<string>()
  const resting = new Map<string, { isBid: boolean; price: number; size: number }>()
  for (const { type, order, isBid, price, size } of messages) {
    if (type === 1) born.add(order)
    else if (type <= 4 && !born.has(order)) {
      const before = resting.get(order)
      if (before === undefined) resting.set(order, { isBid, price, size })
      else before.size += size
    }
  }
  return resting.values()
}

/** Shares by side and price. */
class Sizes {
  readonly #bids = new Map<number, number>()
  readonly #asks = new Map<number, number>()

  /** The level that changes, with its new size. */
  add(isBid: boolean, price: number, size: number): { bids: Levels; asks: Levels } {
    const side = isBid ? this.#bids : this.#asks
    const sum = Math.max(0, (side.get(price) ?? 0) + size)
    if (sum === 0) side.delete(price)
    else side.set(price, sum)
    const changed = new Levels(), none = new Levels()
    changed.add(price, PRICE_DIGITS, sum, 0)
    return isBid ? { bids: changed, asks: none } : { bids: none, asks: changed }
  }

  whole(): { bids: Levels; asks: Levels } {
    const [bids, asks] = [this.#bids, this.#asks].map((side) => {
      const levels = new Levels()
      for (const [price, size] of side) levels.add(price, PRICE_DIGITS, size, 0)
      return levels
    })
    return { bids: bids ?? new Levels(), asks: asks ?? new Levels() }
  }
}
