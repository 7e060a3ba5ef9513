/** Asking: ranges that split, chains that are rebuilt, explorers that want peace, a watch that outlives the process. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, Signal, Vanta } from '#record'
import { chainNamed } from '#domain/chain/address'
import { Failure } from '#port/failure'
import type { Answer, Request } from '#port/outside'
import { chosen, contractsOf, nodeAt } from '#wire/chain/choices'
import { rpcRound, type Asking, type RpcTerms } from '#wire/chain/live_rpc'
import { explorerRound, mempoolRound, whaleAlertRound } from '#wire/chain/live_web'
import { chainParser } from '#wire/chain/payload'
import { NOW } from './hear.ts'

interface World extends Asking {
  readonly asked: Request[]
  readonly states: Map<string, Json>
  readonly warned: string[]
}

function worldOf(reply: (request: Request) => unknown, states = new Map<string, Json>()): World {
  const asked: Request[] = [], warned: string[] = []
  const silent = (): void => undefined
  const log = { debug: silent, info: silent, error: silent, warn: (message: string) => void warned.push(message) }
  return {
    asked, states, warned, by: 'test/0', log,
    http: {
      get: (request) => {
        asked.push(request)
        const body = reply(request)
        const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
        return Promise.resolve<Answer>({ status: body === undefined ? 304 : 200, url: request.url, headers: {}, bytes, heardMs: NOW, validators: { etag: '"1"' } })
      },
    },
    cursor: (stream) => ({
      get state() {
        return states.get(stream)
      },
      save: (state) => Promise.resolve(void states.set(stream, JSON.parse(JSON.stringify(state)) as Json)),
    }),
    async *read(answers) {
      const parser = chainParser({ chain: 'ethereum' }, { by: 'test/0', log, reject: silent })
      for (const { bytes, url, heardMs } of answers) yield* parser.read({ name: url, bytes, url, heardMs })
      yield* parser.end?.() ?? []
    },
  }
}

async function all(records: AsyncIterable<Vanta>): Promise<Signal[]> {
  const signals: Signal[] = []
  for await (const record of records) if (record.kind === 'signal') signals.push(record)
  return signals
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`
const word = (value: number | bigint): string => value.toString(16).padStart(64, '0')
const TOKEN = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const FIRST = 17_173_305

interface Question {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** A node of one transfer a block; `fork` is what its blocks from `forked` on are called. */
function node({ head, most = Infinity, forked = Infinity, fork = '', refuse }: {
  readonly head: number; readonly most?: number; readonly forked?: number; readonly fork?: string; readonly refuse?: (method: string) => string | undefined
}): (request: Request) => unknown {
  const hashOf = (block: number): string => `0x${(block >= forked ? fork : '') + word(block).slice(block >= forked ? fork.length : 0)}`
  const answer = ({ id, method, params: [first] }: Question): object => {
    const message = refuse?.(method)
    if (message !== undefined) return { jsonrpc: '2.0', id, error: { code: -32000, message } }
    if (method === 'eth_chainId') return { jsonrpc: '2.0', id, result: '0x1' }
    if (method === 'eth_blockNumber') return { jsonrpc: '2.0', id, result: hex(head) }
    if (method === 'eth_getBlockByNumber') {
      const block = Number(first)
      const result = { number: hex(block), hash: hashOf(block), parentHash: hashOf(block - 1), miner: TOKEN, timestamp: hex(1_683_029_999 + 12 * (block - FIRST)), transactions: [] }
      return { jsonrpc: '2.0', id, result }
    }
    const { fromBlock, toBlock } = first as { readonly fromBlock: string; readonly toBlock: string }
    const from = Number(fromBlock), to = Number(toBlock)
    if (to - from + 1 > most) return { jsonrpc: '2.0', id, error: { code: -32005, message: 'query returned more than 10000 results' } }
    const result = Array.from({ length: to - from + 1 }, (_, i) => ({
      address: TOKEN, topics: [TRANSFER, `0x${word(0x5a5a5a)}`, `0x${word(0x5b5b5b)}`], data: `0x${word(5)}`, blockNumber: hex(from + i), blockHash: hashOf(from + i), transactionHash: `0x${word(from + i)}`,
      transactionIndex: '0x0', logIndex: '0x0', removed: false,
    }))
    return { jsonrpc: '2.0', id, result }
  }
  return ({ body }) => {
    const asked = JSON.parse(body ?? '') as Question | Question[]
    return Array.isArray(asked) ? asked.map(answer) : answer(asked)
  }
}

const ethereum = chainNamed('ethereum')
assert.ok(ethereum !== undefined)
const terms: RpcTerms = { url: 'http://127.0.0.1:8545/', secret: undefined, chain: ethereum, contracts: [TOKEN], confirmations: 12n, span: 64n, start: BigInt(FIRST) }
const blocksOf = (signals: readonly Signal[]): readonly number[] => signals.filter(({ type }) => type === 'transfer').map(({ facts }) => Number(facts?.['block']))

