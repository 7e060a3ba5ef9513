/** What befell shares, as tables of bars tell it: dividends held to those that a file states, and ends that nothing later can change. */
import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { endings, inferredDividends, statedActions } from '#wire/csv/bar_actions'
import { barTable, type BarTable } from '#wire/csv/bar_table'
import { tradingDayFrom } from '#domain/market/calendar'
import { ONE } from '#domain/money/decimal'
import { sharedFolder } from '../collect/payload_world.ts'

const quiet = { at: () => undefined, note: () => undefined, done: () => undefined }
const tableOf = (text: string, name = 'daily_us_x.csv', untilMs = Infinity): BarTable => barTable(text, name, { untilMs }, quiet)
const HEAD = 'date,ticker,open,high,low,close,adj_close,volume\n'
const dateOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)

/** Sessions in a row from a day on. */
function sessions(first: number, count: number): number[] {
  const days: number[] = []
  for (let day = tradingDayFrom(first); days.length < count; day = tradingDayFrom(day + 1)) days.push(day)
  return days
}

const FIRST = Date.UTC(2019, 0, 2) / 86_400_000

test('a dividend comes out of adjusted closes as it went in, and none where there was none', () => {
  // Cents a share on prices of tens, as most are; closes written with four decimals.
  const cents = fc.integer({ min: 5, max: 300 }), closes = fc.array(fc.integer({ min: 1000, max: 9000 }), { minLength: 3, maxLength: 30 })
  fc.assert(fc.property(closes, fc.array(fc.option(cents, { nil: 0 }), { minLength: 30, maxLength: 30 }), (prices, paid) => {
    const days = sessions(FIRST, prices.length)
    let factor = 1
    const rows: string[] = []
    for (let i = prices.length - 1; i >= 0; i--) {
      const close = (prices[i] ?? 0) / 100
      rows.unshift(`${dateOf(days[i] ?? 0)},AAA,${close},${close},${close},${close},${(close * factor).toFixed(4)},100`)
      if (i > 0) factor *= 1 - (paid[i] ?? 0) / (prices[i - 1] ?? 1)
    }
    const expected = days.flatMap((day, i) => (i > 0 && (paid[i] ?? 0) > 0 ? [[dateOf(day), (paid[i] ?? 0) / 100]] : []))
    const found = [...inferredDividends(tableOf(`${HEAD}${rows.join('\n')}\n`))].map(({ day, facts }) => [day, Number(facts['cash'])])
    assert.deepEqual(found.map(([day]) => day), expected.map(([day]) => day))
    for (const [i, [, cash]] of found.entries()) assert.ok(Math.abs(Number(cash) - Number(expected[i]?.[1])) < 0.003, `${cash} for ${expected[i]?.[1]}`)
  }))
})

const bars = sharedFolder('data', 'bars') ?? ''
const recorded = (name: string): { readonly skip: string | false } => ({ skip: existsSync(join(bars, name)) ? false : `no ${name}` })
const read = (name: string): BarTable => tableOf(gunzipSync(readFileSync(join(bars, name))).toString('utf8'), name)

test('the distributions of SPY in 2020, as its trust paid them', recorded('spy_daily_adj_2010_2021.csv.gz'), () => {
  const told = [...inferredDividends(read('spy_daily_adj_2010_2021.csv.gz'))].filter(({ day }) => day.startsWith('2020'))
  assert.deepEqual(told.map(({ day }) => day), ['2020-03-20', '2020-06-19', '2020-09-18', '2020-12-18'])
  for (const [i, paid] of [1.405559, 1.366244, 1.339309, 1.580164].entries()) assert.ok(Math.abs(Number(told[i]?.facts['cash']) - paid) < 0.001)
})

test('of 26 companies over seven years the adjusted closes tell the dividends that the same file states', recorded('daily_delisted_2014_2020.csv.gz'), () => {
  const table = read('daily_delisted_2014_2020.csv.gz'), places = new Map<string, number>()
  for (let row = 1; row < table.length; row++) places.set(`${table.row(row).subject.slice(7)} ${dateOf(Math.floor((table.startMs[row] ?? 0) / 86_400_000))}`, row)
  // This maker of files divides by 1 + D/c of the day itself, where Yahoo multiplies by 1 - D/C of the day before.
  const asYahoo = (key: string, cash: number): number => (cash * (table.closes[(places.get(key) ?? 0) - 1] ?? NaN)) / ((table.closes[places.get(key) ?? 0] ?? NaN) + cash)
  const keyed = (actions: Iterable<{ symbol: string; day: string; facts: { readonly [fact: string]: unknown } }>): Map<string, number> =>
    new Map([...actions].map(({ symbol, day, facts }) => [`${symbol} ${day}`, Number(facts['cash'])]))
  const told = keyed(inferredDividends(table)), all = [...statedActions(table)]
  const stated = keyed(all.filter(({ type }) => type === 'dividend')), splits = keyed(all.filter(({ type }) => type === 'split'))
  const unlike = [...stated].filter(([key, cash]) => Math.abs((told.get(key) ?? 0) - asYahoo(key, cash)) > 0.002 + 0.002 * cash)
  const made = [...told.keys()].filter((key) => !stated.has(key) && !splits.has(key))
  assert.equal(stated.size, 466)
  assert.deepEqual({ unlike, made }, { unlike: [], made: [] })
})

test('a ticker that is silent for five sessions has ended, at the close of the fifth, whatever comes later; alone it loses a part', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 60 }), fc.boolean(), fc.integer({ min: 1, max: 75 }), (traded, withOther, until) => {
    const days = sessions(FIRST, 80), own = [...traded].sort((a, b) => a - b)
    const row = (ticker: string, i: number): string => `${dateOf(days[i] ?? 0)},${ticker},10,10,10,10,10,100\n`
    const text = (last: number): string => HEAD + own.filter((i) => i <= last).map((i) => row('AAA', i)).join('') +
      (withOther ? days.map((_, i) => i).filter((i) => i <= last).map((i) => row('BBB', i)).join('') : '')
    const untilMs = ((days[until] ?? 0) + 1) * 86_400_000
    const ends = (table: BarTable): string[] => [...endings(table, untilMs, (3n * ONE) / 10n)]
      .filter(({ symbol }) => symbol === 'AAA').map(({ day, facts }) => `${day} ${facts['form']} ${facts['cash']}`)
    // By hand: the gaps of six and more.
    const expected = own.flatMap((i, at) => {
      const next = own[at + 1] ?? Infinity
      return next - i > 5 && i + 5 <= until ? [`${dateOf(days[i + 5] ?? 0)} ${withOther ? 'silent 7' : 'record_ends 10'}`] : []
    })
    const whole = ends(tableOf(text(79)))
    if (withOther || own.every((i, at) => (own[at + 1] ?? Infinity) - i <= 5 || at === own.length - 1)) assert.deepEqual(whole, expected)
    assert.deepEqual(ends(tableOf(text(until))), whole, 'rests on what came later')
  }))
})
