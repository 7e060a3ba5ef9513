/**
 * Payloads of chains, told by their content: nodes, explorers, mempools, tables, labels, staking and value locked. One entry for every tool
 * that reads them; each says which signals it wants.
 */
import { isAtLeast } from '#domain/chain/quantity'
import { AnomalyWatch, type Beyond } from '#domain/chain/anomaly'
import { chainNamed, chainOfId } from '#domain/chain/address'
import { labelsWith, type LabelEntry } from '#domain/chain/labels'
import { make, millisOf, type Millis, type Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { openCsv } from '../csv/rows.ts'
import { readBeacon, readEvents, isEventStream } from '../defi/beacon.ts'
import { readLlama } from '../defi/llama.ts'
import { poolTableOf } from '../defi/pools.ts'
import { parseExact, type Exact } from '../json_exact.ts'
import { textOf } from '../text.ts'
import { etlTypeOf, readEtl, readEtlRow } from './etl.ts'
import { readEthplorer } from './ethplorer.ts'
import { Held } from './evm.ts'
import { readExplorer } from './explorer.ts'
import { isLabelPage, isLabelTable, labelRowsOf, labelRowsOfCsv, labelRowsOfPage, signalsOfLabels } from './label_sets.ts'
import { readBitcoin } from './mempool.ts'
import { readRpc } from './rpc.ts'
import type { Scope } from './signals.ts'
import { readCharts, tableOf } from './tables.ts'
import { readWhaleAlert } from './whale_alert.ts'

export interface ChainOptions {
  /** Types of signals that are wanted; undefined for all. */
  readonly wanted?: ReadonlySet<string> | undefined
  /** The chain of payloads that do not name theirs, where the user names it; else Ethereum, as far as its clock agrees. */
  readonly chain?: string | undefined
  /** The coin of tables that do not name theirs. */
  readonly coin?: string | undefined
  readonly labels?: readonly LabelEntry[] | undefined
  readonly thresholds?: Thresholds | undefined
  /** Anomalies of the mempool are said where this is given. */
  readonly watch?: AnomalyWatch | undefined
}

/** What is too small is left out. A transfer must reach every threshold that applies to it, and one must apply. */
export interface Thresholds {
  readonly usd: string | undefined
  /** By coin, in capitals, or by contract. */
  readonly amounts: ReadonlyMap<string, string>
}

const ETHEREUM = 'ethereum'

export function chainParser(options: ChainOptions, reading: Reading): Parser {
  const held = new Held()
  const labels = labelsWith(options.labels ?? [])
  const { watch, wanted, thresholds } = options
  /** What is not asked for is passed over; a payload of nothing else says so. */
  function* chosen(signals: Iterable<Signal>): Iterable<Signal> {
    let given = 0, passed = 0
    for (const signal of signals) {
      const isWanted = (wanted === undefined || wanted.has(signal.type)) && (thresholds === undefined || isLarge(signal, thresholds))
      if (isWanted) {
        given++
        yield signal
      } else passed++
      if (watch !== undefined && (wanted === undefined || wanted.has('anomaly'))) yield* anomaliesOf(signal, watch, reading.by)
    }
    if (given === 0 && passed > 0) reading.reject('payload', 'nothing of the types and sizes that are asked for')
  }
  return {
    *read(payload) {
      const asked = chainAsked(payload.url)
      const scope: Scope = {
        by: reading.by, name: payload.name, url: payload.url, heardMs: payload.heardMs, chain: asked ?? options.chain ?? ETHEREUM,
        isNamed: (asked ?? options.chain) !== undefined,
        coin: options.coin, labels, reject: reading.reject,
      }
      yield* chosen(readPayload(payload, held, scope))
    },
    *end() {
      yield* chosen(held.release())
    },
  }
}

/** Explorers of many chains are asked for one by its id: `chainid=10`, `/evm/10/`. */
function chainAsked(url: string | undefined): string | undefined {
  const id = /[?&]chainid=(\d{1,9})\b|\/evm\/(\d{1,9})\//.exec(url ?? '')
  return id === null ? undefined : chainOfId(Number(id[1] ?? id[2]))?.name
}

function* readPayload(payload: Payload, held: Held, scope: Scope): Iterable<Signal> {
  const text = textOf(payload.bytes, payload.contentType)
  const start = /\S/.exec(text)
  if (start === null) throw new Failure('data', `${payload.name}: empty`)
  switch (start[0]) {
    case '{':
    case '[':
      yield* readJson(text, held, scope)
      return
    case '<':
      if (!isLabelPage(text)) throw new Failure('data', `${payload.name}: a page or XML, where data was expected`)
      yield* signalsOfLabels(labelRowsOfPage(text), scope)
      return
    default:
      if (isEventStream(text)) yield* readEvents(text, scope)
      else yield* readTable(text, held, scope)
  }
}

/** One document, or one a line. */
function* readJson(text: string, held: Held, scope: Scope): Iterable<Signal> {
  let doc: Exact
  try {
    doc = parseExact(text, scope.name)
  } catch (error) {
    if (!(error instanceof Failure) || !isLines(text)) throw error
    yield* readLines(text, held, scope)
    return
  }
  const signals = readDocument(doc, held, scope, 'result')
  if (signals === undefined) throw new Failure('data', `${scope.name}: JSON, but nothing of a chain that we know`)
  yield* signals
}

/** The first line is whole, and more follow. */
function isLines(text: string): boolean {
  const end = text.indexOf('\n', text.search(/\S/))
  if (end < 0 || text.slice(end).trim() === '') return false
  try {
    parseExact(text.slice(0, end), '')
    return true
  } catch {
    return false
  }
}

function* readLines(text: string, held: Held, scope: Scope): Iterable<Signal> {
  let number = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from) < 0 ? text.length : text.indexOf('\n', from)
    const line = text.slice(from, end)
    from = end + 1
    number++
    if (line.trim() === '') continue
    const place = `line ${number}`
    let doc: Exact
    try {
      doc = parseExact(line, scope.name)
    } catch {
      scope.reject(place, 'no JSON')
      continue
    }
    const signals = readDocument(doc, held, scope, place)
    if (signals === undefined) scope.reject(place, 'nothing of a chain that we know')
    else yield* signals
  }
}

