import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf, make, type Conviction, type Vanta } from '#record'
import { creditsBy } from '#domain/pnl/credit'
import { bytesOf } from '../report/season.ts'

const heard = { at: '2021-01-14T15:00:00.000Z', known_at: '2021-01-14T15:00:00.000Z', by: 'test/1' }
const post = (key: string, source = 'reddit/wsb') => make('signal', { ...heard, source, type: 'post', key })
const mention = (of: Vanta, key: string) => make('signal', { ...heard, source: of.source, type: 'mention', key, subject: 'ticker:GME', parents: [of.id] })

function conviction(terms: readonly { maker?: string; log_odds: number; evidence: readonly Vanta[] }[]): Conviction {
  const sum = terms.reduce((total, { log_odds: size }) => total + size, 0)
  return make('conviction', {
    ...heard, source: 'vanta-synthesize', signal_id: '0'.repeat(40), subject: 'ticker:GME', direction: 'up', conviction_score: 1 / (1 + Math.exp(-sum)), log_odds: sum,
    reason_vector: terms.map(({ maker, log_odds, evidence }) => ({ term: maker ?? 'base rate', ...(maker !== undefined && { maker }), log_odds, evidence: evidence.map(({ id }) => id) })),
    contributing_models: [], horizon: '5d', ttl: 60, routing_tags: [],
  })
}
const allocation = (of: Vanta, persona?: string) => make('allocation', {
  ...heard, source: 'vault/core', vault: 'core', subject: 'ticker:GME', direction: 'up', fraction: '0.1', band: 'low', reason: 'entry', expires_at: heard.at,
  parents: [of.id], ...(persona !== undefined && { persona }),
})
const credited = (wanted: Vanta, ...log: readonly Vanta[]) =>
  (creditsBy(new Set([wanted.id]), bytesOf(log.map((record) => `${lineOf(record)}\n`).join(''))).get(wanted.id) ?? [])
    .map(({ weight, ...owed }) => ({ ...owed, share: Number(weight) / 1e9 })).sort((a, b) => b.share - a.share)

test('shares follow the reason vector, through readings down to what came from outside', () => {
  const a = post('a'), b = post('b'), filing = make('signal', { ...heard, source: 'sec/edgar', type: 'form4', key: 'f' })
  // One text of which two readings are evidence, another with one, and a filing that speaks against it.
  const readings = [mention(a, 'a1'), mention(a, 'a2'), mention(b, 'b1')], trade = mention(filing, 'f1')
  const view = conviction([{ log_odds: 0, evidence: [] }, { maker: 'chatter', log_odds: 0.6, evidence: readings }, { maker: 'insider', log_odds: -0.2, evidence: [trade] }])
  const target = allocation(view, 'athena')
  assert.deepEqual(credited(target, a, b, filing, ...readings, trade, view, target), [
    { persona: 'athena', model: 'chatter', source: 'reddit/wsb', signal: a.id, share: 0.5 },
    { persona: 'athena', model: 'insider', source: 'sec/edgar', signal: filing.id, share: 0.25 },
    { persona: 'athena', model: 'chatter', source: 'reddit/wsb', signal: b.id, share: 0.25 },
  ])
})

test('beliefs that came ready made pass their word on, and who sized without a persona is plain', () => {
  const a = post('a', 'model/x')
  const belief = make('belief', { ...heard, source: 'model', subject: 'ticker:GME', maker: 'stacker', direction: 'up', log_odds: 1, horizon: '5d', parents: [a.id] })
  const view = conviction([{ maker: 'stacker', log_odds: 1, evidence: [belief] }]), target = allocation(view)
  assert.deepEqual(credited(target, a, belief, view, target), [{ persona: 'plain', model: 'stacker', source: 'model/x', signal: a.id, share: 1 }])
})

test('what the log does not hold is not guessed: a reading without its text is owed to itself, a decision without its reasons to nobody', () => {
  const a = post('a'), reading = mention(a, 'a1'), view = conviction([{ maker: 'chatter', log_odds: 1, evidence: [reading] }]), target = allocation(view)
  assert.deepEqual(credited(target, reading, view, target).map(({ signal, source, share }) => [signal, source, share]), [[reading.id, 'reddit/wsb', 1]])
  assert.deepEqual(credited(target, a, reading, target), [])
  assert.deepEqual(credited(target), [])
})
