/** A bar of any source: how it is judged, and the records it becomes. */
import { formatInstant, makeUnnamed, type Bar, type Millis, type Price } from '#record'

export type Basis = Bar['basis']

/** Prices, in the currency of the subject, and volume, in its units, are the exact text of the source. */
export interface Candle {
  /** `ticker:AAPL`, `pair:BTC/USDT` */
  readonly subject: string
  readonly startMs: Millis
  readonly endMs: Millis
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  /** Mean price of the span, weighted by volume. */
  readonly vwap?: string | undefined
  /** Number of trades in the span. */
  readonly trades?: number | undefined
  readonly span: string
  readonly basis: Basis
  /** `bars/<file stem>`, `alpaca/bars` */
  readonly source: string
  /** Where it was corrected since: when that was heard. Else it is known at its end. */
  readonly revisedMs?: Millis | undefined
  /** The kept payload that it stands in. */
  readonly raw?: string | undefined
}

/** `AAPL` → `ticker:AAPL`; a symbol with a stroke is a pair. */
export const subjectOf = (symbol: string): string => (symbol.includes('/') ? `pair:${symbol}` : `ticker:${symbol}`)

/** A relative and an absolute slack for open and close outside low..high: three decimals are the coarsest rounding seen. */
const SLACK = 1e-4
const SLACK_USD = 0.00051

/** What is wrong with the numbers of a bar, NaN being what is no number; undefined where nothing is. */
export function priceFault(open: number, high: number, low: number, close: number, volume: number): string | undefined {
  if (!(open > 0 && high > 0 && low > 0 && close > 0)) return 'expected prices above zero, as plain decimals'
  if (!(volume >= 0)) return 'column "volume": expected a plain decimal'
  if (high < low) return 'high is below low'
  const slack = high * SLACK + SLACK_USD
  return Math.min(open, close) < low - slack || Math.max(open, close) > high + slack ? 'open or close is outside low..high' : undefined
}

const written = new Map<Millis, string>()

/** Bars share few moments, and writing one is a fifth of the work of making a record. */
function instant(ms: Millis): string {
  let text = written.get(ms)
  if (text === undefined) {
    if (written.size > 1000) written.clear()
    written.set(ms, (text = formatInstant(ms)))
  }
  return text
}

/** A bar: happened at its start, known at its end. */
export function barRecord(candle: Candle, by: string): Bar {
  return makeUnnamed('bar', {
    at: instant(candle.startMs),
    known_at: instant(candle.revisedMs ?? candle.endMs),
    source: candle.source,
    by,
    subject: candle.subject,
    span: candle.span,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
    ...(candle.vwap !== undefined && { vwap: candle.vwap }),
    ...(candle.trades !== undefined && { trades: candle.trades }),
    basis: candle.basis,
    ...(candle.raw !== undefined && { raw: candle.raw }),
  })
}

/** The opening print of a bar, known as it happens, with the volume of the bar before: all that is known of liquidity then. */
export function openRecord(candle: Candle, priorVolume: string | undefined, by: string): Price {
  const at = instant(candle.startMs)
  return makeUnnamed('price', {
    at,
    known_at: at,
    source: candle.source,
    by,
    subject: candle.subject,
    type: 'open',
    price: candle.open,
    ...(priorVolume !== undefined && { prior_volume: priorVolume }),
    span: candle.span,
    basis: candle.basis,
    ...(candle.raw !== undefined && { raw: candle.raw }),
  })
}

/** Records of bars in the order in which they become known: what ends at a moment before what starts at it, else as given. */
export function candleRecords(candles: readonly Candle[], opens: boolean, by: string): (Bar | Price)[] {
  const moments: { readonly ms: Millis; readonly starts: number; readonly record: Bar | Price }[] = []
  const before = new Map<string, Candle>()
  for (const candle of candles) {
    moments.push({ ms: candle.revisedMs ?? candle.endMs, starts: 0, record: barRecord(candle, by) })
    if (!opens || candle.revisedMs !== undefined) continue
    const prior = before.get(candle.subject)
    const isPrior = prior !== undefined && prior.endMs <= candle.startMs && prior.span === candle.span
    moments.push({ ms: candle.startMs, starts: 1, record: openRecord(candle, isPrior ? prior.volume : undefined, by) })
    before.set(candle.subject, candle)
  }
  return moments.sort((a, b) => a.ms - b.ms || a.starts - b.starts).map(({ record }) => record)
}
