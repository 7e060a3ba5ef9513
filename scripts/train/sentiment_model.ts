/** The labelled texts that models/sentiment.json is learned from and judged on, and how it is learned. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fitLinear } from '#domain/learn/linear'
import { hear } from '#domain/reading/polarity'
import { FEATURES, PLACES, rowOf, type Register } from '#domain/reading/sentiment/features'
import { NEGATIVE, NEUTRAL, POSITIVE, type SentimentModel } from '#domain/reading/sentiment/scorer'
import { wordsOf } from '#domain/reading/words'
import { openCsv, textOf, type CsvRow } from '#wire/csv/rows'

export type Source = 'phrasebank' | 'fiqa' | 'semeval' | 'tweets' | 'stocktwits' | 'headlines'

export interface Labelled {
  readonly source: Source
  readonly register: Register
  readonly text: string
  /** From -1 to 1. */
  readonly score: number
  /** NEGATIVE, NEUTRAL or POSITIVE. */
  readonly label: number
  /** ISO date; empty where the set has none. */
  readonly day: string
  /** Annotators that agreed, in per cent, where that is stated. */
  readonly agreement: number
}

interface Set {
  readonly path: string
  readonly from: string
  readonly register: Register
  /** What a row weighs: sets are of very different size, and of labels made with different care. */
  readonly weight: number
  /** What is taken from a label of an opinion and given to none: people who label their own posts have two labels only. */
  readonly doubt: number
  readonly read: (row: CsvRow) => Pick<Labelled, 'text' | 'score'> & Partial<Labelled>
}

const STEPS: { readonly [label: string]: number } = {
  negative: -1, neutral: 0, positive: 1, bearish: -1, bullish: 1,
  'strongly bearish': -1, 'mildly bearish': -0.8, 'mildly bullish': 0.8, 'strongly bullish': 1,
}
const step = (label: string): number => {
  const score = STEPS[label]
  if (score === undefined) throw new Error(`no label: ${label}`)
  return score
}
const number = (text: string): number => {
  const score = Number(text)
  if (!(Math.abs(score) <= 1)) throw new Error(`no score: ${text}`)
  return score
}

export const SETS: { readonly [source in Source]: Set } = {
  phrasebank: {
    path: 'sentiment/financial_phrasebank.csv.gz',
    from: 'Financial PhraseBank v1.0 (Malo et al. 2014; CC BY-NC-SA 3.0)', register: 'prose', weight: 2, doubt: 0,
    read: (row) => ({ text: row.cell('sentence'), score: step(row.cell('label')), agreement: Number(row.cell('min_agreement_pct')) }),
  },
  fiqa: {
    path: 'sentiment/fiqa_posts.csv.gz',
    from: 'FiQA 2018 task 1, posts (research use)', register: 'talk', weight: 2, doubt: 0,
    read: (row) => ({ text: row.cell('sentence'), score: number(row.cell('sentiment_score')) }),
  },
  semeval: {
    path: 'sentiment/semeval2017_headlines.csv.gz',
    from: 'SemEval-2017 task 5, headlines (research use)', register: 'headline', weight: 2, doubt: 0,
    read: (row) => ({ text: row.cell('title'), score: number(row.cell('sentiment')) }),
  },
  tweets: {
    path: 'sentiment/stock_tweets_labelled_2020.csv.gz',
    from: 'labelled stock tweets of 2020 (no licence stated)', register: 'talk', weight: 2, doubt: 0,
    read: (row) => ({ text: row.cell('text'), score: step(row.cell('sentiment')), day: row.cell('created_at').slice(0, 10) }),
  },
  stocktwits: {
    path: 'tweets/stocktwits_labelled_2020_jan_sep.csv.gz',
    from: 'StockEmotions: StockTwits messages by their authors\' labels (no licence stated)', register: 'talk', weight: 0.5, doubt: 0.3,
    read: (row) => ({ text: row.cell('original'), score: step(row.cell('senti_label')), day: row.cell('date') }),
  },
  headlines: {
    path: 'news/ticker_headlines_labelled_2012_2018.csv.gz',
    from: 'labelled headlines by ticker (no licence stated)', register: 'headline', weight: 0.5, doubt: 0,
    read: (row) => ({ text: row.cell('article_headline'), score: step(row.cell('label')), day: row.cell('article_date') }),
  },
}
export const SOURCES = Object.keys(SETS) as readonly Source[]

export function readLabelled(data: string): readonly Labelled[] {
  return SOURCES.flatMap((source) => {
    const { path, register, read } = SETS[source]
    const rows = [...openCsv(textOf(gunzipSync(readFileSync(join(data, path)))), path).rows()]
    return rows.map((row): Labelled => {
      const said = read(row)
      return { source, register, label: said.score > 0 ? POSITIVE : said.score < 0 ? NEGATIVE : NEUTRAL, day: '', agreement: 0, ...said }
    })
  })
}

/** What is kept out for judging: the later days where a set has days, else every fourth text by its letters. */
const JUDGED_FROM: { readonly [source in Source]?: string } = { tweets: '2020-06-01', stocktwits: '2020-07-15', headlines: '2017-06-01' }
export const splitOf = (source: Source): string => (JUDGED_FROM[source] === undefined ? 'a fourth of the texts' : `from ${JUDGED_FROM[source]}`)

