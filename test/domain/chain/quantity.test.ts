import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bitcoinAddress, canonicalAddress, evmAddress, topicAddress } from '#domain/chain/address'
import { couldBeEthereumBy, fitsEthereum } from '#domain/chain/clock'
import { flowOf, labelsWith } from '#domain/chain/labels'
import { integerOf, isAtLeast, minus, scaled, shortest, signedWord, wordsOf } from '#domain/chain/quantity'
import { contractOf, tokenAt } from '#domain/chain/tokens'

const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

test('hex and decimal are the same integer, whatever its size', () => {
  fc.assert(fc.property(uint256, (value) => {
    assert.equal(integerOf(value.toString()), value)
    assert.equal(integerOf(`0x${value.toString(16)}`), value)
    assert.equal(integerOf(`0x${value.toString(16).padStart(64, '0').toUpperCase()}`), value)
  }))
  for (const text of ['', '-1', '1.5', '1e5', '0xg', ' 1', '0b1', 'x', '9'.repeat(101)]) assert.equal(integerOf(text), undefined, text)
  assert.equal(integerOf('0x'), 0n)
})

test('an amount is its units with the point moved, nothing lost', () => {
  fc.assert(fc.property(uint256, fc.integer({ min: 0, max: 77 }), (units, decimals) => {
    const text = scaled(units, decimals) ?? ''
    assert.match(text, /^\d+(\.\d*[1-9])?$/)
    const [whole = '', fraction = ''] = text.split('.')
    assert.equal(BigInt(whole + fraction.padEnd(decimals, '0')), units)
    assert.equal(scaled(-units, decimals), units === 0n ? '0' : `-${text}`)
  }))
  assert.equal(scaled(1n, 255), undefined)
  assert.equal(scaled(1n, 1.5), undefined)
})

test('differences and order of decimals are those of integers', () => {
  fc.assert(fc.property(uint256, uint256, fc.integer({ min: 0, max: 30 }), (a, b, decimals) => {
    const [left, right] = [scaled(a, decimals) ?? '', scaled(b, decimals) ?? '']
    assert.equal(minus(left, right), scaled(a - b, decimals))
    assert.equal(isAtLeast(left, right), a >= b)
  }))
  assert.equal(shortest('007.500'), '7.5')
  assert.equal(minus('1', 'x'), undefined)
  assert.equal(isAtLeast('x', '1'), false)
})

test('ABI words, signed and not', () => {
  fc.assert(fc.property(fc.array(uint256, { maxLength: 5 }), (words) => {
    assert.deepEqual(wordsOf(`0x${words.map((word) => word.toString(16).padStart(64, '0')).join('')}`), words)
  }))
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }), (value) => assert.equal(signedWord(BigInt.asUintN(256, value)), value)))
  assert.equal(wordsOf('0x12'), undefined)
})

test('addresses have one form', () => {
  assert.equal(evmAddress('0xdAC17F958D2ee523a2206206994597C13D831ec7'), '0xdac17f958d2ee523a2206206994597c13d831ec7')
  assert.equal(canonicalAddress('dAC17F958D2ee523a2206206994597C13D831ec7'), '0xdac17f958d2ee523a2206206994597c13d831ec7')
  assert.equal(bitcoinAddress('BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ'), 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq')
  assert.equal(canonicalAddress('1JDknRvZTi5XdhQB3cgvJ9R8aogUvfbYUB'), '1JDknRvZTi5XdhQB3cgvJ9R8aogUvfbYUB')
  assert.equal(topicAddress(`0x${'1'.repeat(64)}`), undefined, 'more than an address')
})

test('Ethereum’s clock tells its blocks from those of faster chains', () => {
  const known: readonly (readonly [number, number])[] = [[1, 1438269988], [1_000_000, 1455404053], [4_370_000, 1508131331], [15_537_394, 1663224179], [17_173_049, 1683029999], [24_484_844, 1771431227]]
  for (const [block, seconds] of known) assert.ok(fitsEthereum(BigInt(block), seconds * 1000), `block ${block}`)
  for (const [block, seconds] of [[126758782, 1729116341], [34160634, 1755110615], [15990277, 1718769901]] as const) assert.ok(!fitsEthereum(BigInt(block), seconds * 1000), `block ${block}`)
  assert.ok(!couldBeEthereumBy(408111596n, Date.UTC(2026, 1, 1)))
})

test('tokens by contract, labels by address: the user’s before the built-in ones, other chains apart', () => {
  assert.deepEqual(tokenAt('ethereum', '0xdac17f958d2ee523a2206206994597c13d831ec7'), { coin: 'USDT', decimals: 6 })
  assert.equal(tokenAt('bsc', '0xdac17f958d2ee523a2206206994597c13d831ec7'), undefined)
  assert.equal(contractOf('ethereum', 'USDC'), '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48')
  const binance = '0x28c6c06298d514db089934071355e5743bf21d60'
  assert.equal(labelsWith([]).of('ethereum', binance)?.exchange, 'binance')
  assert.equal(labelsWith([]).of('base', binance), undefined)
  const own = labelsWith([{ address: binance.toUpperCase().replace('0X', '0x'), label: { name: 'Mine', source: 'user' } }])
  assert.equal(own.of('ethereum', binance)?.name, 'Mine')
  const [a, b, none] = [{ name: 'A', exchange: 'a', source: '' }, { name: 'B', exchange: 'b', source: '' }, undefined]
  assert.deepEqual([flowOf(none, a), flowOf(a, none), flowOf(a, a), flowOf(a, b), flowOf(none, none)].map((flow) => flow?.flow),
    ['exchange_inflow', 'exchange_outflow', 'exchange_internal', 'exchange_to_exchange', undefined])
})
