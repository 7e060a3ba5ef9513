/**
 * Where prices go, walking forward: at the beginning of each year a model is learned as `vanta-train all` does it, from the five years before or as many as there
 * are, of the hundred tickers that turned over most in the last, and judged on the year. Nothing was chosen on what is judged.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { millisOf } from '#record'
import { PRICE_FEATURES } from '#domain/features/prices'
import { casesOf, learnDirection, type Case } from '#domain/forecast/direction'
import { Classifying, LEARNING } from '#domain/learn/classifier'
import { areaUnderCurve } from '#domain/learn/scores'
import { dailyBars } from '#wire/bars/history'
import { liquidIn } from '#wire/liquid'
import { sampled, type Asked, type Part, type Score } from '../../scripts/reason/score.ts'
import { intervalOf, total } from './lib/by_date.ts'

const FILE = 'daily_us_2014_2021.csv.gz', YEARS = [2017, 2018, 2019, 2020], BACK = 5, TICKERS = 100, HORIZON = 5
const log = { debug() {}, info() {}, warn() {}, error() {} }

interface Judged {
  readonly date: number
  readonly pUp: number
  readonly base: number
  readonly rose: boolean
}

async function judge(bytes: Buffer, year: number): Promise<readonly Judged[]> {
  const tickers = new Set(liquidIn(bytes, FILE, { since: `${year - 1}-01-01`, until: `${year}-01-01`, most: TICKERS }))
  const bars = await dailyBars({ name: FILE, bytes, heardMs: 0 }, { tickers, sinceMs: Date.UTC(year - BACK, 0, 1), untilMs: Date.UTC(year + 1, 0, 1) },
    { by: 'bench/1', log, reject: () => undefined })
  const past = bars.filter(({ known_at: known }) => millisOf(known) < Date.UTC(year, 0, 1)), last = past[past.length - 1]
  const { model } = await learnDirection(casesOf(past, HORIZON), HORIZON, millisOf(last?.known_at ?? ''), LEARNING)
  const ahead: readonly Case[] = casesOf(bars, HORIZON).filter(({ knownMs }) => knownMs >= Date.UTC(year, 0, 1))
  const columns = PRICE_FEATURES.map((_, f) => Float64Array.from(ahead, ({ values }) => values[f] ?? NaN))
  const [, up] = new Classifying(model).probabilities({ rows: ahead.length, features: [...PRICE_FEATURES], columns })
  return ahead.map(({ knownMs, rose }, i) => ({ date: knownMs, rose, pUp: up?.[i] ?? NaN, base: model.beliefs.base }))
}

export default {
  name: 'direction',
  needs: [`bars/${FILE}`],
  async measure(data: string, asked: Asked): Promise<readonly Score[]> {
    const bytes = gunzipSync(readFileSync(join(data, 'bars', FILE))), all: Judged[] = []
    for (const year of sampled(YEARS, asked, 4)) all.push(...await judge(bytes, year))
    const dates = new Map<number, readonly [number, number]>()
    for (const { date, pUp, base, rose } of all) {
      const [saved, whole] = dates.get(date) ?? [0, 0], loss = (p: number): number => -Math.log(rose ? p : 1 - p)
      dates.set(date, [saved + 100 * (loss(base) - loss(pUp)), whole + loss(base)])
    }
    const byDate = [...dates.values()], spread = intervalOf(byDate, 4, 'direction')
    const said = { part: 'direction', set: 'daily shares 2017-2020', split: 'years after those learned from, 5 sessions ahead', rows: all.length }
    return [
      {
        ...said, metric: '% of log loss saved beside the share of rises', ours: total(byDate), ...(spread && { interval: spread }),
        rivals: [{ name: 'share of rises', value: 0, how: 'measured' }],
      },
      {
        ...said, metric: 'area under the curve', ours: areaUnderCurve(all.map(({ pUp }) => pUp), all.map(({ rose }) => Number(rose))) ?? NaN,
        rivals: [{ name: 'a coin', value: 0.5, how: 'measured' }],
      },
    ]
  },
} satisfies Part
