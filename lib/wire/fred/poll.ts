/** Asking FRED for what is new of a series: every vintage since the day before the last round, and once what was known before it. */
import { DAY_MS, formatInstant, type Millis, type Vanta } from '#record'
import type { Clock } from '#port/clock'
import type { Answer, Cursor, Http } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { newYorkDate } from '#domain/market/session'
import { fieldsOf, validatorsIn, validatorState } from '../cursor.ts'
import { exactId, exactObject, parseExact } from '../json_exact.ts'
import { Failure } from '#port/failure'
import { textOf } from '../text.ts'

export const FRED = 'https://api.stlouisfed.org'
/** Indices that others publish, by the names they have here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  CNN_FEAR_GREED: 'https://production.dataviz.cnn.io/index/fearandgreed/graphdata',
  CRYPTO_FEAR_GREED: 'https://api.alternative.me/fng/?limit=10',
}
export const ORIGINS: readonly string[] = [FRED, ...Object.values(ELSEWHERE).map((address) => new URL(address).origin)]


export interface FredTerms {
  /** First day of observations; all of them where it is not given. */
  readonly since: string | undefined
  /** The first round tells every vintage from this day on. */
  readonly vintages: string | undefined
}

export interface FredWorld {
  readonly clock: Clock
  readonly http: Http
  cursor(stream: string): Cursor
  read(answer: Answer): AsyncIterable<Vanta>
  credentials(...keys: readonly string[]): Promise<Credentials>
}

/** What FRED gives at most in one answer; more pages than these no series has. */
const LIMIT = 100_000
const MOST_PAGES = 20

/** All of them; what FRED says against one does not hold the others. Throws the first such Failure at the end. */
export async function* pollAll(names: readonly string[], terms: FredTerms, world: FredWorld): AsyncGenerator<Vanta> {
  let failure: Failure | undefined
  for (const series of names) {
    try {
      yield* Object.hasOwn(ELSEWHERE, series) ? pollElsewhere(series, world) : pollSeries(series, terms, world)
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'data') throw error
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
}

async function* pollElsewhere(series: string, world: FredWorld): AsyncGenerator<Vanta> {
  const remembered = world.cursor(series)
  const answer = await world.http.get({ url: ELSEWHERE[series] ?? '', validators: validatorsIn(remembered.state) })
  if (answer.status === 304) return
  yield* world.read(answer)
  await remembered.save(validatorState(answer.validators))
}

async function* pollSeries(series: string, terms: FredTerms, world: FredWorld): AsyncGenerator<Vanta> {
  const remembered = world.cursor(series)
  const { day } = fieldsOf(remembered.state)
  const today = newYorkDate(world.clock.now())
  // FRED's days are those of St. Louis, and a round may fall on either side of midnight: a day of overlap.
  const from = dayBefore(typeof day === 'string' ? day : today)
  const isFirst = typeof day !== 'string'
  const window = isFirst ? (terms.vintages ?? from) : from
  for (let page = 0; page < MOST_PAGES; page++) {
    const url = addressOf(series, window, terms.since, page * LIMIT)
    const { api_key = '' } = await world.credentials('api_key')
    const answer = await world.http.get({ url, secret: { query: { api_key } }, accepts: [400] })
    for await (const record of world.read(answer)) {
      // What stands since before the window was said in an earlier round.
      if (isFirst || (record.kind === 'signal' && record.facts?.['vintage'] !== undefined)) yield record
    }
    if ((page + 1) * LIMIT >= countIn(answer)) break
  }
  await remembered.save({ day: today })
}

function addressOf(series: string, from: string, since: string | undefined, offset: number): string {
  const query = new URLSearchParams({
    series_id: series, file_type: 'json', realtime_start: from, realtime_end: '9999-12-31', limit: String(LIMIT), offset: String(offset),
    ...(since !== undefined && { observation_start: since }),
  })
  return `${FRED}/fred/series/observations?${query.toString()}`
}

const dayBefore = (date: string): string => formatInstant((Date.parse(`${date}T00:00:00Z`) as Millis) - DAY_MS).slice(0, 10)

function countIn({ bytes, url }: Answer): number {
  try {
    return Number(exactId(exactObject(parseExact(textOf(bytes), url))?.['count']) ?? 0)
  } catch (error) {
    if (error instanceof Failure) return 0
    throw error
  }
}
