import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make } from '#record'
import { Closes } from '#domain/pnl/pnl'

const barOf = (day: string, close: string) => make('bar', {
  at: `${day}T14:30:00.000Z`, known_at: `${day}T21:00:00.000Z`, source: 'test', by: 'test/1', subject: 'ticker:GME', span: '1d',
  open: '1', high: '9', low: '1', close, volume: '100', basis: 'as_traded',
})

test('a bar of a day that is over does not open it again, and no older day', () => {
  const closes = new Closes()
  closes.hear(barOf('2021-01-05', '5'))
  closes.turn()
  closes.hear(barOf('2021-01-04', '4'))
  closes.hear(barOf('2021-01-05', '6'))
  assert.equal(closes.day, '')
  assert.equal(closes.closeOf('ticker:GME'), '6')
  closes.hear(barOf('2021-01-06', '7'))
  assert.equal(closes.day, '2021-01-06')
})
