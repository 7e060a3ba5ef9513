/**
 * Answers of news services in JSON, each told by the members that it alone has: Polygon (`/v2/reference/news`), Alpaca (`/v1beta1/news`
 * and its stream), Finnhub (`/api/v1/news`), NewsAPI (`/v2/everything`), GDELT (`/api/v2/doc/doc?mode=artlist`).
 */
import { formatInstant, type Signal } from '#record'
import { Failure } from '#port/failure'
import type { Reading } from '#port/payload'
import { readEpoch } from '../dates.ts'
import { distinct, firstDate, type Dated } from '../feed/model.ts'
import { plainTitle, proseOf } from '../feed/prose.ts'
import { exactId, exactList, exactObject, exactString, parseExact, type Exact, type ExactObject } from '../json_exact.ts'
import { articleSignal, hostOf, type Article } from './article.ts'
import type { Hearing } from '../signal.ts'

interface Service {
  /** An article of this service and no other. */
  isArticle(row: ExactObject): boolean
  read(row: ExactObject): Article | undefined
}

const text = (row: ExactObject, name: string): string | undefined => exactString(row[name])
const texts = (row: ExactObject, name: string): readonly string[] => distinct((exactList(row[name]) ?? []).map(exactString))
const has = (row: ExactObject, ...names: readonly string[]): boolean => names.every((name) => row[name] !== undefined)
const date = (row: ExactObject, name: string): Dated | undefined => firstDate([text(row, name)])
const nameIn = (value: Exact | undefined): string | undefined => exactString(exactObject(value)?.['name'])
const listOf = (each: string | undefined): readonly string[] => (each === undefined ? [] : [each])

const POLYGON: Service = {
  isArticle: (row) => has(row, 'id', 'published_utc', 'article_url'),
  read: (row) => {
    const id = exactId(row['id'])
    return id === undefined ? undefined : {
      source: 'news/polygon', key: `polygon:${id}`, title: text(row, 'title'), summary: text(row, 'description'), link: text(row, 'article_url'),
      authors: listOf(text(row, 'author')), categories: texts(row, 'keywords'), tickers: texts(row, 'tickers'), published: date(row, 'published_utc'),
      more: { publisher: nameIn(row['publisher']) },
    }
  },
}

const ALPACA: Service = {
  isArticle: (row) => has(row, 'id', 'headline', 'created_at', 'symbols'),
  read: (row) => {
    const id = exactId(row['id'])
    return id === undefined ? undefined : {
      source: 'news/alpaca', key: `alpaca:${id}`, title: plainTitle(text(row, 'headline')),
      summary: proseOf(text(row, 'summary')), text: proseOf(text(row, 'content')), link: text(row, 'url'),
      authors: listOf(text(row, 'author')), tickers: texts(row, 'symbols'), published: date(row, 'created_at'), updated: date(row, 'updated_at'),
      more: { publisher: text(row, 'source') },
    }
  },
}

const FINNHUB: Service = {
  isArticle: (row) => has(row, 'id', 'headline', 'datetime', 'related'),
  read: (row) => {
    const id = exactId(row['id']), ms = readEpoch(exactId(row['datetime']) ?? '')
    return id === undefined ? undefined : {
      source: 'news/finnhub', key: `finnhub:${id}`, title: text(row, 'headline'), summary: text(row, 'summary'), link: text(row, 'url'),
      categories: listOf(text(row, 'category')), tickers: (text(row, 'related') ?? '').split(','),
      published: ms === undefined ? undefined : firstDate([formatInstant(ms)]), more: { publisher: text(row, 'source') },
    }
  },
}

const NEWS_API: Service = {
  isArticle: (row) => has(row, 'publishedAt', 'url', 'source'),
  read: (row) => {
    const link = text(row, 'url')
    return link === undefined ? undefined : {
      source: 'news/newsapi', key: `newsapi:${link}`, title: text(row, 'title'), summary: text(row, 'description'), link,
      authors: listOf(text(row, 'author')), published: date(row, 'publishedAt'), more: { publisher: nameIn(row['source']) },
    }
  },
}

const GDELT: Service = {
  isArticle: (row) => has(row, 'seendate', 'url', 'domain'),
  read: (row) => {
    const link = text(row, 'url')
    return link === undefined ? undefined : {
      source: 'news/gdelt', key: `gdelt:${link}`, title: plainTitle(text(row, 'title')), link,
      // When GDELT saw it: when it appeared is not said.
      published: date(row, 'seendate'),
      more: { publisher: text(row, 'domain') ?? hostOf(link), language: text(row, 'language'), country: text(row, 'sourcecountry') },
    }
  },
}

const SERVICES: readonly Service[] = [POLYGON, ALPACA, FINNHUB, NEWS_API, GDELT]

/** The articles of an answer, within whatever it wraps them in; undefined where it holds none and is no empty list of them. */
export function articleRows(value: Exact, name: string): readonly Exact[] | undefined {
  const object = exactObject(value)
  for (const member of ['results', 'news', 'articles']) {
    const list = exactList(object?.[member])
    if (list !== undefined && list.every(isArticle)) return list
  }
  const list = exactList(value) ?? (isArticle(value) ? [value] : undefined)
  if (list === undefined || list.length === 0) return list
  if (list.some(isArticle)) return list
  // Answers that someone kept in a list, each as the text that it was.
  const kept = list.map((each) => exactString(exactObject(each)?.['body']))
  if (!kept.every((body) => body?.trimStart().startsWith('{'))) return undefined
  const inner = kept.map((body, i) => articleRows(parseExact(body ?? '', `${name}: answer ${i + 1}`), name))
  return inner.every((rows) => rows !== undefined) ? inner.flat() : undefined
}

const serviceOf = (value: Exact): Service | undefined => {
  const row = exactObject(value)
  return row === undefined ? undefined : SERVICES.find((service) => service.isArticle(row))
}
const isArticle = (value: Exact): boolean => serviceOf(value) !== undefined

export function* articleSignals(rows: readonly Exact[], hearing: Hearing, reading: Reading): Generator<Signal> {
  if (rows.length === 0) reading.reject('answer', 'no articles')
  for (const [i, row] of rows.entries()) {
    const article = serviceOf(row)?.read(exactObject(row) ?? {})
    if (article === undefined) reading.reject(`article ${i + 1}`, 'no article, or one without id')
    else if (article.title === undefined && article.summary === undefined) reading.reject(`article ${i + 1}`, 'neither a title nor a text')
    else yield articleSignal(article, hearing)
  }
}

/** What an error answer says of itself: Polygon's `error`, NewsAPI's and Alpaca's `message`. */
export function refuseError(value: Exact, name: string): void {
  const object = exactObject(value) ?? {}
  const said = exactString(object['error']) ?? exactString(object['message'])
  if (said !== undefined) throw new Failure('data', `${name}: the service answered with an error: ${said.slice(0, 200)}`)
}
