import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { figureOf, surpriseOf } from '#wire/calendar/figures'
import { instantIn, minuteOf, zoneOf } from '#wire/calendar/clock'

test('figures as people write them, exactly', () => {
  const read = (text: string): unknown[] => {
    const figure = figureOf(text)
    return [figure?.value, figure?.unit]
  }
  assert.deepEqual(read('185K'), ['185000', ''])
  assert.deepEqual(read('-0.9%'), ['-0.9', '%'])
  assert.deepEqual(read('1.10%'), ['1.10', '%'])
  assert.deepEqual(read('15.0B'), ['15000000000', ''])
  assert.deepEqual(read('1.234T'), ['1234000000000', ''])
  assert.deepEqual(read('−23 B A$'), ['-23000000000', 'A$'])
  assert.deepEqual(read('$1,234.5M'), ['1234500000', '$'])
  assert.deepEqual(read('-$5.2B'), ['-5200000000', '$'])
  assert.deepEqual(read('.5'), ['0.5', ''])
  assert.deepEqual(read('2.4 %'), ['2.4', '%'])
  for (const text of ['<0.10%', '4.12|2.5', '5-4', '0-0-9', 'Pass', '1.2.3']) assert.deepEqual(read(text), [undefined, ''], text)
  for (const text of ['', ' ', '-', '—', 'N/A', undefined]) assert.equal(figureOf(text), undefined)
})

test('a surprise is of two numbers of one unit', () => {
  const surprise = (actual: string, forecast: string): string | undefined => surpriseOf(figureOf(actual), figureOf(forecast))
  assert.equal(surprise('0.3%', '0.2%'), '0.1')
  assert.equal(surprise('1.05M', '980K'), '70000')
  assert.equal(surprise('-0.1%', '0.2%'), '-0.3')
  assert.equal(surprise('7.0%', '7.0%'), '0')
  for (const [actual, forecast] of [['0.3%', '0.2'], ['5-4', '5-4'], ['0.3%', ''], ['', '0.3%'], ['$1B', '€1B']] as const) assert.equal(surprise(actual, forecast), undefined)
})

test('a surprise added to the forecast is the actual', () => {
  const cents = fc.integer({ min: -10_000_000, max: 10_000_000 })
  const shown = (value: number): string => `${value < 0 ? '-' : ''}${Math.floor(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, '0')}%`
  fc.assert(fc.property(cents, cents, (a, b) => {
    const surprise = Number(surpriseOf(figureOf(shown(a)), figureOf(shown(b))))
    assert.equal(Math.round(surprise * 100), a - b)
  }))
  fc.assert(fc.property(fc.string(), (text) => void figureOf(text)))
})

test('times of day', () => {
  assert.deepEqual(['8:30am', '12:30pm', '12:05am', '14:30', '1:00 PM'].map(minuteOf), [510, 750, 5, 870, 780])
  for (const text of ['Tentative', 'All Day', 'Day 1', '', '25:00', '13:00pm', '0:30am', '8:75am']) assert.equal(minuteOf(text), undefined, text)
})

test('the zone of a clock is told by what is always published at 08:30 in New York', () => {
  const shown = (date: string, minute: number, title = 'CPI m/m', region = 'USD') => ({ date, minute, title, region })
  assert.equal(zoneOf([shown('2026-01-13', 510)]), 'New York')
  assert.equal(zoneOf([shown('2026-07-14', 510)]), 'New York')
  assert.equal(zoneOf([shown('2026-01-13', 810), shown('2026-07-14', 750)]), 'UTC')
  assert.equal(zoneOf([shown('2026-01-13', 570), shown('2026-07-14', 510)]), 'UTC-4')
  assert.equal(zoneOf([shown('2026-01-13', 570), shown('2026-01-15', 510)]), undefined)
  assert.equal(zoneOf([shown('2026-01-13', 600), shown('2026-01-13', 510, 'ISM Manufacturing PMI'), shown('2026-01-13', 510, 'CPI m/m', 'EUR')]), undefined)
  assert.equal(new Date(instantIn('UTC-4', '2026-01-13', 570) ?? 0).toISOString(), '2026-01-13T13:30:00.000Z')
})
