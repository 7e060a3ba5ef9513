import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { coinOfCashtag } from '#domain/reading/coins'
import { entitiesIn } from '#domain/reading/entities'
import { languageOf } from '#domain/reading/language'
import { readText } from '#domain/reading/mention'
import { isCusip } from '#domain/lookup/cusips'

test('what a text names beside securities', () => {
  const of = (text: string): readonly string[] => entitiesIn(text, 'twitter')
  assert.deepEqual(of('sent 5 ETH to 0x28C6c06298d514Db089934071355E5743bf21d60 today'), ['wallet:ethereum:0x28c6c06298d514db089934071355e5743bf21d60'])
  assert.deepEqual(of('0x28c6c06298d514db089934071355e5743bf21d60a is too long'), [])
  assert.deepEqual(of('donate: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'), ['wallet:bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'])
  assert.deepEqual(of('BTC/USDT and ETH-USD broke out, AND/OR did not'), ['pair:BTC/USDT', 'pair:ETH/USD'])
  assert.deepEqual(of('CUSIP No. 037833100 is Apple, CUSIP 037833101 is mistyped'), ['cusip:037833100'])
  assert.deepEqual(of('CIK 320193'), ['cik:0000320193'])
  assert.deepEqual(of('RT @someone: by u/another, mail me@example.com'), ['author:twitter:someone', 'author:reddit:another'])
  assert.deepEqual(entitiesIn('@someone', undefined), [])
})

test('law: of any text entities are subjects, each once', () => {
  const piece = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('0x', 'CUSIP ', '@', 'u/', 'BTC/', 'USDT', '037833100', 'CIK ', '1', ' '))
  fc.assert(fc.property(fc.array(piece).map((pieces) => pieces.join('')), (text) => {
    const found = entitiesIn(text, 'x')
    assert.equal(new Set(found).size, found.length)
    for (const each of found) assert.match(each, /^[a-z]+:./)
  }))
})

test('law: one digit changed is no CUSIP', () => {
  const cusip = fc.stringMatching(/^[0-9A-Z]{8}$/).map((base) => '0123456789'.split('').map((digit) => base + digit).find(isCusip) ?? '')
  fc.assert(fc.property(cusip, fc.nat({ max: 8 }), fc.integer({ min: 1, max: 9 }), (good, at, by) => {
    assert.ok(isCusip(good))
    const letter = good.charAt(at)
    if (/\d/.test(letter)) assert.ok(!isCusip(good.slice(0, at) + ((Number(letter) + by) % 10) + good.slice(at + 1)))
  }))
})

test('languages, by script and by small words', () => {
  const texts: readonly (readonly [string, string | undefined])[] = [
    ['the stock is up and it will not be down for long', 'en'], ['la acción está muy cara y no es para mí, pero el mercado sigue', 'es'],
    ['die Aktie ist nicht teuer und wir kaufen mit Freude', 'de'], ["l'action est trop chère et nous ne sommes pas dans le marché", 'fr'],
    ['a ação não está cara, mas você é muito otimista', 'pt'], ['株価は上がっています', 'ja'], ['股票会涨', 'zh'], ['주가가 오른다', 'ko'], ['акции растут', 'ru'],
    ['$GME 🚀🚀', undefined], ['GME calls', undefined], ['', undefined],
  ]
  for (const [text, language] of texts) assert.equal(languageOf(text), language, text)
})

test('coins are told from shares', () => {
  assert.equal(coinOfCashtag('doge.x'), 'coin:DOGE')
  assert.equal(coinOfCashtag('eth'), 'coin:ETH')
  assert.equal(coinOfCashtag('brk.b'), undefined)
  const subjects = (title: string): string[] => readText({ title }).mentions.map(({ subject }) => subject)
  assert.deepEqual(subjects('$HYPE.X and bitcoin and $GME'), ['coin:HYPE', 'coin:BTC', 'ticker:GME'])
  assert.deepEqual(subjects('@Tesla is the name of an account, Tesla a company'), ['ticker:TSLA'])
})

test("an author's own label of his text leads", () => {
  const of = (stated?: string): number => readText({ title: '$GME', stated }).mentions[0]?.polarity ?? NaN
  assert.equal(of(), 0)
  assert.ok(of('Bullish') > 0.5 && of('Bearish') < -0.5)
})
