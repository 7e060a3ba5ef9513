/** Every recorded payload of an exchange through both collectors, and the laws that hold for all of them. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf, filesBelow, fixtures, needs, orderbooks, tables } from './recordings.ts'
import { readBooks, readCrypto, type Outcome } from './reading.ts'

const small = filesBelow(fixtures).filter((file) => /nautilus|products/.test(file))

test('of each payload: signals, or why there are none', needs(fixtures), async () => {
  const unexplained: string[] = []
  for (const file of [...filesBelow(fixtures), ...filesBelow(orderbooks), ...filesBelow(tables)]) {
    for (const read of [readBooks, readCrypto]) {
      const { signals, rejects, failure } = await read(bytesOf(file).subarray(0, 1_500_000))
      if (signals.length === 0 && rejects.length === 0 && failure === undefined) unexplained.push(basename(file))
      for (const { why } of rejects) assert.ok(why.length > 5 && why.length < 120, why)
    }
  }
  assert.deepEqual(unexplained, [])
})

test('whole payloads of market data are no failure, and private ones are told as such', needs(fixtures), async () => {
  let privates = 0
  for (const file of small) {
    const { signals, rejects, failure } = await readCrypto(bytesOf(file))
    assert.equal(failure, undefined, file)
    const isPrivate = rejects.some(({ why }) => why.startsWith('private'))
    if (/user_data|order(s|_response|_spot)?\.json$|orders_|_order_|balance|account|position|fills|trades_history|batch|send_order|cancel|add_order/.test(basename(file)) && !/order_book|orderbook/.test(file)) {
      assert.ok(isPrivate && signals.length === 0, file)
      privates++
    } else assert.ok(!isPrivate, file)
  }
  assert.equal(privates, 58)
})

const idsOf = ({ signals }: Outcome): string[] => signals.map(({ id }) => id)

test('payloads in any order, and said again, give the same trades and tickers', needs(fixtures), async () => {
  const payloads = small.map((file) => bytesOf(file))
  const whole = new Set<string>()
  for (const payload of payloads) for (const signal of (await readCrypto(payload)).signals) if (signal.type !== 'book') whole.add(signal.id)
  await fc.assert(fc.asyncProperty(fc.shuffledSubarray([...payloads, ...payloads], { minLength: 2 * payloads.length }), async (order) => {
    const { signals } = await readCrypto(order)
    assert.deepEqual(new Set(signals.filter(({ type }) => !type.startsWith('book')).map(({ id }) => id)), whole)
  }), { numRuns: 5 })
})

test('cut at any byte: signals of what is whole, or a failure of the data; never anything else', needs(fixtures), async () => {
  const payloads = small.map((file) => bytesOf(file)).filter((bytes) => bytes.length < 6000)
  await fc.assert(fc.asyncProperty(fc.constantFrom(...payloads), fc.double({ min: 0, max: 1, noNaN: true }), async (payload, where) => {
    const { signals, failure } = await readCrypto(payload.subarray(0, Math.floor(payload.length * where)))
    assert.ok(failure !== undefined || signals.length >= 0)
  }), { numRuns: 600 })
})

test('bytes changed at random: only Failure, and no signal of a moment that cannot be', needs(fixtures), async () => {
  const lines = ['BINANCE.ws.1.0.capture.txt', 'BITFINEX.ws.11.0.capture.txt',
    'KRAKEN.ws.48.0.capture.txt'].map((file) => bytesOf(fixtures, 'cryptofeed', file).subarray(0, 20_000))
  const payloads = [...small.map((file) => bytesOf(file)).filter((bytes) => bytes.length < 6000), ...lines]
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) })
  await fc.assert(fc.asyncProperty(fc.constantFrom(...payloads), fc.array(change, { minLength: 1, maxLength: 8 }), async (payload, changes) => {
    const changed = Buffer.from(payload)
    for (const { at, byte } of changes) changed[Math.floor(at * (changed.length - 1))] = byte
    for (const read of [readBooks, readCrypto]) for (const { at } of (await read(changed)).signals) assert.ok(at >= '1990' && at < '2026-11-24', at)
  }), { numRuns: 600 })
})

test('captures cut into pieces at line ends say the same of trades as in one', needs(fixtures), async () => {
  const bytes = bytesOf(fixtures, 'cryptofeed', 'COINBASE.ws.28.0.capture.txt.gz')
  const whole = await readCrypto(bytes, { kinds: ['trade', 'ticker'] })
  const half = bytes.indexOf(10, bytes.length >> 1) + 1
  const halves = await readCrypto([bytes.subarray(0, half), bytes.subarray(half)], { kinds: ['trade', 'ticker'] })
  assert.deepEqual(idsOf(halves), idsOf(whole))
  assert.equal(whole.signals.length, 214)
})
