import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make } from '#record'
import { explained } from '#domain/report/explain'
import { plainText, ungrounded } from '#domain/report/grounded'

const SOURCE = 'ticker:GME is expected to rise over 5d with a probability of 57.1 % [1cca87b1]. reddit:DeepValue said "Buy now".'

test('what is said of the records passes, a number or a name of its own does not', () => {
  assert.equal(ungrounded('The chance that GME rises is 57.1 %, as DeepValue said. However, it may fall.', SOURCE), undefined)
  assert.equal(ungrounded('GME rises with 58 %.', SOURCE), '58')
  assert.equal(ungrounded('GME rises with -57.1 %.', SOURCE), '-57.1')
  assert.equal(ungrounded('made 12.00 USD', 'made -12.00 USD'), '12.00')
  assert.equal(ungrounded('made \u221212.00 USD on 2021-01-15', 'made -12.00 USD on 2021-01-15'), undefined)
  assert.equal(ungrounded('GME rises, and so does Tesla.', SOURCE), 'Tesla')
  assert.equal(ungrounded('Buy $AMC.', SOURCE), '$AMC')
  assert.equal(ungrounded('Microsoft rises.', SOURCE), 'Microsoft')
})

test('law: the source is always grounded in itself, and in nothing', () => {
  const text = fc.array(fc.constantFrom('Gme', 'rises', '57.1', 'The', 'Acme', '12', 'and', 'over.'), { minLength: 1, maxLength: 12 }).map((words) => words.join(' '))
  fc.assert(fc.property(text, (words) => {
    assert.equal(ungrounded(words, words), undefined)
    if (/\d/.test(words)) assert.notEqual(ungrounded(words, ''), undefined)
  }))
})

test('plain text has nothing that a terminal acts on, and an end', () => {
  assert.equal(plainText(' a\u001b[31mb\u202e ', 20), 'a [31mb')
  assert.equal(plainText('\u0007', 20), undefined)
  assert.equal(plainText('x'.repeat(21), 20), undefined)
})

test('a conviction in words: each term with its evidence, the sum worked out, what is missing said', () => {
  const at = '2021-01-04T15:00:00.000Z', heard = { at, known_at: at, source: 'reddit/wsb', by: 'test/0' }
  const post = make('signal', { ...heard, type: 'post', key: 'p', author: 'reddit:someone', facts: { title: 'To the\u001b[2Jmoon' } })
  const mention = make('signal', { ...heard, type: 'mention', key: 'm', author: 'reddit:someone', subject: 'ticker:GME', parents: [post.id], polarity: 0.8, swarm: 0.4 })
  const conviction = make('conviction', {
    ...heard, signal_id: mention.id, subject: 'ticker:GME', direction: 'up', conviction_score: 1 / (1 + Math.exp(-0.3)), log_odds: 0.3,
    reason_vector: [{ term: 'base rate', log_odds: 0, evidence: [] }, { term: 'chatter: 2 mentions', log_odds: 0.3, evidence: [mention.id, 'f'.repeat(40)] }],
    contributing_models: ['chatter'], horizon: '5d', ttl: 86_400, routing_tags: [],
  })
  const lines = explained(conviction, new Map([post, mention].map((one) => [one.id, one])))
  assert.match(lines[0] ?? '', /^ticker:GME is expected to rise over 5d with a probability of 57\.4 % \[[0-9a-f]{8}, said 2021-01-04 15:00 UTC\]\.$/)
  assert.ok(lines.some((line) => line.includes(`[${mention.id.slice(0, 8)}] mention by reddit:someone, bullish`) && line.includes('40.0 % likely part of a swarm: "To the [2Jmoon"')))
  assert.ok(lines.some((line) => line.includes('[ffffffff] is not at hand')))
  assert.match(lines.at(-1) ?? '', /\+0\.300 {2}in all: .* = 57\.4 %/)
  const false_ = explained({ ...conviction, log_odds: 0.5 }, new Map())
  assert.match(false_.at(-1) ?? '', /NOT the \+0\.500/)
})
