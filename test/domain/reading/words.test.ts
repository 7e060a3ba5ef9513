import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isShouting, wordsOf } from '#domain/reading/words'

const forms = (text: string): string[] => wordsOf(text).lexemes.map(({ kind }) => kind)

test('words, cashtags, numbers and emoji are told apart; links and user names are left out', () => {
  assert.deepEqual(forms("don't $GME $5 50c 12/18 🚀 S&P"), ['word', 'cashtag', 'number', 'number', 'number', 'emoji', 'word'])
  assert.deepEqual(forms('https://a.b/c?d=E u/someone /r/forum'), [])
  assert.deepEqual(forms('$TOOLONGX $A1 $'), ['word', 'word'])
})

test('sentences end at a stop before a space, at a line end and not inside numbers', () => {
  const { sentences, next } = wordsOf('One two. Three 4.5 x.com! 🚀 Four\nfive', 7)
  assert.deepEqual(sentences, [7, 7, 8, 8, 8, 8, 8, 9, 10])
  assert.equal(next, 11)
})

test('shouting is most words in upper case, of three at least', () => {
  assert.equal(isShouting(wordsOf('BUY IT NOW please')), true)
  assert.equal(isShouting(wordsOf('BUY it NOW please')), false)
  assert.equal(isShouting(wordsOf('GME NOW')), false)
})

test('law: sentence numbers never fall, and there is one for each word', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
    const { lexemes, sentences, next } = wordsOf(text)
    assert.equal(lexemes.length, sentences.length)
    for (let i = 1; i < sentences.length; i++) assert.ok(sentences[i]! >= sentences[i - 1]!)
    assert.ok(sentences.every((sentence) => sentence >= 0 && sentence < next))
  }))
})
