/** Services asked over REST: explorers of accounts, Whale Alert, mempool.space. */
import type { Json, Millis, Vanta } from '#record'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '#record'
import { AnomalyWatch, type WatchState } from '#domain/chain/anomaly'
import { Failure } from '#port/failure'
import type { Answer, Service, Validators } from '#port/outside'
import { exactList, exactNumber, exactObject, parseExact, type ExactObject } from '../json_exact.ts'
import { textOf } from '../text.ts'
import { RATE_LIMITED } from './explorer.ts'
import type { Asking } from './live_rpc.ts'
import { anomaliesOf } from './payload.ts'
import { integer, text } from './signals.ts'

type State = { readonly [name: string]: Json }
const stateOf = (state: Json | undefined): State => (typeof state === 'object' && state !== null && !Array.isArray(state) ? (state as State) : {})

export const EXPLORER = 'https://api.etherscan.io'
export const EXPLORER_SERVICE: Service = { name: 'etherscan', origins: [EXPLORER], rate: { requests: 3, perMs: SECOND_MS } }
/** Explorers give 10 000 rows of one question at most: ten pages. */
const ROWS = 1000, MOST_PAGES = 10
/** Times that one question is asked again where the explorer wants to be asked more slowly. */
const MOST_TRIES = 4

export interface ExplorerTerms {
  readonly chainId: number
  readonly addresses: readonly string[]
  readonly key: string
  pause(ms: Millis): Promise<void>
}

const ACTIONS = ['txlist', 'tokentx', 'txlistinternal'] as const

/** Everything that the accounts moved since the last block that was read of each. */
export async function* explorerRound(terms: ExplorerTerms, asking: Asking): AsyncGenerator<Vanta> {
  for (const address of terms.addresses) {
    for (const action of ACTIONS) yield* account(address, action, terms, asking)
  }
}

/** Pages from a block on; where they are at their end and rows are not, the last block is where the next question begins. */
async function* account(address: string, action: string, terms: ExplorerTerms, asking: Asking): AsyncGenerator<Vanta> {
  const cursor = asking.cursor(`explorer/${terms.chainId}/${address}/${action}`)
  let start = integer(String(stateOf(cursor.state)['block'] ?? '0')) ?? 0n
  for (;;) {
    let last = start
    let isFull = false
    for (let page = 1; page <= MOST_PAGES; page++) {
      const place = `startblock=${start}&endblock=9999999999&page=${page}&offset=${ROWS}&sort=asc`
      const query = `chainid=${terms.chainId}&module=account&action=${action}&address=${address}&${place}`
      const { answer, rows } = await question(`${EXPLORER}/v2/api?${query}`, terms, asking)
      yield* asking.read([answer])
      for (const row of rows) {
        const block = integer(row['blockNumber'])
        if (block !== undefined && block > last) last = block
      }
      isFull = rows.length >= ROWS
      if (!isFull) break
    }
    await cursor.save({ block: last.toString() })
    if (!isFull || last === start) return
    start = last
  }
}

/** "Max rate limit reached" comes with status 200 and is asked again, more slowly. */
async function question(url: string, terms: ExplorerTerms, asking: Asking): Promise<{
  readonly answer: Answer; readonly rows: readonly ExactObject[],
}> {
  for (let tries = 1; ; tries++) {
    const answer = await asking.http.get({ url, secret: { query: { apikey: terms.key } } })
    const doc = exactObject(parseExact(textOf(answer.bytes), url))
    const result = doc?.['result']
    if (doc === undefined || !('status' in doc)) throw new Failure('data', `${url}: no answer of an explorer`)
    if (typeof result !== 'string') return { answer, rows: (exactList(result) ?? []).map((row) => exactObject(row) ?? {}) }
    if (/invalid api key|missing.*api key/i.test(result)) throw new Failure('config', `the explorer refused: ${result.slice(0, 200)}`)
    if (!RATE_LIMITED.test(result)) throw new Failure('upstream', `the explorer refused: ${result.slice(0, 200)}`)
    if (tries === MOST_TRIES) throw new Failure('again', `the explorer refused: ${result.slice(0, 200)}`)
    await terms.pause(tries * SECOND_MS)
  }
}

