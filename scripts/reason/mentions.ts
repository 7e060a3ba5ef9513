/**
 * Which securities a text speaks of, against what people marked in it: precision, recall and F1 of pairs of text and symbol. Symbols are those of today
 * (FB is META) on both sides. Where cashtags are the truth the dollar signs are also taken away, so that only the rest of the text can tell.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { f1Of, precisionOf, recallOf, type Counts } from '#domain/learn/scores'
import { currentSymbol } from '#domain/reading/holders'
import { languageOf } from '#domain/reading/language'
import { readText } from '#domain/reading/mention'
import { proofOf } from '#domain/reading/symbols'
import { seededRandom } from '#tool/random'
import { openCsv, textOf } from '#wire/csv/rows'
import type { Part, Score } from './score.ts'

interface Marked {
  readonly text: string
  readonly day: string
  readonly symbols: readonly string[]
  /** Texts of one unit are drawn together: an author, a day. */
  readonly unit: string
}

const STOCKNET = 'tweets/stocknet_tweets_2014_2015.ndjson.gz'
const STOCKTWITS = 'tweets/stocktwits_labelled_2020_jan_sep.csv.gz'
const HEADLINES = 'news/ticker_headlines_labelled_2012_2018.csv.gz'
const ARTICLES = 'news/yahoo_finance_articles_2017_2020h1.ndjson.gz'
const FORUM = 'reddit/wsb_posts_100days_2021.csv.gz'

const part: Part = {
  name: 'mentions',
  needs: [STOCKNET, STOCKTWITS, HEADLINES, ARTICLES, FORUM],
  measure: async (data) => {
    const bytes = (path: string): Buffer => gunzipSync(readFileSync(join(data, path)))
    const lines = (path: string): { readonly [member: string]: unknown }[] => bytes(path).toString().trimEnd().split('\n').map((line) => JSON.parse(line))
    const rows = (path: string) => [...openCsv(textOf(bytes(path)), path).rows()]
    const tweets = lines(STOCKNET).filter((row) => String(row['created_at']) >= '2015')
    const stocknet = tweets.map((row): Marked => ({
      text: String(row['text']), day: String(row['created_at']).slice(0, 10), symbols: Array.isArray(row['symbols']) ? row['symbols'].map(String) : [], unit: String(row['user_id']),
    }))
    const stocktwits = rows(STOCKTWITS).map((row): Marked => ({
      text: row.cell('original'), day: row.cell('date'), symbols: [row.cell('ticker'), ...cashtags(row.cell('original'))], unit: row.cell('date'),
    }))
    const headlines = rows(HEADLINES).filter((row) => row.cell('article_date') >= '2014').map((row): Marked => ({
      text: row.cell('article_headline'), day: row.cell('article_date'), symbols: [row.cell('ticker')], unit: row.cell('article_date'),
    }))
    const articles = lines(ARTICLES).map((row, i): Marked => ({
      text: `${String(row['title'])}\n${String(row['body'])}`, day: String(row['published_at']).slice(0, 10), symbols: Array.isArray(row['tickers']) ? row['tickers'].map(String) : [], unit: String(i),
    }))
    const forum = rows(FORUM).filter((row) => row.cell('ticker') !== 'None' && row.cell('created') > '2021-02-10').map((row): Marked => ({
      text: `${row.cell('title')}\n${row.cell('text')}`, day: row.cell('created'), symbols: row.cell('ticker').split(/[ ,]+/), unit: row.cell('author'),
    }))
    return [
      ...judged('stocknet', '2015, after what was looked at', stocknet),
      ...judged('stocknet, $ taken away', '2015, after what was looked at', stocknet.map(undollared)),
      ...judged('stocktwits, $ taken away', 'all of it', stocktwits.map(undollared)),
      ...judged('headlines: the one ticker each is filed under', '2014 on, after what was looked at', headlines),
      ...judged('articles: the tickers each is tagged with', 'all of it; names in the table were checked on these', articles),
      ...judged('forum posts in lower case: the ticker found by their collector', 'after 2021-02-10', forum),
      languages(lines(STOCKNET)),
    ]
  },
}
export default part

const cashtags = (text: string): string[] => [...text.matchAll(/\$([A-Za-z]{1,5}(?:\.[A-Za-z])?)(?![A-Za-z])/g)].map(([, symbol = '']) => symbol.toUpperCase())
const undollared = (marked: Marked): Marked => ({ ...marked, text: marked.text.replace(/\$(?=[A-Za-z])/g, '') })
const todays = (symbol: string): string => currentSymbol(symbol.toUpperCase().replace('.', '-'))

