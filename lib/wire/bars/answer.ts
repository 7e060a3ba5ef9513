/** Market data in JSON, told by what it holds: which reader reads it, or why none does. */
import type { Vanta } from '#record'
import { Failure } from '#port/failure'
import { alpacaActions, alpacaAnnouncements, isAnnouncement } from '../alpaca/actions.ts'
import { alpacaAnswer } from '../alpaca/answer.ts'
import { alpacaMessages, alpacaStream } from '../alpaca/stream.ts'
import { exactList, exactObject, parseExact, type Exact, type ExactObject } from '../json_exact.ts'
import { isHoliday, polygonActions, polygonHolidays } from '../polygon/actions.ts'
import { polygonBars, polygonDay } from '../polygon/aggregates.ts'
import { polygonPrints, polygonSnapshot } from '../polygon/prints.ts'
import { polygonMessages, polygonStream } from '../polygon/stream.ts'
import { tradierQuotes } from '../tradier/quotes.ts'
import { errorIn, foreignName } from './foreign.ts'
import { candleLists, candleObjects, ccxtCandles } from './rows.ts'
import type { Sheet } from './sheet.ts'

/**
 * Records of one JSON text, or of one a line, where a bad line is named and the others are read. Throws Failure `data` where it is none, an
 * error, or no market data.
 */
export function* jsonRecords(text: string, sheet: Sheet): Generator<Vanta> {
  const { name } = sheet.payload
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const isEachLine = lines.length > 1 && /^\s*(\{.*\}|\[.*\])\s*$/.test(lines[0] ?? '')
  if (!isEachLine) return yield* recordsOf(parseExact(text, name), sheet)
  let failed = 0
  for (const [i, line] of lines.entries()) {
    try {
      yield* recordsOf(parseExact(line, name), sheet)
    } catch (error) {
      if (!(error instanceof Failure) || ++failed === lines.length) throw error
      sheet.reject(`line ${i + 1}`, error.message.slice(name.length + 2))
    }
  }
}

function recordsOf(value: Exact, sheet: Sheet): Iterable<Vanta> {
  const messages = alpacaMessages(value)
  if (messages !== undefined) return alpacaStream(messages, sheet)
  const events = polygonMessages(value)
  if (events !== undefined) return polygonStream(events, sheet)
  const { name } = sheet.payload
  const list = exactList(value), answer = exactObject(value)
  if (list?.length === 0 || exactList(answer?.['results'])?.length === 0) {
    sheet.reject('answer', 'no results')
    return []
  }
  const read = list === undefined ? answerOf(answer ?? {}, sheet) : listOf(list, sheet)
  if (read !== undefined) return read
  const foreign = foreignName(value)
  if (foreign !== undefined) throw new Failure('data', `${name}: ${foreign}`)
  const error = errorIn(value)
  if (error !== undefined) throw new Failure('data', `${name}: the service answered with an error: ${error.slice(0, 200)}`)
  const candles = candleObjects(value, sheet)
  if (candles !== undefined) return candles
  throw new Failure('data', `${name}: JSON, but neither bars, trades, quotes nor corporate actions`)
}

/** Each tells by the members whether an answer is of its kind. */
const READERS: readonly ((answer: ExactObject, sheet: Sheet) => Iterable<Vanta> | undefined)[] = [
  ccxtCandles, alpacaActions, tradierQuotes, alpacaAnswer, polygonBars, polygonDay, polygonSnapshot, polygonPrints, polygonActions,
]

function answerOf(answer: ExactObject, sheet: Sheet): Iterable<Vanta> | undefined {
  if (isAnnouncement(answer)) return alpacaAnnouncements([answer], sheet)
  for (const read of READERS) {
    const records = read(answer, sheet)
    if (records !== undefined) return records
  }
  return undefined
}

function listOf(list: readonly Exact[], sheet: Sheet): Iterable<Vanta> | undefined {
  const rows = list.map(exactObject)
  if (rows.some(isAnnouncement)) return alpacaAnnouncements(rows, sheet)
  if (rows.every(isHoliday)) return polygonHolidays(rows, sheet)
  return candleLists(list, sheet)
}
