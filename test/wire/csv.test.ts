import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { check, formatInstant } from '#record'
import { Failure } from '#port/failure'
import { barRecords } from '#wire/csv/bar_record'
import { warnOfBreaks } from '#wire/csv/bar_breaks'
import { plainNumber, timestamp } from '#wire/csv/bar_row'
import { barTable, rowsOf, stemOf, type BarFilter, type BarTable } from '#wire/csv/bar_table'
import { faultsOf } from '#wire/csv/faults'
import { openCsv } from '#wire/csv/rows'

const said: string[] = []
const log = { debug: () => undefined, info: () => undefined, warn: (m: string) => void said.push(m), error: () => undefined }

function table(text: string, name = 'x.csv', filter: BarFilter = {}): BarTable {
  said.length = 0
  return barTable(text, name, filter, faultsOf(log, name))
}
const DAILY = 'date,ticker,open,high,low,close,volume\n'
const HOURLY = 'timestamp,ticker,open,high,low,close,volume\n'
const starts = (bars: BarTable): string[] => [...bars.startMs].map(formatInstant)

describe('CSV rows', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é', '1') })
  test('what is written with quotes is read back, on the right lines', () => {
    const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 20 })
    fc.assert(fc.property(rows, (cells) => {
      let text = 'a,b,c\n'
      const lines: number[] = []
      for (const row of cells) {
        lines.push(text.split('\n').length)
        text += `${row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`
      }
      const read = [...openCsv(text, 'x').rows()]
      assert.deepEqual(read.map((row) => row.cells), cells)
      assert.deepEqual(read.map((row) => row.line), lines)
    }))
  })
  test('carriage returns, a missing last newline, blank lines and ragged rows', () => {
    const read = [...openCsv('a, b\r\n1,2\r\n\r\n"x, y",3\r\n4\r\n5,6,7', 'x').rows()]
    assert.deepEqual(read.map(({ line, whole, cells }) => [line, whole, ...cells]), [
      [2, true, '1', '2'], [4, true, 'x, y', '3'], [5, false, '4'], [6, false, '5', '6', '7'],
    ])
    assert.equal(read[0]?.cell('b'), '2')
    assert.equal(read[0]?.cell('nothing'), '')
  })
  test('a quote that is never closed is named', () => {
    assert.throws(() => [...openCsv('a,b\n1,2\n3,"4\n5,6\n', 'f.csv').rows()], (error) =>
      error instanceof Failure && error.exit === 'data' && error.message.startsWith('f.csv:3:'))
    assert.throws(() => openCsv('', 'f.csv'), Failure)
  })
})

describe('numbers and times in place', () => {
  test('a plain decimal is what Number makes of it; nothing else is one', () => {
    fc.assert(fc.property(fc.nat(1e9), fc.nat(99999), fc.boolean(), (whole, fraction, point) => {
      const text = point ? `${whole}.${fraction}` : `${whole}`
      const read = plainNumber(`x${text},`, 1, 1 + text.length)
      assert.ok(Math.abs(read - Number(text)) <= Math.abs(Number(text)) * 1e-15)
    }))
    for (const text of ['', '-1', '1e5', '.5', '5.', '1.2.3', 'NA', ' 1']) {
      assert.ok(Number.isNaN(plainNumber(text, 0, text.length)), text)
    }
  })
  test('timestamps with offset, Z or none', () => {
    const cases: readonly [string, string][] = [
      ['2021-01-04T09:30:00-05:00', '2021-01-04T14:30:00.000Z'], ['2021-07-01T09:30:00-04:00', '2021-07-01T13:30:00.000Z'],
      ['2021-01-04T14:30:00Z', '2021-01-04T14:30:00.000Z'], ['2021-07-01 09:30:00', '2021-07-01T13:30:00.000Z'],
      ['2021-01-04T15:30:00+01:00', '2021-01-04T14:30:00.000Z'],
    ]
    for (const [text, instant] of cases) assert.equal(formatInstant(timestamp(text, 0, text.length)), instant, text)
    for (const text of ['', '2021-02-29T09:30:00Z', '2021-01-04T24:00:00Z', '2021-01-04', '2021-01-04T09:30:00+0500', 'x'.repeat(25)]) {
      assert.ok(Number.isNaN(timestamp(text, 0, text.length)), text)
    }
  })
})

