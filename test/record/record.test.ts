import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalize, check, identify, jsonSchema, keepLine, KINDS, lineOf, make, note, type Json, type Signal } from '#record'
import { setMember } from '#record/member'

const instant = '2021-01-04T14:30:00.000Z'
const signal = (more: object = {}): Signal =>
  ({ ...make('signal', { at: instant, known_at: instant, source: 'test', by: 'test/1', type: 'mention', key: 'k', subject: 'ticker:GME', polarity: 0.5 }), ...more })

/** RFC 8785 by the book: sorted keys, JSON.stringify for the leaves. */
function oracle(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oracle).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${oracle(member)}`).join(',')}}`
}

test('canonical JSON agrees with a plain reading of RFC 8785', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    // JSON has no minus zero: it reads back as 0.
    assert.equal(canonicalize(JSON.parse(JSON.stringify(value)) as Json), oracle(JSON.parse(JSON.stringify(value))))
  }), { numRuns: 500 })
})

test('keys that hold a newline are not taken for two keys', () => {
  canonicalize({ a: 1, b: 2 })
  assert.equal(canonicalize({ 'a\nb': 1 }), '{"a\\nb":1}')
  assert.equal(canonicalize({ 'a\nb': 1, c: 2 }), '{"a\\nb":1,"c":2}')
  assert.equal(canonicalize({ a: 1, 'b\nc': 2 }), '{"a":1,"b\\nc":2}')
})

test('a number that is no number never becomes null', () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    assert.throws(() => canonicalize({ a: [bad] }), RangeError)
    assert.throws(() => note(signal(), { weight: bad }), RangeError)
  }
})

test('an id is SHA-256 over what the record says, as anyone can compute it', () => {
  const { id, known_at: _, by: __, ...said } = signal()
  assert.equal(id, createHash('sha256').update(oracle(said)).digest('hex').slice(0, 40))
})

test('who heard it, when, and what was noted do not change the id; what it says does', () => {
  const one = signal()
  assert.equal(identify(signal({ known_at: '2022-01-01T00:00:00.000Z', by: 'other/9', weight: 0.1, rank: 3 })), one.id)
  assert.notEqual(identify(signal({ polarity: 0.4 })), one.id)
  assert.notEqual(identify(signal({ unheard_of: true })), one.id)
})

test('a conviction is what its reasons say, a signal is not', () => {
  const base = { at: instant, known_at: instant, source: 's', by: 'b/1', subject: 'ticker:A', direction: 'up', conviction_score: 0.6, log_odds: 0.4, horizon: '5d', ttl: 1, routing_tags: [], contributing_models: [], signal_id: 'a'.repeat(40) } as const
  const one = make('conviction', { ...base, routing_tags: [], contributing_models: [], reason_vector: [] })
  const two = make('conviction', { ...base, routing_tags: [], contributing_models: [], reason_vector: [{ term: 'x', log_odds: 0.4, evidence: [] }] })
  assert.notEqual(one.id, two.id)
  assert.equal(identify(note(two, { rank: 1 })), two.id)
})

const reasons = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 12 })
const convictionOf = (terms: readonly number[], logOdds: number, score?: number): Json => JSON.parse(JSON.stringify(make('conviction', {
  at: instant, known_at: instant, source: 's', by: 'b/1', subject: 'ticker:A', direction: 'up', conviction_score: score ?? 1 / (1 + Math.exp(-logOdds)), log_odds: logOdds,
  reason_vector: terms.map((term, i) => ({ term: `t${i}`, log_odds: term, evidence: [] })),
  contributing_models: [], horizon: '5d', ttl: 1, routing_tags: [], signal_id: 'a'.repeat(40),
}))) as Json

