import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, HOUR_MS, make, type Signal } from '#record'
import { Chatter, hasMoved, magnitudeOf } from '#domain/reading/chatter'

const START = Date.UTC(2021, 0, 4, 15)
const chatter = (restate = 0.2): Chatter => new Chatter({ by: 'test/1', restate, forgetMs: 5 * DAY_MS })

function post(id: string, title: string, ms = START): Signal {
  const at = formatInstant(ms)
  return make('signal', {
    at, known_at: at, source: 'reddit/wallstreetbets', by: 'test/1', type: 'post', key: `reddit:t3_${id}`, author: 'reddit:someone', facts: { title },
  })
}
function snapshot(id: string, facts: { score?: number; comments?: number }, ms: number): Signal {
  const at = formatInstant(ms)
  return make('signal', { at, known_at: at, source: 'reddit', by: 'test/1', type: 'snapshot', key: `reddit:t3_${id}`, facts })
}

test('magnitude: log-scaled, 1 for a thousand votes and a thousand comments, of what is known', () => {
  assert.equal(magnitudeOf({ score: 1000, comments: 1000 }), 1)
  assert.equal(magnitudeOf({ score: 1000 }), 1)
  assert.equal(magnitudeOf({ score: 0, comments: 0 }), 0)
  assert.equal(magnitudeOf({ score: -50, comments: 0 }), 0)
  assert.equal(magnitudeOf({}), undefined)
})

test('law: magnitude never falls as votes or comments rise', () => {
  const count = fc.integer({ min: -1000, max: 1_000_000 })
  fc.assert(fc.property(count, count, count, (score, comments, more) => {
    const before = magnitudeOf({ score, comments })!, after = magnitudeOf({ score: score + Math.abs(more), comments })!
    assert.ok(after >= before && before >= 0)
  }))
})

test('moved: by more than the fraction of what was said, or of 0.25 where that was less', () => {
  assert.equal(hasMoved(undefined, 0.1, 0.2), true)
  assert.equal(hasMoved(undefined, undefined, 0.2), false)
  assert.equal(hasMoved(1, 1.2, 0.2), false)
  assert.equal(hasMoved(1, 1.21, 0.2), true)
  assert.equal(hasMoved(1, 0.79, 0.2), true)
  assert.equal(hasMoved(0.01, 0.05, 0.2), false)
  assert.equal(hasMoved(0.01, 0.07, 0.2), true)
})

test('a mention says subject, polarity, author and parents, and no magnitude before any is known', () => {
  const said = post('a', 'PLTR calls and GME puts')
  const mentions = chatter().text(said)
  assert.deepEqual(mentions.map(({ key }) => key), ['reddit:t3_a#ticker:PLTR', 'reddit:t3_a#ticker:GME'])
  for (const mention of mentions) {
    assert.deepEqual(mention.parents, [said.id])
    assert.equal(mention.type, 'mention')
    assert.equal(mention.source, 'reddit/wallstreetbets')
    assert.equal(mention.author, 'reddit:someone')
    assert.equal(mention.known_at, said.known_at)
    assert.equal('magnitude' in mention, false)
  }
})

test('a snapshot says the mentions again once they are noticeably louder, under the same key', () => {
  const talk = chatter()
  const said = post('a', 'GME calls')
  talk.text(said)
  const first = snapshot('a', { score: 10, comments: 2 }, START)
  const [mention] = talk.snapshot(first)
  assert.equal(mention?.key, 'reddit:t3_a#ticker:GME')
  assert.deepEqual(mention?.parents, [said.id, first.id])
  assert.equal(mention?.magnitude, magnitudeOf({ score: 10, comments: 2 }))
  assert.deepEqual(talk.snapshot(snapshot('a', { score: 11, comments: 2 }, START + HOUR_MS)), [])
  const later = snapshot('a', { score: 500, comments: 90 }, START + 2 * HOUR_MS)
  const [louder] = talk.snapshot(later)
  assert.equal(louder?.known_at, later.known_at, 'known when its snapshot was')
  assert.equal(louder?.polarity, mention?.polarity)
  assert.deepEqual(talk.snapshot(snapshot('never_heard', { score: 1 }, START)), [])
})

test('mentions that the source has read are taken as they are', () => {
  const at = formatInstant(START)
  const facts = make('signal', {
    at, known_at: at, source: 'reddit/x', by: 'test/1', type: 'post', key: 'reddit:t3_b', fingerprint: 'abc',
    mentions: [{ subject: 'ticker:GME', polarity: -0.5, how: 'name' }],
  })
  const [mention] = chatter().text(facts)
  assert.deepEqual([mention?.subject, mention?.polarity, mention?.fingerprint, mention?.facts], ['ticker:GME', -0.5, 'abc', { how: 'name' }])
})

test('the same post heard twice is said once; an edited one is said anew', () => {
  const talk = chatter()
  assert.equal(talk.text(post('a', 'GME calls')).length, 1)
  assert.equal(talk.text(post('a', 'GME calls')).length, 0)
  assert.equal(talk.text(post('a', 'GME calls, edited')).length, 1)
})

test('texts not heard of for the span are forgotten, by the time of the stream', () => {
  const talk = chatter()
  for (let day = 0; day < 30; day++) talk.text(post(`p${day}`, 'GME calls', START + day * DAY_MS))
  assert.equal(talk.size, 6)
  assert.deepEqual(talk.snapshot(snapshot('p0', { score: 900 }, START + 30 * DAY_MS)), [])
  assert.equal(talk.snapshot(snapshot('p29', { score: 900 }, START + 30 * DAY_MS)).length, 1)
})

test('a text that goes on being heard of is kept', () => {
  const talk = chatter()
  talk.text(post('old', 'GME calls'))
  for (let day = 1; day < 20; day++) talk.snapshot(snapshot('old', { score: 10 }, START + day * DAY_MS))
  assert.equal(talk.snapshot(snapshot('old', { score: 9000 }, START + 20 * DAY_MS)).length, 1)
})
