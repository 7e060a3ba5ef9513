import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, make, type Signal, type Vanta } from '#record'
import normalize from '../../src/enrich/normalize.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const world = {
  by: 'vanta-normalize/test', past: () => [], store: { read: () => undefined }, log: silent, clock: { now: () => 0 },
  random: () => ({ next: () => 0, integer: () => 0 }),
}

async function run(...signals: readonly Signal[]): Promise<Vanta[]> {
  const out: Vanta[] = []
  const stage = await normalize.open({ restate: 0.2, forget: 5 * 86_400_000 }, world)
  for (const signal of signals) await stage.each(signal, (record) => out.push(record))
  await stage.end?.((record) => out.push(record))
  return out
}

const heard = { source: 'reddit/x', by: 'test/1', at: '2021-01-04T15:00:00.000Z', known_at: '2021-01-04T15:00:00.000Z' }
const post = make('signal', { ...heard, type: 'post', key: 'reddit:t3_a', facts: { title: 'GME calls' } })
const comment = make('signal', { ...heard, type: 'comment', key: 'reddit:t1_b', facts: { text: 'Tesla puts' } })
const snapshot = make('signal', { ...heard, type: 'snapshot', key: 'reddit:t3_a', facts: { score: 900, comments: 100 } })
const form4 = make('signal', {
  ...heard, type: 'form4', key: 'acc', subject: 'ticker:ABCD', facts: { transactions: [{ code: 'P', shares: '10000', price_per_share: '1' }] },
})
const other = make('signal', { ...heard, type: 'tweet', key: 'x' })

test('every record passes, each followed by its readings, parents before children', async () => {
  const out = await run(post, snapshot, comment, form4, other)
  assert.deepEqual(out.map((record) => (record.kind === 'signal' ? `${record.type} ${record.key}` : record.kind)), [
    'post reddit:t3_a', 'mention reddit:t3_a#ticker:GME', 'snapshot reddit:t3_a', 'mention reddit:t3_a#ticker:GME',
    'comment reddit:t1_b', 'mention reddit:t1_b#ticker:TSLA', 'form4 acc', 'insider_trade acc#ticker:ABCD', 'tweet x',
  ])
  const seen = new Set<string>()
  for (const record of out) {
    assert.deepEqual(check(record), { record })
    for (const parent of record.parents) assert.ok(seen.has(parent), `${record.id} before its parent`)
    seen.add(record.id)
  }
})

test('the same input gives the same bytes', async () => {
  const once = JSON.stringify(await run(post, snapshot, comment, form4))
  assert.equal(JSON.stringify(await run(post, snapshot, comment, form4)), once)
})