export function isJudged({ source, day, text }: Labelled): boolean {
  const from = JUDGED_FROM[source]
  if (from !== undefined) return day >= from
  let hash = 7
  for (const letter of lettersOf(text)) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0
  return (hash >>> 0) % 100 < 25
}

/** Texts that differ in no letter are one. */
const lettersOf = (text: string): string => text.toLowerCase().replace(/[^a-z]+/g, '')

export const TERMS = { ridge: 1e-4, iterations: 60 }
/** How far positive and negative are made to weigh alike within a set: whether more was praised than blamed in it is no knowledge. */
const BALANCE = 0.5

/** Deterministic. Texts of `judged` are left out, whatever set they stand in. */
export function learnSentiment(texts: readonly Labelled[], judged: readonly Labelled[] = []): SentimentModel {
  const seen = new Set(judged.map(({ text }) => lettersOf(text)))
  const left = texts.filter(({ text }) => !seen.has(lettersOf(text)))
  const masses = new Map<Source, [number, number, number]>()
  for (const text of left) {
    const mass = masses.get(text.source) ?? [0, 0, 0]
    for (const [c, share] of sharesIn(text)) mass[c] = (mass[c] ?? 0) + share
    masses.set(text.source, mass)
  }
  const rows: ReturnType<typeof rowOf>[] = [], labels: number[] = [], weights: number[] = []
  for (const text of left) {
    const row = rowOf(hear(wordsOf(text.text)), text.register)
    const mass = masses.get(text.source) ?? [1, 1, 1]
    for (const [c, share] of sharesIn(text)) {
      if (share === 0) continue
      const even = c === NEUTRAL ? 1 : (mass[NEGATIVE] + mass[POSITIVE]) / 2 / (mass[c] ?? 1)
      rows.push(row)
      labels.push(c)
      weights.push(share * SETS[text.source].weight * (1 + BALANCE * (even - 1)))
    }
  }
  const scale = scalesOf(rows, labels, weights)
  const scaled = new Map(rows.map((row) => [row, { places: row.places, values: row.values.map((value, i) => value * (scale[row.places[i] ?? 0] ?? 1)) }]))
  const fitted = fitLinear(rows.map((row) => scaled.get(row) ?? row), labels, { classes: 3, features: FEATURES }, TERMS, weights)
  return quantised(scale, fitted.weights, fitted.intercepts)
}

/** A score as probabilities of the three classes. */
function sharesIn({ score, source }: Labelled): readonly (readonly [number, number])[] {
  const opinion = Math.abs(score) * (1 - SETS[source].doubt)
  return [[score < 0 ? NEGATIVE : POSITIVE, opinion], [NEUTRAL, 1 - opinion]]
}

/**
 * A feature counts by how differently classes use it, the largest log ratio of naive Bayes (Wang and Manning, "Baselines and Bigrams", ACL 2012), with
 * one text more in each.
 */
function scalesOf(rows: readonly ReturnType<typeof rowOf>[], labels: readonly number[], weights: readonly number[]): Float64Array {
  const counts = [0, 1, 2].map(() => new Float64Array(PLACES)), totals = [0, 0, 0]
  for (const [r, { places }] of rows.entries()) {
    const label = labels[r] ?? 0, weight = weights[r] ?? 0, mine = counts[label]
    totals[label] = (totals[label] ?? 0) + weight
    for (const place of places) if (mine !== undefined && place < PLACES) mine[place] = (mine[place] ?? 0) + weight
  }
  const scale = new Float64Array(FEATURES).fill(1)
  const total = totals.reduce((sum, each) => sum + each, 0)
  for (let place = 0; place < PLACES; place++) {
    const all = counts.reduce((sum, each) => sum + (each[place] ?? 0), 0)
    let most = 0
    for (const [c, mine] of counts.entries()) {
      const here = ((mine[place] ?? 0) + 1) / ((totals[c] ?? 0) + 1)
      const there = (all - (mine[place] ?? 0) + 1) / (total - (totals[c] ?? 0) + 1)
      most = Math.max(most, Math.abs(Math.log(here / there)))
    }
    scale[place] = all === 0 ? 0 : most
  }
  return scale
}

const six = (value: number): number => Number(value.toPrecision(6))

function quantised(scale: Float64Array, weights: Float64Array, intercepts: Float64Array): SentimentModel {
  const against = (c: number): Float64Array => scale.map((by, i) => by * ((weights[c * FEATURES + i] ?? 0) - (weights[NEUTRAL * FEATURES + i] ?? 0)))
  const negative = against(NEGATIVE), positive = against(POSITIVE)
  let most = 0
  for (let i = 0; i < PLACES; i++) most = Math.max(most, Math.abs(negative[i] ?? 0), Math.abs(positive[i] ?? 0))
  const unit = six(most / 127)
  const packed = (values: Float64Array): string => Buffer.from(Int8Array.from(values.slice(0, PLACES), (value) => Math.max(-127, Math.min(127, Math.round(value / unit)))).buffer).toString('base64')
  const rest = (values: Float64Array): number[] => Array.from(values.slice(PLACES), six)
  return {
    places: { negative: packed(negative), positive: packed(positive) }, unit, dense: { negative: rest(negative), positive: rest(positive) },
    intercepts: [six((intercepts[NEGATIVE] ?? 0) - (intercepts[NEUTRAL] ?? 0)), six((intercepts[POSITIVE] ?? 0) - (intercepts[NEUTRAL] ?? 0))],
  }
}
