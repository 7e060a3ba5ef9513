/** What all of Polygon's REST answers have in common: errors, pages, and how trades are asked for. */
import { Failure } from '#port/failure'
import type { Clock } from '#port/clock'
import type { Answer, Cursor, Http, Service } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { newYorkDate, newYorkMillis } from '#domain/market/session'
import type { Millis } from '#record'
import { exactList, exactString, parseExact, type Exact } from './json_exact.ts'
import { membersOf, wordOf } from './json_fields.ts'

export const POLYGON: Service = { name: 'polygon', origins: ['https://api.polygon.io'], rate: { requests: 60, perMs: 60_000 } }

/** No answer of ours has more pages. */
const MOST_PAGES = 500

export interface PageAsking {
  httpOf(service: Service): Http
  credentials(...keys: readonly string[]): Promise<Credentials>
}

/**
 * All pages of a list. A page names the next one by address: only the cursor in it is used, on the service's own address,
 * and a cursor that comes again ends the list.
 */
export async function pagesOf(path: string, service: Service, world: PageAsking): Promise<readonly Answer[]> {
  const { polygon_key: key = '' } = await world.credentials('polygon_key')
  const http = world.httpOf(service)
  const origin = service.origins[0] ?? '', bare = path.replace(/\?.*$/, '')
  const answers: Answer[] = [], met = new Set<string>()
  for (let ask = path; answers.length < MOST_PAGES;) {
    const answer = await http.get({ url: `${origin}${ask}`, secret: { query: { apiKey: key } } })
    answers.push(answer)
    const cursor = cursorIn(exactString(membersOf(parseExact(answer.bytes.toString(), answer.url))['next_url']))
    if (cursor === undefined || met.has(cursor)) return answers
    met.add(cursor)
    ask = `${bare}?cursor=${encodeURIComponent(cursor)}`
  }
  throw new Failure('data', `${origin}${bare}: more than ${MOST_PAGES} pages`)
}

function cursorIn(address: string | undefined): string | undefined {
  const encoded = /[?&]cursor=([^&#]{1,4000})/.exec(address ?? '')?.[1]
  if (encoded === undefined) return undefined
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

const NANOSECONDS = 1_000_000n

/**
 * The trades of one ticker from a little before the last one heard on, at first from `sinceMs` or the day's beginning in New York. Save
 * what `newest` says once all has been yielded.
 */
export async function tradesOf(
  ticker: string, sinceMs: Millis | undefined, overlapMs: Millis, service: Service, world: TradeAsking,
): Promise<Trades> {
  const cursor = world.cursor(`${service.name}/trades/${ticker}`), { state } = cursor
  const heard = typeof state === 'string' && /^\d{1,19}$/.test(state) ? BigInt(state) : undefined
  const firstMs = sinceMs ?? newYorkMillis(newYorkDate(world.clock.now()), 0, 0) ?? 0
  const from = heard === undefined ? BigInt(firstMs) * NANOSECONDS : heard - BigInt(overlapMs) * NANOSECONDS
  const answers = await pagesOf(`/v3/trades/${ticker}?timestamp.gte=${from}&order=asc&sort=timestamp&limit=50000`, service, world)
  const newest = answers.flatMap(stampsIn).reduce((latest, stamp) => (stamp > latest ? stamp : latest), heard ?? from)
  return { answers, save: () => cursor.save(String(newest)) }
}

export interface TradeAsking extends PageAsking {
  readonly clock: Clock
  cursor(stream: string): Cursor
}
export interface Trades {
  readonly answers: readonly Answer[]
  /** Go on from the newest of them the next time. */
  save(): Promise<void>
}

const stampsIn = ({ bytes, url }: Answer): bigint[] => (exactList(membersOf(parseExact(bytes.toString(), url))['results']) ?? []).flatMap((row) => {
  const stamp = wordOf(membersOf(row)['sip_timestamp']) ?? ''
  return /^\d{19}$/.test(stamp) ? [BigInt(stamp)] : []
})

/** What an error says, or undefined where the answer is none. */
export function polygonError(answer: Exact): string | undefined {
  const object = membersOf(answer), status = exactString(object['status'])
  if (status === undefined || !/^(ERROR|NOT_AUTHORIZED|NOT_FOUND)$/.test(status)) return undefined
  return exactString(object['error']) ?? exactString(object['message']) ?? status
}