export const WHALE_ALERT = 'https://api.whale-alert.io'
export const WHALE_ALERT_SERVICE: Service = { name: 'whale_alert', origins: [WHALE_ALERT], rate: { requests: 10, perMs: MINUTE_MS } }
const ALERTS = 100, MOST_ALERT_PAGES = 50

export interface WhaleAlertTerms {
  readonly key: string
  /** In dollars. */
  readonly least: string
  readonly nowMs: Millis
}

/** Pages by cursor. One that brings nothing, or no new cursor, ends it. */
export async function* whaleAlertRound({ key, least, nowMs }: WhaleAlertTerms, asking: Asking): AsyncGenerator<Vanta> {
  const cursor = asking.cursor('whale_alert')
  const state = stateOf(cursor.state)
  // The free plan goes back an hour.
  const start = typeof state['start'] === 'string' ? state['start'] : String(Math.floor((nowMs - HOUR_MS) / SECOND_MS) + 60)
  let place = typeof state['cursor'] === 'string' ? state['cursor'] : undefined
  for (let page = 1; page <= MOST_ALERT_PAGES; page++) {
    const at = place === undefined ? '' : `&cursor=${encodeURIComponent(place)}`
    const url = `${WHALE_ALERT}/v1/transactions?min_value=${least}&start=${start}&limit=${ALERTS}${at}`
    const answer = await asking.http.get({ url, secret: { query: { api_key: key } } })
    yield* asking.read([answer])
    const doc = exactObject(parseExact(textOf(answer.bytes), url))
    const next = text(doc?.['cursor'])
    const found = exactNumber(doc?.['count']) ?? exactList(doc?.['transactions'])?.length ?? 0
    const isNew = next !== undefined && next !== place
    place = next ?? place
    await cursor.save({ start, ...(place !== undefined && { cursor: place }) })
    if (found < ALERTS || !isNew) return
  }
}

export const MEMPOOL = 'https://mempool.space'

export interface MempoolTerms {
  readonly windowMs: Millis
  readonly threshold: number
}

/** The queue, what it costs to be first in it, the newest transactions and blocks. The watch over it outlives the process. */
export async function* mempoolRound({ windowMs, threshold }: MempoolTerms, asking: Asking): AsyncGenerator<Vanta> {
  const memory = asking.cursor('mempool/watch')
  const watch = new AnomalyWatch(windowMs, threshold, watchStateOf(memory.state))
  for (const path of ['/api/mempool', '/api/v1/fees/recommended', '/api/v1/fees/mempool-blocks', '/api/mempool/recent', '/api/v1/blocks']) {
    const cursor = asking.cursor(`mempool${path}`)
    const { etag, lastModified } = stateOf(cursor.state)
    const validators: Validators = { ...(typeof etag === 'string' && { etag }), ...(typeof lastModified === 'string' && { lastModified }) }
    const answer = await asking.http.get({ url: MEMPOOL + path, validators })
    if (answer.status === 304) continue
    for await (const record of asking.read([answer])) {
      yield record
      if (record.kind === 'signal') yield* anomaliesOf(record, watch, asking.by)
    }
    await cursor.save({ ...answer.validators })
  }
  await memory.save(Object.fromEntries(Object.entries(watch.state()).map(([measure, { at, values, side }]) => [measure, { at, values, side }])))
}

function watchStateOf(state: Json | undefined): WatchState {
  const numbers = (value: Json | undefined): number[] =>
    (Array.isArray(value) ? (value as readonly Json[]) : []).filter((each) => typeof each === 'number')
  return Object.fromEntries(Object.entries(stateOf(state)).flatMap(([measure, past]) => {
    const { at, values, side } = stateOf(past)
    const times = numbers(at), said = numbers(values)
    return times.length === said.length ? [[measure, { at: times, values: said, side: typeof side === 'number' ? side : 0 }]] : []
  }))
}
