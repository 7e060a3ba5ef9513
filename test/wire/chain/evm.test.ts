/** Logs and transactions of EVM chains: every way a token states its transfers, and what holds of them whatever they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { TOPICS } from '#wire/chain/evm_log'
import { keccak256 } from './keccak.ts'
import { countsOf, hear, hearAll, hearJson } from './hear.ts'

const BLOCK_HASH = `0x${'b1'.repeat(32)}`
const BLOCK_NUMBER = 17173305
const BLOCK_TIME = 1683029999
const TX = `0x${'ab'.repeat(32)}`
const SOMEONE = `0x${'5a'.repeat(20)}`, OTHER = `0x${'0c'.repeat(20)}`, ZERO = `0x${'0'.repeat(40)}`
const USDT = '0xdac17f958d2ee523a2206206994597c13d831ec7', WETH = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
const TREASURY = '0x5754284f345afc66a98fbb0a0afe71e0f007b949'
const DEPOSIT = '0x00000000219ab540356cbb839cbe05303d7705fa'

const word = (value: bigint | number): string => BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0')
const topic = (address: string): string => `0x${address.slice(2).padStart(64, '0')}`
const hex = (value: number): string => `0x${value.toString(16)}`
const TRANSFER = TOPICS['Transfer(address,address,uint256)']

const log = (more: object): object => ({
  address: USDT, topics: [TRANSFER, topic(SOMEONE), topic(OTHER)], data: `0x${word(1_500_000)}`, blockNumber: hex(BLOCK_NUMBER), blockHash: BLOCK_HASH,
  transactionHash: TX, transactionIndex: '0x0', logIndex: '0x7', removed: false, blockTimestamp: hex(BLOCK_TIME), ...more,
})
const block = { jsonrpc: '2.0', id: 1, result: { number: hex(BLOCK_NUMBER), hash: BLOCK_HASH, parentHash: `0x${'b0'.repeat(32)}`, miner: ZERO, timestamp: hex(BLOCK_TIME), transactions: [] } }
const answer = (...logs: readonly object[]): object => ({ jsonrpc: '2.0', id: 1, result: logs })
const one = (more: object) => {
  const { signals, rejects } = hearJson(answer(log(more)))
  return { signal: signals[0], facts: signals[0]?.facts ?? {}, reject: [...rejects.keys()][0] }
}

test('the topics are the hashes of their signatures', () => {
  for (const [signature, hash] of Object.entries(TOPICS)) assert.equal(hash, keccak256(signature), signature)
  assert.equal(keccak256(''), '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
})

test('a transfer is keyed by chain, transaction and log index, and happened when its block did', () => {
  const { signal, facts } = one({})
  assert.deepEqual([signal?.type, signal?.key, signal?.source, signal?.subject, signal?.at],
    ['transfer', `ethereum:${TX}:7`, 'ethereum/transfers', 'coin:USDT', '2023-05-02T12:19:59.000Z'])
  assert.deepEqual(facts, {
    chain: 'ethereum', tx: TX, part: '7', token: USDT, coin: 'USDT', from: SOMEONE, to: OTHER, units: '1500000', decimals: 6, amount: '1.5',
    block: String(BLOCK_NUMBER), block_hash: BLOCK_HASH, state: 'confirmed',
  })
})

test('every way of indexing the three values says the same', () => {
  const ways = [
    { topics: [TRANSFER, topic(SOMEONE), topic(OTHER)], data: `0x${word(1_500_000)}` },
    { topics: [TRANSFER, topic(SOMEONE)], data: `0x${topic(OTHER).slice(2)}${word(1_500_000)}` },
    { topics: [TRANSFER], data: `0x${topic(SOMEONE).slice(2)}${topic(OTHER).slice(2)}${word(1_500_000)}` },
    { address: USDT.toUpperCase().replace('0X', '0x'), topics: [TRANSFER.toUpperCase().replace('0X', '0x'), topic(SOMEONE), topic(OTHER)] },
    { blockHash: BLOCK_HASH.toUpperCase().replace('0X', '0x') },
  ]
  assert.equal(new Set(ways.map((way) => one(way).signal?.id)).size, 1)
})

test('four topics are an NFT: its id is no amount', () => {
  const { facts, signal } = one({ address: OTHER, topics: [TRANSFER, topic(SOMEONE), topic(OTHER), `0x${word(499482)}`], data: '0x' })
  assert.deepEqual([facts['token_id'], facts['units'], facts['amount'], signal?.subject], ['499482', undefined, undefined, `token:ethereum:${OTHER}`])
})

test('an unknown token keeps its raw units and has no decimals', () => {
  const { facts } = one({ address: OTHER, data: `0x${word(2n ** 256n - 1n)}` })
  assert.deepEqual([facts['units'], facts['decimals'], facts['amount']], [(2n ** 256n - 1n).toString(), undefined, undefined])
})

test('mints and burns: the zero address, the issuer’s events and treasury, wrapped coins', () => {
  const of = (more: object): readonly unknown[] => {
    const { signal, facts } = one(more)
    return [signal?.type, facts['how'], facts['amount']]
  }
  assert.deepEqual(of({ topics: [TRANSFER, topic(ZERO), topic(OTHER)] }), ['mint', 'zero_address', '1.5'])
  assert.deepEqual(of({ topics: [TRANSFER, topic(OTHER), topic(ZERO)] }), ['burn', 'zero_address', '1.5'])
  assert.deepEqual(of({ topics: [TRANSFER, topic(TREASURY), topic(OTHER)] }), ['mint', 'treasury', '1.5'])
  assert.deepEqual(of({ topics: [TRANSFER, topic(OTHER), topic(TREASURY)] }), ['burn', 'treasury', '1.5'])
  assert.deepEqual(of({ topics: [TOPICS['Issue(uint256)']], data: `0x${word(10n ** 15n)}` }), ['mint', 'issue', '1000000000'])
  assert.deepEqual(of({ topics: [TOPICS['Redeem(uint256)']], data: `0x${word(1)}` }), ['burn', 'redeem', '0.000001'])
  assert.deepEqual(of({ topics: [TOPICS['DestroyedBlackFunds(address,uint256)']], data: `0x${topic(OTHER).slice(2)}${word(5)}` }), ['burn', 'destroyed', '0.000005'])
  assert.deepEqual(of({ address: WETH, topics: [TOPICS['Deposit(address,uint256)'], topic(OTHER)], data: `0x${word(10n ** 18n)}` }), ['mint', 'wrap', '1'])
  assert.deepEqual(of({ address: WETH, topics: [TOPICS['Withdrawal(address,uint256)'], topic(OTHER)], data: `0x${word(1n)}` }), ['burn', 'unwrap', '0.000000000000000001'])
  assert.equal(one({ address: OTHER, topics: [TOPICS['Issue(uint256)']] }).reject, 'an event that moves nothing we know')
})

test('several tokens at once (ERC-1155) are several facts of one log', () => {
  const topics = [TOPICS['TransferBatch(address,address,address,uint256[],uint256[])'], topic(OTHER), topic(SOMEONE), topic(OTHER)]
  const data = `0x${[64, 160, 2, 7, 8, 2, 70, 80].map(word).join('')}`
  const { signals } = hearJson(answer(log({ address: OTHER, topics, data })))
  assert.deepEqual(signals.map(({ key, facts }) => [key, facts?.['token_id'], facts?.['units']]), [[`ethereum:${TX}:7.0`, '7', '70'], [`ethereum:${TX}:7.1`, '8', '80']])
  assert.equal(one({ topics, data: `0x${word(2n ** 200n)}${word(64)}` }).reject, 'an ERC-1155 transfer without its values')
})

test('a validator’s deposit is a stake, in coins', () => {
  const bytes = (text: string): string => `${word(text.length / 2)}${text.padEnd(Math.ceil(text.length / 64) * 64, '0')}`
  const credentials = `01${'0'.repeat(22)}${SOMEONE.slice(2)}`
  const parts = ['ee'.repeat(48), credentials, '0040597307000000', 'aa'.repeat(96), '0100000000000000'].map(bytes)
  let offset = 5 * 32
  const heads = parts.map((part) => {
    const at = offset
    offset += part.length / 2
    return word(at)
  })
  const { signal, facts } = one({ address: DEPOSIT, topics: [TOPICS['DepositEvent(bytes,bytes,bytes,bytes,bytes)']], data: `0x${heads.join('')}${parts.join('')}` })
  assert.deepEqual([signal?.type, signal?.subject, facts['amount'], facts['withdrawal_address'], facts['how']], ['stake', 'coin:ETH', '32', SOMEONE, 'deposit'])
})

test('what a reorganisation removed has the key of what it takes back', () => {
  const [standing, removed] = hearJson(answer(log({}), log({ removed: true }))).signals
  assert.equal(standing?.key, removed?.key)
  assert.deepEqual([standing?.facts?.['state'], removed?.facts?.['state']], ['confirmed', 'removed'])
  assert.notEqual(standing?.id, removed?.id)
})

test('unconfirmed is said, and confirmed later it keeps its key', () => {
  const transaction = { hash: TX, from: SOMEONE, to: OTHER, value: '0xde0b6b3a7640001', gas: '0x5208', nonce: '0x1', input: '0x' }
  const pending = hearJson({ jsonrpc: '2.0', id: 1, result: { ...transaction, blockNumber: null, blockHash: null } }).signals[0]
  const mined = hearJson({ jsonrpc: '2.0', id: 1, result: { ...block.result, transactions: [{ ...transaction, blockNumber: hex(BLOCK_NUMBER), blockHash: BLOCK_HASH }] } }).signals[1]
  assert.equal(pending?.key, mined?.key)
  assert.deepEqual([pending?.facts?.['state'], pending?.facts?.['time'], mined?.facts?.['state'], mined?.facts?.['amount']], ['unconfirmed', 'heard', 'confirmed', '1.000000000000000001'])
})

test('a block before or after its logs gives them their time; none leaves them that of hearing', () => {
  const untimed = JSON.stringify(answer(log({ blockTimestamp: undefined }))), of = JSON.stringify(block)
  const ids = (payloads: readonly string[]): readonly string[] => hearAll(payloads.map((bytes) => ({ bytes }))).signals.map(({ id }) => id).sort()
  assert.deepEqual(ids([untimed, of]), ids([of, untimed]))
  assert.deepEqual(ids([of, untimed]), ids([of, JSON.stringify(answer(log({})))]))
  assert.equal(hear(untimed).signals[0]?.facts?.['time'], 'heard')
})

test('ethereum-etl, JSON-RPC, a subscription and a bare log say the same of one transfer', () => {
  const etl = {
    type: 'token_transfer', token_address: USDT, from_address: SOMEONE, to_address: OTHER, value: '1500000', transaction_hash: TX, log_index: 7, block_number: BLOCK_NUMBER,
    block_timestamp: BLOCK_TIME, block_hash: BLOCK_HASH, item_id: 'x',
  }
  const etlLog = {
    type: 'log', log_index: 7, transaction_hash: TX, address: USDT, data: `0x${word(1_500_000)}`, topics: [TRANSFER, topic(SOMEONE), topic(OTHER)], block_number: BLOCK_NUMBER,
    block_timestamp: BLOCK_TIME, block_hash: BLOCK_HASH, item_id: 'x',
  }
  const csv = `token_address,from_address,to_address,value,transaction_hash,log_index,block_number,block_timestamp,block_hash\n${USDT},${SOMEONE},${OTHER},1500000,${TX},7,${BLOCK_NUMBER},${BLOCK_TIME},${BLOCK_HASH}\n`
  const subscription = { jsonrpc: '2.0', method: 'eth_subscription', params: { subscription: '0x1', result: log({}) } }
  const told = [answer(log({})), log({}), [log({})], [answer(log({}))], subscription, etl, etlLog].map((doc) => JSON.stringify(doc))
  assert.equal(new Set([...told, `${JSON.stringify(etl)}\n${JSON.stringify(etlLog)}\n`, csv].map((bytes) => hear(bytes).signals[0]?.id)).size, 1)
})

test('traces of Parity and Geth: inner calls that move coins, and nothing of what failed', () => {
  const call = (more: object, path: readonly number[]): object => ({
    action: { callType: 'call', from: SOMEONE, to: OTHER, value: '0xa' }, traceAddress: path, type: 'call', transactionHash: TX, blockNumber: BLOCK_NUMBER, blockHash: BLOCK_HASH, ...more,
  })
  const parity = hearJson({ jsonrpc: '2.0', id: 1, result: [call({}, []), call({}, [0, 1]), call({ error: 'Reverted' }, [1]), call({ action: { callType: 'delegatecall', value: '0xa' } }, [2])] })
  assert.deepEqual(parity.signals.map(({ key }) => key), [`ethereum:${TX}`, `ethereum:${TX}:trace:0.1`])
  const inner = { type: 'CALL', from: SOMEONE, to: OTHER, value: '0xa' }
  const geth = hearJson({ jsonrpc: '2.0', id: 1, result: [{ txHash: TX, result: { ...inner, calls: [{ ...inner, type: 'STATICCALL', calls: [inner] }, { ...inner, error: 'x', calls: [inner] }] } }] })
  assert.deepEqual(geth.signals.map(({ key }) => key), [`ethereum:${TX}`, `ethereum:${TX}:trace:0.0`])
})

test('explorers: nothing found is an answer, a refusal is a failure, failed transactions moved nothing', () => {
  assert.deepEqual([...hearJson({ status: '0', message: 'No transactions found', result: [] }).rejects.keys()], ['the explorer found nothing'])
  for (const result of ['Max rate limit reached', 'Invalid API Key', '']) {
    assert.throws(() => hearJson({ status: '0', message: 'NOTOK', result }), (error: unknown) => error instanceof Failure && error.exit === 'data' && /refused/.test(error.message))
  }
  const row = { hash: TX, from: SOMEONE, to: OTHER, value: '5', blockNumber: String(BLOCK_NUMBER), timeStamp: String(BLOCK_TIME), nonce: '1', isError: '1' }
  assert.deepEqual([...hearJson({ status: '1', message: 'OK', result: [row] }).rejects.keys()], ['it failed: nothing moved'])
})

test('transfers that only an explorer tells are told apart within their transaction, page after page', () => {
  const row = { hash: TX, from: SOMEONE, to: OTHER, value: '5', contractAddress: USDT, tokenSymbol: 'USDT', tokenDecimal: '6', blockNumber: String(BLOCK_NUMBER), timeStamp: String(BLOCK_TIME) }
  const page = { status: '1', message: 'OK', result: [row, row, { ...row, value: '6' }] }
  const { signals } = hearJson(page)
  assert.equal(new Set(signals.map(({ key }) => key)).size, 3)
  assert.deepEqual(hearJson({ ...page, result: page.result.toReversed() }).signals.map(({ id }) => id).sort(), signals.map(({ id }) => id).sort())
})

test('a chain that is asked for by its number is that chain', () => {
  const row = { hash: TX, from: SOMEONE, to: OTHER, value: '5', blockNumber: '126758782', timeStamp: '1729116341', nonce: '1', isError: '0' }
  const [signal] = hearJson({ status: '1', message: 'OK', result: [row] }, {}, 'https://api.etherscan.io/v2/api?chainid=10&module=account').signals
  assert.equal(signal?.key, `optimism:${TX}`)
})

test('thresholds: each that applies must be reached, and one must apply', () => {
  const doc = JSON.stringify(answer(log({}), log({ logIndex: '0x8', data: `0x${word(1_499_999)}` }), log({ logIndex: '0x9', address: WETH }), log({ logIndex: '0xa', address: OTHER })))
  const thresholds = (usd: string | undefined, ...amounts: readonly (readonly [string, string])[]) => hear(doc, { thresholds: { usd, amounts: new Map(amounts) } })
  assert.deepEqual(thresholds(undefined, ['USDT', '1.5']).signals.map(({ facts }) => facts?.['part']), ['7'])
  assert.deepEqual([...thresholds('1').rejects.keys()], ['nothing of the types and sizes that are asked for'], 'nobody states dollars')
  assert.equal(hear(doc, { wanted: new Set(['mint']) }).signals.length, 0)
})

/** Logs of any shape, some of them transfers. */
const anyLog = fc.record({
  address: fc.constantFrom(USDT, WETH, OTHER, DEPOSIT), topic: fc.constantFrom(...Object.values(TOPICS)), words: fc.array(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), { maxLength: 12 }),
  ends: fc.array(fc.constantFrom(SOMEONE, OTHER, ZERO), { maxLength: 3 }), index: fc.integer({ min: 0, max: 500 }), removed: fc.boolean(),
}).map(({ address, topic: first, words, ends, index, removed }) =>
  log({ address, topics: [first, ...ends.map(topic)], data: `0x${words.map(word).join('')}`, logIndex: hex(index), removed }))

test('neither the order of pages nor their repetition changes what is known', () => {
  fc.assert(fc.property(fc.array(fc.array(anyLog, { maxLength: 6 }), { maxLength: 5 }), fc.nat(), (pages, seed) => {
    const texts = pages.map((page) => ({ bytes: JSON.stringify(answer(...page)) }))
    const ids = (payloads: typeof texts): readonly string[] => [...new Set(hearAll(payloads).signals.map(({ id }) => id))].sort()
    const turned = [...texts.slice(seed % (texts.length + 1)), ...texts, ...texts.toReversed()]
    assert.deepEqual(ids(turned), ids(texts))
  }), { numRuns: 60 })
})

test('any log gives signals or one reason', () => {
  fc.assert(fc.property(anyLog, (each) => {
    const { signals, rejects } = hearJson(answer(each))
    assert.ok(signals.length + rejects.size > 0)
    assert.ok(Object.keys(countsOf(signals)).every((type) => ['transfer', 'mint', 'burn', 'stake', 'swap'].includes(type)))
  }), { numRuns: 200 })
})
