import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { optionSymbol, parseOptionSymbol } from '#domain/market/option_symbol'

test('a plain symbol, padded and marked', () => {
  const apple = {
    symbol: 'AAPL250620C00215000', root: 'AAPL', underlying: 'AAPL', expiry: '2025-06-20', right: 'call', strike: '215', adjusted: false,
    multiplier: 100,
  }
  assert.deepEqual(parseOptionSymbol('AAPL250620C00215000'), apple)
  assert.deepEqual(parseOptionSymbol('AAPL  250620C00215000'), apple)
  assert.deepEqual(parseOptionSymbol('O:AAPL250620C00215000'), apple)
  assert.deepEqual(parseOptionSymbol('.AAPL250620C00215000'), apple)
})

test('strikes to the tenth of a cent', () => {
  assert.equal(parseOptionSymbol('TSLA250523C00352500')?.strike, '352.5')
  assert.equal(parseOptionSymbol('F250620P00000500')?.strike, '0.5')
  assert.equal(parseOptionSymbol('X250620P00012375')?.strike, '12.375')
  assert.equal(parseOptionSymbol('BKNG250620C05000000')?.strike, '5000')
})

test('roots with digits: adjusted, minis, FLEX, weeklies of an index', () => {
  const of = (text: string): unknown => {
    const { root, underlying, adjusted, multiplier } = parseOptionSymbol(text) ?? {}
    return { root, underlying, adjusted, multiplier }
  }
  assert.deepEqual(of('AAPL1140719C00090000'), { root: 'AAPL1', underlying: 'AAPL', adjusted: true, multiplier: undefined })
  assert.deepEqual(of('AAPL7140118C00500000'), { root: 'AAPL7', underlying: 'AAPL', adjusted: false, multiplier: 10 })
  assert.deepEqual(of('1SPX250620C05000000'), { root: '1SPX', underlying: 'SPX', adjusted: false, multiplier: 100 })
  assert.deepEqual(of('SPXW210104C03700000'), { root: 'SPXW', underlying: 'SPX', adjusted: false, multiplier: 100 })
  assert.deepEqual(of('A220520C00115000'), { root: 'A', underlying: 'A', adjusted: false, multiplier: 100 })
})

test('what is no symbol', () => {
  for (const text of ['', 'AAPL', 'AAPL250231C00215000', 'AAPL250620X00215000', '250620C00215000', 'AAPL250620C0021500', 'toolongroot250620C00215000', '123250620C00215000']) {
    assert.equal(parseOptionSymbol(text), undefined, text)
  }
  assert.equal(optionSymbol('AAPL', '2025-06-20', 'call', '0.0001'), undefined)
  assert.equal(optionSymbol('AAPL', '2025-06-20', 'call', '100000'), undefined)
})

test('naming and parsing are inverse', () => {
  const root = fc.stringMatching(/^[A-Z]{1,5}$/), day = fc.integer({ min: 1, max: 28 })
  fc.assert(fc.property(root, fc.integer({ min: 1, max: 12 }), day, fc.boolean(), fc.integer({ min: 1, max: 99_999_999 }), (
    name, month, date, isCall, thousandths,
  ) => {
    const expiry = `2027-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`
    const strike = (thousandths / 1000).toFixed(3), right = isCall ? 'call' : 'put'
    const parsed = parseOptionSymbol(optionSymbol(name, expiry, right, strike) ?? '')
    assert.deepEqual([parsed?.root, parsed?.expiry, parsed?.right, Number(parsed?.strike)], [name, expiry, right, Number(strike)])
  }))
})
