import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  divRound, floorDiv, formatFixed, mulDown, mulRound, mulUp, ONE, parseFixed, roundDiv, roundPlaces,
  toNumber,
} from '#domain/money/decimal'

const fixed = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
const divisor = fixed.filter((value) => value !== 0n)

describe('decimal text', () => {
  test('reads and writes what people write', () => {
    const cases: readonly [string, bigint, string][] = [
      ['0', 0n, '0'], ['-0', 0n, '0'], ['1', ONE, '1'], ['-1.50', -3n * ONE / 2n, '-1.5'], ['0.00000001', 1n, '0.00000001'],
      ['007.10', 710_000_000n, '7.1'],
      ['123456789012345678.12345678', 12345678901234567812345678n, '123456789012345678.12345678'],
      ['1.1234567800', 112_345_678n, '1.12345678'], ['9007199.25474099', 900719925474099n, '9007199.25474099'],
    ]
    for (const [text, value, shortest] of cases) {
      assert.equal(parseFixed(text), value, text)
      assert.equal(formatFixed(value), shortest)
    }
  })
  test('refuses what it would have to round or guess', () => {
    for (const text of ['', ' 1', '1 ', '.5', '1.', '+1', '1e5', 'NaN', '--1', '1,000', '0x10', '0.000000001', '1.123456789']) {
      assert.equal(parseFixed(text), undefined, text)
    }
  })
  test('every value survives its text, and the text is the shortest', () => {
    fc.assert(fc.property(fixed, (value) => {
      const text = formatFixed(value)
      assert.equal(parseFixed(text), value)
      assert.doesNotMatch(text, /\.\d*0$|\.$|^-0$/)
    }))
  })
  test('leading and trailing zeros mean nothing', () => {
    fc.assert(fc.property(fixed, fc.nat(5), fc.nat(5), (value, before, after) => {
      const text = formatFixed(value < 0n ? -value : value)
      const padded = '0'.repeat(before) + (text.includes('.') ? text : `${text}.0`) + '0'.repeat(after)
      assert.equal(parseFixed(padded), value < 0n ? -value : value)
    }))
  })
})

describe('rounding', () => {
  test('halves go away from zero, floors go down', () => {
    assert.deepEqual([5n, -5n, 4n, -4n, 6n].map((n) => roundDiv(n, 10n)), [1n, -1n, 0n, 0n, 1n])
    assert.deepEqual([5n, -5n, -10n].map((n) => floorDiv(n, 10n)), [0n, -1n, -1n])
    assert.equal(formatFixed(roundPlaces(123_455_000n, 4)), '1.2346')
    assert.equal(formatFixed(roundPlaces(-123_455_000n, 4)), '-1.2346')
    assert.equal(formatFixed(divRound(ONE, 3n * ONE)), '0.33333333')
    assert.equal(toNumber(parseFixed('-12.5') ?? 0n), -12.5)
  })
  test('division brackets the exact quotient', () => {
    fc.assert(fc.property(fixed, divisor, (a, b) => {
      const q = floorDiv(a, b)
      const rest = a - q * b
      assert.ok(b > 0n ? rest >= 0n && rest < b : rest <= 0n && rest > b)
      const error = a - roundDiv(a, b) * b
      assert.ok(2n * (error < 0n ? -error : error) <= (b < 0n ? -b : b))
      assert.equal(roundDiv(-a, b), -roundDiv(a, b))
    }))
  })
  test('a product lies between its two bounds, at most one unit apart', () => {
    fc.assert(fc.property(fixed, divisor, (a, b) => {
      const low = mulDown(a, b), high = mulUp(a, b), mid = mulRound(a, b)
      assert.ok(low <= mid && mid <= high && high - low <= 1n)
      assert.ok(mulDown(a, b) * ONE <= a * b && a * b <= mulUp(a, b) * ONE)
    }))
  })
  test('times one and over one change nothing; division undoes multiplication', () => {
    fc.assert(fc.property(fixed, divisor, (a, b) => {
      assert.equal(mulDown(a, ONE), a)
      assert.equal(divRound(a, ONE), a)
      assert.equal(floorDiv(a * b, b), a)
    }))
  })
})
