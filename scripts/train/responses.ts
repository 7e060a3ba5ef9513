/** What prices did in the sessions after each reading, beside the mean of all that were traded: what half-lives are learned from and judged by. */
import { join } from 'node:path'
import { DAY_MS, millisOf, type Bar, type Millis, type Signal } from '#record'
import { strengthOf } from '#domain/conviction/evidence'
import { priorOfReading, UNSTATED_MAGNITUDE } from '#domain/conviction/priors'
import type { Response } from '#domain/outcome/half_life'
import { bisect } from '#domain/lookup/bisect'
import { recordsOf, root, type Replay } from '../reason/replayed.ts'

const INSIDER = ['insider/openinsider_ceo_buys_2012_2021.csv.gz', 'insider/openinsider_cfo_buys_2017_2021.csv.gz']
const SUBREDDITS = ['reddit/stock_subs_submissions_2018h1.ndjson.gz']
const BARS = ['daily_us_2014_2021', 'daily_insider_smallcaps_2017_2021', 'daily_delisted_2014_2020', 'spy_daily_adj_2010_2021'].map((name) => `bars/${name}.csv.gz`)
export const NEEDS = [...INSIDER, ...SUBREDDITS, ...BARS]

/** Purchases of insiders and the subreddits of 2018, with daily bars. */
export const years = (data: string, pipeline: readonly string[]): Replay => ({
  data: { insider: INSIDER.map((path) => join(data, path)), reddit: SUBREDDITS.map((path) => join(data, path)), bars: BARS.map((path) => join(data, path)) },
  from: '2014-01-01', to: '2020-12-31', source: 'reddit,insider', pipeline,
})
/** The shipped season, with bars a month longer. */
export const season = (pipeline: readonly string[]): Replay =>
  ({ data: join(root, 'samples', 'season'), from: '2020-11-25', to: '2021-01-17', barsTo: '2021-02-16', source: 'reddit,insider', pipeline })

export interface Heard {
  readonly readings: readonly Signal[]
  readonly bars: readonly Bar[]
}

/** First statements of readings that some maker reads, and daily bars. */
export async function heardIn(replay: Replay): Promise<Heard> {
  const readings: Signal[] = [], bars: Bar[] = []
  const keys = new Set<string>()
  for await (const record of recordsOf(replay, ['signal', 'bar'])) {
    if (record.kind === 'bar' && record.span === '1d') bars.push(record)
    if (record.kind !== 'signal' || record.subject === undefined || priorOfReading(record.type) === undefined || (record.polarity ?? 0) === 0) continue
    if (keys.has(record.key)) continue
    keys.add(record.key)
    readings.push(record)
  }
  return { readings, bars }
}

interface Sessions {
  readonly openMs: Millis[]
  readonly open: number[]
  readonly close: number[]
}

/** One day's move of one ticker tells of little beyond this: earnings, takeovers. */
const LARGEST = 0.15
/** Sessions that are looked at, in half-lives of the prior. */
const HALF_LIVES = 4

export interface Answer extends Response {
  readonly maker: string
  readonly source: string
}

/** Of readings known within the span, from bars known within it. */
export function responsesOf({ readings, bars }: Heard, since: string, until: string): Answer[] {
  const bySubject = new Map<string, Sessions>()
  const market = { within: new Map<Millis, number[]>(), across: new Map<Millis, number[]>() }
  for (const bar of bars) {
    if (bar.known_at >= until) continue
    const sessions = bySubject.get(bar.subject) ?? { openMs: [], open: [], close: [] }
    bySubject.set(bar.subject, sessions)
    const ms = millisOf(bar.at), open = Number(bar.open), close = Number(bar.close), before = sessions.close.at(-1)
    if (!(open > 0 && close > 0)) continue
    sessions.openMs.push(ms)
    sessions.open.push(open)
    sessions.close.push(close)
    push(market.within, ms, close / open - 1)
    if (before !== undefined) push(market.across, ms, close / before - 1)
  }
  const means = { within: meansOf(market.within), across: meansOf(market.across) }
  return readings.flatMap((reading) => {
    const prior = priorOfReading(reading.type), sessions = bySubject.get(reading.subject ?? '')
    if (prior === undefined || sessions === undefined || reading.known_at < since || reading.known_at >= until) return []
    const atMs = millisOf(reading.at), knownMs = millisOf(reading.known_at)
    const first = bisect(0, sessions.openMs.length, (place) => (sessions.openMs[place] ?? Infinity) < knownMs)
    const after: { ageMs: Millis; move: number }[] = []
    for (let i = first; i < sessions.openMs.length; i++) {
      const openMs = sessions.openMs[i] ?? 0
      if (openMs - atMs > HALF_LIVES * prior.halfLifeMs) break
      const from = i === first ? sessions.open[i] : sessions.close[i - 1]
      const mean = (i === first ? means.within : means.across).get(openMs) ?? 0
      const move = (sessions.close[i] ?? 0) / (from ?? 1) - 1 - mean
      after.push({ ageMs: Math.max(0, openMs + 3 * 3_600_000 - atMs), move: Math.max(-LARGEST, Math.min(LARGEST, move)) })
    }
    if (after.length === 0) return []
    const strength = strengthOf(prior, reading.polarity ?? 0, reading.magnitude ?? UNSTATED_MAGNITUDE)
    return [{ maker: prior.maker, source: reading.source, cluster: String(Math.floor(knownMs / (7 * DAY_MS))), strength, after }]
  })
}

function push(map: Map<Millis, number[]>, key: Millis, value: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

const meansOf = (lists: ReadonlyMap<Millis, readonly number[]>): Map<Millis, number> =>
  new Map([...lists].map(([key, values]) => [key, values.reduce((sum, value) => sum + value, 0) / values.length] as const))

/** By maker and source, those with enough to say something. */
export function bySource(answers: readonly Answer[], least: number): [maker: string, source: string, answers: Answer[]][] {
  const groups = new Map<string, Answer[]>()
  for (const answer of answers) {
    const name = `${answer.maker} ${answer.source}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [answer])
    else group.push(answer)
  }
  return [...groups.values()].filter((group) => group.length >= least)
    .map((group): [string, string, Answer[]] => [group[0]?.maker ?? '', group[0]?.source ?? '', group])
    .sort(([a, b], [c, d]) => (`${a} ${b}` < `${c} ${d}` ? -1 : 1))
}

/** Until when half-lives of a source are learned; what came later judges them. */
export const learnedUntil = (source: string): string => (source.startsWith('reddit/') ? '2018-04-01T00:00:00.000Z' : '2019-01-01T00:00:00.000Z')
