import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import ndjson from 'ndjson'
import { LineSplitter, type Line } from '#tool/lines'

function split(bytes: Buffer, cuts: readonly number[], maxBytes = 1 << 20): Line[] {
  const splitter = new LineSplitter(maxBytes)
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  const lines = places.slice(1).flatMap((to, i) => splitter.push(bytes.subarray(places[i], to)))
  return [...lines, ...splitter.end()]
}

test('however the bytes are cut, the lines and their numbers are the same', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\ufeff]/g, ' '))), fc.array(fc.nat()), fc.boolean(), (texts, cuts, ended) => {
    const bytes = Buffer.from(texts.join('\n') + (ended ? '\n' : ''))
    const expected = texts.flatMap((text, i) => (text === '' ? [] : [{ number: i + 1, text: Buffer.from(text).toString() }]))
    assert.deepEqual(split(bytes, cuts), expected)
  }), { numRuns: 500 })
})

test('agrees with the ndjson package on what the records are', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.jsonValue().filter((value) => value !== null), { maxLength: 20 }), fc.array(fc.nat()), async (values, cuts) => {
    const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
    const theirs: unknown[] = []
    for await (const value of Readable.from([bytes]).pipe(ndjson.parse())) theirs.push(value)
    assert.deepEqual(split(bytes, cuts).map(({ text }) => JSON.parse(text) as unknown), theirs)
  }), { numRuns: 100 })
})

test('a line that is too long is a fault with its beginning, and the next line is whole', () => {
  for (const cuts of [[], [5], [5, 50, 90], [99, 100, 101, 102]]) {
    const lines = split(Buffer.from(`short\n${'x'.repeat(100)}\nafter\n`), cuts, 50)
    assert.deepEqual(lines.map(({ number, fault }) => [number, fault]), [[1, undefined], [2, 'longer than 50 bytes'], [3, undefined]])
    assert.equal(lines[2]?.text, 'after')
  }
})

test('bytes that are not UTF-8 are a fault of their line alone', () => {
  const bytes = Buffer.concat([Buffer.from('good\n'), Buffer.from([0x62, 0xe4, 0x64]), Buffer.from('\nalso good\n')])
  assert.deepEqual(split(bytes, [6]).map(({ text, fault }) => [text, fault !== undefined]), [['good', false], ['bäd', true], ['also good', false]])
})

test('a byte order mark and carriage returns are no part of a line', () => {
  assert.deepEqual(split(Buffer.from('\ufeff{"a":1}\r\n{"b":2}\r\n'), []).map(({ text }) => text), ['{"a":1}', '{"b":2}'])
})
