/**
 * FINRA's weekly summaries of what alternative trading systems and over-the-counter firms traded (`otcMarket/weeklySummary`). They are
 * published two weeks after the week for the larger stocks, four for the others: known from the date of publication they state.
 */
import { DAY_MS, formatInstant, parseInstant, type Millis } from '#record'
import { newYorkMillis, sessionClose } from '#domain/market/session'
import { countOf, decimalOf } from '../json_fields.ts'
import { dayText } from '../market_day.ts'
import { happened } from '../signal.ts'
import { symbolSubject, type Context, type Row } from './found.ts'

/** From a reader of fields by FINRA's names. */
export function weeklySignal(field: (name: string) => string | undefined, { heardMs, by }: Context): Row {
  const symbol = field('issueSymbolIdentifier'), subject = symbolSubject(symbol), shares = decimalOf(field('totalWeeklyShareQuantity'))
  if (shares === undefined) return 'it has no volume'
  const week = dayText(field('weekStartDate') ?? field('summaryStartDate'))
  const published = dayText(field('initialPublishedDate')), updated = dayText(field('lastUpdateDate')) ?? published
  const knownMs = publishedBy(updated, heardMs)
  const fridayMs = week === undefined ? undefined : fridayClose(week)
  // Of a row that does not name its week, only its publication is dated.
  const atMs = Math.min(fridayMs ?? newYorkMillis(updated ?? '', 0, 0) ?? heardMs, knownMs)
  const member = field('MPID') ?? field('firmCRDNumber'), type = field('summaryTypeCode'), tier = field('tierIdentifier')
  const key = ['finra:weekly', symbol ?? '', week ?? `updated ${updated ?? ''}`, member ?? '', type ?? '', tier ?? ''].join(':').replace(/:+$/, '')
  return {
    signal: happened({
      atMs, knownMs, source: 'finra/weekly', type: 'off_exchange_week', key,
      subject, ...(member !== undefined && { author: `finra:${member}` }),
      facts: {
        week, shares, trades: countOf(field('totalWeeklyTradeCount')), value: decimalOf(field('totalNotionalSum')), issue: field('issueName'),
        member, member_name: field('marketParticipantName') ?? field('firmName'), summary: type, tier, product: field('productTypeCode'),
        published, updated,
      },
    }, by),
  }
}

/** A date of publication is over by midnight in New York; what was heard before that was known when it was heard. */
function publishedBy(date: string | undefined, heardMs: Millis): Millis {
  const startMs = date === undefined ? undefined : newYorkMillis(date, 0, 0)
  if (startMs === undefined) return heardMs
  return Math.min(heardMs, startMs + DAY_MS)
}

const FRIDAY = 4

/** Weeks begin on Mondays. */
function fridayClose(monday: string): Millis | undefined {
  const ms = parseInstant(`${monday}T00:00:00Z`)
  return ms === undefined ? undefined : sessionClose(formatInstant(ms + FRIDAY * DAY_MS).slice(0, 10))
}
