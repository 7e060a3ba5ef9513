/**
 * Daily bars of American shares, 2014 to 2020, walking forward: what forecasts of the level are worth beside the last price, and what beliefs of momentum are
 * worth after costs. Every setting is the tool's default; dates and tickers are taken at fixed distances.
 */
import { join } from 'node:path'
import { DAY_MS, make, type Bar, type Belief } from '#record'
import { forecasterNamed } from '#domain/forecast/methods'
import { MomentumBeliefs, STYLES } from '#domain/forecast/momentum'
import { sampled, type Asked, type Part, type Rival, type Score } from '../../scripts/reason/score.ts'
import { intervalOf, total } from './lib/by_date.ts'
import { csvOf } from './lib/shared.ts'

const FILE = 'daily_us_2014_2021.csv.gz', UNTIL = '2021-01-01'
/** Sessions of the past that a forecaster is given, between origins, and ahead. */
const PAST = 500, APART = 40, AHEAD = 20
/** One ticker in so many is forecast; momentum reads all. */
const EVERY = 16
const METHODS = ['theta', 'ets', 'ar', 'auto']
/** Of the price, each way: spread, impact and fees of liquid shares. */
const COST = 0.001
const HORIZON = 20

interface Session {
  readonly day: string
  readonly open: number
  readonly close: number
}

function sharesOf(path: string): Map<string, Session[]> {
  const shares = new Map<string, Session[]>()
  for (const [day = '', ticker = '', open, , , close] of csvOf(path).rows) {
    if (day >= UNTIL) continue
    const known = shares.get(ticker)
    const session = { day, open: Number(open), close: Number(close) }
    if (known === undefined) shares.set(ticker, [session])
    else known.push(session)
  }
  return shares
}

async function levels(shares: Map<string, Session[]>, asked: Asked): Promise<Score[]> {
  const scores: Score[] = []
  const chosen = sampled([...shares.keys()].sort().filter((_, i) => i % EVERY === 0), asked, 16)
  for (const method of METHODS) {
    const forecaster = forecasterNamed(method)
    const dates = new Map<string, { off: number; naive: number; inside: number; n: number }>()
    for (const ticker of chosen) {
      const sessions = shares.get(ticker) ?? []
      for (let origin = PAST; origin + AHEAD <= sessions.length; origin += APART) {
        const values = Float64Array.from(sessions.slice(origin - PAST, origin), ({ close }) => Math.log(close))
        const forecast = await forecaster?.forecast({ values }, { horizon: AHEAD, season: 1, seed: 1 })
        const day = sessions[origin - 1]?.day.slice(0, 7) ?? ''
        const date = dates.get(day) ?? { off: 0, naive: 0, inside: 0, n: 0 }
        dates.set(day, date)
        for (let k = 0; k < AHEAD; k++) {
          const value = Math.log(sessions[origin + k]?.close ?? NaN)
          date.off += Math.abs(value - (forecast?.mean[k] ?? NaN))
          date.naive += Math.abs(value - (values[PAST - 1] ?? NaN))
          date.inside += value >= (forecast?.quantiles[0]?.[k] ?? NaN) && value <= (forecast?.quantiles[8]?.[k] ?? NaN) ? 1 : 0
          date.n++
        }
      }
    }
    const byDate = [...dates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, date]) => date)
    const rows = byDate.reduce((sum, { n }) => sum + n, 0)
    const said = { part: `forecast ${method}`, set: 'daily shares 2014-2020', split: 'walk-forward, 20 sessions ahead', rows }
    const skill = byDate.map(({ off, naive }) => [naive - off, naive] as const), covered = byDate.map(({ inside, n }) => [inside, n] as const)
    for (const [metric, sums, rival] of [
      ['skill against naive (MAE)', skill, ['naive', 0]], ['coverage of the 80 % interval', covered, ['nominal', 0.8]],
    ] as const) {
      const spread = intervalOf(sums, 3, `${method}:${metric}`)
      scores.push({ ...said, metric, ours: total(sums), ...(spread && { interval: spread }), rivals: [{ name: rival[0], value: rival[1], how: 'measured' }] })
    }
  }
  return scores
}

function momentum(shares: Map<string, Session[]>): Score[] {
  const beliefs = new MomentumBeliefs({ by: 'bench/1', styles: STYLES, horizon: HORIZON })
  const all = [...shares].flatMap(([ticker, sessions]) => sessions.map((session, i) => ({ ticker, session, i }))).sort((a, b) =>
    (a.session.day < b.session.day ? -1 : a.session.day > b.session.day ? 1 : a.ticker < b.ticker ? -1 : 1))
  const placed = new Map<string, number>(), said: { belief: Belief; place: number }[] = []
  const hear = (found: readonly Belief[]): void => {
    for (const belief of found) if (belief.log_odds > 0) said.push({ belief, place: placed.get(belief.subject) ?? 0 })
  }
  for (const { ticker, session, i } of all) {
    const bar = barOf(ticker, session)
    hear(beliefs.until(Date.parse(bar.known_at)))
    beliefs.bar(bar)
    placed.set(bar.subject, i)
  }
  return STYLES.flatMap((style): Score[] => {
    const dates = new Map<string, { net: number; hits: number; n: number }>()
    for (const { belief, place } of said) {
      const sessions = shares.get(belief.subject.slice('ticker:'.length)) ?? []
      const entry = sessions[place + 1]?.open, exit = sessions[place + HORIZON]?.close
      if (belief.maker !== `momentum_${style}` || entry === undefined || exit === undefined || !(entry > 0)) continue
      const move = (exit / entry - 1) * (belief.direction === 'up' ? 1 : -1)
      const date = dates.get(belief.at) ?? { net: 0, hits: 0, n: 0 }
      dates.set(belief.at, date)
      date.net += move - 2 * COST
      date.hits += move > 0 ? 1 : 0
      date.n++
    }
    const byDate = [...dates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, date]) => date), rows = byDate.reduce((sum, { n }) => sum + n, 0)
    const about = { part: `momentum ${style}`, set: 'daily shares 2014-2020', split: 'beliefs as they were said, 20 sessions each', rows }
    if (rows === 0) return []
    const net = byDate.map((date) => [10_000 * date.net, date.n] as const), hits = byDate.map((date) => [date.hits, date.n] as const)
    const spreads = [intervalOf(net, HORIZON, `${style}:net`), intervalOf(hits, HORIZON, `${style}:hits`)]
    const beside = (name: string, value: number): Rival[] => [{ name, value, how: 'measured' }]
    return [
      { ...about, metric: 'basis points a belief, after costs', ours: total(net), ...(spreads[0] && { interval: spreads[0] }), rivals: beside('nothing', 0) },
      { ...about, metric: 'hits', ours: total(hits), ...(spreads[1] && { interval: spreads[1] }), rivals: beside('a coin', 0.5) },
    ]
  })
}

function barOf(ticker: string, { day, open, close }: Session): Bar {
  const known = new Date(Date.parse(`${day}T00:00:00Z`) + 0.9 * DAY_MS).toISOString()
  return make('bar', {
    at: `${day}T14:30:00.000Z`, known_at: known, source: 'bench', by: 'bench/1', subject: `ticker:${ticker}`, span: '1d', basis: 'split_adjusted',
    open: String(open), high: String(Math.max(open, close)), low: String(Math.min(open, close)), close: String(close), volume: '0',
  })
}

export default {
  name: 'prices',
  needs: [`bars/${FILE}`],
  async measure(data, asked) {
    const shares = sharesOf(join(data, 'bars', FILE))
    return [...momentum(shares), ...await levels(shares, asked)]
  },
} satisfies Part
