import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, lineOf, make } from '#record'
import { pastOf } from '#domain/audit/past'

const T = Date.UTC(2021, 0, 4)
const bytesOf = (text: string) => {
  const buffer = Buffer.from(text)
  return { size: () => buffer.length, read: (position: number, into: Uint8Array) => buffer.copy(into, 0, position, position + into.length) }
}
const recordAt = (minute: number, key: string) => {
  const at = formatInstant(T + minute * 60_000)
  return make('signal', { at, known_at: at, source: 'test', by: 'test/0', type: 'post', key, facts: { text: 'x'.repeat(minute % 50) } })
}

test('the records of the span before the latest, in the order of the log, a torn tail left out', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 60 }), fc.integer({ min: 0, max: 500 }), fc.boolean(), (minutes, span, torn) => {
    const records = minutes.map((minute, i) => recordAt(minute, `${i}`))
    const text = records.map((record) => `${lineOf(record)}\n`).join('') + (torn ? '{"kind":"sig' : '')
    const latest = Math.max(...minutes)
    const expected = records.filter((_, i) => (minutes[i] ?? 0) >= latest - span).map(({ id }) => id)
    assert.deepEqual([...pastOf(bytesOf(text), span * 60_000)].map(({ id }) => id), expected)
  }))
})

test('a long log is not read beyond what is too old', () => {
  const old = Array.from({ length: 5000 }, (_, i) => lineOf(recordAt(0, `old ${i}`)))
  const young = Array.from({ length: 10 }, (_, i) => lineOf(recordAt(1000 + i, `young ${i}`)))
  const bytes = bytesOf(`${[...old, ...young].join('\n')}\n`)
  assert.equal([...pastOf(bytes, 60 * 60_000)].length, 10)
})
