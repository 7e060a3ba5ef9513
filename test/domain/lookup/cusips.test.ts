import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { tickerOfCusip } from '#domain/lookup/cusips'
import cusips from '../../../models/cusips.json' with { type: 'json' }

test('CUSIPs of common stock lead to tickers; warrants, notes and what is not known to nothing', () => {
  assert.deepEqual(['037833100', '02079K305', '172967424', '084670702'].map(tickerOfCusip), ['AAPL', 'GOOGL', 'C', 'BRK.B'])
  assert.deepEqual(['172967226', '165167BZ9', '88579Y101', ''].map(tickerOfCusip), [undefined, undefined, undefined, undefined])
})

test('the card tells the table it belongs to', () => {
  const file = (name: string): string => readFileSync(new URL(`../../../models/${name}`, import.meta.url), 'utf8')
  const card = JSON.parse(file('cusips.card.json')) as { sha256: string; count: { cusips: number } }
  assert.equal(card.sha256, hash('sha256', file('cusips.json'), 'hex'))
  assert.equal(card.count.cusips, cusips.tickers.split(' ').length)
})
