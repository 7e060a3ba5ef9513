/** What befell the shares of a table of bars: what it states, what its adjusted closes tell, and that a subject trades no more. */
import { DAY_MS, type Millis } from '#record'
import { tradingDayFrom } from '#domain/market/calendar'
import { newYorkDate, newYorkDay, sessionOf } from '#domain/market/session'
import { floorDiv, formatFixed, mulDown, ONE, parseFixed } from '#domain/money/decimal'
import type { Fixed } from '#domain/money/money'
import { ratioOf, type Action } from '../bars/action.ts'
import { rowsOf, type BarTable } from './bar_table.ts'

type TableAction = Action & { readonly symbol: string; readonly day: string; readonly startMs: Millis }

/** Splits and dividends that rows state, each on the day on which whoever buys no longer gets it. */
export function* statedActions(table: BarTable): Generator<TableAction> {
  const service = table.source
  for (const { subject, startMs, splitCoefficient = '1', dividend = '0' } of rowsOf(table)) {
    const of = { service, symbol: symbolOf(subject), day: newYorkDate(startMs), startMs } as const
    const ratio = Number(splitCoefficient) === 1 ? undefined : ratioOf(splitCoefficient, '1')
    if (ratio !== undefined && ratio !== '1:1') yield { ...of, type: 'split', facts: { new_rate: splitCoefficient, old_rate: '1', ratio } }
    if (Number(dividend) > 0) yield { ...of, type: 'dividend', facts: { form: 'cash', cash: dividend } }
  }
}

const symbolOf = (subject: string): string => subject.replace(/^\w+:/, '')

/**
 * Dividends that adjusted closes tell. Yahoo and others multiply all closes before an ex date by 1 - D/C, C being the last close before it (CRSP's
 * method), so that from one day to the next D = C - A c/a, where A and a are the adjusted closes of the two days and c the second close. What
 * rounding of the closes alone could make is none; of the amounts that it leaves open the one with the fewest decimals is taken. Of splits nothing
 * is told: they are in both closes.
 */
export function* inferredDividends(table: BarTable): Generator<TableAction> {
  const { adjusted, closes, tickerOf, startMs } = table
  for (let row = 1; row < adjusted.length; row++) {
    if (tickerOf[row] !== tickerOf[row - 1]) continue
    const before = closes[row - 1] ?? NaN, told = before - ((adjusted[row - 1] ?? NaN) * (closes[row] ?? NaN)) / (adjusted[row] ?? NaN)
    // Most rows end here, on doubles: three decimals are the coarsest that are written.
    if (!(told > before * 1e-5) || !(told < before)) continue
    const cash = dividendOf(table, row)
    if (cash === undefined) continue
    const ms = startMs[row] ?? 0
    yield {
      service: table.source, symbol: table.tickers[tickerOf[row] ?? -1] ?? '', day: newYorkDate(ms), startMs: ms,
      type: 'dividend', facts: { form: 'cash', cash: formatFixed(cash), inferred_from: 'adj_close' },
    }
  }
}

/** Undefined where the two rows tell none beyond what rounding could. */
function dividendOf(table: BarTable, row: number): Fixed | undefined {
  const last = table.row(row - 1), next = table.row(row)
  const [c0, a0, c1, a1] = [last.close, last.adjClose, next.close, next.adjClose].map((text) => parseFixed(text ?? ''))
  if (c0 === undefined || a0 === undefined || c1 === undefined || a1 === undefined || a0 <= 0n || a1 <= 0n) return undefined
  const told = c0 - floorDiv(a0 * c1, a1)
  // Half a unit of the last place in each of four numbers, in the measure of the close; a fifth more for the products of errors.
  const half = unitBefore(table, row) / 2n
  const error = (half * 12n * (a0 + c0)) / (5n * a0)
  return told * 2n <= error * 3n ? undefined : simplest(told, error)
}

/** The last place to which closes are rounded, as a count of 10^-8: trailing zeros are not written, so several rows before are looked at. */
function unitBefore(table: BarTable, row: number): Fixed {
  let places = COARSEST
  for (let at = row - 1; at >= Math.max(0, row - ROWS) && table.tickerOf[at] === table.tickerOf[row]; at--) {
    const { close, adjClose = '' } = table.row(at)
    for (const text of [close, adjClose]) if (text.includes('.')) places = Math.max(places, text.length - text.indexOf('.') - 1)
  }
  return parseFixed(`0.${'0'.repeat(Math.min(places, 8) - 1)}1`) ?? 1n
}
const ROWS = 8, COARSEST = 3

/** The number with the fewest decimals that is within `error` of another, the nearest of those. */
function simplest(told: Fixed, error: Fixed): Fixed {
  for (let step = ONE; step > 1n; step /= 10n) {
    const nearest = floorDiv(told + step / 2n, step) * step
    if (nearest > 0n && nearest >= told - error && nearest <= told + error) return nearest
  }
  return told
}

/** Sessions without a bar after which a subject is taken to trade no more. */
const SILENT_SESSIONS = 5

/**
 * Subjects that have fallen silent while the record goes on, known at the close of the fifth session without a bar, whatever comes later: whoever
 * holds them gets the last close, less `loss` where other subjects of the same file traded on (so that it is not merely the file that ends).
 */
export function* endings(table: BarTable, untilMs: Millis, loss: Fixed): Generator<TableAction & { readonly knownMs: Millis }> {
  const { tickerOf, startMs, length } = table
  for (let row = 0; row < length; row++) {
    const ms = startMs[row] ?? 0, isLast = tickerOf[row + 1] !== tickerOf[row] || row === length - 1
    const nextMs = isLast ? Infinity : startMs[row + 1] ?? Infinity
    if (nextMs - ms <= SILENT_SESSIONS * DAY_MS) continue
    const { day, endMs } = sessionAfter(ms, SILENT_SESSIONS)
    if (nextMs <= endMs || endMs > untilMs) continue
    const { close, subject } = table.row(row), price = parseFixed(close)
    if (price === undefined) continue
    const isAlone = table.anyBetween(ms, endMs), worth = isAlone ? mulDown(price, ONE - loss) : price
    yield {
      service: table.source, symbol: symbolOf(subject), day, startMs: ms, knownMs: endMs, type: 'delisting',
      facts: { form: isAlone ? 'silent' : 'record_ends', cash: formatFixed(worth), last_close: close, last_day: newYorkDate(ms) },
    }
  }
}

/** The session that is so many after that of a moment. */
function sessionAfter(atMs: Millis, sessions: number): { readonly day: string; readonly endMs: Millis } {
  let day = newYorkDay(atMs)
  for (let i = 0; i < sessions; i++) day = tradingDayFrom(day + 1)
  const endMs = sessionOf(day)?.closeMs ?? atMs
  return { day: newYorkDate(endMs), endMs }
}
