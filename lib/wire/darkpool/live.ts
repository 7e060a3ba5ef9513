/** How FINRA's daily files and weekly summaries, and Polygon's trades, are asked for. */
import { newYorkDate, newYorkMillis } from '#domain/market/session'
import { tradingDayFrom, tradingDayUntil } from '#domain/market/calendar'
import { Failure } from '#port/failure'
import type { Clock } from '#port/clock'
import type { Log } from '#port/log'
import type { Answer, Cursor, Http, Service } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { DAY_MS, formatInstant, millisOf, type Json, type Millis, type Vanta } from '#record'
import { exactList, parseExact, type Exact } from '../json_exact.ts'
import { membersOf, wordOf } from '../json_fields.ts'
import { dayText } from '../market_day.ts'
import { POLYGON, tradesOf } from '../polygon.ts'

export const FINRA_FILES: Service = { name: 'finra_files', origins: ['https://cdn.finra.org'], rate: { requests: 60, perMs: 60_000 } }
export const FINRA_API: Service = { name: 'finra_api', origins: ['https://api.finra.org'], rate: { requests: 100, perMs: 60_000 } }

export interface Asking {
  readonly clock: Clock
  readonly log: Log
  httpOf(service: Service): Http
  credentials(...keys: readonly string[]): Promise<Credentials>
  optionalCredentials(...keys: readonly string[]): Promise<Credentials | undefined>
  cursor(stream: string): Cursor
  read(answers: Answer | readonly Answer[]): AsyncIterable<Vanta>
}

export interface Wanted {
  readonly what: 'daily' | 'weekly' | 'trades'
  readonly symbols: readonly string[] | undefined
  /** `CNMS` is all facilities together. */
  readonly facility: string
  readonly tier: string
  readonly summary: string
  readonly sinceMs: Millis | undefined
  readonly untilMs: Millis | undefined
}

export async function* askDarkpool(wanted: Wanted, world: Asking): AsyncGenerator<Vanta> {
  if (wanted.what === 'daily') return yield* askDaily(wanted, world)
  if (wanted.what === 'weekly') {
    for (const symbol of wanted.symbols ?? [undefined]) yield* askWeekly(symbol, wanted, world)
    return
  }
  if (wanted.symbols === undefined) throw new Failure('usage', '--symbol is required: whose trades to ask for')
  for (const symbol of wanted.symbols) {
    const { answers, save } = await tradesOf(encodeURIComponent(symbol), wanted.sinceMs, OVERLAP_MS, POLYGON, world)
    yield* world.read(answers)
    await save()
  }
}

const OVERLAP_MS = 2000
/** At the first run so many days back, unless `--since` says. */
const FIRST_DAYS = 7
/** By then the day's file is posted, New York. */
const POSTED_HOUR = 18
/** A file that has not come in so long never will. */
const GIVEN_UP_AFTER_MS = 14 * DAY_MS

/** The next day to ask for, and the days that were asked for and not there, with the moment when that was first seen. */
interface DailyState {
  readonly next: string
  readonly missing: { readonly [date: string]: string }
}

const dateOf = (day: number): string => formatInstant(day * DAY_MS).slice(0, 10)
const dayOf = (date: string): number => millisOf(`${date}T00:00:00Z`) / DAY_MS

function dailyState(state: Json | undefined, first: string): DailyState {
  const fields = typeof state === 'object' && state !== null && !Array.isArray(state) ? (state as { readonly [name: string]: Json }) : {}
  const { next, missing } = fields
  const known = typeof missing === 'object' && missing !== null && !Array.isArray(missing) ? Object.entries(missing) : []
  return {
    next: typeof next === 'string' && dayText(next) === next ? next : first,
    missing: Object.fromEntries(known.flatMap(([date, since]) => (dayText(date) === date && typeof since === 'string' ? [[date, since]] : []))),
  }
}

/**
 * One file a trading day, oldest first. A day whose file is not there (403 or 404 before it is posted), or broken, is asked for again in
 * every round until it has come, while later days go on.
 */
async function* askDaily({ facility, sinceMs, untilMs }: Wanted, world: Asking): AsyncGenerator<Vanta> {
  const nowMs = world.clock.now(), http = world.httpOf(FINRA_FILES)
  const cursor = world.cursor(`finra/daily/${facility}`)
  const first = formatInstant(sinceMs ?? nowMs - FIRST_DAYS * DAY_MS).slice(0, 10)
  let { next, missing } = dailyState(cursor.state, first)
  const last = Math.min(lastPosted(nowMs), untilMs === undefined ? Infinity : Math.floor(untilMs / DAY_MS))
  const dates = [...Object.keys(missing), ...tradingDates(dayOf(next), last)]
  let failure: Failure | undefined
  for (const date of new Set(dates.sort())) {
    let isThere = false
    try {
      const file = `${facility}shvol${date.replaceAll('-', '')}.txt`
      const answer = await http.get({ url: `${FINRA_FILES.origins[0] ?? ''}/equity/regsho/daily/${file}`, accepts: [403, 404] })
      isThere = answer.status < 400
      if (isThere) yield* world.read(answer)
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'data') throw error
      if (failure !== undefined) world.log.warn(failure.message)
      failure = error
      isThere = false
    }
    const { [date]: since, ...others } = missing
    missing = isThere || isGivenUp(date, since, nowMs, world.log) ? others : { ...others, [date]: since ?? formatInstant(nowMs) }
    if (date >= next) next = dateOf(dayOf(date) + 1)
    await cursor.save({ next, missing: { ...missing } })
  }
  if (failure !== undefined) throw failure
}