test('a range that holds too much is halved until the node bears it, and nothing is read twice or left out', async () => {
  for (const most of [Infinity, 7, 1]) {
    const signals = await all(rpcRound(terms, worldOf(node({ head: FIRST + 42, most }))))
    assert.deepEqual(blocksOf(signals), Array.from({ length: 31 }, (_, i) => FIRST + i), `${most} blocks at most`)
    assert.equal(new Date(signals.find(({ type }) => type === 'transfer')?.at ?? '').getTime(), 1_683_029_999_000)
  }
  await assert.rejects(all(rpcRound(terms, worldOf(node({ head: FIRST + 42, most: 0 })))), /too much for block/)
})

test('the next round begins after the last block that was read', async () => {
  const world = worldOf(node({ head: FIRST + 20 }))
  await all(rpcRound(terms, world))
  const later = worldOf(node({ head: FIRST + 30 }), world.states)
  assert.deepEqual(blocksOf(await all(rpcRound(terms, later))), Array.from({ length: 10 }, (_, i) => FIRST + 9 + i))
  assert.deepEqual(blocksOf(await all(rpcRound(terms, worldOf(node({ head: FIRST + 30 }), world.states)))), [])
})

test('a chain rebuilt beneath what was read is said, and read again from where both agree', async () => {
  const world = worldOf(node({ head: FIRST + 25, most: 4 }))
  const before = await all(rpcRound(terms, world))
  const again = worldOf(node({ head: FIRST + 25, most: 4, forked: FIRST + 9, fork: 'f0' }), world.states)
  const after = await all(rpcRound(terms, again))
  const reorgs = after.filter(({ type }) => type === 'reorg')
  assert.ok(reorgs.length >= 1 && reorgs.every(({ facts }) => facts?.['state'] === 'removed' && String(facts['instead']).startsWith('0xf0')))
  assert.match(again.warned[0] ?? '', /was rebuilt/)
  const read = blocksOf(after)
  assert.deepEqual(read, Array.from({ length: read.length }, (_, i) => (read[0] ?? 0) + i))
  assert.ok((read[0] ?? Infinity) <= FIRST + 9 && read.at(-1) === FIRST + 13)
  const key = (signals: readonly Signal[], block: number) => signals.find(({ type, facts }) => type === 'transfer' && facts?.['block'] === String(block))
  assert.equal(key(before, FIRST + 10)?.key, key(after, FIRST + 10)?.key, 'the same key')
  assert.notEqual(key(before, FIRST + 10)?.id, key(after, FIRST + 10)?.id, 'another block')
})

test('another chain’s node is a matter of configuration; a busy one is asked later; what else it refuses is upstream', async () => {
  const of = async (reply: (request: Request) => unknown): Promise<string> => {
    try {
      await all(rpcRound(terms, worldOf(reply)))
      return 'none'
    } catch (error) {
      return error instanceof Failure ? error.exit : String(error)
    }
  }
  assert.equal(await of(() => ({ jsonrpc: '2.0', id: 1, result: '0xa' })), 'config')
  assert.equal(await of(node({ head: FIRST + 42, refuse: (method) => (method === 'eth_getLogs' ? 'daily request count exceeded, request rate limited' : undefined) })), 'again')
  assert.equal(await of(node({ head: FIRST + 42, refuse: (method) => (method === 'eth_blockNumber' ? 'boom' : undefined) })), 'upstream')
  assert.equal(await of(() => ({ jsonrpc: '2.0', id: 1, result: '0x1' })), 'none', 'a chain of one block')
})

const row = (block: number): object => ({
  hash: `0x${word(block)}`, from: TOKEN, to: `0x${'5'.repeat(40)}`, value: '5', blockNumber: String(block), timeStamp: String(1_683_029_999 + 12 * (block - FIRST)), nonce: '1', isError: '0',
})
const explorerTerms = (pauses: number[]) => ({ chainId: 1, addresses: [TOKEN], key: 'sesame', pause: (ms: number) => Promise.resolve(void pauses.push(ms)) })

