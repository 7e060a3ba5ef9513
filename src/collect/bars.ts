import { collector, Failure } from '#tool'
import { barRecords } from '#wire/csv/bar_record'
import { barTable } from '#wire/csv/bar_table'
import { warnOfBreaks } from '#wire/csv/bar_breaks'

export default collector({
  name: 'vanta-bars',
  summary: 'Read market bars (open, high, low, close, volume) from CSV files, in the order in which they became known.',
  about: `A file has a header with ticker, open, high, low, close, volume and either date (daily bars, 09:30 to 16:00 New York) or
timestamp (the bar's start, with offset). Only the regular session is read unless --extended is given. Rows that cannot be
(high below low, prices not above zero, a second bar for the same start) are named on stderr and left out; a jump that looks
like a split which no other file shows is named and kept.`,
  options: {
    from: { kind: 'list', required: true, help: 'CSV files, plain or gzip, separated by commas; - is stdin' },
    ticker: { kind: 'list', help: 'only these tickers' },
    since: { kind: 'moment', help: 'only bars that start at or after this moment' },
    until: { kind: 'moment', help: 'only bars that start before this moment' },
    opens: { kind: 'flag', help: 'also give the opening price of each bar, known at its start' },
    extended: { kind: 'flag', help: 'also bars before 09:30 and after 16:00 New York' },
    basis: {
      kind: 'choice', choices: ['auto', 'as_traded', 'split_adjusted'], default: 'auto',
      help: 'whether prices are as traded or adjusted for later splits; auto goes by the name and columns of the file',
    },
  },
  examples: ["printf 'date,ticker,open,high,low,close,volume\\n2021-01-15,GME,38.5,39,34,35.5,46000000\\n' | vanta-bars --from - --opens"],
  *collect({ from, ticker, since, until, opens, extended, basis }, { folder, log, by }) {
    const filter = {
      tickers: ticker === undefined ? undefined : new Set(ticker),
      sinceMs: since,
      untilMs: until,
      extended,
      basis: basis === 'auto' ? undefined : basis,
    }
    const tables = from.map((file) => {
      const bytes = folder.read(file)
      if (bytes === undefined) throw new Failure('data', `${file}: there is no such file`)
      return barTable(bytes, file, filter, log)
    })
    warnOfBreaks(tables, log)
    yield* barRecords(tables, opens, by)
  },
})