function isGivenUp(date: string, since: string | undefined, nowMs: Millis, log: Log): boolean {
  if (since === undefined || nowMs - Date.parse(since) < GIVEN_UP_AFTER_MS) return false
  log.warn(`the file of ${date} has not come since ${since}: no longer asked for`)
  return true
}

/** The last day whose file is due. */
function lastPosted(nowMs: Millis): number {
  const today = newYorkDate(nowMs)
  const isPosted = nowMs >= (newYorkMillis(today, POSTED_HOUR, 0) ?? Infinity)
  return tradingDayUntil(dayOf(today) - (isPosted ? 0 : 1))
}

function* tradingDates(fromDay: number, toDay: number): Generator<string> {
  for (let day = tradingDayFrom(fromDay); day <= toDay; day = tradingDayFrom(day + 1)) yield dateOf(day)
}

const PAGE = 5000
const MOST_PAGES = 200
/** At the first run so many of the latest weeks, unless `--since` says. */
const FIRST_WEEKS = 4

/** The weeks that are published, then each that is new, oldest first, page by page; all pages of a week are read as one. */
async function* askWeekly(symbol: string | undefined, { tier, summary, sinceMs, untilMs }: Wanted, world: Asking): AsyncGenerator<Vanta> {
  const cursor = world.cursor(['finra/weekly', summary, tier, ...(symbol === undefined ? [] : [symbol])].join('/'))
  const done = typeof cursor.state === 'string' ? cursor.state : undefined
  const filters = [['summaryTypeCode', summary], ['tierIdentifier', tier]] as const
  const listed = await post('weeklyDownloadDetails', filters, 0, world)
  const weeks = [...new Set(rowsIn(listed).flatMap((row) => dayText(wordOf(membersOf(row)['weekStartDate'])) ?? []))].sort()
  const since = done ?? (sinceMs === undefined ? weeks.at(-FIRST_WEEKS - 1) : formatInstant(sinceMs - DAY_MS).slice(0, 10)) ?? ''
  const until = untilMs === undefined ? undefined : formatInstant(untilMs).slice(0, 10)
  for (const week of weeks.filter((each) => each > since && (until === undefined || each <= until))) {
    const bySymbol = symbol === undefined ? [] : [['issueSymbolIdentifier', symbol] as const]
    yield* world.read(await pagesOf([...filters, ['weekStartDate', week], ...bySymbol], world))
    await cursor.save(week)
  }
}

type Filters = readonly (readonly [field: string, value: string])[]

/** Until a page is not full, or says what the one before said. */
async function pagesOf(filters: Filters, world: Asking): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let offset = 0; answers.length < MOST_PAGES; offset += PAGE) {
    const answer = await post('weeklySummary', filters, offset, world)
    if (answer.status === NO_CONTENT || answers.at(-1)?.bytes.equals(answer.bytes) === true) return answers
    answers.push(answer)
    if (rowsIn(answer).length < PAGE) return answers
  }
  throw new Failure('data', `weeklySummary: more than ${MOST_PAGES} pages`)
}

async function post(name: string, filters: Filters, offset: number, world: Asking): Promise<Answer> {
  const { finra_token: token } = await world.optionalCredentials() ?? {}
  const compareFilters = filters.map(([fieldName, fieldValue]) => ({ compareType: 'EQUAL', fieldName, fieldValue }))
  return world.httpOf(FINRA_API).get({
    url: `${FINRA_API.origins[0] ?? ''}/data/group/otcMarket/name/${name}`, method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ compareFilters, limit: PAGE, offset }),
    ...(token !== undefined && token !== '' && { secret: { headers: { authorization: `Bearer ${token}` } } }),
  })
}

/** How the interface says that nothing matches. */
const NO_CONTENT = 204

function rowsIn({ status, bytes, url }: Answer): readonly Exact[] {
  if (status === NO_CONTENT) return []
  const rows = exactList(parseExact(bytes.toString(), url))
  if (rows === undefined) throw new Failure('data', `${url}: expected a list`)
  return rows
}
