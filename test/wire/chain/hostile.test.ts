/** Cut short, bent or hostile, a payload is refused or read in part: nothing else is thrown, and nothing hangs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { content, hear, skip } from './hear.ts'

function survives(bytes: Buffer | string): void {
  try {
    hear(bytes)
  } catch (error) {
    assert.ok(error instanceof Failure && error.exit === 'data', String(error))
  }
}

const SAMPLES = [
  ['fixtures', 'onchain', 'rotki', 'rpc_eth_getTransactionReceipt_02.json'], ['fixtures', 'etherscan', 'rotki', 'etherscan_tokentx_00.json'],
  ['fixtures', 'etherscan', 'rotki', 'etherscan_txlistinternal_01.json'], ['fixtures', 'mempool', 'rest_mainnet_tx_cached.json'], ['fixtures', 'mempool', 'ws_tx02_ws_block.json'],
  ['fixtures', 'mempool', 'rest_tx01_api_rbf.json'], ['fixtures', 'beacon', 'rotki', 'beaconchain_https_beaconcha_in_validator_w_02.json'],
  ['fixtures', 'beacon', 'rotki', 'beacon_states_validators_00.json'], ['fixtures', 'defillama', 'rotki', 'llama_coins_00.json'], ['fixtures', 'labels', 'polygonscan_exchange.json'],
] as const

test('cut at any byte', { skip }, () => {
  for (const path of SAMPLES) {
    const bytes = content(...path)
    const step = Math.max(1, Math.floor(bytes.length / 400))
    for (let length = 0; length < bytes.length; length += step) survives(bytes.subarray(0, length))
  }
})

test('any bytes changed', { skip }, () => {
  const samples = SAMPLES.map((path) => content(...path))
  fc.assert(fc.property(fc.nat(samples.length - 1), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), (which, changes) => {
    const bytes = Buffer.from(samples[which] ?? '')
    for (const [place, value] of changes) bytes[place % bytes.length] = value
    survives(bytes)
  }), { numRuns: 1500 })
})

test('any member of a payload replaced by any JSON', { skip }, () => {
  const docs = SAMPLES.map((path) => JSON.parse(content(...path).toString()) as unknown)
  const places = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
    typeof value === 'object' && value !== null ? [path, ...Object.entries(value).flatMap(([key, each]) => places(each, [...path, key]))] : [path]
  const replaced = (value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown => {
    if (key === undefined) return by
    const copy = (Array.isArray(value) ? [...value as unknown[]] : { ...value as object }) as { [name: string]: unknown }
    copy[key] = replaced(copy[key], rest, by)
    return copy
  }
  const spots = docs.map((doc) => places(doc))
  fc.assert(fc.property(fc.nat(docs.length - 1), fc.nat(), fc.jsonValue(), (which, at, by) => {
    const spot = spots[which]?.[at % (spots[which]?.length ?? 1)] ?? []
    survives(JSON.stringify(replaced(docs[which], spot, by)))
  }), { numRuns: 2000 })
})

test('pages, brackets without end, other people’s tables, numbers beyond all measure', () => {
  for (const bytes of ['', '   ', '<html><body>Too Many Requests</body></html>', '['.repeat(200_000), `{"result":${'['.repeat(99)}`, 'a,b\n1,2\n', '\u0000\u0001', Buffer.from([0x1f, 0x8b, 0, 255])]) {
    assert.throws(() => hear(bytes), (error: unknown) => error instanceof Failure && error.exit === 'data')
  }
  survives(JSON.stringify({ status: '1', message: 'OK', result: [{ timeStamp: '9'.repeat(90), from: 'x', to: 'y', value: '9'.repeat(5000), hash: `0x${'a'.repeat(64)}`, nonce: '1' }] }))
  survives('{"coins":{"__proto__":{"price":1e99999}}}')
  survives(`{"data":[{"amount":"${'9'.repeat(99)}","withdrawal_credentials":"0x","pubkey":"x","slot":"${'9'.repeat(40)}"}]}`)
})

test('times that cannot be are the time of hearing, and are said to be', () => {
  for (const time of ['0', '1', '99999999999', '-5', 'soon']) {
    const doc = { transactions: [{ blockchain: 'bitcoin', symbol: 'btc', id: '1', hash: 'ab', timestamp: time, amount: 5 }], result: 'success', count: 1 }
    const [signal] = hear(JSON.stringify(doc)).signals
    assert.deepEqual([signal?.at, signal?.facts?.['time']], ['2026-11-28T00:00:00.000Z', 'heard'])
  }
})
