/**
 * How often people spoke of a security in an hour or a day, as others have counted it (CSV). A count is known when its span is over.
 * Hours are those of Finnhub's social sentiment (https://finnhub.io/docs/api/social-sentiment): one row for Reddit and Twitter.
 */
import { DAY_MS, formatInstant, HOUR_MS, make, parseInstant, parseMoment, type Millis, type Signal } from '#record'
import type { CsvRow } from './csv/rows.ts'

type Network = 'reddit' | 'twitter'

/** What is counted in which columns, by the name of the fact. */
type Columns = { readonly [fact: string]: string }

interface Shape {
  readonly subject: string
  readonly start: string
  readonly spanMs: Millis
  readonly span: '1h' | '1d'
  readonly counts: Columns
}

const DAILY: Shape = {
  subject: 'ticker', start: 'date', spanMs: DAY_MS, span: '1d', counts: { mentions: 'mentions', rank: 'rank', sentiment: 'sentiment' },
}
const hourly = (network: Network): Shape => ({
  subject: 'symbol', start: 'atTime', spanMs: HOUR_MS, span: '1h',
  counts: {
    mentions: `mention_${network}`, positive: `positiveMention_${network}`, negative: `negativeMention_${network}`,
    positive_score: `positiveScore_${network}`, negative_score: `negativeScore_${network}`, score: `score_${network}`,
  },
})

/** How the table of these columns counts for a network; undefined where it does not. Daily counts do not name theirs: Reddit's are known. */
export function countsShape(columns: readonly string[], network: Network): Shape | undefined {
  const shapes = network === 'reddit' ? [hourly(network), DAILY] : [hourly(network)]
  return shapes.find(({ subject, start, counts }) => [subject, start, counts['mentions'] ?? ''].every((column) => columns.includes(column)))
}

/** One row's count, or what was expected of the row. */
export function countSignal(row: CsvRow, shape: Shape, network: Network, by: string): Signal | string {
  const symbol = row.cell(shape.subject)
  if (!/^[A-Za-z0-9.^=-]{1,20}$/.test(symbol)) return `column "${shape.subject}": expected a symbol`
  const text = row.cell(shape.start)
  const startMs = shape.span === '1d' ? parseMoment(text) : parseInstant(text)
  if (startMs === undefined) return `column "${shape.start}": expected ${shape.span === '1d' ? 'a day' : 'an ISO 8601 UTC instant'}`
  const facts: { [name: string]: number | string } = { span: shape.span }
  for (const [name, column] of Object.entries(shape.counts)) {
    const cell = row.cell(column)
    if (cell === '') continue
    const value = Number(cell)
    if (!Number.isFinite(value)) return `column "${column}": expected a number`
    facts[name] = value
  }
  if (facts['mentions'] === undefined) return 'expected a count of mentions'
  const at = formatInstant(startMs)
  return make('signal', {
    at, known_at: formatInstant(startMs + shape.spanMs), source: `${network}/mentions`, by, type: 'mention_count',
    key: `${network}:mentions/${shape.span}/${symbol}/${at}`, subject: `ticker:${symbol}`, facts,
  })
}
