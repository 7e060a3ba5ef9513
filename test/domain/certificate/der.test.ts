import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bits, boolean, der, integer, integerIn, octets, oid, readDer, sequence, TAG, time, timeIn, utf8, valuesIn } from '#domain/certificate/der'

test('examples of X.690 and of RFC 5280', () => {
  assert.equal(integer(0n).toString('hex'), '020100')
  assert.equal(integer(127n).toString('hex'), '02017f')
  assert.equal(integer(128n).toString('hex'), '02020080')
  assert.equal(oid('1.2.840.113549').toString('hex'), '06062a864886f70d')
  assert.equal(oid('2.5.29.14').toString('hex'), '0603551d0e')
  assert.equal(boolean(true).toString('hex'), '0101ff')
  assert.equal(bits(Buffer.of(0x06), 1).toString('hex'), '03020106')
  assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).subarray(2).toString(), '491231235959Z')
  assert.equal(time(Date.UTC(2050, 0)).subarray(2).toString(), '20500101000000Z')
  assert.equal(sequence(utf8('a'.repeat(200))).subarray(0, 6).toString('hex'), '3081cb0c81c8')
})

test('what is written is read', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (value) => {
    const read = readDer(integer(value))
    assert.equal(read && integerIn(read), value)
  }))
  fc.assert(fc.property(fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) }), (ms) => {
    const read = readDer(time(ms))
    assert.equal(read && timeIn(read), Math.floor(ms / 1000) * 1000)
  }))
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (contents) => {
    const read = valuesIn(readDer(sequence(...contents.map(octets)))?.content ?? Buffer.of(1))
    assert.deepEqual(read?.map(({ content }) => [...content]), contents.map((content) => [...content]))
  }))
})

test('bytes are read in one way or not at all', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    for (const { tag, content, whole } of valuesIn(Buffer.from(bytes)) ?? []) assert.deepEqual(der(tag, content), whole)
  }), { numRuns: 2000 })
  for (const wrong of ['', '02', '0280', '028101ff', '0282000101', '020201', '0201010201', '0289010101010101010101']) {
    assert.equal(readDer(Buffer.from(wrong, 'hex')), undefined, wrong)
  }
  assert.equal(timeIn({ tag: TAG.utcTime, content: Buffer.from('991332000000Z'), whole: Buffer.of() }), undefined)
})
