/** Any recorded payload about options, told by what it holds, never by its name. */
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { millisOf, type Signal, type Vanta } from '#record'
import { openCsv } from '../csv/rows.ts'
import { jsonDocuments, linesBetween, type JsonDocument } from '../json_documents.ts'
import { parseExact, type Exact } from '../json_exact.ts'
import { isBelievable } from '../market_day.ts'
import { polygonError } from '../polygon.ts'
import { jsonOfPython } from '../python_literal.ts'
import { textOf } from '../text.ts'
import { Chain } from './chain.ts'
import { isCboe, readCboe } from './cboe.ts'
import type { Context, Found, Rules, Standing } from './found.ts'
import { isPolygon, readPolygon } from './polygon.ts'
import { PrintDesk } from './prints.ts'
import { isScreen, readScreen } from './screens.ts'
import { standingSignal, unusualSignal } from './standing.ts'
import { OPTION_TABLES } from './tables.ts'
import { isTradier, readTradier, tradierError } from './tradier.ts'
import { isWhales, readWhales } from './whales.ts'

export interface OptionsReading {
  /** Only these tickers; where it is one, payloads that name none are about it. */
  readonly symbols: readonly string[] | undefined
  readonly rules: Rules
}

interface Service {
  knows(answer: Exact): boolean
  read(answer: Exact, context: Context): Generator<Found>
}
const SERVICES: readonly Service[] = [
  { knows: isCboe, read: readCboe }, { knows: isTradier, read: readTradier }, { knows: isPolygon, read: readPolygon },
  { knows: isScreen, read: readScreen }, { knows: isWhales, read: readWhales },
]

/** `2025-05-16 13:19:51.885894|option_trades:TSLA|{...}`: a message of a socket as a Python program logged it. */
const LOGGED = /^\d{4}-\d\d-\d\d[ T][\d:.]+\|([\w:.-]+)\|(.*)$/

export class OptionsParser implements Parser {
  readonly #asked: OptionsReading
  readonly #reading: Reading
  readonly #desk: PrintDesk
  #chains = new Map<string, Chain>()
  readonly #prices = new Map<string, string>()
  #heardMs = 0

  constructor(asked: OptionsReading, reading: Reading) {
    this.#asked = asked
    this.#reading = reading
    this.#desk = new PrintDesk(reading.by)
  }

  *read(payload: Payload): Generator<Vanta> {
    this.#heardMs = Math.max(this.#heardMs, payload.heardMs)
    const { rules } = this.#asked, symbols = this.#asked.symbols?.map((symbol) => symbol.toUpperCase().replace(/^(?:[OI]:|[_^$])/, ''))
    // What a service answered is what was asked for.
    const wanted = symbols === undefined || payload.url !== undefined ? undefined : new Set(symbols)
    const context: Context = {
      name: payload.name, by: this.#reading.by, heardMs: payload.heardMs, url: payload.url, rules,
      symbol: symbols?.length === 1 ? symbols[0] : undefined,
      reject: this.#reading.reject,
    }
    let others = 0, unbelievable = 0
    for (const found of foundIn(textOf(payload.bytes, payload.contentType), context)) {
      const subject = 'signal' in found ? found.signal.subject : 'print' in found ? found.print.subject : found.standing.subject
      const contract = 'print' in found ? found.print.contract.symbol : 'standing' in found ? found.standing.contract.symbol : undefined
      const atMs = 'signal' in found ? millisOf(found.signal.at) : 'print' in found ? found.print.atMs : found.standing.atMs
      if (!isWanted(wanted, subject, contract)) others++
      else if (isBelievable(atMs, payload.heardMs)) yield* this.#take(found)
      else unbelievable++
    }
    if (unbelievable > 0) context.reject(`${unbelievable} parts`, 'dated as nothing can have happened yet')
    if (others > 0) context.reject(`${others} parts`, 'of other tickers than --symbol')
  }

  *end(): Generator<Vanta> {
    for (const chain of this.#chains.values()) yield* chain.signals()
    this.#chains = new Map()
    yield* this.#desk.sweeps(this.#heardMs)
  }

  *#take(found: Found): Generator<Signal> {
    if ('print' in found) return yield* this.#desk.add(found.print)
    if ('signal' in found) {
      if (found.chain !== undefined && found.price !== undefined) this.#prices.set(`${found.chain} ${found.signal.subject ?? ''}`, found.price)
      return yield found.signal
    }
    const { rules } = this.#asked, { by } = this.#reading
    const standing = this.#priced(found.standing)
    const signal = standingSignal(standing, by)
    yield signal
    const unusual = unusualSignal(standing, signal, rules, by)
    if (unusual !== undefined) yield unusual
    if (standing.chain === undefined) return
    const name = `${standing.chain} ${standing.subject ?? ''}`
    const chain = this.#chains.get(name)
    if (chain?.add(standing, signal) === true) return
    if (chain !== undefined) yield* chain.signals()
    const next = new Chain(by, rules.rate)
    next.add(standing, signal)
    this.#chains.set(name, next)
  }

