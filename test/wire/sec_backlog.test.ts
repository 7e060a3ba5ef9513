import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#record'
import { Backlog } from '#wire/sec/backlog'

const HOUR = 3_600_000
const filing = (n: number, acceptedMs = n * 60_000) => ({ accession: `0000000007-21-${String(n).padStart(6, '0')}`, acceptedMs, ciks: ['7'] })
const kept = (backlog: Backlog): Backlog => new Backlog(JSON.parse(JSON.stringify(backlog.state)) as Json, HOUR)

test('whatever was done is not new again, from run to run; what is older than the overlap never is', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(5000), { maxLength: 200 }), fc.nat(5000), (numbers, other) => {
    let backlog = new Backlog(undefined, HOUR)
    for (const n of numbers.sort((a, b) => a - b)) {
      assert.ok(backlog.isNew(filing(n)))
      backlog.do(filing(n))
      backlog = kept(backlog)
      assert.ok(!backlog.isNew(filing(n)))
    }
    const newest = numbers[numbers.length - 1]
    if (newest !== undefined) assert.equal(backlog.isNew(filing(other)), other >= newest - 60 && !numbers.includes(other))
  }))
})

test('a filing that cannot be read is tried three times, and does not hold up the others', () => {
  let backlog = new Backlog(undefined, HOUR)
  assert.equal(backlog.fail(filing(1)), true)
  backlog.do(filing(2))
  for (const again of [true, false]) {
    backlog = kept(backlog)
    assert.deepEqual(backlog.pending.map(({ accession, ciks }) => [accession, ciks]), [[filing(1).accession, ['7']]])
    assert.equal(backlog.fail(filing(1)), again)
  }
  assert.deepEqual(kept(backlog).pending, [])
})

test('validators are kept only where nothing came after them', () => {
  const backlog = new Backlog(undefined, HOUR)
  backlog.validators = { etag: '"1"' }
  assert.deepEqual(kept(backlog).validators, { etag: '"1"' })
  backlog.do(filing(1))
  assert.equal(kept(backlog).validators, undefined)
})

test('a state that someone damaged is a first run at worst', () => {
  fc.assert(fc.property(fc.jsonValue(), (state) => {
    assert.doesNotThrow(() => new Backlog(state as Json, HOUR))
    assert.ok(new Backlog({ newest: state, done: state, pending: { x: state }, etag: state } as Json, HOUR).state)
  }))
})
