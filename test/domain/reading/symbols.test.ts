import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { currentSymbol, formerSymbols, holderOf } from '#domain/reading/holders'
import { phrasesFrom, proofOf, symbolNamed } from '#domain/reading/symbols'
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
  assert.deepEqual(phrasesFrom('virgin')?.find(({ symbol }) => symbol === 'SPCE'), { words: ['galactic'], symbol: 'SPCE' })
  const clean = phrasesFrom('clean')?.map(({ words }) => words.length) ?? []
  assert.deepEqual(clean, [...clean].sort((a, b) => b - a), 'the longest first')
})

test('who held a symbol when', () => {
  assert.equal(holderOf('FB', '2015-03-01'), 'META')
  assert.equal(holderOf('FB', '2023-03-01'), 'META', 'people are slow to forget')
  assert.equal(holderOf('META', '2021-09-01'), undefined, 'a fund of that time')
  assert.equal(holderOf('META', '2022-06-09'), 'META')
  assert.equal(holderOf('META', undefined), 'META')
  assert.equal(holderOf('TWTR', '2022-10-27'), 'TWTR')
  assert.equal(holderOf('TWTR', '2022-10-28'), undefined)
  assert.equal(holderOf('S', '2019-01-01'), undefined, 'Sprint')
  assert.equal(holderOf('LB', '2020-01-01'), 'BBWI')
  assert.equal(holderOf('LB', '2025-01-01'), 'LB')
  assert.equal(holderOf('GME', '1999-01-01'), 'GME')
})

test('law: a holder is held by itself from its day on, and every symbol of then leads somewhere listed', () => {
  for (const then of formerSymbols()) {
    const now = currentSymbol(then)
    assert.notEqual(proofOf(then), undefined, then)
    assert.notEqual(proofOf(now), undefined, now)
    assert.equal(currentSymbol(now), now, `${then} leads to the last of its names`)
  }
})

test('the card tells the table it belongs to', () => {
  const file = (name: string): string => readFileSync(new URL(`../../../models/${name}`, import.meta.url), 'utf8')
  const card = JSON.parse(file('symbols.card.json')) as { sha256: string; count: { plain: number } }
  assert.equal(card.sha256, hash('sha256', file('symbols.json'), 'hex'))
  assert.equal(card.count.plain, symbols.plain.split(' ').length)
})
