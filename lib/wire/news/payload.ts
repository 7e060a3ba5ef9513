/** Any payload of news, told by what it holds: feeds, trade halts, answers of news services, Hacker News, archives. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { isJsonFeed, readJsonFeed } from '../feed/json_feed.ts'
import { feedIn } from '../feed/read.ts'
import { readXml } from '../feed/xml.ts'
import { parseExact } from '../json_exact.ts'
import { decode, firstLineOf } from '../text.ts'
import { archiveArticles, headlineColumns, headlines, isArchiveLine } from './archive.ts'
import type { Hearing } from '../signal.ts'
import { feedArticles } from './feed_articles.ts'
import { haltsIn, haltSignals } from './halts.ts'
import { hnSignals, hnThings } from './hn.ts'
import { articleRows, articleSignals, refuseError } from './json_articles.ts'

export const newsParser = (reading: Reading): Parser => ({ read: (payload) => readNews(payload, reading) })

function* readNews(payload: Payload, reading: Reading): Generator<Signal> {
  const { name, heardMs } = payload
  const hearing: Hearing = { by: reading.by, heardMs }
  const text = textOfPayload(payload, reading)
  const start = text.slice(0, 200).trimStart()
  if (start.startsWith('<')) {
    const document = readXml(text, name)
    const halts = haltsIn(document.root)
    if (halts !== undefined) yield* haltSignals(halts, hearing, reading)
    else yield* feedArticles(feedIn(document, name), name, 'news', hearing, reading)
    return
  }
  const firstLine = firstLineOf(text)
  if (isArchiveLine(firstLine)) return yield* archiveArticles(text, name, hearing, reading)
  if (start.startsWith('{') || start.startsWith('[')) return yield* readJson(text, name, hearing, reading)
  const columns = headlineColumns(firstLine)
  if (columns !== undefined) return yield* headlines(text, name, columns, hearing, reading)
  throw new Failure('data', `${name}: no feed and no list of articles (it starts ${JSON.stringify(start.slice(0, 40))})`)
}

/** Throws Failure `data` where there is nothing. What was guessed or damaged is said. */
export function textOfPayload({ name, bytes, contentType }: Payload, reading: Reading): string {
  const { text, encoding, by, damaged } = decode(bytes, contentType)
  if (text.trim() === '') throw new Failure('data', `${name}: empty`)
  if (by === 'guess') reading.log.warn(`${name}: says nothing of its encoding and is no UTF-8; read as ${encoding}`)
  else if (damaged) reading.log.warn(`${name}: some bytes are no ${encoding}; they stand as U+FFFD`)
  return text
}

function readJson(text: string, name: string, hearing: Hearing, reading: Reading): Iterable<Signal> {
  const value = parseExact(text, name)
  if (isJsonFeed(value)) return feedArticles(readJsonFeed(value), name, 'news', hearing, reading)
  const rows = articleRows(value, name)
  if (rows !== undefined) return articleSignals(rows, hearing, reading)
  const things = hnThings(value)
  if (things !== undefined) return hnSignals(things, hearing, reading)
  refuseError(value, name)
  throw new Failure('data', `${name}: JSON, but no feed and no list of articles`)
}
