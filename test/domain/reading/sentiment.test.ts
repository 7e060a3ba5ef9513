import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { hear } from '#domain/reading/polarity'
import { figuresOf, PLACES, REGISTERS, rowOf } from '#domain/reading/sentiment/features'
import { scorerOf, sharesOf, type SentimentModel } from '#domain/reading/sentiment/scorer'
import { wordsOf } from '#domain/reading/words'
import { learnSentiment, type Labelled } from '../../../scripts/train/sentiment_model.ts'

const path = (name: string): URL => new URL(`../../../models/${name}`, import.meta.url)
const shipped: SentimentModel = JSON.parse(readFileSync(path('sentiment.json'), 'utf8'))
const register = fc.constantFrom(...REGISTERS)
const text = fc.array(fc.oneof(
  fc.constantFrom('$GME', 'profit', 'fell', 'not', 'bullish', '🚀', '. ', 'puts', 'Tesla', '\n', 'costs', '5%', '-3%', 'EUR 5 mn', 'compared to', 'sooooo', "don't"), fc.string({ maxLength: 6 }),
), { maxLength: 40 }).map((pieces) => pieces.join(' '))

test('the card tells the model it belongs to', () => {
  const card = JSON.parse(readFileSync(path('sentiment.card.json'), 'utf8'))
  assert.equal(card.sha256, createHash('sha256').update(readFileSync(path('sentiment.json'))).digest('hex'))
  assert.equal(Buffer.from(shipped.places.negative, 'base64').length, PLACES)
})

test('law: the scorer says what the rows that are learned from and the weights say', () => {
  const bytes = [shipped.places.negative, shipped.places.positive].map((packed) => Buffer.from(packed, 'base64'))
  const dense = [shipped.dense.negative, shipped.dense.positive]
  fc.assert(fc.property(text, register, (written, as) => {
    const heard = hear(wordsOf(written))
    const shares = sharesOf(heard, as)
    assert.ok(shares.negative >= 0 && shares.positive >= 0 && shares.negative + shares.positive <= 1 + 1e-12)
    if (shares.negative === 0) return
    const { places, values } = rowOf(heard, as)
    const odds = [0, 1].map((c) => Math.exp(places.reduce(
      (sum, place, i) => sum + (values[i] ?? 0) * (place < PLACES ? shipped.unit * (bytes[c]?.readInt8(place) ?? 0) : dense[c]?.[place - PLACES] ?? 0), shipped.intercepts[c] ?? 0)))
    const all = 1 + odds[0]! + odds[1]!
    assert.ok(Math.abs(shares.negative - odds[0]! / all) < 1e-9 && Math.abs(shares.positive - odds[1]! / all) < 1e-9)
  }))
})

test('law: sentences that are not asked for change nothing', () => {
  fc.assert(fc.property(text, text, register, (first, second, as) => {
    const one = hear(wordsOf(first)), both = hear(wordsOf(`${first}\n\n${second}`))
    fc.pre(one.words.lexemes.length > 0 && one.words.lexemes.length < 100)
    fc.pre(one.words.lexemes.every((lexeme, i) => both.words.lexemes[i] === lexeme && both.words.sentences[i] === one.words.sentences[i]))
    fc.pre(both.words.sentences[one.words.lexemes.length] !== one.words.next - 1)
    const wanted = new Set(one.words.sentences)
    assert.deepEqual(sharesOf(both, as, wanted), sharesOf(one, as))
  }))
})

test('which way, of what, and which amount is the earlier', () => {
  const of = (written: string): number[] => Array.from(figuresOf(wordsOf(written), undefined), Math.ceil)
  assert.deepEqual(of('Net profit rose'), [1, 0, 0, 0, 0, 0])
  assert.deepEqual(of('Costs rose'), [0, 1, 0, 0, 0, 0])
  assert.deepEqual(of('Sales fell'), [0, 0, 1, 0, 0, 0])
  assert.deepEqual(of('The loss narrowed'), [0, 0, 0, 1, 0, 0])
  assert.deepEqual(of('Profit was EUR 13.1 mn , compared to EUR 8.7 mn in 2006'), [0, 0, 0, 0, 1, 0])
  assert.deepEqual(of('Profit of 7.99 mln euro $ 10.4 mln , compared to 8.4 mln'), [0, 0, 0, 0, 0, 1])
  assert.deepEqual(of('Cash of EUR6 .5 m compared to EUR10 .5 m'), [0, 0, 0, 0, 0, 1])
  assert.deepEqual(of('A loss of EUR 0.4 mn compared to a loss of EUR 1.9 mn'), [0, 0, 0, 0, 1, 0])
  assert.deepEqual(of('A profit of 0.44 versus a loss of 2.26'), [0, 0, 0, 0, 1, 0])
  assert.deepEqual(of('It was founded in 2006 , compared to 2005'), [0, 0, 0, 0, 0, 0])
})

test('plain sentences, whatever company they are of', () => {
  const mood = (written: string, as: (typeof REGISTERS)[number]): number => {
    const { negative, positive } = sharesOf(hear(wordsOf(written)), as)
    return positive - negative
  }
  for (const name of ['Tesla', 'GameStop', '$AMC']) {
    assert.ok(mood(`${name} downgraded to sell after profit warning`, 'headline') < -0.3)
    assert.ok(mood(`${name} beats estimates, raises outlook`, 'headline') > 0.3)
    assert.ok(mood(`${name} is overvalued, buying puts`, 'talk') < -0.3)
    assert.ok(mood(`loading up on ${name} 🚀🚀`, 'talk') > 0.3)
    assert.equal(mood(name, 'talk'), 0)
  }
  assert.equal(mood('$GME $AMC', 'talk'), mood('$TSLA $F', 'talk'))
})

test('what is learned is told by words, not by companies; texts that are judged are not learned from', () => {
  const made = (written: string, score: number): Labelled => ({ source: 'phrasebank', register: 'prose', text: written, score, label: Math.sign(score) + 1, day: '', agreement: 100 })
  const nouns = ['output', 'staff', 'weather', 'music', 'paper', 'garden']
  const texts = nouns.flatMap((noun) => [made(`the ${noun} is splendid today`, 1), made(`the ${noun} is dreadful today`, -1), made(`the ${noun} is there today`, 0)])
  const score = scorerOf(learnSentiment(texts))
  const of = (written: string): number => {
    const { negative, positive } = score(hear(wordsOf(written)), 'prose')
    return positive - negative
  }
  assert.ok(of('the river is splendid today') > 0.2 && of('the river is dreadful today') < -0.2)
  const blind = scorerOf(learnSentiment(texts, texts.filter(({ score: each }) => each < 0)))
  assert.ok(blind(hear(wordsOf('the river is dreadful today')), 'prose').negative < 0.2)
})