test('an explorer that wants peace is asked again more slowly, and in the end later; its key is never in the address', async () => {
  const pauses: number[] = []
  let refusals = 2
  const world = worldOf(({ url }) => {
    if (refusals-- > 0) return { status: '0', message: 'NOTOK', result: 'Max rate limit reached, please use API Key for higher rate limit' }
    return url.includes('action=txlist&') ? { status: '1', message: 'OK', result: [row(FIRST), row(FIRST + 1)] } : { status: '0', message: 'No transactions found', result: [] }
  })
  assert.equal((await all(explorerRound(explorerTerms(pauses), world))).length, 2)
  assert.deepEqual(pauses, [1000, 2000])
  assert.ok(world.asked.every(({ url, secret }) => !url.includes('sesame') && secret?.query?.['apikey'] === 'sesame'))
  assert.match(world.asked[0]?.url ?? '', /^https:\/\/api\.etherscan\.io\/v2\/api\?chainid=1&.*startblock=0&/)
  await all(explorerRound(explorerTerms(pauses), worldOf(() => ({ status: '0', message: 'No transactions found', result: [] }), world.states)))
  assert.equal((world.states.get(`explorer/1/${TOKEN}/txlist`) as { block?: string }).block, String(FIRST + 1))
  const never = all(explorerRound(explorerTerms(pauses), worldOf(() => ({ status: '0', message: 'NOTOK', result: 'Max rate limit reached' }))))
  await assert.rejects(never, (error: unknown) => error instanceof Failure && error.exit === 'again')
  const key = all(explorerRound(explorerTerms(pauses), worldOf(() => ({ status: '0', message: 'NOTOK', result: 'Invalid API Key' }))))
  await assert.rejects(key, (error: unknown) => error instanceof Failure && error.exit === 'config')
})

test('more rows than an explorer gives at once are asked for from the last block on, to an end', async () => {
  const total = 12_345
  const world = worldOf(({ url }) => {
    const query = new URL(url).searchParams
    if (query.get('action') !== 'txlist') return { status: '0', message: 'No transactions found', result: [] }
    const start = Math.max(0, Number(query.get('startblock')) - FIRST), page = Number(query.get('page'))
    if (page > 10) throw new Error('beyond the window')
    return { status: '1', message: 'OK', result: Array.from({ length: total }, (_, i) => i).slice(start).slice((page - 1) * 1000, page * 1000).map((i) => row(FIRST + i)) }
  })
  const signals = await all(explorerRound(explorerTerms([]), world))
  assert.equal(new Set(signals.map(({ id }) => id)).size, total)
})

test('Whale Alert ends at a page that brings nothing new', async () => {
  const world = worldOf(() => ({ result: 'success', cursor: 'same', count: 100, transactions: [] }))
  await all(whaleAlertRound({ key: 'k', least: '1', nowMs: NOW }, world))
  assert.equal(world.asked.length, 2)
})

test('the watch over the mempool outlives the process; what has not changed is not read', async () => {
  const states = new Map<string, Json>()
  let anomalies: Signal[] = []
  for (let round = 0; round < 40; round++) {
    const count = round === 39 ? 90_000 : 5000 + (round % 7)
    const world = worldOf(({ url }) => (url.endsWith('/api/mempool') ? { count, vsize: 1000 + round, total_fee: 5, fee_histogram: [[2, 1000]] } : undefined), states)
    const signals = await all(mempoolRound({ windowMs: 86_400_000, threshold: 6 }, world))
    anomalies = signals.filter(({ type }) => type === 'anomaly')
    assert.equal(anomalies.length, round === 39 ? 1 : 0, `round ${round}`)
    if (round > 0) assert.deepEqual(world.asked[0]?.validators, { etag: '"1"' })
  }
  const { measure, value, median, observations } = anomalies[0]?.facts ?? {}
  assert.deepEqual({ measure, value, median, observations }, { measure: 'count', value: 90_000, median: 5003, observations: 39 })
})

test('words of the user: chains, thresholds, labels, nodes', async () => {
  const silent = (): void => undefined
  const files: { readonly [path: string]: string } = { 'a.json': `{"${TOKEN}":"Samplex: Hot Wallet 2"}`, 'b.csv': `address,name,exchange,kind\n${TOKEN},Own,mine,exchange\n` }
  const reading = { by: 'x', log: { debug: silent, info: silent, warn: silent, error: silent }, reject: silent, file: (path: string) => Buffer.from(files[path] ?? '') }
  const typed = { window: 1000, anomaly: 6 }
  assert.deepEqual(chosen({ ...typed, labels: ['exchange=a.json'] }, reading).labels?.map(({ label }) => label.exchange), ['samplex'])
  assert.deepEqual(chosen({ ...typed, labels: ['b.csv'] }, reading).labels?.map(({ label }) => [label.name, label.exchange]), [['Own', 'mine']])
  for (const wrong of [{ chain: 'etherium' }, { minAmount: ['ETH'] }, { minAmount: ['ETH=1e5'] }]) {
    assert.throws(() => chosen({ ...typed, ...wrong }, reading), (error: unknown) => error instanceof Failure && error.exit === 'usage')
  }
  assert.throws(() => chosen({ ...typed, labels: ['missing'] }, reading), Failure)
  assert.deepEqual(contractsOf(ethereum, ['usdc', TOKEN]), [TOKEN, TOKEN])
  assert.throws(() => contractsOf(ethereum, ['NOSUCH']), Failure)
  const at = await nodeAt('https://node.example/v3/{key}', async () => ({ key: 'sesame' }))
  assert.deepEqual([at.url, at.secret, at.service.origins], ['https://node.example/v3/{key}', { path: { key: 'sesame' } }, ['https://node.example']])
  await assert.rejects(nodeAt('ftp://x', async () => ({})), Failure)
})
