/** Tables of what chains did, as CSV, and charts as JSON: mempool series and snapshots, daily supply (Coin Metrics), charts of blockchain.com. */
import type { Signal } from '#record'
import { minus } from '#domain/chain/quantity'
import { Failure } from '#port/failure'
import type { Csv, CsvRow } from '../csv/rows.ts'
import { exactDecimal, exactList, exactObject, type Exact } from '../json_exact.ts'
import { coinSubject } from './evm.ts'
import { feePercentiles, mempoolSignal } from './mempool.ts'
import { amount, momentOf, signal, text, type Scope } from './signals.ts'

type Reader = (csv: Csv, scope: Scope) => Iterable<Signal>

const TABLES: readonly (readonly [columns: readonly string[], read: Reader])[] = [
  [['time_utc', 'mempool_count', 'mempool_vsize'], readMempoolSeries],
  [['txid', 'fee_sat', 'weight_wu'], readMempool],
  [['time', 'SplyCur'], readSupply],
  [['block_timestamp', 'gas_price'], readGasPrices],
]

/** The reader of a table with these columns; undefined where we know none. */
export function tableOf(columns: readonly string[]): Reader | undefined {
  const known = TABLES.find(([needed]) => needed.every((column) => columns.includes(column)))?.[1]
  if (known !== undefined) return known
  const [time = '', chart = '', ...rest] = columns
  const isChart = rest.length === 0 && CHARTS.has(chart) && /^(?:time|timestamp|date)$/i.test(time)
  return isChart ? (csv, scope) => readChart(csv, time, chart, scope) : undefined
}

const number = (row: CsvRow, column: string): number | undefined => {
  const cell = row.cell(column)
  const value = cell === '' ? NaN : Number(cell)
  return Number.isFinite(value) ? value : undefined
}
const place = (row: CsvRow): string => `line ${row.line}`

/** mempool.space, asked every few minutes. */
function* readMempoolSeries(csv: Csv, scope: Scope): Iterable<Signal> {
  for (const row of csv.rows()) {
    const atMs = momentOf(row.cell('time_utc').replace('+00:00', 'Z'))
    const size = number(row, 'mempool_count')
    if (atMs === undefined || size === undefined) scope.reject(place(row), 'a snapshot without time or count')
    else {
      yield mempoolSignal(scope, {
        count: size, vsize: number(row, 'mempool_vsize'), total_fee: satoshis(row.cell('mempool_total_fee')),
        fee_fastest: number(row, 'recommended_fee_fastestFee'),
        fee_half_hour: number(row, 'recommended_fee_halfHourFee'), fee_hour: number(row, 'recommended_fee_hourFee'),
        fee_economy: number(row, 'recommended_fee_economyFee'),
        fee_minimum: number(row, 'recommended_fee_minimumFee'), next_count: number(row, 'mempool_blocks_nTx'),
        next_vsize: number(row, 'mempool_blocks_blockVSize'),
        next_fees: satoshis(row.cell('mempool_blocks_totalFees')), next_fee_median: number(row, 'mempool_blocks_medianFee'),
      }, atMs)
    }
  }
}

/** `48816425.0` satoshi in whole coins. */
function satoshis(cell: string): string | undefined {
  const whole = /^(\d{1,20})(?:\.0+)?$/.exec(cell)?.[1]
  return whole === undefined ? undefined : exactDecimal(`${whole}e-8`)?.replace(/\.?0+$/, '')
}

/** A whole mempool, a transaction a row: one snapshot, of no stated time. */
function* readMempool(csv: Csv, scope: Scope): Iterable<Signal> {
  const pairs: (readonly [rate: number, vsize: number])[] = []
  let rows = 0, weight = 0
  let fees = 0n
  for (const row of csv.rows()) {
    const fee = /^(\d{1,16})(?:\.0+)?$/.exec(row.cell('fee_sat'))?.[1], units = number(row, 'weight_wu')
    if (fee === undefined || units === undefined || units <= 0) {
      scope.reject(place(row), 'a transaction without fee or weight')
      continue
    }
    rows++
    weight += units
    fees += BigInt(fee)
    pairs.push([number(row, 'effective_fee_per_vsize') ?? Number(fee) / (units / 4), units / 4])
  }
  if (rows === 0) scope.reject('table', 'no transactions')
  else yield mempoolSignal(scope, { count: rows, vsize: weight / 4, total_fee: satoshis(fees.toString()), ...feePercentiles(pairs) })
}

/**
 * One coin's days (https://docs.coinmetrics.io/): the supply of the day, and what was minted or burnt on balance since the day before. Which
 * coin it is the table does not say.
 */
