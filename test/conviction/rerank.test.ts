import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, keepLine, lineOf, make, type Belief, type Conviction, type Signal, type Vanta } from '#record'
import { Failure, type FilterWorld } from '#tool'
import rerank from '../../src/conviction/rerank.ts'

const world: FilterWorld = {
  clock: { now: () => 0 },
  log: { debug() {}, info() {}, warn() {}, error() {} },
  random: () => assert.fail('no chance in this'),
  by: 'vanta-rerank/test',
  past: () => [], store: { read: () => undefined },
}
type Values = Parameters<typeof rerank.open>[0]
const defaults: Values = { rank: undefined, top: 2, perSubject: undefined, perSector: undefined, margin: 0.02, overtake: 0.005, limit: 100 }

function run(records: readonly Vanta[], values: Partial<Values> = {}): Vanta[] {
  const out: Vanta[] = []
  const stage = rerank.open({ ...defaults, ...values }, world)
  assert.ok(!(stage instanceof Promise))
  for (const record of records) void stage.each(structuredClone(record) as never, (made) => out.push(made))
  void stage.end?.((made) => out.push(made))
  for (const record of out) assert.ok('record' in check(record), JSON.stringify(record))
  return out
}

const heard = { at: '2021-01-04T10:00:00.000Z', known_at: '2021-01-04T10:00:00.000Z', source: 'made/up', by: 'test/0' }
const post = (key: string): Signal => make('signal', { ...heard, type: 'post', key })
const mention = (key: string, polarity: number, more: object = {}): Signal =>
  make('signal', { ...heard, type: 'mention', key, subject: `ticker:${key.toUpperCase()}`, polarity, magnitude: 1, ...more })
const belief = (name: string, log_odds: number, parents: string[] = []): Belief =>
  make('belief', { ...heard, parents, subject: `ticker:${name}`, maker: 'chatter', direction: 'up', log_odds, horizon: '5d' })
const conviction = (name: string, score: number, parents: string[] = []): Conviction => make('conviction', {
  ...heard, parents, signal_id: '0'.repeat(40), subject: `ticker:${name}`, direction: 'up', conviction_score: score,
  log_odds: Math.log(score / (1 - score)), reason_vector: [{ term: 'test', log_odds: Math.log(score / (1 - score)), evidence: [] }],
  contributing_models: ['chatter'], horizon: '5d', ttl: 3600, routing_tags: [],
})
const tick = (minute: number): Vanta => {
  const at = `2021-01-04T10:${minute}:00.000Z`
  return make('control', { ...heard, at, known_at: at, type: 'tick' })
}
const named = (records: readonly Vanta[]): string[] => records.map((record) => {
  const rank = 'rank' in record ? ` ${record.rank}` : ''
  return `${record.kind}${'key' in record ? ` ${record.key}` : 'subject' in record ? ` ${record.subject}` : ''}${rank}`
})

test('of plain signals exactly the top readings come out, by rank, each with its score and its reason', () => {
  const readings = [mention('a', 0.2), mention('b', -1), mention('c', 0.5), mention('d', 0), mention('e', 1, { weight: 0.1 })]
  const out = run([post('p'), ...readings])
  assert.deepEqual(named(out), ['signal b 1', 'signal c 2'])
  for (const record of out) {
    assert.ok(record.kind === 'signal')
    const [reason, ...more] = record.reason_vector ?? []
    assert.deepEqual([more.length, reason?.evidence], [0, [record.id]])
    assert.ok(Math.abs((record.rank_score ?? 0) - 1 / (1 + Math.exp(-(reason?.log_odds ?? 0)))) < 1e-12)
  }
  assert.equal(out[0]?.id, readings[1]?.id)
  assert.deepEqual(named(run([...readings], { top: 9 })).at(-1), 'signal d 5')
})

test('what came as a line goes on as that line with its notes added', () => {
  const line = JSON.stringify(mention('a', 1)).replace(/}$/, ',"exact":12345678901234567890}')
  const stage = rerank.open(defaults, world)
  assert.ok(!(stage instanceof Promise))
  const record = check(JSON.parse(line))
  assert.ok('record' in record && record.record.kind === 'signal')
  void stage.each(keepLine(record.record, line), () => assert.fail('too early'))
  let out = ''
  void stage.end?.((made) => { out = lineOf(made) })
  assert.ok(out.startsWith(line.slice(0, -1)) && out.includes(',"rank":1,"rank_score":0.5'), out)
})

test('convictions are ranked where there are any; what they rest on passes before them, what only dropped ones rest on does not', () => {
  const beliefs = [belief('A', 1), belief('B', 1), belief('C', 1), belief('AC', 1)]
  const [a, b, c, both] = beliefs.map((one) => one.id) as [string, string, string, string]
  const lone = belief('L', 1)
  const out = run([post('p'), mention('m', 1), ...beliefs, lone,
    conviction('A', 0.51, [a, both]), conviction('B', 0.7, [b]), conviction('C', 0.6, [c, both])])
  assert.deepEqual(named(out), ['signal p', 'signal m', 'belief ticker:B', 'belief ticker:C', 'belief ticker:AC', 'belief ticker:L',
    'conviction ticker:B 1', 'conviction ticker:C 2'])
})

