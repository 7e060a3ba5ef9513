import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { currentSymbol, phrasesFrom, proofOf, symbolNamed } from '#domain/reading/symbols'
import symbols from '../../../models/symbols.json' with { type: 'json' }

test('every listed symbol is found with its own proof, and nothing else is', () => {
  for (const proof of ['plain', 'word', 'cashtag'] as const) {
    for (const symbol of symbols[proof].split(' ')) assert.equal(proofOf(symbol), proof, symbol)
  }
  for (const absent of ['', ' ', 'gme', 'ZZZZZZ', 'AAAAA A', '0']) assert.equal(proofOf(absent), undefined, absent)
})

test('words of the language and of the street need more proof than upper case', () => {
  for (const symbol of ['GME', 'TSLA', 'PLTR', 'AMD']) assert.equal(proofOf(symbol), 'plain')
  for (const symbol of ['A', 'F', 'T', 'ON', 'ALL', 'DD', 'EV', 'AI', 'IT', 'FOR', 'NOW', 'OPEN', 'EDIT', 'GM', 'MT']) {
    assert.equal(proofOf(symbol) ?? 'cashtag', 'cashtag', symbol)
  }
})

test('names lead to the symbols of today', () => {
  assert.equal(symbolNamed('gamestop'), 'GME')
  assert.equal(symbolNamed('toString'), undefined)
  assert.equal(currentSymbol('FB'), 'META')
  assert.equal(currentSymbol('toString'), 'toString')
  assert.deepEqual(phrasesFrom('virgin'), [{ words: ['galactic'], symbol: 'SPCE' }])
})

test('the card tells the table it belongs to', () => {
  const file = (name: string): string => readFileSync(new URL(`../../../models/${name}`, import.meta.url), 'utf8')
  const card = JSON.parse(file('symbols.card.json')) as { sha256: string; count: { plain: number } }
  assert.equal(card.sha256, hash('sha256', file('symbols.json'), 'hex'))
  assert.equal(card.count.plain, symbols.plain.split(' ').length)
})
