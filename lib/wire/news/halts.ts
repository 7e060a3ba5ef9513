/**
 * Trade halts of the US exchanges, as Nasdaq's feed tells them (https://www.nasdaqtrader.com/trader.aspx?id=TradeHaltRSS): New York
 * time; a halt is told again, with the same start, when its resumption is known.
 */
import { formatInstant, type Millis, type Signal } from '#record'
import type { Reading } from '#port/payload'
import { newYorkMillis } from '#domain/market/session'
import { elementsIn, textAt, type Element } from '../feed/xml.ts'
import { signalOf, type Hearing } from '../signal.ts'

/** What the codes mean (https://www.nasdaqtrader.com/trader.aspx?id=TradeHaltCodes). */
const REASONS: Readonly<Record<string, string>> = {
  T1: 'news pending', T2: 'news released', T3: 'news and resumption times', T5: 'single stock trading pause in effect',
  T6: 'extraordinary market activity', T7: 'single stock trading pause, quotes only', T8: 'exchange-traded fund',
  T12: 'additional information requested', H4: 'non-compliance', H9: 'not current', H10: 'SEC trading suspension', H11: 'regulatory concern',
  O1: 'operations', IPO1: 'IPO not yet trading', IPOQ: 'IPO released for quotation', IPOE: 'IPO positioning window extension',
  M: 'volatility trading pause', LUDP: 'volatility trading pause', LUDS: 'volatility trading pause, straddle condition',
  MWC1: 'market-wide circuit breaker, level 1', MWC2: 'market-wide circuit breaker, level 2', MWC3: 'market-wide circuit breaker, level 3',
  MWC0: 'market-wide circuit breaker, carried over', MWCQ: 'market-wide circuit breaker, resumption', M1: 'corporate action',
  M2: 'quotation not available', D: 'deleted from Nasdaq or CQS', R4: 'qualifications reviewed, resumes',
  R9: 'filing requirements satisfied, resumes', C3: 'issuer news not forthcoming, resumes', C4: 'qualifications halt ended, resumes',
  C9: 'qualifications halt concluded, resumes', C11: 'trade halt concluded by other regulator, resumes', R1: 'new issue available',
  R2: 'issue available',
}

const isHalt = (item: Element): boolean => elementsIn(item).some(({ space, name }) => space === 'ndaq' && name === 'HaltDate')

/** The items of a document if they are halts, else undefined. */
export function haltsIn(root: Element): readonly Element[] | undefined {
  const items: Element[] = []
  const collect = (element: Element): void => {
    for (const each of elementsIn(element)) {
      if (each.name === 'item') items.push(each)
      else if (each.name === 'channel') collect(each)
    }
  }
  collect(root)
  return items.some(isHalt) ? items : undefined
}

export function* haltSignals(items: readonly Element[], { by, heardMs }: Hearing, reading: Reading): Generator<Signal> {
  for (const [i, item] of items.entries()) {
    const place = `item ${i + 1}`
    const field = (name: string): string | undefined => textAt(item, `ndaq:${name}`)
    const symbol = field('IssueSymbol')?.toUpperCase(), date = field('HaltDate'), time = field('HaltTime')
    const atMs = newYork(date, time)
    if (!item.whole) reading.reject(place, 'cut off: the feed ends within it')
    else if (symbol === undefined || atMs === undefined) reading.reject(place, 'a halt without symbol, date or time')
    else {
      const reason = field('ReasonCode')
      const resumptionDate = field('ResumptionDate')
      yield signalOf({
        type: 'halt',
        key: `nasdaq:halt:${symbol}:${formatInstant(atMs)}`,
        source: 'news/nasdaqtrader.com',
        subject: `ticker:${symbol}`,
        atMs,
        // Halts are told in advance only where clocks differ.
        knownMs: Math.max(atMs, heardMs),
        facts: {
          name: field('IssueName'),
          market: field('Market'),
          reason_code: reason,
          reason: reason !== undefined && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined,
          pause_threshold_price: decimal(field('PauseThresholdPrice')),
          resumes_quoting: instant(newYork(resumptionDate, field('ResumptionQuoteTime'))),
          resumes_trading: instant(newYork(resumptionDate, field('ResumptionTradeTime'))),
        },
      }, by)
    }
  }
}

const instant = (ms: Millis | undefined): string | undefined => (ms === undefined ? undefined : formatInstant(ms))
const decimal = (text: string | undefined): string | undefined => (text !== undefined && /^\d+(\.\d+)?$/.test(text) ? text : undefined)

/** `06/10/2026` and `19:50:00.000`. */
function newYork(date: string | undefined, time: string | undefined): Millis | undefined {
  const [, month, day, year] = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(date ?? '') ?? []
  const [, hour, minute, second = '0', fraction = ''] = /^(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?$/.exec(time ?? '') ?? []
  if (month === undefined || day === undefined || hour === undefined) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const ms = newYorkMillis(`${year ?? ''}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`, Number(hour), Number(minute), Number(second))
  return ms === undefined ? undefined : ms + Number(fraction.slice(0, 3).padEnd(3, '0'))
}