function* readSupply(csv: Csv, scope: Scope): Iterable<Signal> {
  let before: { readonly supply: string; readonly atMs: number } | undefined
  const { coin } = scope
  const subject = coin === undefined ? undefined : `coin:${coin}`
  const key = (day: string): string => `coinmetrics:${coin ?? 'coin'}:${day}`
  for (const row of csv.rows()) {
    const atMs = momentOf(row.cell('time')), supply = amount(row.cell('SplyCur'))
    if (atMs === undefined || supply === undefined) {
      scope.reject(place(row), 'a day without date or supply')
      continue
    }
    const day = row.cell('time').slice(0, 10)
    const value = (column: string): string | undefined => amount(row.cell(column))
    yield signal(scope, {
      type: 'supply', key: `${key(day)}:supply`, source: 'coinmetrics/supply', subject, atMs,
      facts: {
        coin, day, supply, issued: value('IssTotNtv'), transfers: number(row, 'TxTfrCnt'), moved: value('TxTfrValAdjNtv'),
        moved_usd: value('TxTfrValAdjUSD'),
        active_addresses: number(row, 'AdrActCnt'), cap_usd: value('CapMrktCurUSD'), price_usd: value('PriceUSD'),
      },
    })
    const change = before === undefined ? undefined : minus(supply, before.supply)
    if (before !== undefined && change !== undefined && change !== '0') {
      yield signal(scope, {
        type: change.startsWith('-') ? 'burn' : 'mint', key: `${key(day)}:change`, source: 'coinmetrics/supply', subject, atMs,
        facts: {
          coin, day, amount: change.replace('-', ''), how: 'net_of_supply', supply, supply_before: before.supply,
          days: (atMs - before.atMs) / 86_400_000,
        },
      })
    }
    before = { supply, atMs }
  }
}

/** Neither chain nor unit is stated. */
function* readGasPrices(csv: Csv, scope: Scope): Iterable<Signal> {
  for (const row of csv.rows()) {
    const atMs = momentOf(row.cell('block_timestamp')), price = exactDecimal(row.cell('gas_price'))
    if (atMs === undefined || price === undefined) scope.reject(place(row), 'a row without time or price')
    else {
      yield signal(scope, {
        type: 'fees', key: 'gas:price', source: 'gas/fees', subject: scope.isNamed ? coinSubject(scope.chain) : undefined, atMs,
        facts: { gas_price: price, chain: scope.isNamed ? scope.chain : undefined },
      })
    }
  }
}

/** Charts of blockchain.com that are kept as tables of two columns. */
const CHARTS: ReadonlySet<string> = new Set([
  'mempool_size', 'mempool_count', 'mempool_growth', 'hash_rate', 'difficulty', 'total_bitcoins', 'market_price', 'market_cap', 'trade_volume',
  'blocks_size', 'avg_block_size',
  'n_transactions', 'n_transactions_per_block', 'n_transactions_total', 'n_unique_addresses', 'n_payments', 'transactions_per_second',
  'output_volume',
  'median_confirmation_time', 'avg_confirmation_time', 'miners_revenue', 'transaction_fees', 'transaction_fees_usd', 'fees_usd_per_transaction',
  'cost_per_transaction',
  'cost_per_transaction_percent', 'estimated_transaction_volume', 'estimated_transaction_volume_usd', 'utxo_count', 'mvrv', 'nvt', 'nvts',
])

function* readChart(csv: Csv, time: string, chart: string, scope: Scope): Iterable<Signal> {
  const of = { chart: chart.replaceAll('_', '-'), unit: undefined }
  for (const row of csv.rows()) yield* point(scope, { ...of, time: row.cell(time), value: row.cell(chart), place: place(row) })
}

/** https://www.blockchain.com/explorer/api/charts_api: `values` of `x` (seconds) and `y`. Undefined where `doc` is no chart. */
export function readCharts(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const chart = exactObject(doc)
  const values = exactList(chart?.['values'])
  if (chart === undefined || values === undefined || !('unit' in chart) || !('name' in chart)) return undefined
  return readPoints(text(chart['name']) ?? '', text(chart['unit']), values, scope)
}

function* readPoints(name: string, unit: string | undefined, values: readonly Exact[], scope: Scope): Iterable<Signal> {
  if (name === '') throw new Failure('data', `${scope.name}: a chart without a name`)
  const chart = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  if (values.length === 0) scope.reject('values', 'a chart without values')
  for (const [i, each] of values.entries()) {
    const { x, y } = exactObject(each) ?? {}
    yield* point(scope, { chart, unit, time: x, value: y, place: `value ${i + 1}` })
  }
}

interface Point {
  readonly chart: string
  readonly unit: string | undefined
  readonly time: Exact | undefined
  readonly value: Exact | undefined
  readonly place: string
}

function* point(scope: Scope, { chart, unit, time, value, place: where }: Point): Iterable<Signal> {
  const atMs = momentOf(time), exact = exactDecimal(value)
  if (atMs === undefined || exact === undefined) scope.reject(where, 'a point without time or value')
  else if (/^mempool-size/.test(chart)) yield mempoolSignal(scope, { bytes: Number(exact) }, atMs)
  else {
    yield signal(scope, {
      type: 'observation', key: `blockchain.com:${chart}`, source: 'blockchain.com/charts', subject: `series:blockchain.com/${chart}`, atMs,
      facts: { chart, value: exact, unit },
    })
  }
}
