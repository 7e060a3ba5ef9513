/** How chains and prints are asked for: Cboe's pages, Tradier's chains by expiry, Polygon's chains and trades page by page. */
import { SWEEP_WINDOW_MS } from '#domain/market/sweep'
import { parseOptionSymbol } from '#domain/market/option_symbol'
import { Failure } from '#port/failure'
import type { Clock } from '#port/clock'
import type { Answer, Cursor, Http, Service } from '#port/outside'
import type { Credentials } from '#port/secrets'
import type { Millis, Vanta } from '#record'
import { parseExact, type Exact } from '../json_exact.ts'
import { manyOf, membersOf, wordsOf } from '../json_fields.ts'
import { dayText } from '../market_day.ts'
import { pagesOf, POLYGON, tradesOf } from '../polygon.ts'
import { validatorsIn, validatorState } from '../cursor.ts'

/** What asking needs of the world. */
export interface Asking {
  readonly clock: Clock
  httpOf(service: Service): Http
  credentials(...keys: readonly string[]): Promise<Credentials>
  cursor(stream: string): Cursor
  read(answers: Answer | readonly Answer[]): AsyncIterable<Vanta>
}

const MINUTE_MS = 60_000
export const CBOE: Service = { name: 'cboe', origins: ['https://cdn.cboe.com'], rate: { requests: 30, perMs: MINUTE_MS } }
export const TRADIER: Service = { name: 'tradier', origins: ['https://api.tradier.com'], rate: { requests: 110, perMs: MINUTE_MS } }
export const TRADIER_SANDBOX: Service = {
  name: 'tradier_sandbox', origins: ['https://sandbox.tradier.com'], rate: { requests: 55, perMs: MINUTE_MS },
}

export type Asked = 'cboe' | 'tradier' | 'tradier_sandbox' | 'polygon'

export interface Wanted {
  readonly service: Asked
  readonly symbols: readonly string[]
  /** So many of the nearest expiries, where a service is asked expiry by expiry. */
  readonly expiries: number
  readonly sinceMs: Millis | undefined
}

/** One round over all symbols. */
export async function* askOptions(wanted: Wanted, world: Asking): AsyncGenerator<Vanta> {
  for (const symbol of wanted.symbols) {
    if (wanted.service === 'cboe') yield* askCboe(symbol, world)
    else if (wanted.service !== 'polygon') yield* askTradier(symbol, wanted, world)
    else if (parseOptionSymbol(symbol) === undefined) yield* askChain(symbol, world)
    else yield* askTrades(symbol, wanted.sinceMs, world)
  }
}

/** Cboe puts an underscore before the names of indices. */
const INDICES: ReadonlySet<string> = new Set(['SPX', 'XSP', 'VIX', 'NDX', 'XND', 'RUT', 'MRUT', 'DJX', 'OEX', 'XEO', 'SPESG', 'CBTX', 'MBTX'])

async function* askCboe(symbol: string, world: Asking): AsyncGenerator<Vanta> {
  const bare = symbol.replace(/^[_^$]/, '')
  const cursor = world.cursor(`cboe/${bare}`)
  const url = `${CBOE.origins[0] ?? ''}/api/global/delayed_quotes/options/${INDICES.has(bare) ? '_' : ''}${encodeURIComponent(bare)}.json`
  const answer = await world.httpOf(CBOE).get({ url, validators: validatorsIn(cursor.state) })
  if (answer.status === 304) return
  yield* world.read(answer)
  await cursor.save(validatorState(answer.validators))
}

/** The expiries, then the chain of each; one parser reads them all, so that they give one term structure. */
async function* askTradier(symbol: string, { service, expiries }: Wanted, world: Asking): AsyncGenerator<Vanta> {
  const { tradier_token: token = '' } = await world.credentials('tradier_token')
  const terms = service === 'tradier' ? TRADIER : TRADIER_SANDBOX
  const http = world.httpOf(terms)
  const get = (path: string): Promise<Answer> => http.get({
    url: `${terms.origins[0] ?? ''}/v1/markets/options/${path}`, headers: { accept: 'application/json' },
    secret: { headers: { authorization: `Bearer ${token}` } },
  })
  const listed = await get(`expirations?symbol=${encodeURIComponent(symbol)}&includeAllRoots=true`)
  const dates = wordsOf(expiriesIn(parseExact(listed.bytes.toString(), listed.url), listed.url)).filter((date) => dayText(date) === date).sort()
  const answers: Answer[] = []
  for (const date of dates.slice(0, expiries)) answers.push(await get(`chains?symbol=${encodeURIComponent(symbol)}&expiration=${date}&greeks=true`))
  yield* world.read(answers)
}

function expiriesIn(answer: Exact, url: string): readonly Exact[] {
  const object = membersOf(answer)
  if (!('expirations' in object)) throw new Failure('data', `${url}: no list of expiries`)
  return manyOf(membersOf(object['expirations'])['date'])
}

/** A page holds at most 250 contracts. */
async function* askChain(symbol: string, world: Asking): AsyncGenerator<Vanta> {
  const answers = await pagesOf(`/v3/snapshot/options/${encodeURIComponent(symbol)}?limit=250`, POLYGON, world)
  yield* world.read(answers)
}

/** What is asked for again each time: so long a sweep may have been under way. */
const OVERLAP_MS = 2 * SWEEP_WINDOW_MS

async function* askTrades(symbol: string, sinceMs: Millis | undefined, world: Asking): AsyncGenerator<Vanta> {
  const { answers, save } = await tradesOf(`O:${parseOptionSymbol(symbol)?.symbol ?? symbol}`, sinceMs, OVERLAP_MS, POLYGON, world)
  yield* world.read(answers)
  await save()
}
