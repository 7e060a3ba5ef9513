import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endOfLines, LineCursor, linesBackward, type Bytes } from '#domain/audit/lines'

/** Bytes that come in pieces of at most `most`, as reads may fall short. */
const bytesOf = (content: Buffer, most = Infinity): Bytes => ({
  size: () => content.length,
  read(position, into) {
    const part = content.subarray(position, position + Math.min(into.length, most))
    into.set(part)
    return part.length
  },
})

const LARGE = 1 << 20
const someLines = fc.array(fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'ß', '☂', '"', ' '), maxLength: 30 }),
  fc.constant(''),
  fc.constant('long'.repeat(300_000)),
  fc.constant('x'.repeat(LARGE - 1)),
), { maxLength: 8 })
const tail = fc.constantFrom('', 'torn', 't'.repeat(LARGE + 5))

test('forward and backward give the lines that end in a newline, with their places', () => {
  fc.assert(fc.property(someLines, tail, fc.constantFrom(Infinity, 100_003), (lines, torn, most) => {
    const content = Buffer.from(lines.map((line) => `${line}\n`).join('') + torn)
    const bytes = bytesOf(content, most)
    const read: string[] = []
    const cursor = new LineCursor(bytes)
    while (cursor.next()) {
      read.push(cursor.text())
      assert.equal(cursor.count, read.length)
      assert.equal(content.toString('utf8', cursor.offset, cursor.offset + cursor.end - cursor.start), cursor.text())
      // The byte before a line is free to be used.
      cursor.buffer[cursor.start - 1] = 0
    }
    assert.deepEqual(read, lines)
    assert.equal(cursor.nextOffset, content.length - torn.length)
    assert.equal(cursor.next(), false)
    assert.equal(endOfLines(bytes), content.length - torn.length)
    assert.deepEqual([...linesBackward(bytes)].map(String), [...lines].reverse())
  }), { numRuns: 60 })
})

test('no lines in nothing', () => {
  assert.equal(new LineCursor(bytesOf(Buffer.alloc(0))).next(), false)
  assert.deepEqual([...linesBackward(bytesOf(Buffer.alloc(0)))], [])
  assert.equal(endOfLines(bytesOf(Buffer.alloc(0))), 0)
})
