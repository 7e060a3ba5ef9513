import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inferredDividends } from '#wire/csv/bar_actions'
import { barTable, type BarTable } from '#wire/csv/bar_table'
import { cutFolder } from '#wire/cut_folder'

const files: Readonly<Record<string, string>> = {
  'd/bars/daily_us_x.csv': 'date,ticker,open,high,low,close,adj_close,volume\n' +
    '2021-01-04,AAA,10,12,9,11,10.5,1000\n2021-01-05,AAA,11,13,10,12,11.7273,2000\n2021-01-04,BBB,5,6,4,5,5,300\n',
  'd/bars/hourly_x.csv': 'timestamp,ticker,open,high,low,close,volume\n2021-01-04T09:30:00-05:00,AAA,10,11,9,10,50\n2021-01-04T15:30:00-05:00,AAA,11,11,11,11,60\n',
  'd/insider/openinsider_x.csv': 'filing_date,ticker,name\n2021-01-04,AAA,"Doe, Jane"\n2021-01-05,AAA,"two\nlines"\n',
  'd/reddit/wsb_hot_posts_x.ndjson': '{"id":"a","created_utc":1,"first_seen_utc":"2021-01-04T15:00:00Z"}\n{"id":"b","created_utc":1609869600}\n{"id":"c"}\n',
  'other.csv': 'filing_date\n2030-01-01\n',
}
const folder = {
  read: (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
  list: (path: string) => Object.keys(files).filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)),
}
const at = (moment: string) => {
  const cut = cutFolder(folder, 'd')
  cut.cutAt(Date.parse(moment))
  return (path: string): string => cut.read(path)?.toString('utf8') ?? 'none'
}
const tableOf = (text: string): BarTable => barTable(text, 'daily_us_x.csv', {}, { at: assert.fail, note: assert.fail, done: () => undefined })

test('whole, it is the folder itself; what lies outside is never cut', () => {
  const cut = cutFolder(folder, 'd')
  for (const path of Object.keys(files)) assert.equal(cut.read(path)?.toString('utf8'), files[path])
  assert.equal(at('2000-01-01T00:00:00Z')('other.csv'), files['other.csv'])
  assert.equal(at('2000-01-01T00:00:00Z')('d/nowhere'), 'none')
})

test('of a bar under way only start and open are told; later ones are not there; others stand to the byte', () => {
  const noon = at('2021-01-05T17:00:00Z')('d/bars/daily_us_x.csv').split('\n')
  assert.deepEqual([noon[1], noon[3]], ['2021-01-04,AAA,10,12,9,11,10.5,1000', '2021-01-04,BBB,5,6,4,5,5,300'])
  assert.equal(noon[2], '2021-01-05,AAA,11,91,11,84,82.0911,14000')
  assert.deepEqual(at('2021-01-04T12:00:00Z')('d/bars/daily_us_x.csv').split('\n').slice(1), [''])
  assert.equal(at('2021-01-04T20:45:00Z')('d/bars/hourly_x.csv').split('\n')[2], '2021-01-04T15:30:00-05:00,AAA,11,77,11,77,420')
  assert.equal(at('2021-01-04T21:00:00Z')('d/bars/hourly_x.csv'), files['d/bars/hourly_x.csv'])
})

test('a dividend of the day is the same from the nonsense as from the bar', () => {
  const told = (text: string): unknown[] => [...inferredDividends(tableOf(text))].map(({ day, facts }) => [day, facts['cash']])
  assert.equal(told(files['d/bars/daily_us_x.csv'] ?? '').length, 1)
  assert.deepEqual(told(at('2021-01-05T14:30:00Z')('d/bars/daily_us_x.csv')), told(files['d/bars/daily_us_x.csv'] ?? ''))
})

test('signals are there from the day or moment on which they were known; quoted rows stay whole', () => {
  assert.equal(at('2021-01-04T23:00:00Z')('d/insider/openinsider_x.csv'), 'filing_date,ticker,name\n2021-01-04,AAA,"Doe, Jane"\n')
  assert.equal(at('2021-01-05T00:00:00Z')('d/insider/openinsider_x.csv'), files['d/insider/openinsider_x.csv'])
  const posts = (moment: string): string => [...at(moment)('d/reddit/wsb_hot_posts_x.ndjson').matchAll(/"id":"(.)"/g)].map(([, id]) => id).join('')
  assert.deepEqual(['2021-01-04T14:59:59Z', '2021-01-04T15:00:00Z', '2021-01-05T18:00:00Z'].map(posts), ['c', 'ac', 'abc'])
})

test('a file without a row yet is not in the folder', () => {
  const cut = cutFolder(folder, 'd')
  cut.cutAt(Date.parse('2020-12-31T00:00:00Z'))
  assert.deepEqual([cut.list('d/bars'), cut.list('d/insider')], [[], []])
})

test('nothing that is cut away later comes back changed: what was known at one moment stands at every later one', () => {
  const hours = fc.integer({ min: 0, max: 72 }).map((h) => Date.UTC(2021, 0, 3, 12) + h * 3_600_000)
  fc.assert(fc.property(hours, hours, (a, b) => {
    const [early, late] = a < b ? [a, b] : [b, a]
    for (const path of Object.keys(files).filter((name) => name.startsWith('d/bars'))) {
      const known = at(new Date(early).toISOString())(path).split('\n').filter((row) => files[path]?.split('\n').includes(row))
      const later = new Set(at(new Date(late).toISOString())(path).split('\n'))
      for (const row of known) assert.ok(later.has(row), `${path}: ${row}`)
    }
  }))
})