/** The readers, narrow ones first; each knows its own by what it holds. */
function readDocument(doc: Exact, held: Held, scope: Scope, place: string): Iterable<Signal> | undefined {
  return readWhaleAlert(doc, scope) ?? readExplorer(doc, held, scope, place) ?? readEtl(doc, held, scope, place) ?? readCharts(doc, scope) ??
    readBeacon(doc, scope) ?? readLlama(doc, scope) ?? readEthplorer(doc, scope) ?? readBitcoin(doc, scope, place) ??
    readRpc(doc, held, scope, place) ?? readLabels(doc, scope) ?? readBare(doc, scope)
}

function readLabels(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const rows = labelRowsOf(doc)
  return rows === undefined ? undefined : signalsOfLabels(rows, scope)
}

/** Lists of bare numbers, such as the moments at which transactions were first seen. */
function readBare(doc: Exact, scope: Scope): readonly Signal[] | undefined {
  if (!Array.isArray(doc) || doc.length === 0 || doc.some((each) => typeof each === 'object' && each !== null && !('text' in each))) return undefined
  scope.reject('list', 'bare values: no signal')
  return []
}

function* readTable(text: string, held: Held, scope: Scope): Iterable<Signal> {
  const csv = openCsv(text, scope.name)
  const etl = etlTypeOf(csv.columns)
  const read = tableOf(csv.columns) ?? poolTableOf(csv.columns)
  if (etl !== undefined) {
    for (const row of csv.rows()) {
      const cells = Object.fromEntries(csv.columns.map((column) => [column, row.cell(column)]))
      yield* readEtlRow(etl, cells, held, scope, `line ${row.line}`) ?? []
    }
  } else if (read !== undefined) yield* read(csv, scope)
  else if (isLabelTable(csv.columns)) yield* signalsOfLabels(labelRowsOfCsv(text, scope.name), scope)
  else throw new Failure('data', `${scope.name}: neither JSON nor a table of a chain that we know`)
}

/** Signals that move value, or tell that it was made or destroyed. */
const MOVES: ReadonlySet<string> = new Set(['transfer', 'mint', 'burn', 'lock', 'unlock', 'stake', 'unstake'])

function isLarge({ type, facts = {} }: Signal, { usd, amounts }: Thresholds): boolean {
  if (!MOVES.has(type)) return true
  const said = (name: string): string | undefined => (typeof facts[name] === 'string' ? facts[name] : undefined)
  const dollars = said('usd'), amount = said('amount')
  const token = said('token')
  const coin = said('coin') ?? (token === undefined ? chainNamed(said('chain') ?? '')?.coin : undefined)
  const least = amounts.get(coin ?? '') ?? amounts.get(token ?? '')
  const applies = [
    usd === undefined || dollars === undefined ? undefined : isAtLeast(dollars, usd),
    least === undefined ? undefined : amount !== undefined && isAtLeast(amount, least),
  ]
  return applies.some((each) => each === true) && !applies.includes(false)
}

/** Measures of the mempool that are watched. */
const WATCHED = ['count', 'vsize', 'bytes', 'total_fee', 'fee_fastest', 'fee_p50', 'next_fee_median'] as const

/** What of a snapshot of the mempool leaves its own past. */
export function* anomaliesOf(signal: Signal, watch: AnomalyWatch, by: string): Iterable<Signal> {
  if (signal.type !== 'mempool') return
  const atMs: Millis = millisOf(signal.at)
  for (const measure of WATCHED) {
    const said = signal.facts?.[measure]
    const value = typeof said === 'string' ? Number(said) : said
    if (typeof value !== 'number') continue
    const beyond = watch.next(measure, atMs, value)
    if (beyond !== undefined) yield anomaly(signal, measure, value, beyond, watch, by)
  }
}

const rounded = (value: number, places: number): number => Number(value.toFixed(places))

function anomaly(
  of: Signal, measure: string, value: number, { median, scale, z, observations }: Beyond, { windowMs, threshold }: AnomalyWatch, by: string,
): Signal {
  return make('signal', {
    parents: [of.id], at: of.at, known_at: of.known_at, source: of.source, by, type: 'anomaly', key: `${of.key}:${measure}`,
    ...(of.subject !== undefined && { subject: of.subject }),
    facts: {
      measure, value, median: rounded(median, 8), scale: rounded(scale, 8), z: rounded(z, 2), observations, window_s: windowMs / 1000, threshold,
    },
  })
}
