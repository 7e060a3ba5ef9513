import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Aligner } from '#domain/timing/aligner'
import { ClockSkew } from '#domain/timing/skew'

interface One {
  readonly id: string
  readonly atMs: number
  readonly knownMs: number
  readonly parents: readonly string[]
}
interface Out extends One {
  readonly lateMs: number
}
const LATENESS = 100

function aligned(stream: readonly One[], limit = Infinity): { readonly out: readonly Out[]; readonly aligner: Aligner<One> } {
  const out: Out[] = []
  const aligner = new Aligner<One>({ latenessMs: LATENESS, limit, idOf: ({ id }) => id, leave: (record, lateMs) => void out.push({ ...record, lateMs }) })
  let mostMs = -Infinity
  for (const record of stream) {
    aligner.take({ record, ...record })
    mostMs = Math.max(mostMs, record.knownMs)
    if (limit !== Infinity) assert.ok(aligner.held <= limit)
  }
  aligner.end()
  return { out, aligner }
}

/** Known in any order, happened before or after, some made of earlier ones. */
const streams = fc.array(fc.record({ known: fc.integer({ min: 0, max: 600 }), age: fc.integer({ min: -300, max: 300 }), parent: fc.option(fc.nat()) }), { maxLength: 60 })
  .map((rows) => rows.map(({ known, age, parent }, i): One => ({
    id: `${i}`, atMs: known - age, knownMs: known, parents: parent === null || i === 0 ? [] : [`${parent % i}`],
  })))

test('nothing is dropped, nothing doubled, whatever comes', () => {
  fc.assert(fc.property(streams, fc.integer({ min: 1, max: 60 }), (stream, limit) => {
    const idsOf = (list: readonly One[]): string[] => list.map(({ id }) => id).sort()
    assert.deepEqual(idsOf(aligned(stream).out), idsOf(stream))
    assert.deepEqual(idsOf(aligned(stream, limit).out), idsOf(stream))
  }))
})

test('parents leave before their children', () => {
  fc.assert(fc.property(streams, (stream) => {
    const { out } = aligned(stream)
    const place = new Map(out.map(({ id }, i) => [id, i]))
    for (const { id, parents } of out) for (const parent of parents) assert.ok((place.get(parent) ?? 0) < (place.get(id) ?? 0))
  }))
})

test('what is not late leaves in the order in which it happened, as far as the lateness goes', () => {
  fc.assert(fc.property(streams, (stream) => {
    const childless = stream.map((one) => ({ ...one, parents: [] }))
    const { out } = aligned(childless)
    const placeOf = ({ atMs, knownMs }: One): number => Math.min(knownMs, Math.max(atMs, knownMs - LATENESS))
    let last = -Infinity
    for (const one of out) {
      if (one.lateMs > 0) assert.equal(last - placeOf(one), one.lateMs)
      else {
        assert.ok(placeOf(one) >= last)
        last = placeOf(one)
      }
    }
  }))
})

test('what becomes known in order, or happened no longer ago than the lateness, is never late', () => {
  fc.assert(fc.property(streams, (stream) => {
    const inOrder = [...stream].sort((a, b) => a.knownMs - b.knownMs).map((one) => ({ ...one, parents: [] }))
    assert.ok(aligned(inOrder).out.every(({ lateMs }) => lateMs === 0))
    let mostMs = -Infinity
    const recent = stream.filter((one) => {
      mostMs = Math.max(mostMs, one.knownMs)
      return Math.min(one.atMs, one.knownMs) >= mostMs - LATENESS
    }).map((one) => ({ ...one, parents: [] }))
    assert.ok(aligned(recent).out.every(({ lateMs }) => lateMs === 0))
  }))
})

test('nothing waits longer than the lateness', () => {
  const left: string[] = []
  const aligner = new Aligner<string>({ latenessMs: LATENESS, limit: 10, idOf: (id) => id, leave: (id) => void left.push(id) })
  const at = (id: string, ms: number): void => aligner.take({ record: id, id, parents: [], atMs: ms, knownMs: ms })
  at('a', 0)
  at('c', 50)
  at('b', 20)
  assert.deepEqual(left, [])
  at('d', 120)
  assert.deepEqual(left, ['a', 'b'])
  aligner.end()
  assert.deepEqual(left, ['a', 'b', 'c', 'd'])
})

test('a clock that is ahead is found out by the most it is ahead, forgotten after two windows, and an announcement is no clock', () => {
  const skew = new ClockSkew(1000, 60)
  assert.equal(skew.hear('x', 90, 100), 0)
  assert.equal(skew.hear('x', 130, 110), 20)
  assert.equal(skew.hear('x', 115, 120), 20)
  assert.equal(skew.hear('x', 5000, 130), 20)
  assert.equal(skew.hear('y', 130, 140), 0)
  assert.deepEqual(skew.ahead(), [{ source: 'x', aheadMs: 20 }])
  assert.equal(skew.hear('x', 1100, 1150), 20)
  assert.equal(skew.hear('x', 2100, 2200), 0)
})
