/** Rows of dumps: tweets without what surrounds them, messages of StockTwits, and tables of either as CSV. */
import { DAY_MS, formatInstant, HOUR_MS, make, parseMoment, type Signal } from '#record'
import type { Csv, CsvRow } from '../csv/rows.ts'
import { decodeEntities } from '../html_text.ts'
import { exactObject, exactString, type ExactObject } from '../json_exact.ts'
import { countSignal, countsShape } from '../social_counts.ts'
import { countOf } from '../json_fields.ts'
import { idOf, instantOf, objectsIn, stringsIn } from './fields.ts'
import { presentOf, signalsOfTweet, unescapeText, type Hearing } from './tweet.ts'

/** `{"id", "created_at", "text", "user_id", "symbols", ...}`: counts are as of a capture at an unknown time, and left out. */
export const isTweetRow = (row: ExactObject): boolean => 'id' in row && 'created_at' in row && 'text' in row && ('user_id' in row || 'symbols' in row)

export function* signalsOfTweetRow(row: ExactObject, place: string, hearing: Hearing): Generator<Signal> {
  const id = idOf(row), text = exactString(row['text'])
  if (id === undefined || text === undefined) return hearing.reject(place, 'expected an id and a text')
  yield* signalsOfTweet({
    id, createdMs: instantOf(row['created_at']), text: unescapeText(text), username: exactString(row['screen_name']) ?? exactString(row['username']),
    userId: idOf(row, 'user_id'), language: exactString(row['lang']), cashtags: stringsIn(row['symbols']), links: [],
  }, place, hearing, true)
}

/** A message of StockTwits (https://api.stocktwits.com/developers/docs). */
export const isStockTwits = (row: ExactObject): boolean => 'body' in row && 'id' in row && 'created_at' in row && ('symbols' in row || 'user' in row)

/**
 * `isRow` where it stands alone in a dump: known from its own moment on. With a single symbol it speaks of that; symbols that end in
 * `.X` are coins. The mood is the author's own mark.
 */
export function* signalsOfMessage(row: ExactObject, place: string, hearing: Hearing, isRow: boolean): Generator<Signal> {
  const id = idOf(row), createdMs = instantOf(row['created_at']), body = exactString(row['body'])
  if (id === undefined || createdMs === undefined || body === undefined) return hearing.reject(place, 'expected an id, a time and a text')
  if (!isRow && createdMs > hearing.seenMs + DAY_MS) return hearing.reject(place, 'made in the future')
  const user = exactObject(row['user'])
  const userId = idOf(user), username = exactString(user?.['username'])
  const symbols = objectsIn(row['symbols']).flatMap((symbol) => exactString(symbol['symbol']) ?? [])
  const [only, ...others] = symbols
  const author = username !== undefined ? `stocktwits:${username}` : userId !== undefined ? `stocktwits:id:${userId}` : undefined
  const at = formatInstant(createdMs), seen = formatInstant(Math.max(createdMs, hearing.seenMs))
  const key = `stocktwits:${id}`
  const conversation = exactObject(row['conversation'])
  const parent = idOf(conversation, 'in_reply_to_message_id')
  yield make('signal', {
    at, known_at: isRow ? at : seen, source: 'stocktwits/messages', by: hearing.by, type: 'message', key,
    ...(only !== undefined && others.length === 0 && { subject: subjectOf(only) }), ...(author !== undefined && { author }),
    facts: presentOf({
      text: decodeEntities(body), symbols, sentiment: exactString(exactObject(exactObject(row['entities'])?.['sentiment'])?.['basic']),
      reply_to: parent === undefined ? undefined : `stocktwits:${parent}`,
    }),
  })
  const counts = presentOf({
    likes: countOf(exactObject(row['likes'])?.['total']), replies: countOf(conversation?.['replies']), followers: countOf(user?.['followers']),
  })
  if (isRow || Object.keys(counts).length === 0) return
  yield make('signal', { at: seen, known_at: seen, source: 'stocktwits/messages', by: hearing.by, type: 'snapshot', key, facts: counts })
}

const subjectOf = (symbol: string): string => (symbol.endsWith('.X') ? `coin:${symbol.slice(0, -2)}` : `ticker:${symbol}`)

/** Batches of the compliance API: what was deleted, and when (https://docs.x.com/x-api/compliance/batch-compliance/introduction). */
export const isCompliance = (row: ExactObject): boolean => 'action' in row && 'reason' in row && 'id' in row

/** How rows of a table are read; undefined where it is none that is known. */
export function twitterTable({ columns }: Csv, { by }: Hearing): ((row: CsvRow) => Signal | string) | undefined {
  const counts = countsShape(columns, 'twitter')
  if (counts !== undefined) return (row) => countSignal(row, counts, 'twitter', by)
  return ['id', 'date', 'ticker', 'original'].every((column) => columns.includes(column)) ? (row) => labelled(row, by) : undefined
}

/** A day of an unknown zone is over everywhere twelve hours after it is over in UTC. */
const OVER_MS = DAY_MS + 12 * HOUR_MS

/** `id,date,ticker,senti_label,emo_label,original,split`: messages of StockTwits; the labels were made years later, and are no part of them. */
function labelled(row: CsvRow, by: string): Signal | string {
  const id = row.cell('id'), dayMs = parseMoment(row.cell('date')), symbol = row.cell('ticker'), text = row.cell('original')
  if (!/^\d+$/.test(id) || dayMs === undefined || symbol === '' || text === '') return 'expected an id, a day, a symbol and a text'
  return make('signal', {
    at: formatInstant(dayMs), known_at: formatInstant(dayMs + OVER_MS), source: 'stocktwits/messages', by, type: 'message', key: `stocktwits:row/${id}`,
    subject: subjectOf(symbol), facts: { text, symbols: [symbol] },
  })
}
