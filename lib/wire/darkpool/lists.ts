/**
 * Lists of off-exchange and short trading that others make of FINRA's numbers: Stockgrid, Quiver, Nasdaq Data Link, Unusual Whales; and
 * FINRA's own interface. Each is known by its fields.
 */
import { sessionClose } from '#domain/market/session'
import { readEpoch, readMoment } from '../dates.ts'
import { exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { countOf, decimalOf, flagOf, manyOf, membersOf, numberOf, wordOf } from '../json_fields.ts'
import { dayText } from '../market_day.ts'
import { happened, type Facts } from '../signal.ts'
import { symbolSubject, type Context, type Row } from './found.ts'
import { shortVolumeSignal } from './short_volume.ts'
import { weeklySignal } from './weekly.ts'

export type Placed = readonly [place: string, row: Row]

interface List {
  /** Whether a row is one of this list. */
  knows(row: ExactObject): boolean
  row(row: ExactObject, context: Context): Row
}

const NO_SYMBOL = 'it names no symbol'

const word = (row: ExactObject, name: string): string | undefined => wordOf(row[name])

const weekly: List = {
  knows: (row) => 'totalWeeklyShareQuantity' in row,
  row: (row, context) => weeklySignal((name) => word(row, name), context),
}

const weeks: List = { knows: (row) => 'weekStartDate' in row, row: () => 'a week that can be asked for, without volumes' }

/** A day's short volume, and a position that Stockgrid sums up from it over twenty days. */
const stockgridPosition: List = {
  knows: (row) => 'Dark Pools Position' in row,
  row: (row, context) => dated('stockgrid', 'dark_pool_position', word(row, 'Ticker'), word(row, 'Date'), {
    position: decimalOf(row['Dark Pools Position']), position_usd: decimalOf(row['Dark Pools Position $']),
    short_volume: decimalOf(row['Short Volume']), short_ratio: numberOf(row['Short Volume %']),
    net_short_volume: decimalOf(row['Net Short Volume']), net_short_volume_usd: decimalOf(row['Net Short Volume $']),
  }, context),
}

/** Twice a month: shares sold short and not bought back on the settlement date. */
const stockgridInterest: List = {
  knows: (row) => 'Short Interest' in row,
  row: (row, context) => dated('stockgrid', 'short_interest', word(row, 'Ticker'), word(row, 'Date'), {
    short_interest: decimalOf(row['Short Interest']), average_volume: decimalOf(row['Average Volume']),
    days_to_cover: numberOf(row['Days To Cover']), float_short_percent: numberOf(row['%Float Short']),
  }, context),
}

const stockgridShort: List = {
  knows: (row) => 'short_volume' in row && 'total_volume' in row && 'ticker' in row,
  row: (row, context) => short('stockgrid', symbolSubject(word(row, 'ticker')), word(row, 'date'), {
    short: row['short_volume'], exempt: row['short_exempt_volume'], total: row['total_volume'],
  }, { markets: word(row, 'market') }, context),
}

/** Quiver's off-exchange short volume; DPI is its name for the short ratio. */
const quiver: List = {
  knows: (row) => 'OTC_Short' in row && 'OTC_Total' in row,
  row: (row, context) => short('quiver', symbolSubject(word(row, 'Ticker') ?? context.symbol), word(row, 'Date'), {
    short: row['OTC_Short'], exempt: undefined, total: row['OTC_Total'],
  }, { stated_ratio: decimalOf(row['DPI']) }, context),
}

/** Prints that Unusual Whales takes from the tape. */
const whales: List = {
  knows: (row) => 'tracking_id' in row && 'price' in row && 'size' in row,
  row(row) {
    const executed = word(row, 'executed_at') ?? '', moment = readMoment(executed)
    const atMs = readEpoch(executed) ?? (moment?.zoned === true ? moment.ms : undefined)
    const price = decimalOf(row['price']), shares = decimalOf(row['size']), subject = symbolSubject(word(row, 'ticker') ?? word(row, 'symbol'))
    if (subject === undefined) return NO_SYMBOL
    if (atMs === undefined || price === undefined || shares === undefined) return 'it lacks a time, a price or a size'
    const codes = ['sale_cond_codes', 'trade_code', 'ext_hour_sold_codes', 'trade_settlement'].flatMap((name) => exactString(row[name]) ?? [])
    return {
      print: {
        service: 'unusual_whales', key: `unusual_whales:print:${word(row, 'tracking_id') ?? ''}`, subject, atMs, knownMs: atMs, price, shares,
        exchange: word(row, 'market_center'), offExchange: 'facility', isSelected: true, conditions: codes,
        meanings: codes.map((name) => ({ name: name === 'derivative_priced' ? 'derivatively_priced' : name })),
        correction: flagOf(row['canceled']) === true ? 'cancelled_later' : undefined,
        facts: {
          bid: decimalOf(row['nbbo_bid']), ask: decimalOf(row['nbbo_ask']), premium: decimalOf(row['premium']), day_volume: countOf(row['volume']),
        },
      },
    }
  },
}

const LISTS: readonly List[] = [weekly, weeks, stockgridPosition, stockgridInterest, stockgridShort, quiver, whales]

/** The rows of a list, wherever the answer holds them; undefined where it is none of ours. */
export function readList(answer: Exact, context: Context): Iterable<Placed> | undefined {
  const rows = (exactList(answer) ?? exactList(membersOf(answer)['data']))?.map(membersOf)
  if (rows === undefined) return undefined
  if (rows.length === 0) return [['list', 'an empty list']]
  const list = LISTS.find(({ knows }) => rows.some(knows))
  return list === undefined ? undefined : numbered(rows, (row) => (list.knows(row) ? list.row(row, context) : 'no row of this list'))
}

const numbered = <R>(rows: readonly R[], read: (row: R) => Row): Placed[] => rows.map((row, i) => [`row ${i + 1}`, read(row)] as const)

/** Numbers of a day, known when they were heard: the makers do not say when they were published. */
function dated(service: string, type: string, symbol: string | undefined, date: string | undefined, facts: Facts, context: Context): Row {
  const day = dayText(date), subject = symbolSubject(symbol)
  const atMs = day === undefined ? undefined : sessionClose(day)
  if (day === undefined || atMs === undefined) return 'it has no date'
  if (subject === undefined) return NO_SYMBOL
  if (Object.values(facts).every((value) => value === undefined)) return 'it states nothing'
  if (atMs > context.heardMs) return 'its date is to come'
  return {
    signal: happened({
      atMs, knownMs: context.heardMs, source: `${service}/${type}`, type,
      key: `${service}:${type}:${subject.slice(7)}:${day}`, subject, facts: { date: day, ...facts },
    }, context.by),
  }
}

function short(
  service: string, subject: string | undefined, date: string | undefined,
  { short: sold, exempt, total }: { readonly short: Exact | undefined; readonly exempt: Exact | undefined; readonly total: Exact | undefined },
  facts: Facts, context: Context,
): Row {
  const day = dayText(date)
  if (day === undefined) return 'it has no date'
  const volumes = { short: decimalOf(sold) ?? '', exempt: decimalOf(exempt), total: decimalOf(total) ?? '' }
  const signal = shortVolumeSignal({ service, subject, date: day, ...volumes, facts }, context)
  return typeof signal === 'string' ? signal : { signal }
}

/** Stockgrid on one stock: series side by side, of which the position's is dated, and a table of days. */
export function* readStockgridOne(answer: Exact, context: Context): Generator<Placed> {
  const object = membersOf(answer)
  const table = manyOf(membersOf(object['individual_short_volume_table'])['data']).map(membersOf)
  for (const [i, row] of table.entries()) yield [`table row ${i + 1}`, stockgridShort.row(row, context)]
  const symbol = table.map((row) => word(row, 'ticker')).find((ticker) => ticker !== undefined) ?? context.symbol
  const series = membersOf(object['individual_dark_pool_position_data'])
  for (const [i, date] of (exactList(series['dates']) ?? []).entries()) {
    const value = (name: string): string | undefined => decimalOf(exactList(series[name])?.[i])
    yield [`day ${i + 1}`, dated('stockgrid', 'dark_pool_position', symbol, wordOf(date), {
      position: value('dp_position'), position_usd_millions: value('dollar_dp_position'), net_volume_usd_thousands: value('dollar_net_volume'),
    }, context)]
  }
  const undated = 'individual_short_volume'
  if (exactObject(object[undated]) !== undefined) yield [undated, 'a series without dates, in thousands of what the table has']
}

export const isStockgridOne = (answer: Exact): boolean => 'individual_dark_pool_position_data' in membersOf(answer)

/** Nasdaq Data Link: a time series (`dataset`, `dataset_data`) of FINRA's short volume at one facility, or a `datatable` of retail activity. */
export function readDataLink(answer: Exact, context: Context): Iterable<Placed> | undefined {
  const object = membersOf(answer), table = exactObject(object['datatable'])
  const set = exactObject(object['dataset']) ?? exactObject(object['dataset_data'])
  const columns = table === undefined
    ? exactList(set?.['column_names'])?.map((name) => wordOf(name) ?? '')
    : exactList(table['columns'])?.map((column) => word(membersOf(column), 'name') ?? '')
  const rows = (exactList(table?.['data'] ?? set?.['data']) ?? []).map((row) => exactList(row) ?? [])
  if (columns === undefined) return undefined
  const cell = (row: readonly Exact[], name: string): Exact | undefined => row[columns.indexOf(name)]
  if (columns.includes('ShortVolume') && columns.includes('TotalVolume')) {
    const code = set === undefined ? undefined : word(set, 'dataset_code') ?? /\/FINRA\/(\w+)/.exec(context.url ?? '')?.[1]
    const [, facility, ticker] = /^(FNSQ|FNYX|FNQC|FORF|FNRA)_(.+)$/.exec(code ?? '') ?? []
    const subject = symbolSubject(ticker?.replaceAll('_', '.') ?? context.symbol)
    return numbered(rows, (row) => short('finra_data_link', subject, wordOf(cell(row, 'Date')), {
      short: cell(row, 'ShortVolume'), exempt: cell(row, 'ShortExemptVolume'), total: cell(row, 'TotalVolume'),
    }, { facility, off_exchange: true }, context))
  }
  if (columns.includes('activity') && columns.includes('sentiment')) {
    return numbered(rows, (row) => dated('nasdaq', 'retail_activity', wordOf(cell(row, 'ticker')), wordOf(cell(row, 'date')), {
      activity: numberOf(cell(row, 'activity')), sentiment: numberOf(cell(row, 'sentiment')),
    }, context))
  }
  return undefined
}
