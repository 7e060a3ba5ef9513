import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DAY_MS, HOUR_MS, make, type Belief, type Signal } from '#record'
import { halfLivesFrom } from '#domain/conviction/half_lives'

const learnedAt = '2019-01-01T00:00:00.000Z'
const halfLifeFor = halfLivesFrom([{ maker: 'chatter', source: 'forum/a', hours: 7, known_at: learnedAt }])
const signal = (source: string, at: string, type = 'mention'): Signal =>
  make('signal', { at, known_at: at, source, by: 'test/0', type, key: 'k', subject: 'ticker:A', polarity: 1 })
const belief = (maker: string): Belief =>
  make('belief', { at: learnedAt, known_at: learnedAt, source: 'forum/a', by: 'test/0', subject: 'ticker:A', maker, direction: 'up', log_odds: 1, horizon: '5d' })

test('what was learned of a source holds from when it could have been known, for its readings and what they are made from', () => {
  assert.deepEqual(halfLifeFor(signal('forum/a', learnedAt)), { ms: 7 * HOUR_MS, learned: true })
  assert.deepEqual(halfLifeFor(signal('forum/a', learnedAt, 'post')), { ms: 7 * HOUR_MS, learned: true })
  assert.deepEqual(halfLifeFor(belief('chatter')), { ms: 7 * HOUR_MS, learned: true })
  assert.deepEqual(halfLifeFor(signal('forum/a', '2018-12-31T23:59:59.999Z')), { ms: DAY_MS, learned: false })
  assert.deepEqual(halfLifeFor(signal('forum/b', learnedAt)), { ms: DAY_MS, learned: false })
  assert.deepEqual(halfLifeFor(signal('forum/a', learnedAt, 'insider_trade')), { ms: 30 * DAY_MS, learned: false })
})

test('the shipped model is the one that its card describes, each half-life within its interval', () => {
  const models = join(import.meta.dirname ?? '.', '../../../models')
  const text = readFileSync(join(models, 'half_lives.json'), 'utf8')
  const card = JSON.parse(readFileSync(join(models, 'half_lives.card.json'), 'utf8')) as { sha256: string }
  assert.equal(createHash('sha256').update(text).digest('hex'), card.sha256)
  const { model } = JSON.parse(text) as { model: { hours: number; low: number; high: number }[] }
  assert.ok(model.length > 0)
  for (const { hours, low, high } of model) assert.ok(low <= hours && hours <= high && low > 0)
})