describe('bars', () => {
  test('a daily bar spans the session, winter and summer; text stays exact', () => {
    const text = `${DAILY}2021-01-15,"X Y",1.10,2,1,1.50,007\n2021-07-15,"X Y",1,2,1,1,0.5\n`
    const [winter, summer] = [...rowsOf(table(text, 'a/daily_x.csv.gz'))]
    assert.deepEqual(winter, {
      subject: 'ticker:X Y', startMs: Date.UTC(2021, 0, 15, 14, 30), endMs: Date.UTC(2021, 0, 15, 21), open: '1.10', high: '2', low: '1',
      close: '1.50', volume: '007', span: '1d', basis: 'as_traded', source: 'bars/daily_x', raw: undefined,
    })
    assert.equal(summer?.startMs, Date.UTC(2021, 6, 15, 13, 30))
    assert.equal(summer?.endMs, Date.UTC(2021, 6, 15, 20))
  })
  test('on a day that closes early, bars end at 13:00 and the session with them', () => {
    const [daily] = [...rowsOf(table(`${DAILY}2020-11-27,X,1,2,1,1,5\n`, 'daily_x.csv'))]
    assert.equal(formatInstant(daily?.endMs ?? NaN), '2020-11-27T18:00:00.000Z')
    const hours = ['09:30', '10:30', '11:30', '12:30', '13:30'].map((time) => `2020-11-27T${time}:00-05:00,X,1,1,1,1,5\n`)
    const bars = table(HOURLY + hours.join(''))
    assert.equal(bars.length, 4)
    assert.equal(formatInstant(bars.endMs(3)), '2020-11-27T18:00:00.000Z')
  })
  const day = ['08:00', '09:00', '09:30', '10:30', '11:30', '12:30', '13:30', '14:30', '15:30', '16:00']
  const hourly = HOURLY + day.map((time) => `2021-01-04T${time}:00-05:00,X,1,1,1,1,5\n`).join('')
  test('of hourly bars the regular session is kept, and its last ends at the close', () => {
    const bars = table(hourly)
    assert.equal(bars.span, '1h')
    assert.deepEqual(starts(bars).map((start) => start.slice(11, 16)), ['14:30', '15:30', '16:30', '17:30', '18:30', '19:30', '20:30'])
    assert.equal(formatInstant(bars.endMs(0)), '2021-01-04T15:30:00.000Z')
    assert.equal(formatInstant(bars.endMs(6)), '2021-01-04T21:00:00.000Z')
  })
  test('with the extended hours, the bar before the open ends at it', () => {
    const bars = table(hourly, 'x.csv', { extended: true })
    assert.equal(bars.length, day.length)
    assert.deepEqual([0, 1, 8, 9].map((row) => formatInstant(bars.endMs(row)).slice(11, 16)), ['14:00', '14:30', '21:00', '22:00'])
  })
  test('minute bars are told by their distance', () => {
    const rows = Array.from({ length: 30 }, (_, i) => `2022-03-15T10:${String(i).padStart(2, '0')}:00-04:00,X,1,1,1,1,5\n`)
    assert.equal(table(HOURLY + rows.join('')).span, '1m')
  })
  test('a row that cannot be is left out and named', () => {
    const rows = [
      '2021-01-04,X,1,2,1,1,5', '2021-01-05,X,1,1,2,1,5', '2021-01-06,X,0,1,0,1,5', '2021-01-07,X,1,1,1,3,5', '2021-01-08,X,1,1,1,1,NA',
      '2021-02-30,X,1,1,1,1,5', '2021-01-11,,1,1,1,1,5', '2021-01-12,X,1,1,1,1', '2021-01-13,X,1,1,1,1,5,6', '2021-01-04,X,9,9,9,9,5',
      '2021-01-14,X,1,1,1,-1,5', '2021-01-15,X,1.0004,1,1,1,5',
    ]
    const bars = table(DAILY + rows.join('\n'), 'f.csv')
    assert.deepEqual(starts(bars).map((start) => start.slice(0, 10)), ['2021-01-04', '2021-01-15'])
    assert.equal(bars.row(0).open, '1', 'the first of two')
    const lines = said.filter((message) => /^f\.csv:\d+:/.test(message)).map((message) => Number(message.split(':')[1]))
    assert.deepEqual(lines.sort((a, b) => a - b), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    assert.match(said.at(-1) ?? '', /10 rows left out, 2 read/)
  })
  test('rows in any order come out by ticker and time', () => {
    const dates = ['2021-01-04', '2021-01-05', '2021-01-06', '2021-01-07']
    const rows = ['A', 'B'].flatMap((ticker) => dates.map((date) => ({ date, ticker })))
    fc.assert(fc.property(fc.shuffledSubarray(rows, { minLength: 1 }), (shuffled) => {
      const bars = table(DAILY + shuffled.map(({ date, ticker }) => `${date},${ticker},1,1,1,1,5\n`).join(''))
      assert.equal(bars.length, shuffled.length)
      for (const [ticker, [from, to]] of bars.ranges) {
        const given = shuffled.filter((row) => row.ticker === ticker).map((row) => row.date).sort()
        assert.deepEqual(starts(bars).slice(from, to).map((start) => start.slice(0, 10)), given)
        for (let row = from; row < to; row++) assert.equal(bars.row(row).subject, `ticker:${ticker}`)
      }
    }))
  })
  test('tickers and moments are chosen; the basis goes by name, then columns, unless given', () => {
    const text = `${DAILY}2021-01-04,A,1,1,1,1,5\n2021-01-05,A,1,1,1,1,5\n2021-01-05,B,1,1,1,1,5\n`
    const chosen = table(text, 'x.csv', { tickers: new Set(['A']), sinceMs: Date.UTC(2021, 0, 5), untilMs: Date.UTC(2021, 0, 6) })
    assert.deepEqual(starts(chosen), ['2021-01-05T14:30:00.000Z'])
    const bases: readonly [string, string, BarFilter, string][] = [
      ['daily_us_2014.csv', text, {}, 'split_adjusted'], ['x.csv', text, {}, 'as_traded'],
      ['x.csv', text.replace('volume\n', 'volume,adj_close\n').replaceAll(',5\n', ',5,1\n'), {}, 'split_adjusted'],
      ['daily_us.csv', text, { basis: 'as_traded' }, 'as_traded'],
    ]
    for (const [name, content, filter, basis] of bases) assert.equal(table(content, name, filter).basis, basis, name)
    assert.equal(stemOf('-'), 'stdin')
    assert.equal(stemOf('/a/b/daily_us.csv.gz'), 'daily_us')
  })
  test('candles of a pair have no ticker and no session: a day is 24 hours, a gap is a gap', () => {
    const text = 'open_time_ms,open,high,low,close,volume_base\n1640995200000,1.10,2,1,1.5,7\n1640998800000,1,2,1,1,0\n1641009600000,1,2,1,1,5\n'
    const hours = table(text, 'x.csv', { pair: 'BTC/USDT' })
    assert.equal(hours.span, '1h')
    assert.deepEqual([...rowsOf(hours)].map(({ subject, endMs, open }) => [subject, formatInstant(endMs), open]), [
      ['pair:BTC/USDT', '2022-01-01T01:00:00.000Z', '1.10'], ['pair:BTC/USDT', '2022-01-01T02:00:00.000Z', '1'],
      ['pair:BTC/USDT', '2022-01-01T05:00:00.000Z', '1'],
    ])
    const days = table('date,open,high,low,close,volume\n2022-01-01,1,2,1,1,5\n2022-01-02,1,2,1,1,5\n', 'x.csv', { pair: 'ETH/BTC' })
    assert.deepEqual([days.span, formatInstant(days.startMs[0] ?? NaN), formatInstant(days.endMs(1))], ['1d', '2022-01-01T00:00:00.000Z', '2022-01-03T00:00:00.000Z'])
    assert.equal(table('timestamp,open,high,low,close,volume\n2022-01-01T00:00:00,1,2,1,1,5\n', 'x.csv', { pair: 'ETH/BTC' }).length, 0)
    assert.throws(() => table(text, 'f.csv'), /f\.csv:1: it does not say of what the bars are: --pair says it/)
  })
  test('what is no file of bars is refused', () => {
    assert.throws(() => table('a,b\n1,2\n', 'f.csv'), /^Failure: f\.csv:1: no bars here, the header lacks ticker/)
    assert.throws(() => table(`${DAILY}2021-01-04,"X,1,1,1,1,5\n`, 'f.csv'), /f\.csv:2: a quote/)
  })
})

describe('bars as records', () => {
  const bars = table(`${DAILY}2021-01-04,A,1,1,1,1,5\n2021-01-05,A,2,2,2,2,6\n2021-01-04,B,3,3,3,3,7\n2021-01-05,B,4,4,4,4,8\n`)
  test('come in the order in which they are known, each of them valid', () => {
    const records = [...barRecords([bars], true, 'test/0')]
    for (const record of records) assert.ok('record' in check(record))
    assert.deepEqual(records.map((r) => `${r.known_at.slice(8, 13)} ${r.kind} ${r.subject} ${r.kind === 'price' ? (r.prior_volume ?? 'none') : r.volume}`), [
      '04T14 price ticker:A none', '04T14 price ticker:B none', '04T21 bar ticker:A 5', '04T21 bar ticker:B 7',
      '05T14 price ticker:A 5', '05T14 price ticker:B 7', '05T21 bar ticker:A 6', '05T21 bar ticker:B 8',
    ])
    assert.ok(records.every((record) => record.kind === 'price' ? record.at === record.known_at : record.at < record.known_at))
  })
  test('no record knows a later price: cutting the file off changes nothing before the cut', () => {
    const rows = Array.from({ length: 8 }, (_, i) => `2021-01-${String(11 + i).padStart(2, '0')},A,${i + 1},${i + 1},${i + 1},${i + 1},${i}\n`)
    const all = [...barRecords([table(DAILY + rows.join(''))], true, 'test/0')]
    for (let kept = 1; kept < rows.length; kept++) {
      const some = [...barRecords([table(DAILY + rows.slice(0, kept).join(''))], true, 'test/0')]
      assert.deepEqual(some, all.slice(0, some.length))
    }
  })
  test('what ends comes before what starts at the same moment', () => {
    const hours = table(`${HOURLY}2021-01-04T09:30:00-05:00,A,1,1,1,1,5\n2021-01-04T10:30:00-05:00,A,2,2,2,2,6\n`)
    assert.deepEqual([...barRecords([hours], true, 'test/0')].map((record) => record.kind), ['price', 'bar', 'price', 'bar'])
  })
})

describe('jumps like a split', () => {
  const jump = `${HOURLY}2021-06-30T15:30:00-04:00,A,800,800,800,800,5\n2021-07-01T09:30:00-04:00,A,201,201,201,201,6\n`
  const warned = (...tables: readonly BarTable[]): string[] => {
    said.length = 0
    warnOfBreaks(tables, log)
    return [...said]
  }
  test('overnight are named, unless other bars show them too', () => {
    const hours = table(jump, 'hours.csv')
    assert.match(warned(hours)[0] ?? '', /hours\.csv: A goes from 800 to 201 .* 4:1 split, with no other bars/)
    const steady = table(`${DAILY}2021-06-30,A,800,800,800,800,5\n2021-07-01,A,805,805,805,805,6\n`, 'daily.csv')
    assert.match(warned(hours, steady)[0] ?? '', /contradict/)
    const real = table(`${DAILY}2021-06-30,A,800,800,800,800,5\n2021-07-01,A,201,201,201,201,6\n`, 'daily.csv')
    assert.deepEqual(warned(hours, real), [])
  })
  test('within a session, or in adjusted prices, or stated by the file, are not', () => {
    assert.deepEqual(warned(table(jump.replace('07-01T09:30', '06-30T15:45'), 'hours.csv')), [])
    assert.deepEqual(warned(table(jump, 'hours.csv', { basis: 'split_adjusted' })), [])
    const stated = table('date,ticker,open,high,low,close,volume,split_coefficient\n2021-06-30,A,8,8,8,8,5,1\n2021-07-01,A,2,2,2,2,5,4\n')
    assert.deepEqual(warned(stated), [])
  })
})