  /** With the price of the underlying that its chain stated apart. */
  #priced(standing: Standing): Standing {
    if (standing.chain === undefined || standing.underlying !== undefined) return standing
    const price = this.#prices.get(`${standing.chain} ${standing.subject ?? ''}`)
    return price === undefined ? standing : { ...standing, underlying: price }
  }
}

/** What names no ticker is about whatever was asked for. */
const isWanted = (wanted: ReadonlySet<string> | undefined, subject: string | undefined, contract: string | undefined): boolean =>
  wanted === undefined || subject === undefined || wanted.has(subject.replace(/^\w+:/, '')) || (contract !== undefined && wanted.has(contract))

function* foundIn(text: string, context: Context): Generator<Found> {
  const { name } = context, start = text.trimStart()
  if (start === '') throw new Failure('data', `${name}: empty`)
  if (start.startsWith('<')) throw new Failure('data', `${name}: a page or XML, where a chain, prints or a table of options was expected`)
  if (start.startsWith('{') || start.startsWith('[')) yield* ofJson(text, context)
  else if (LOGGED.test(firstLine(start))) yield* ofLog(text, context)
  else if (firstLine(start).includes(',')) yield* ofTable(start, context)
  else yield* ofDocuments(text, [...jsonDocuments(text)], context)
}

const firstLine = (text: string): string => /^[^\r\n]*/.exec(text)?.[0] ?? ''

/** One answer, or one a line. */
function* ofJson(text: string, context: Context): Generator<Found> {
  const documents = [...jsonDocuments(text)]
  if (documents.length > 1) return yield* ofDocuments(text, documents, context)
  yield* ofAnswer(parseExact(text, context.name), context)
}

/** Documents of which some may be broken; it is a failure where none is of ours. */
function* ofDocuments(whole: string, documents: readonly JsonDocument[], context: Context): Generator<Found> {
  let failure: Failure | undefined
  let read = 0
  for (const { text, line } of documents) {
    const place = (part: string): string => `line ${line}, ${part}`
    try {
      yield* ofAnswer(parseExact(text, context.name), { ...context, reject: (part, why) => context.reject(place(part), why) })
      read++
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failure ??= error
      context.reject(`line ${line}`, 'no JSON, or none of options')
    }
  }
  for (const line of linesBetween(whole, documents)) context.reject(`line ${line}`, 'no JSON')
  if (read === 0) throw failure ?? new Failure('data', `${context.name}: neither JSON nor a table of options`)
}

function* ofLog(text: string, context: Context): Generator<Found> {
  let number = 0, read = 0
  for (const line of text.split('\n')) {
    number++
    if (line.trim() === '') continue
    const literal = LOGGED.exec(line.trimEnd())?.[2]
    try {
      if (literal === undefined) throw new Failure('data', 'no message')
      const place = `line ${number}`
      yield* ofAnswer(parseExact(jsonOfPython(literal), context.name), { ...context, reject: (_, why) => context.reject(place, why) })
      read++
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      context.reject(`line ${number}`, 'no message of options')
    }
  }
  if (read === 0) throw new Failure('data', `${context.name}: a log without a message of options`)
}

function* ofAnswer(answer: Exact, context: Context): Generator<Found> {
  const error = tradierError(answer) ?? polygonError(answer)
  if (error !== undefined) throw new Failure('data', `${context.name}: the service answered with an error: ${error.slice(0, 200)}`)
  const service = SERVICES.find(({ knows }) => knows(answer))
  if (service === undefined) throw new Failure('data', `${context.name}: JSON, but no chain, prints or screen of options`)
  yield* service.read(answer, context)
}

function* ofTable(text: string, context: Context): Generator<Found> {
  const csv = openCsv(text, context.name)
  const table = OPTION_TABLES.find(({ columns }) => columns.every((column) => csv.columns.includes(column)))
  if (table === undefined) {
    throw new Failure('data', `${context.name}: a table whose columns are none of options: ${JSON.stringify(csv.columns.join(',').slice(0, 120))}`)
  }
  let rows = 0
  for (const row of csv.rows()) {
    rows++
    const found = row.whole ? table.row(row, context) : `expected ${csv.columns.length} cells`
    if (typeof found === 'string') context.reject(`line ${row.line}`, found)
    else yield* found
  }
  if (rows === 0) context.reject('rows', 'a table without rows')
}
