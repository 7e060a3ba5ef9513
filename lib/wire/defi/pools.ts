/** What pools of exchanges on chains did, as tables: Uniswap's net flow by minute, and its hourly candles as The Graph gives them. */
import type { Signal } from '#record'
import { signal, integerText, momentOf, type Scope } from '../chain/signals.ts'
import type { Csv } from '../csv/rows.ts'
import { exactDecimal, exactNumber } from '../json_exact.ts'

/** The reader of a table with these columns; undefined where we know none. Which pool it is the tables do not say. */
export function poolTableOf(columns: readonly string[]): ((csv: Csv, scope: Scope) => Iterable<Signal>) | undefined {
  if (['timestamp', 'netAmount0', 'netAmount1', 'closeTick'].every((column) => columns.includes(column))) return readFlow
  return ['periodStartUnix', 'liquidity', 'close'].every((column) => columns.includes(column)) ? readHours : undefined
}

/** Net amounts are the pool's, in the smallest units: positive went in. */
function* readFlow(csv: Csv, scope: Scope): Iterable<Signal> {
  const signed = (cell: string): string | undefined => (/^-?\d{1,78}$/.test(cell) ? BigInt(cell).toString() : undefined)
  for (const row of csv.rows()) {
    const atMs = momentOf(row.cell('timestamp')), net0 = signed(row.cell('netAmount0')), net1 = signed(row.cell('netAmount1'))
    if (atMs === undefined || net0 === undefined || net1 === undefined) scope.reject(`line ${row.line}`, 'a minute without time or amounts')
    else if ([net0, net1, row.cell('inAmount0'), row.cell('inAmount1')].every((amount) => amount === '0' || amount === '')) {
      scope.reject(`line ${row.line}`, 'a minute without a swap')
    } else {
      const tick = (column: string): number | undefined => exactNumber(row.cell(column))
      yield signal(scope, {
        type: 'dex_flow', key: 'uniswap:flow', source: 'uniswap/flow', atMs,
        facts: {
          span: '1m', net0, net1, in0: integerText(row.cell('inAmount0')), in1: integerText(row.cell('inAmount1')), tick_open: tick('openTick'),
          tick_close: tick('closeTick'),
          tick_low: tick('lowestTick'), tick_high: tick('highestTick'), liquidity: integerText(row.cell('currentLiquidity')),
        },
      })
    }
  }
}

function* readHours(csv: Csv, scope: Scope): Iterable<Signal> {
  for (const row of csv.rows()) {
    const atMs = momentOf(row.cell('periodStartUnix')), close = exactDecimal(row.cell('close'))
    if (atMs === undefined || close === undefined) scope.reject(`line ${row.line}`, 'an hour without time or price')
    else {
      const value = (column: string): string | undefined => exactDecimal(row.cell(column))
      yield signal(scope, {
        type: 'pool', key: 'uniswap:pool', source: 'uniswap/pools', atMs,
        facts: {
          span: '1h', high: value('high'), low: value('low'), close, liquidity: value('liquidity'), tvl_usd: value('pool.totalValueLockedUSD'),
          tvl0: value('pool.totalValueLockedToken0'), tvl1: value('pool.totalValueLockedToken1'),
        },
      })
    }
  }
}
