/** The tables of Tardis (https://docs.tardis.dev/downloadable-csv-files): one exchange's messages as rows, moments in microseconds. */
import { Levels } from '#domain/market/levels'
import type { Csv, CsvRow } from '../csv/rows.ts'
import { marketsOf } from './markets.ts'
import { finelyIn } from './moments.ts'
import { diff, fact, snapshot, type FactSaid, type Market, type Said, type SaidAt } from './said.ts'

/** Names that differ from ours. */
const VENUES: Readonly<Record<string, string>> = { cryptofacilities: 'kraken-futures', okex: 'okx', 'bybit-spot': 'bybit' }

const OWN = ['exchange', 'symbol', 'timestamp', 'local_timestamp']
export const isTardis = (columns: readonly string[]): boolean => OWN.every((name) => columns.includes(name))

export function* tardisRows(csv: Csv): Generator<SaidAt> {
  const marketAt = new Map<string, (symbol: string | undefined) => Market>()
  const marketOf = (row: CsvRow): Market => {
    const venue = VENUES[row.cell('exchange')] ?? row.cell('exchange')
    let markets = marketAt.get(venue)
    if (markets === undefined) marketAt.set(venue, (markets = marketsOf(venue)))
    return markets(row.cell('symbol') || undefined)
  }
  const { columns } = csv
  if (columns.includes('is_snapshot')) yield* changes(csv, marketOf)
  else if (columns.includes('asks[0].price')) yield* wholes(csv, marketOf)
  else {
    const read = readerOf(columns)
    for (const row of csv.rows()) {
      const place = `line ${row.line}`
      if (read === undefined) yield { place, why: 'a table of Tardis that is not read' }
      else if (!row.whole) yield { place, why: 'a row of another length than the header' }
      else yield { place, said: read(row, marketOf(row)), localMs: localOf(row) }
    }
  }
}

function readerOf(columns: readonly string[]): ((row: CsvRow, market: Market) => Said) | undefined {
  if (columns.includes('ask_price')) return quoteOf
  if (columns.includes('funding_rate')) return derivativeOf
  return columns.includes('price') && columns.includes('side') ? tradeOf : undefined
}

const atOf = (row: CsvRow): number | undefined => finelyIn(row.cell('timestamp'))
const localOf = (row: CsvRow): number | undefined => finelyIn(row.cell('local_timestamp'))

interface Group {
  readonly key: string
  readonly place: string
  readonly market: Market
  readonly isWhole: boolean
  readonly atMs: number | undefined
  readonly localMs: number | undefined
  readonly bids: Levels
  readonly asks: Levels
}

/** Rows that were one message share their moments. */
function* changes(csv: Csv, marketOf: (row: CsvRow) => Market): Generator<SaidAt> {
  let group: Group | undefined
  const told = ({ place, market, isWhole, atMs, localMs, bids, asks }: Group): SaidAt =>
    ({ place, localMs, said: (isWhole ? snapshot : diff)(market, { bids, asks, atMs }) })
  for (const row of csv.rows()) {
    const place = `line ${row.line}`, side = row.cell('side')
    const key = ['exchange', 'symbol', 'timestamp', 'local_timestamp', 'is_snapshot'].map((name) => row.cell(name)).join(' ')
    if (group !== undefined && group.key !== key) {
      yield told(group)
      group = undefined
    }
    group ??= {
      key, place, market: marketOf(row), isWhole: row.cell('is_snapshot') === 'true', atMs: atOf(row), localMs: localOf(row),
      bids: new Levels(), asks: new Levels(),
    }
    const isSide = row.whole && (side === 'bid' || side === 'ask')
    if (!isSide || !(side === 'bid' ? group.bids : group.asks).addText(row.cell('price'), row.cell('amount'))) {
      yield { place, why: 'expected a side, a price and an amount' }
    }
  }
  if (group !== undefined) yield told(group)
}

function* wholes(csv: Csv, marketOf: (row: CsvRow) => Market): Generator<SaidAt> {
  for (const row of csv.rows()) {
    const place = `line ${row.line}`
    const bids = new Levels(), asks = new Levels()
    let good = row.whole
    for (let nth = 0; good && csv.columns.includes(`asks[${nth}].price`); nth++) {
      for (const [name, levels] of [['asks', asks], ['bids', bids]] as const) {
        const price = row.cell(`${name}[${nth}].price`)
        if (price !== '') good &&= levels.addText(price, row.cell(`${name}[${nth}].amount`))
      }
    }
    if (good) yield { place, localMs: localOf(row), said: snapshot(marketOf(row), { bids, asks, atMs: atOf(row) }) }
    else yield { place, why: 'expected prices and amounts' }
  }
}

const cellOf = (row: CsvRow, name: string): string | undefined => row.cell(name) || undefined

function tradeOf(row: CsvRow, market: Market): FactSaid {
  const side = row.cell('side')
  return fact('trade', market, {
    atMs: atOf(row), id: cellOf(row, 'id'),
    facts: { price: cellOf(row, 'price'), size: cellOf(row, 'amount'), side: side === 'buy' || side === 'sell' ? side : undefined },
  })
}

function quoteOf(row: CsvRow, market: Market): Said {
  return fact('quote', market, {
    atMs: atOf(row),
    facts: { bid: cellOf(row, 'bid_price'), bid_size: cellOf(row, 'bid_amount'), ask: cellOf(row, 'ask_price'), ask_size: cellOf(row, 'ask_amount') },
  })
}

function derivativeOf(row: CsvRow, market: Market): Said {
  return fact('mark_price', market, {
    atMs: atOf(row),
    facts: {
      mark_price: cellOf(row, 'mark_price'), index_price: cellOf(row, 'index_price'), last: cellOf(row, 'last_price'),
      open_interest: cellOf(row, 'open_interest'),
      funding_rate: cellOf(row, 'funding_rate'), predicted_funding_rate: cellOf(row, 'predicted_funding_rate'),
    },
  })
}
