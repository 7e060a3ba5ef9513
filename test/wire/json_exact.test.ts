import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { Numeral, exactDecimal, exactId, exactList, exactNumber, exactObject, exactString, parseExact, type Exact } from '#wire/json_exact'

/** What JSON.parse would have given. */
function loosened(value: Exact | undefined): unknown {
  if (value instanceof Numeral) return JSON.parse(value.text)
  const list = exactList(value)
  if (list !== undefined) return list.map(loosened)
  const object = exactObject(value)
  if (object === undefined) return value
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, loosened(member)]))
}

const asks = (text: string): { readonly value: unknown } | 'no JSON' => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return 'no JSON'
  }
}
const gives = (text: string): { readonly value: unknown } | 'no JSON' => {
  try {
    return { value: loosened(parseExact(text, 'x')) }
  } catch (error) {
    assert.ok(error instanceof Failure && error.exit === 'data', String(error))
    return 'no JSON'
  }
}

test('what JSON.parse reads, it reads alike', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
    const spaced = JSON.stringify(JSON.parse(text), undefined, indent)
    assert.deepEqual(gives(spaced), asks(spaced))
  }))
})

test('what JSON.parse refuses, it refuses: cut, mutated and random texts', () => {
  const characters = fc.constantFrom(...'{}[]",:\\0123456789.eE+-truefalsn \n\t\u0000\ud800u/')
  fc.assert(fc.property(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(), characters, (text, cut, place, character) => {
    const at = place % (text.length + 1)
    const head = text.slice(0, at) + character
    for (const tried of [text.slice(0, cut % (text.length + 1)), head + text.slice(at + 1), head + text.slice(at)]) {
      assert.deepEqual(gives(tried), asks(tried), tried)
    }
  }), { numRuns: 500 })
  fc.assert(fc.property(fc.array(characters, { maxLength: 12 }).map((list) => list.join('')), (text) => {
    assert.deepEqual(gives(text), asks(text), text)
  }), { numRuns: 2000 })
})

test('numbers keep their digits', () => {
  const object = exactObject(parseExact('{"p":1.10,"id":12345678901234567890,"e":1.5e-7,"E":12E+3,"z":-0,"s":"2.50","n":null,"t":"x"}', 'x'))
  assert.ok(object !== undefined)
  assert.equal(exactDecimal(object['p']), '1.10')
  assert.equal(exactId(object['id']), '12345678901234567890')
  assert.equal(exactDecimal(object['e']), '0.00000015')
  assert.equal(exactDecimal(object['E']), '12000')
  assert.equal(exactDecimal(object['z']), '0')
  assert.equal(exactDecimal(object['s']), '2.50')
  assert.equal(exactNumber(object['s']), 2.5)
  for (const none of ['n', 't', 'absent']) assert.equal(exactDecimal(object[none]), undefined)
  assert.equal(exactId(object['p']), undefined)
  assert.equal(exactString(''), undefined)
})

test('a decimal written out is the number that was written', () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e60, max: 1e60 }), (number) => {
    const decimal = exactDecimal(parseExact(String(number), 'x'))
    if (Math.abs(number) < 1e-60) return
    assert.match(decimal ?? '', /^-?(0|[1-9]\d*)(\.\d+)?$/)
    assert.equal(Number(decimal), number)
  }))
  assert.equal(exactDecimal('1e9999'), undefined)
  assert.equal(exactDecimal('9'.repeat(101)), undefined)
})

test('nesting is bounded, and no name reaches the prototype', () => {
  for (const bracket of ['[', '{"a":']) assert.throws(() => parseExact(bracket.repeat(1_000_000), 'bomb'), /bomb: JSON nested deeper than 100/)
  const object = exactObject(parseExact('{"__proto__":{"admin":true},"a":1,"a":2}', 'x'))
  assert.equal(object?.['admin'], undefined)
  assert.equal(exactNumber(object?.['a']), 2)
  assert.deepEqual(Object.keys(object ?? {}), ['__proto__', 'a'])
})

test('the place is named', () => {
  assert.throws(() => parseExact('{"a": }', 'file'), { message: 'file: no JSON: expected a value at character 7, where it has "}"' })
  assert.throws(() => parseExact('{"a"', 'file'), { message: 'file: no JSON: expected a colon at character 5, where it ends' })
})