test('a conviction is read where its reasons add up, in any order, to what its score is the probability of, and nowhere else', () => {
  fc.assert(fc.property(reasons, fc.double({ min: 2e-9, max: 3, noNaN: true }), fc.boolean(), (terms, off, above) => {
    // Summed from the last to the first: another order than the check's.
    const sum = terms.reduceRight((total, term) => total + term, 0)
    assert.ok('record' in check(convictionOf(terms, sum)))
    const bad = check(convictionOf(terms, above ? sum + off : sum - off))
    assert.ok('fault' in bad && bad.fault.path === 'reason_vector' && bad.fault.message.includes('add up'))
    const score = 1 / (1 + Math.exp(-sum))
    const misjudged = check(convictionOf(terms, sum, score > 0.5 ? score - Math.min(0.5, off) : score + Math.min(0.5, off)))
    assert.ok('fault' in misjudged && misjudged.fault.path === 'conviction_score' && misjudged.fault.message.includes('probability'))
  }))
  assert.ok('fault' in check(convictionOf([], 0.4)), 'one without reasons says nothing')
})

const members = fc.dictionary(fc.string().filter((key) => key !== '__proto__'), fc.jsonValue(), { maxKeys: 6 })

test('setting a member in the text is setting it in the object', () => {
  fc.assert(fc.property(members, fc.constantFrom('weight', 'rank', 'half_life'), fc.jsonValue(), fc.boolean(), fc.nat(2), (object, name, value, present, indent) => {
    const before: Record<string, unknown> = present ? { ...object, [name]: 'old' } : object
    const line = JSON.stringify(before, null, indent)
    const after = setMember(line, name, JSON.stringify(value))
    assert.deepEqual(JSON.parse(after), JSON.parse(JSON.stringify({ ...before, [name]: value })))
  }), { numRuns: 500 })
})

test('notes keep every other byte of the line: long numbers, odd escapes, unknown fields, spacing', () => {
  const line = JSON.stringify(signal()).replace('{', '{ "huge": 12345678901234567890, "odd": "\\u0041", "nested":{"weight":7},')
  const record = keepLine(JSON.parse(line) as Signal, line)
  note(record, { weight: 0.25, half_life: '6h' })
  assert.equal(lineOf(record), `${line.slice(0, -1)},"weight":0.25,"half_life":"6h"}`)
  note(record, { weight: 0.5 })
  assert.equal(lineOf(record), `${line.slice(0, -1)},"weight":0.5,"half_life":"6h"}`)
  assert.deepEqual(JSON.parse(lineOf(record)), { ...record })
  assert.equal(JSON.parse(lineOf({ ...record, polarity: 0.1 })).polarity, 0.1, 'a copy that says something else does not keep the line')
})

test('a noted record reads back the same whether or not it came from a line', () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }), (weight, before) => {
    const start = before === undefined ? signal() : signal({ weight: before })
    const made = note({ ...start }, { weight, half_life: '6h' })
    const read = note(keepLine(JSON.parse(JSON.stringify(start)) as Signal, JSON.stringify(start)), { weight, half_life: '6h' })
    assert.equal(lineOf(made), lineOf(read))
  }))
})

test('every kind says which field is wrong and what was expected', () => {
  const faults = [
    [{ at: 'yesterday' }, 'at', /ISO 8601/], [{ at: '2021-02-29T00:00:00Z' }, 'at', /ISO 8601/], [{ parents: ['x'] }, 'parents.0', /record id/],
    [{ polarity: 2 }, 'polarity', /from -1 to 1/], [{ subject: 'GME' }, 'subject', /ticker:GME/], [{ weight: 'heavy' }, 'weight', /number/],
  ] as const
  for (const [more, path, message] of faults) {
    const checked = check(signal(more))
    assert.ok('fault' in checked, path)
    assert.equal(checked.fault.path, path)
    assert.match(checked.fault.message, message)
  }
  assert.deepEqual(check({ kind: 'nonsense' }), { fault: { path: 'kind', message: `expected one of ${KINDS.join(', ')}` } })
  for (const value of [null, 1, 'x', []]) assert.ok('fault' in check(value))
})

test('unknown fields pass', () => {
  assert.ok('record' in check(signal({ unheard_of: { deep: [1] } })))
})

test('each kind has a JSON Schema that requires its envelope', () => {
  for (const kind of KINDS) {
    const schema = jsonSchema(kind) as { required: string[] }
    for (const field of ['kind', 'id', 'parents', 'at', 'known_at', 'source', 'by']) assert.ok(schema.required.includes(field), `${kind}.${field}`)
  }
})
