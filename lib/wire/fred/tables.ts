/**
 * Series as tables: Nasdaq Data Link data sets (https://docs.data.nasdaq.com/docs/time-series), and CSV as FRED's graphs and other
 * people write it. A table is of one time: what was revised before cannot be told, so its values are known when the table was made.
 */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Reading } from '#port/payload'
import { openCsv } from '../csv/rows.ts'
import { readMillis } from '../dates.ts'
import { exactDecimal, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { NO_SERIES, NO_VALUE } from './fred.ts'
import { endOfVintage, observationSignal, valueOf } from './observation.ts'
import type { Hearing } from '../signal.ts'

/** The body of a data set; undefined where the value is none. Throws Failure `data` on an error or a table of another kind. */
export function dataSetIn(value: Exact, name: string): ExactObject | undefined {
  const object = exactObject(value)
  const error = exactObject(object?.['quandl_error'])
  if (error !== undefined) throw new Failure('data', `${name}: Nasdaq Data Link answered with an error: ${exactString(error['message']) ?? ''}`)
  if (exactObject(object?.['datatable']) !== undefined) throw new Failure('data', `${name}: a table of Nasdaq Data Link that is no series`)
  return exactObject(object?.['dataset']) ?? exactObject(object?.['dataset_data'])
}

/** `asked` is the series where the data set does not say so itself: `FINRA/FNSQ_PM`. */
export function* dataSetSignals(
  set: ExactObject, asked: string | undefined, { by, heardMs }: Hearing, name: string, reading: Reading,
): Generator<Signal> {
  const database = exactString(set['database_code']), code = exactString(set['dataset_code'])
  const series = database === undefined || code === undefined ? asked : `${database}/${code}`
  const columns = (exactList(set['column_names']) ?? []).map(exactString), rows = exactList(set['data'])
  if (rows === undefined || !/^date$/i.test(columns[0] ?? '')) throw new Failure('data', `${name}: a data set without a column of dates`)
  if (series === undefined) return reading.reject('dataset', NO_SERIES)
  if (rows.length === 0) return reading.reject('dataset', 'a data set without rows')
  const knownMs = Math.min(heardMs, readMillis(exactString(set['refreshed_at']) ?? '') ?? heardMs)
  for (const [i, row] of rows.entries()) {
    const [day, ...cells] = exactList(row) ?? []
    const date = exactString(day) ?? ''
    for (const [j, cell] of cells.entries()) {
      const place = `row ${i + 1}`, column = columns[j + 1], value = exactDecimal(cell)
      if (value === undefined) {
        reading.reject(place, NO_VALUE)
        continue
      }
      const key = `nasdaqdatalink:${series}/${column ?? j + 1}/${date}`
      const signal = observationSignal({ key, source: 'nasdaqdatalink/datasets', series, date, value, knownMs, more: { column } }, by)
      if (signal === undefined) reading.reject(place, 'no date')
      else yield signal
    }
  }
}

const DATES = /^(date|observation_date)$/i
const LONG = /^"?series_?id"?,"?(observation_)?date"?,"?value"?\s*$/i

/** Whether the first line of a text is the header of a table of series. */
export const isSeriesHeader = (header: string): boolean => LONG.test(header) || /^"?(observation_date|DATE)"?(,"?[A-Z][A-Z0-9_]*"?)+\s*$/.test(header)

/** A column for each series, or one for their names; a name may end in its vintage (`GDPCA_20121221`), as ALFRED writes it. */
export function* tableSignals(text: string, name: string, hearing: Hearing, reading: Reading): Generator<Signal> {
  const csv = openCsv(text, name)
  const isLong = /^series_?id$/i.test(csv.columns[0] ?? '')
  for (const { line, whole, cells } of csv.rows()) {
    const place = `line ${line}`
    const [first = '', second = ''] = cells
    if (!whole) reading.reject(place, 'more or fewer cells than the header')
    else if (isLong) yield* cell(first.trim(), second.trim(), cells[2], place, hearing, reading)
    else {
      for (const [j, column] of csv.columns.entries()) {
        if (!DATES.test(column)) yield* cell(column, first.trim(), cells[j], place, hearing, reading)
      }
    }
  }
}

function* cell(column: string, date: string, text: string | undefined, place: string, { by, heardMs }: Hearing, reading: Reading): Generator<Signal> {
  const [, named, year, month, day] = /^(.+)_(\d{4})(\d\d)(\d\d)$/.exec(column) ?? []
  const vintage = named === undefined ? undefined : `${year ?? ''}-${month ?? ''}-${day ?? ''}`
  const series = named ?? column
  const value = valueOf(text)
  if (value === undefined || series === '') return reading.reject(place, NO_VALUE)
  const knownMs = Math.min(heardMs, (vintage === undefined ? undefined : endOfVintage(vintage)) ?? heardMs)
  // Which vintage first had the value is not said: the column's is one that had it.
  const signal = observationSignal({ key: `fred:${series}/${date}`, source: 'fred/series', series, date, value, knownMs }, by)
  if (signal === undefined) reading.reject(place, 'no date')
  else yield signal
}
