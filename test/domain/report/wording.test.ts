import assert from 'node:assert/strict'
import { test } from 'node:test'
import { change, count, counted, day, decimal, horizonText, list, longDay, minute, money, ordinal, price, quantity, share, shortId, stay, subjectName } from '#domain/report/wording'

test('figures in words', () => {
  assert.equal(change(0.03412), '+3.4%')
  assert.equal(change(-0.03412), '\u22123.4%')
  assert.equal(change(-0.0004), '0.0%')
  assert.equal(change(12.5), '+1,250.0%')
  assert.equal(share(0.534), '53.4%')
  assert.equal(count(1234567), '1,234,567')
  assert.equal(count(999), '999')
  assert.equal(counted(1, 'trade'), '1 trade')
  assert.equal(counted(0, 'trade'), '0 trades')
  assert.equal(decimal(-1234.5, 1), '\u22121,234.5')
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal), ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th'])
})

test('what is not known is said to be so, never shown as nought', () => {
  for (const said of [change(undefined), share(undefined), count(undefined), decimal(undefined, 2), money(undefined, 'USD')]) assert.equal(said, 'not known')
})

test('money to the cent, prices and quantities with what they have', () => {
  assert.equal(money(10_341_255_000_000n, 'USD'), '$103,412.55')
  assert.equal(money(-1_431_570_000_00n, 'USD', true), '\u2212$1,431.57')
  assert.equal(money(100_000_000n, 'EUR', true), '+€1.00')
  assert.equal(money(0n, 'USD', true), '$0.00')
  assert.equal(money(123_456_000_000n, 'SEK'), '1,234.56 SEK')
  assert.equal(money(119_950_000_000_0n, 'USD', false, 0), '$11,995')
  assert.equal(price(2_159_160_000n, 'USD'), '$21.59')
  assert.equal(price(1_234_000n, 'USD'), '$0.0123')
  assert.equal(quantity(120_000_000_000n), '1,200')
  assert.equal(quantity(1_500_000n), '0.015')
})

test('moments, stays and names', () => {
  assert.equal(day('2021-01-05T14:30:00.000Z'), '5 Jan 2021')
  assert.equal(longDay('2020-11-25'), '25 November 2020')
  assert.equal(minute('2021-01-05T14:30:00.000Z'), '5 Jan 2021, 14:30')
  assert.equal(minute('some time'), 'some time')
  assert.deepEqual([20_000, 7_200_000, 86_400_000, 3 * 86_400_000].map(stay), ['1 minute', '2 hours', '1 day', '3 days'])
  assert.deepEqual(['5d', '1h', 'soon'].map(horizonText), ['5 days', '1 hour', 'soon'])
  assert.deepEqual(['ticker:GME', 'coin:BTC'].map(subjectName), ['GME', 'coin:BTC'])
  assert.equal(shortId('0123456789abcdef'), '0123456789ab')
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(list), ['', 'a', 'a and b', 'a, b and c'])
})