const ours = ({ text, day }: Marked): string[] => readText({ text, day }).mentions.flatMap(({ subject }) => (subject.startsWith('ticker:') ? [subject.slice(7)] : []))
/** Every upper-case word of up to five letters that is a listed symbol, or every word of that kind in any case. */
const naive = (anyCase: boolean) => ({ text }: Marked): string[] =>
  [...text.matchAll(anyCase ? /\b[A-Za-z]{1,5}\b/g : /\b[A-Z]{1,5}\b/g)].map(([word]) => word.toUpperCase()).filter((word) => proofOf(word) !== undefined)
const byCashtag = ({ text }: Marked): string[] => cashtags(text)

function judged(set: string, split: string, texts: readonly Marked[]): Score[] {
  const ourCounts = texts.map((marked) => countsOf(ours(marked), marked.symbols))
  const rivals = ([['upper-case regex', naive(false)], ['regex of any case', naive(true)], ['cashtags', byCashtag]] as const)
    .map(([name, by]) => ({ name, counts: sumOf(texts.map((marked) => countsOf(by(marked), marked.symbols))) }))
  return ([['precision', precisionOf], ['recall', recallOf], ['F1', f1Of]] as const).map(([metric, of]) => ({
    part: 'mentions', set, split, rows: texts.length, metric, ours: of(sumOf(ourCounts)), interval: intervalOf(texts, ourCounts, of),
    rivals: rivals.map(({ name, counts }) => ({ name, value: of(counts), how: 'measured' as const })),
  }))
}

/** Symbols that no table lists are no truth that anyone could find. */
function countsOf(found: readonly string[], marked: readonly string[]): Counts {
  const said = new Set(found.map(todays)), truth = new Set(marked.map(todays).filter((symbol) => proofOf(symbol) !== undefined))
  const right = [...said].filter((symbol) => truth.has(symbol)).length
  return { truePositives: right, falsePositives: said.size - right, falseNegatives: truth.size - right }
}

const sumOf = (all: readonly Counts[]): Counts => all.reduce((sum, each) => ({
  truePositives: sum.truePositives + each.truePositives, falsePositives: sum.falsePositives + each.falsePositives,
  falseNegatives: sum.falseNegatives + each.falseNegatives,
}), { truePositives: 0, falsePositives: 0, falseNegatives: 0 })

/** Whole units drawn anew, 300 times. */
function intervalOf(texts: readonly Marked[], counts: readonly Counts[], of: (counts: Counts) => number): readonly [number, number] {
  const units = new Map<string, Counts[]>()
  for (const [i, { unit }] of texts.entries()) {
    const mine = counts[i]
    if (mine === undefined) continue
    const known = units.get(unit)
    if (known === undefined) units.set(unit, [mine])
    else known.push(mine)
  }
  const all = [...units.values()].map(sumOf)
  const random = seededRandom('1', 'mentions')
  const drawn = Array.from({ length: 300 }, () => of(sumOf(all.flatMap(() => all[random.integer(all.length)] ?? [])))).sort((a, b) => a - b)
  return [drawn[7] ?? 0, drawn[292] ?? 0]
}

/** Against the language that the service told; only of those that we have words or a script for. */
function languages(tweets: readonly { readonly [member: string]: unknown }[]): Score {
  const known = new Set(['en', 'es', 'pt', 'fr', 'de', 'it', 'nl', 'ja', 'zh', 'ko', 'ru', 'ar', 'he', 'hi', 'th', 'el'])
  const marked = tweets.filter(({ lang }) => known.has(String(lang)))
  const said = marked.map(({ text }) => languageOf(String(text)))
  const right = said.filter((language, i) => language === marked[i]?.['lang']).length, silent = said.filter((language) => language === undefined).length
  return {
    part: 'mentions', set: `stocknet: languages (said of ${((100 * (marked.length - silent)) / marked.length).toFixed(0)} % of texts)`, split: 'all of it', rows: marked.length,
    metric: 'right where said', ours: right / (marked.length - silent),
    rivals: [{ name: 'always English', value: marked.filter(({ lang }) => lang === 'en').length / marked.length, how: 'measured' }],
  }
}
