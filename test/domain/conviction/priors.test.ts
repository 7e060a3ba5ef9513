import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS, make, type Belief, type Signal } from '#record'
import { halfLifeOf, PRIORS, priorOfMaker, priorOfReading, UNKNOWN_HALF_LIFE_MS } from '#domain/conviction/priors'

const heard = { at: '2021-01-04T10:00:00.000Z', known_at: '2021-01-04T10:00:00.000Z', source: 'made/up', by: 'test/0' }
const signal = (type: string): Signal => make('signal', { ...heard, type, key: 'k' })
const belief = (maker: string): Belief =>
  make('belief', { ...heard, subject: 'ticker:AAA', maker, direction: 'up', log_odds: 0.1, horizon: '5d' })

test('priors are cautious: nobody is taken wholly at his word, voices are never quite independent', () => {
  for (const prior of PRIORS) {
    assert.ok(prior.reliability > 0 && prior.reliability < 1, prior.maker)
    assert.ok(prior.correlation > 0 && prior.correlation <= 1, prior.maker)
    assert.ok(prior.bearish >= 0 && prior.bearish <= 1, prior.maker)
    assert.match(prior.horizon, /^\d+d$/)
  }
})

test('a raw signal, its readings and the belief made of them age alike', () => {
  for (const prior of PRIORS) {
    for (const type of [...prior.readings, ...prior.raw]) assert.equal(halfLifeOf(signal(type)), prior.halfLifeMs)
    assert.equal(halfLifeOf(belief(prior.maker)), prior.halfLifeMs)
  }
  assert.equal(halfLifeOf(signal('mention')), DAY_MS)
  assert.equal(halfLifeOf(signal('form4')), 30 * DAY_MS)
})

test('only readings are evidence; what is unknown has a half-life all the same', () => {
  assert.equal(priorOfReading('mention')?.maker, 'chatter')
  assert.equal(priorOfReading('insider_trade')?.maker, 'insider')
  assert.equal(priorOfReading('post'), undefined)
  assert.equal(priorOfMaker('oracle'), undefined)
  assert.equal(halfLifeOf(signal('tea_leaves')), UNKNOWN_HALF_LIFE_MS)
})