test('beliefs are ranked where there are no convictions, with the reliability of their maker', () => {
  const out = run([mention('m', 1), belief('A', 0.1), belief('B', 0.4), belief('C', 0.2)])
  assert.deepEqual(named(out), ['signal m', 'belief ticker:B 1', 'belief ticker:C 2'])
  assert.ok(out[1]?.kind === 'belief')
  assert.equal(out[1].reason_vector?.[0]?.log_odds, 0.2)
})

test('each tick closes a moment; one without convictions lets everything pass', () => {
  const records = [mention('m', 1), mention('n', 1), mention('o', 1), tick(10), post('p'), conviction('A', 0.6), conviction('B', 0.7),
    tick(20), mention('q', 1)]
  assert.deepEqual(named(run(records, { top: 1 })), ['signal m', 'signal n', 'signal o', 'control', 'signal p',
    'conviction ticker:B 1', 'ranking', 'control', 'signal q'])
})

/** Subjects of the rankings said, best first. */
const orders = (records: readonly Vanta[]): string[] => records.filter((record) => record.kind === 'ranking').map((record) => {
  assert.deepEqual(record.parents, record.ranked.map((one) => one.conviction))
  return record.ranked.map((one) => one.subject.slice(-1)).join('')
})

test('whoever was ranked stays until beaten by the margin', () => {
  const moments = (a: number, b: number): Vanta[] => [conviction('A', 0.6), tick(10), conviction('A', a), conviction('B', b), tick(20)]
  assert.deepEqual(orders(run(moments(0.6, 0.615), { top: 1 })), ['A'])
  assert.deepEqual(orders(run(moments(0.6, 0.625), { top: 1 })), ['A', 'B'])
})

test('convictions stand until they expire, and a ranking is said where the order of those that stand has changed', () => {
  const standing = (name: string, score: number, ttl: number): Conviction => ({ ...conviction(name, score), ttl })
  const records = [standing('A', 0.6, 1500), standing('B', 0.7, 900), tick(10), tick(11), standing('C', 0.65, 3600), tick(14), tick(20), tick(30)]
  assert.deepEqual(orders(run(records, { top: 3 })), ['BA', 'BCA', 'CA', 'C'])
})

test('what is not ranked is held back with the beliefs it rests on, and passes once it is', () => {
  const [a, b] = [belief('A', 1), belief('B', 1)]
  const weak: Conviction = { ...conviction('A', 0.55, [a.id]), ttl: 3600 }
  const strong: Conviction = { ...conviction('B', 0.7, [b.id]), ttl: 900 }
  const out = named(run([a, weak, b, strong, tick(10), tick(20)], { top: 1 }))
  assert.deepEqual(out, ['belief ticker:B', 'conviction ticker:B 1', 'ranking', 'control', 'belief ticker:A', 'conviction ticker:A 1', 'ranking', 'control'])
})

test('what follows a conviction that has passed always passes, ranked or not; what follows one held back does not', () => {
  const of = (name: string, score: number): Conviction => ({ ...conviction(name, score), ttl: 3600 })
  const records = [of('A', 0.6), tick(10), of('B', 0.7), of('C', 0.56), tick(20), of('A', 0.5), of('C', 0.55), tick(30)]
  const out = named(run(records, { top: 1 }))
  assert.deepEqual(out, ['conviction ticker:A 1', 'ranking', 'control', 'conviction ticker:B 1', 'ranking', 'control', 'conviction ticker:A', 'control'])
})

test('--rank names the kind, --per-subject bounds each subject', () => {
  const records = [mention('m', 1), belief('A', 0.1), conviction('A', 0.6)]
  assert.deepEqual(named(run(records, { rank: 'belief' })), ['signal m', 'belief ticker:A 1', 'conviction ticker:A'])
  assert.deepEqual(named(run(records, { rank: 'signal' })), ['signal m 1', 'belief ticker:A', 'conviction ticker:A'])
  const same = [mention('m', 1), mention('n', 0.9, { subject: 'ticker:M' }), mention('o', 0.1)]
  assert.deepEqual(named(run(same, { perSubject: 1 })), ['signal m 1', 'signal o 2'])
})

test('more than the limit in one moment is refused, not forgotten', () => {
  const posts = ['a', 'b', 'c'].map(post)
  assert.throws(() => run(posts, { limit: 2 }), (error) => error instanceof Failure && error.exit === 'refused')
  assert.doesNotThrow(() => run([...posts.slice(0, 2), tick(10), ...posts.slice(2)], { limit: 2 }))
})

test('a conviction taken back (ttl 0) leaves the ranking at once, and whoever was told of it is told', () => {
  const records = [conviction('A', 0.6), conviction('B', 0.7), tick(10), { ...conviction('B', 0.505), ttl: 0 }, tick(10)]
  const out = run(records as Vanta[], { top: 2 })
  assert.deepEqual(orders(out), ['BA', 'A'])
  assert.deepEqual(out.filter((record) => record.kind === 'conviction' && record.ttl === 0).length, 1)
})
