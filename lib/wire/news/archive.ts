/**
 * History of articles as people keep it: NDJSON with `published_at`, and tables of headlines with a date and a ticker. What a model or a
 * person later made of an article (a label, a mood, the next day's price) is no part of it and is left out.
 */
import { DAY_MS, type Millis, type Signal } from '#record'
import type { Reading } from '#port/payload'
import { newYorkMillis } from '#domain/market/session'
import { openCsv } from '../csv/rows.ts'
import { readMillis } from '../dates.ts'
import { firstDate } from '../feed/model.ts'
import { exactList, exactObject, exactString, parseExact, type ExactObject } from '../json_exact.ts'
import { articleSignal, hostOf, wordsKey } from './article.ts'
import type { Hearing } from '../signal.ts'

/** Whether the first line of a text is an article of an archive. */
export function isArchiveLine(line: string): boolean {
  if (!line.startsWith('{') || !line.includes('"published_at"')) return false
  try {
    return exactString(exactObject(parseExact(line, ''))?.['published_at']) !== undefined
  } catch {
    return false
  }
}

export function* archiveArticles(text: string, name: string, hearing: Hearing, reading: Reading): Generator<Signal> {
  let number = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from) < 0 ? text.length : text.indexOf('\n', from)
    const line = text.slice(from, end).trim()
    from = end + 1
    number++
    if (line === '') continue
    const row = attempt(() => exactObject(parseExact(line, name)))
    if (row === undefined) reading.reject(`line ${number}`, 'no JSON object')
    else yield* archived(row, number, hearing, reading)
  }
}

function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}

function* archived(row: ExactObject, number: number, hearing: Hearing, reading: Reading): Generator<Signal> {
  const stated = exactString(row['published_at']), title = exactString(row['title']), body = exactString(row['body'])
  const publishedMs = readMillis(stated ?? '')
  if (publishedMs === undefined) return reading.reject(`line ${number}`, 'no date')
  if (title === undefined && body === undefined) return reading.reject(`line ${number}`, 'neither a title nor a text')
  const link = exactString(row['url']) ?? exactString(row['link'])
  const description = exactString(row['description'])
  yield articleSignal({
    source: hostOf(link) === undefined ? 'news/archive' : `news/${hostOf(link) ?? ''}`,
    key: `news:${link ?? wordsKey(title, stated)}`,
    title, link, ...(body === undefined ? { text: description } : { text: body, summary: description }),
    tickers: (exactList(row['tickers']) ?? []).map(exactString).filter((each) => each !== undefined),
    published: firstDate([stated]),
  }, { ...hearing, heardMs: publicBy(publishedMs, hearing.heardMs) })
}

/** A moment of exactly midnight UTC is a date: known by the end of that day. */
function publicBy(publishedMs: Millis, heardMs: Millis): Millis {
  return Math.min(heardMs, publishedMs % DAY_MS === 0 ? publishedMs + DAY_MS : publishedMs)
}

const HEADLINE = /(^|_)(headline|title)$/, DATE = /(^|_)date$/, TICKER = /^(ticker|symbol|stock)$/

export interface HeadlineColumns {
  readonly date: string
  readonly ticker: string
  readonly headline: string
}

/** Which columns of a table hold date, ticker and headline; undefined where it is no table of headlines. */
export function headlineColumns(header: string): HeadlineColumns | undefined {
  const columns = header.split(',').map((column) => column.trim().replaceAll('"', ''))
  const find = (pattern: RegExp): string | undefined => columns.find((column) => pattern.test(column.toLowerCase()))
  const date = find(DATE), ticker = find(TICKER), headline = find(HEADLINE)
  return date === undefined || ticker === undefined || headline === undefined ? undefined : { date, ticker, headline }
}

/** A date alone: the headline was public by the end of that day in New York. */
export function* headlines(text: string, name: string, columns: HeadlineColumns, hearing: Hearing, reading: Reading): Generator<Signal> {
  for (const { line, whole, cell } of openCsv(text, name).rows()) {
    const date = cell(columns.date).slice(0, 10), ticker = cell(columns.ticker), title = cell(columns.headline)
    const endMs = newYorkMillis(date, 24, 0)
    if (!whole) reading.reject(`line ${line}`, 'more or fewer cells than the header')
    else if (endMs === undefined) reading.reject(`line ${line}`, 'no date')
    else if (title === '' || ticker === '') reading.reject(`line ${line}`, 'no headline or no ticker')
    else {
      yield articleSignal({
        source: 'news/archive', key: `news:${ticker}/${date}/${wordsKey(title, '')}`, title, tickers: [ticker], published: firstDate([date]),
      }, { ...hearing, heardMs: Math.min(hearing.heardMs, endMs) })
    }
  }
}
