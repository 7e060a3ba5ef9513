import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { Book } from '#domain/market/book'
import { Levels } from '#domain/market/levels'
import { exactDecimal, Numeral } from '#wire/json_exact'
import { levelsOf, objectOf, type Told } from '#wire/book/told'
import { readTold } from '#wire/book/told_reader'
import { bytesOf, fixtures, needs } from './recordings.ts'

const read = (text: string): Told => {
  const bytes = Buffer.from(text)
  return readTold(bytes, 0, bytes.length, 'x')
}
/** As JSON.parse would give it, but that levels are what a book makes of them. */
function plain(told: Told | undefined, name = ''): unknown {
  if (told instanceof Numeral) return Number(told.text)
  const side = sides.has(name) && isFlat(told) ? levelsOf(told) : undefined
  if (side !== undefined) return { levels: bookOf(side) }
  if (Array.isArray(told)) return (told as readonly Told[]).map((each) => plain(each))
  const object = objectOf(told)
  return object === undefined ? told : Object.fromEntries(Object.entries(object).map(([key, value]) => [key, plain(value, key)]))
}
const isFlat = (told: Told | undefined): boolean =>
  told instanceof Levels || (Array.isArray(told) && (told as readonly Told[]).every((entry) => Array.isArray(entry) && !entry.some((each) => objectOf(each) !== undefined || Array.isArray(each))))
function bookOf(levels: Levels): unknown {
  if (levels.tooLong) return 'too long'
  const book = new Book()
  book.replace(levels, new Levels())
  return book.best('bids', 1000)
}
const sides = new Set(['b', 'a', 'bids', 'asks', 'bs', 'as'])
const decimalIn = (value: unknown): string | undefined => exactDecimal(typeof value === 'number' ? new Numeral(String(value)) : typeof value === 'string' ? value : undefined)
/** The oracle: JSON.parse, then the sides of books taken out of it by hand. */
function expected(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    if (!sides.has(name) || !value.every((entry) => Array.isArray(entry) && entry.every((each) => typeof each !== 'object' || each === null))) return value.map((each) => expected(each))
    const levels = new Levels()
    const whole = (value as unknown[][]).every(([price, size]) => {
      const p = decimalIn(price), s = decimalIn(size)
      return p !== undefined && s !== undefined && levels.addText(p, s)
    })
    return whole ? { levels: bookOf(levels) } : value.map((each) => expected(each))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expected(inner, key)]))
}

const decimalText = fc.tuple(fc.nat(99_999), fc.stringMatching(/^\d{0,6}$/)).map(([whole, fraction]) => (fraction === '' ? String(whole)
  : `${whole}.${fraction}`))
const level = fc.tuple(decimalText, decimalText, fc.option(fc.oneof(decimalText, fc.constantFrom('r', null, true)))).map(([price, size,
  third]) => (third === null ? [price, size] : [price, size, third]))
const side = fc.oneof(fc.array(level, { maxLength: 6 }), fc.jsonValue())
const message = fc.oneof(fc.jsonValue(), fc.record({ b: side, a: side, bids: side, as: side, more: fc.jsonValue() }, { requiredKeys: [] }))

test('any JSON is read as JSON.parse reads it, sides of books included, however it is spaced', () => {
  fc.assert(fc.property(message, fc.constantFrom(undefined, 1, '\t', '\r\n '), (value, space) => {
    const text = JSON.stringify(value, null, space)
    assert.deepEqual(plain(read(text)), expected(JSON.parse(text)))
  }), { numRuns: 500 })
})

test('what JSON.parse refuses is refused, and nothing else', () => {
  const text = JSON.stringify({ e: 'depthUpdate', E: 1, b: [['61737.63000000', '0.00000000'], ['1', '2', '3.5']], a: [[1.5, 20]],
    c: [true, null, '\u00e9"\\'] })
  fc.assert(fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 3 }), fc.constantFrom(...'{}[]",:.0123 9eE+-abtnu\\\n\u0001x'),
    (at, drop, put) => {
    const changed = text.slice(0, at) + put + text.slice(at + drop)
    let value: unknown
    try {
      value = JSON.parse(changed)
    } catch {
      assert.throws(() => read(changed), Failure)
      return
    }
    assert.deepEqual(plain(read(changed)), expected(value))
  }), { numRuns: 3000 })
})

test('cut at any byte it is refused; nothing beyond the given end is read', () => {
  const bytes = Buffer.from('{"b":[["61737.63","0.5"],["1","2"]],"a":[],"s":"BTCUSDT","u":12345678901234567890}')
  for (let end = 0; end < bytes.length; end++) assert.throws(() => readTold(bytes, 0, end, 'x'), Failure)
})

test('numbers keep their digits, names their own; nesting is bounded', () => {
  assert.equal((objectOf(read('{"p":1.10}'))?.['p'] as Numeral).text, '1.10')
  assert.equal((objectOf(read('{"id":12345678901234567890}'))?.['id'] as Numeral).text, '12345678901234567890')
  const hostile = objectOf(read('{"__proto__":{"polluted":1},"constructor":2}'))
  assert.equal(Object.getPrototypeOf(hostile), Object.prototype)
  assert.ok(Object.hasOwn(hostile ?? {}, '__proto__'))
  assert.throws(() => read('['.repeat(200) + ']'.repeat(200)), /nested deeper/)
  assert.throws(() => read(`{"b":${'['.repeat(5000)}`), Failure)
})

test('levels of objects and of longer lists; what is no level is no side', () => {
  const asked = (text: string, ...at: readonly (string | number)[]): unknown => {
    const levels = levelsOf(objectOf(read(text))?.['x'], at[0], at[1])
    return levels === undefined ? undefined : bookOf(levels)
  }
  assert.deepEqual(asked('{"x":[{"price":1.10,"qty":2}]}', 'price', 'qty'), [{ price: '1.1', size: '2' }])
  assert.deepEqual(asked('{"x":[["new",7.5,3]]}', 1, 2), [{ price: '7.5', size: '3' }])
  assert.equal(asked('{"x":[["new",7.5]]}', 1, 2), undefined)
  assert.equal(asked('{"x":{"a":1}}'), undefined)
  assert.equal(asked('{"x":[["1","-2"]]}'), undefined)
})

test('digits as they were written, and the newest third number, are told of the sides that venues write', needs(fixtures), () => {
  const line = bytesOf(fixtures, 'cryptofeed', 'KRAKEN.ws.50.0.capture.txt.gz').toString().split('\n').find((each) => each.includes('"XBT/CHF"]')
    && each.includes('"as"')) ?? ''
  const body = (read(line.slice(line.indexOf('['))) as readonly Told[])[1]
  const asks = objectOf(body)?.['as']
  assert.ok(asks instanceof Levels)
  assert.deepEqual([asks.writtenPriceDigits, asks.writtenSizeDigits, asks.priceDigits], [5, 8, 1])
  assert.ok(asks.newest > 1_618_678_000 && asks.newest < 1_618_679_000)
})
