/** Bitcoin, staking, value locked and tables, in small payloads of our own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '#port/failure'
import { hear, hearJson } from './hear.ts'

const TXID = 'ab'.repeat(32), BLOCK = '00'.repeat(8) + 'cd'.repeat(24)
const A = '1JDknRvZTi5XdhQB3cgvJ9R8aogUvfbYUB', B = '1H4o9Mh7HyjPa46z4vtv7J8yzaK5RY4bXR'
const output = (value: number, to?: string, script = 'p2pkh'): object => ({ value, scriptpubkey: '', scriptpubkey_type: script, ...(to !== undefined && { scriptpubkey_address: to }) })
const tx = (more: object): object => ({
  txid: TXID, vin: [{ txid: TXID, vout: 0, prevout: output(900, A), is_coinbase: false }], vout: [output(500, B), output(300, A)], fee: 100, status: { confirmed: false }, ...more,
})

test('each output of a Bitcoin transaction is a transfer; change is marked; confirmed later it keeps its key', () => {
  const pending = hearJson(tx({ firstSeen: 1_743_541_407 })).signals
  const mined = hearJson([tx({ status: { confirmed: true, block_height: 890448, block_hash: BLOCK, block_time: 1_743_541_850 } })]).signals
  assert.deepEqual(pending.map(({ key, facts }) => [key, facts?.['amount'], facts?.['change'], facts?.['state']]),
    [[`bitcoin:${TXID}:0`, '0.000005', undefined, 'unconfirmed'], [`bitcoin:${TXID}:1`, '0.000003', true, 'unconfirmed']])
  assert.deepEqual(mined.map(({ key, at, facts }) => [key, at, facts?.['state'], facts?.['block']]),
    [0, 1].map((i) => [`bitcoin:${TXID}:${i}`, '2025-04-01T21:10:50.000Z', 'confirmed', '890448']))
})

test('new coins are minted, coins given to no one are burnt, empty outputs are nothing', () => {
  const coinbase = hearJson(tx({ vin: [{ is_coinbase: true, prevout: null }], vout: [output(312500000, B), output(0, undefined, 'op_return')] })).signals
  assert.deepEqual(coinbase.map(({ type, facts }) => [type, facts?.['amount'], facts?.['how']]), [['mint', '3.125', 'coinbase']])
  const burnt = hearJson(tx({ vout: [output(7, undefined, 'op_return')] })).signals
  assert.deepEqual(burnt.map(({ type, facts }) => [type, facts?.['how'], facts?.['to']]), [['burn', 'op_return', undefined]])
})

test('blockchain.info’s transactions over REST and WebSocket', () => {
  const info = { hash: TXID, time: 1_648_487_393, inputs: [{ prev_out: { addr: A, value: 900, n: 0 } }], out: [{ addr: B, value: 800, n: 3 }], fee: 100 }
  const [heard] = hearJson({ op: 'utx', x: info }).signals
  assert.deepEqual([heard?.key, heard?.facts?.['state'], heard?.facts?.['from']], [`bitcoin:${TXID}:3`, 'unconfirmed', A])
  const [confirmed] = hearJson({ txs: [{ ...info, block_height: 729428 }] }).signals
  assert.deepEqual([confirmed?.key, confirmed?.facts?.['state'], confirmed?.facts?.['block']], [heard?.key, 'confirmed', '729428'])
  assert.deepEqual([...hearJson({ op: 'pong', x: {} }).rejects.keys()], ['a message without a transaction'])
})

test('statistics of a mempool: fee rates by weight', () => {
  const [signal] = hearJson({ count: 3, vsize: 400, total_fee: 1234, fee_histogram: [[10, 100], [2, 200], [1, 100]] }).signals
  const { count, vsize, total_fee: fee, fee_p10: p10, fee_p50: p50, fee_p90: p90 } = signal?.facts ?? {}
  assert.deepEqual({ count, vsize, fee, p10, p50, p90 }, { count: 3, vsize: 400, fee: '0.00001234', p10: 1, p50: 2, p90: 10 })
})

test('WebSocket frames recorded one a line; a torn last line is named', () => {
  const { signals, rejects } = hear('{"fees":{"fastestFee":8,"hourFee":4}}\n{"txPosition":{"txid":"x"}}\n{"fees":{"fas')
  assert.deepEqual([signals.length, signals[0]?.facts?.['fee_fastest'], [...rejects]], [1, 8, [['a place in the queue: no signal', 1], ['no JSON', 1]]])
})

const PUBKEY = `0x${'93'.repeat(48)}`, CREDENTIALS = `0x010000000000000000000000${'5a'.repeat(20)}`

test('staking: exits of the event stream, deposits and withdrawals waiting, whole blocks', () => {
  const events = hear(`event: head\ndata: {"slot":"10"}\n\nevent: voluntary_exit\ndata: {"message":{"epoch":"194644","validator_index":"7287"},"signature":"0x"}\n\n`)
  assert.deepEqual(events.signals.map(({ type, key, at }) => [type, key, at]), [['unstake', 'ethereum:validator:7287:voluntary_exit', '2023-04-15T14:01:59.000Z']])
  assert.deepEqual([...events.rejects.keys()], ['an event by which nobody staked or left'])
  const pending = hearJson({ version: 'electra', finalized: true, data: [{ pubkey: PUBKEY, withdrawal_credentials: CREDENTIALS, amount: '32000000000', signature: '0x', slot: '12000000' }] }).signals
  assert.deepEqual(pending.map(({ type, facts }) => [type, facts?.['amount'], facts?.['withdrawal_address'], facts?.['state']]), [['stake', '32', `0x${'5a'.repeat(20)}`, 'unconfirmed']])
  const partial = hearJson({ data: [{ validator_index: '5', amount: '1', withdrawable_epoch: '18446744073709551615' }], finalized: true }).signals
  assert.deepEqual(partial.map(({ type, facts }) => [type, facts?.['amount'], facts?.['withdrawable_epoch']]), [['unstake', '0.000000001', '18446744073709551615']])
  const block = hearJson({
    version: 'deneb',
    data: { message: { slot: '8348722', body: {
      deposits: [{ data: { pubkey: PUBKEY, withdrawal_credentials: CREDENTIALS, amount: '32000000000' } }], voluntary_exits: [{ message: { epoch: '1', validator_index: '2' } }],
      execution_payload: { block_number: '19151575', timestamp: '1707008687', withdrawals: [{ index: '9', validator_index: '8', address: `0x${'5a'.repeat(20)}`, amount: '17000000' }] },
    } } },
  }).signals
  assert.deepEqual(block.map(({ type, facts }) => [type, facts?.['how'], facts?.['amount']]), [['stake', 'deposit', '32'], ['unstake', 'voluntary_exit', undefined], ['unstake', 'withdrawal', '0.017']])
  assert.throws(() => hearJson({ code: 404, message: 'State not found' }), (error: unknown) => error instanceof Failure && /State not found/.test(error.message))
})

test('a validator that is still to leave has not left', () => {
  const far = '18446744073709551615'
  const validator = { pubkey: PUBKEY, withdrawal_credentials: CREDENTIALS, effective_balance: '32000000000', slashed: false, activation_epoch: '1', exit_epoch: far, withdrawable_epoch: far }
  const types = (exit: string): readonly string[] => hearJson({ data: [{ index: '1', balance: '32000000001', status: 'active_ongoing', validator: { ...validator, exit_epoch: exit } }] }).signals.map(({ type }) => type)
  assert.deepEqual(types(far), ['validator', 'stake'])
  assert.deepEqual(types('99999999'), ['validator', 'stake'])
  assert.deepEqual(types('365684'), ['validator', 'stake', 'unstake'])
})

test('DefiLlama: chains, volumes, stablecoins, yields', () => {
  assert.deepEqual(hearJson([{ name: 'Ethereum', tvl: 1.10, tokenSymbol: 'ETH' }]).signals.map(({ subject }) => subject), ['chain:Ethereum'])
  const chain = hear('[{"gecko_id":"ethereum","tvl":57000000000.10,"tokenSymbol":"ETH","name":"Ethereum","chainId":1}]').signals[0]
  assert.equal(chain?.facts?.['tvl_usd'], '57000000000.10')
  const volumes = hear('{"total24h":1000.50,"total7d":7,"change_1d":-2.5,"totalDataChart":[[1700000000,5.0]],"protocols":[{"name":"Uniswap V3","total24h":3}]}').signals
  assert.deepEqual(volumes.map(({ subject, facts }) => [subject, facts?.['last_24h_usd'] ?? facts?.['day_usd']]), [['protocol:all', '1000.50'], ['protocol:all', '5.0'], ['protocol:uniswap-v3', '3']])
  const coins = hear('{"peggedAssets":[{"id":"1","name":"Tether","symbol":"USDT","gecko_id":"tether","circulating":{"peggedUSD":140000000000.12},"price":1.0001}]}').signals
  assert.deepEqual(coins.map(({ type, subject, facts }) => [type, subject, facts?.['supply']]), [['supply', 'coin:USDT', '140000000000.12']])
  const pools = hear('{"status":"success","data":[{"chain":"Ethereum","project":"lido","symbol":"STETH","tvlUsd":23.5,"apy":2.9,"pool":"747c"}]}').signals
  assert.deepEqual(pools.map(({ subject, facts }) => [subject, facts?.['tvl_usd'], facts?.['apy_percent']]), [['protocol:lido', '23.5', 2.9]])
})

test('daily supply: what was minted or burnt on balance, exactly', () => {
  const { signals } = hear('time,SplyCur,IssTotNtv\n2021-01-01,100.10,1\n2021-01-02,150,50\n2021-01-03,150,0\n2021-01-05,149.9,\nsoon,1,1\n', { coin: 'USDT' })
  assert.deepEqual(signals.filter(({ type }) => type !== 'supply').map(({ type, subject, key, facts }) => [type, subject, key, facts?.['amount'], facts?.['days']]), [
    ['mint', 'coin:USDT', 'coinmetrics:USDT:2021-01-02:change', '49.9', 1], ['burn', 'coin:USDT', 'coinmetrics:USDT:2021-01-05:change', '0.1', 2],
  ])
})

test('Whale Alert’s errors are failures, its alerts tell several amounts', () => {
  assert.throws(() => hearJson({ result: 'error', message: 'invalid api_key' }), (error: unknown) => error instanceof Failure && /invalid api_key/.test(error.message))
  const alert = {
    type: 'alert', timestamp: 1_687_389_253, blockchain: 'ethereum', transaction_type: 'transfer', from: 'binance', to: 'unknown wallet',
    amounts: [{ symbol: 'USDT', amount: 1.5, value_usd: 1.5 }, { symbol: 'ETH', amount: 2, value_usd: 3 }], transaction: { hash: TXID },
  }
  const { signals } = hearJson(alert)
  assert.deepEqual(signals.map(({ key, subject, facts }) => [key, subject, facts?.['usd'], facts?.['tx']]),
    [[`whale_alert:${TXID}:0`, 'coin:USDT', '1.5', `0x${TXID}`], [`whale_alert:${TXID}:1`, 'coin:ETH', '3', `0x${TXID}`]])
  const labels = signals[0]?.facts?.['labels'] as { readonly from?: { readonly name: string }; readonly to?: object }
  assert.deepEqual([labels.from?.name, labels.to], ['binance', undefined])
})

const TOKEN = '0x1f9840a85d5af5bf1d1762f925bdaddc4201f984', HOLDER = `0x${'5a'.repeat(20)}`, OTHER = `0x${'0c'.repeat(20)}`

test('Ethplorer: transfers of a token, of an address and of a transaction; tokens', () => {
  const tokenInfo = { address: TOKEN, symbol: 'UNI', decimals: '18' }
  const operation = { timestamp: 1_643_667_780, transactionHash: `0x${TXID}`, tokenInfo, type: 'transfer', value: '1500000000000000000', from: HOLDER, to: OTHER }
  const { signals, rejects } = hearJson({ operations: [operation, operation, { ...operation, type: 'approve' }] })
  assert.deepEqual(signals.map(({ type, subject, facts }) => [type, subject, facts?.['amount']]), [['transfer', 'coin:UNI', '1.5'], ['transfer', 'coin:UNI', '1.5']])
  assert.equal(new Set(signals.map(({ key }) => key)).size, 2)
  assert.deepEqual([...rejects.keys()], ['an operation that moves nothing'])
  const ofOne = hearJson({ hash: `0x${TXID}`, timestamp: 1_643_667_780, blockNumber: 14111000, success: true, operations: [{ ...operation, transactionHash: undefined, timestamp: undefined }] }).signals
  assert.deepEqual(ofOne.map(({ key }) => key), [signals[0]?.key])
  const [supply] = hearJson({ address: TOKEN, decimals: '18', symbol: 'UNI', totalSupply: '1000000000000000000000000000', holdersCount: 3, lastUpdated: 1_643_667_215 }).signals
  assert.deepEqual([supply?.type, supply?.facts?.['supply']], ['supply', '1000000000'])
})

test('what addresses hold, by explorers of both kinds', () => {
  const [eth] = hearJson({ status: '1', message: 'OK', result: [{ account: HOLDER, balance: '40891626854930000000000' }] }).signals
  assert.deepEqual([eth?.type, eth?.key, eth?.facts?.['amount']], ['holding', `ethereum:holding:ETH:${HOLDER}`, '40891.62685493'])
  const stats = { funded_txo_count: 2, funded_txo_sum: 500000000, spent_txo_count: 1, spent_txo_sum: 1, tx_count: 3 }
  const [coins] = hearJson({ address: A, chain_stats: stats, mempool_stats: { ...stats, tx_count: 0 } }).signals
  assert.deepEqual([coins?.subject, coins?.facts?.['amount'], coins?.facts?.['coin']], [`wallet:bitcoin:${A}`, '4.99999999', 'BTC'])
  const [price] = hearJson({ status: '1', message: 'OK', result: { ethbtc: '0.05', ethbtc_timestamp: '1', ethusd: '1800.10', ethusd_timestamp: '1683029999' } }).signals
  assert.deepEqual([price?.subject, price?.facts?.['price_usd'], price?.at], ['coin:ETH', '1800.10', '2023-05-02T12:19:59.000Z'])
})

test('the mempool’s past by its own buckets, and as Bitcoin Core tells it', () => {
  const vsizes = Array.from({ length: 38 }, (_, i) => (i === 1 ? 300 : i === 4 ? 100 : 0))
  const [past] = hearJson([{ added: 1_711_854_906, count: 7, vbytes_per_second: 3, mempool_byte_weight: 1, min_fee: 1, total_fee: 250, vsizes }]).signals
  assert.deepEqual([past?.at, past?.facts?.['vsize'], past?.facts?.['fee_p50'], past?.facts?.['fee_p90']], ['2024-03-31T03:15:06.000Z', 400, 2, 5])
  const core = hearJson({ result: { loaded: true, size: 3, bytes: 900, usage: 1, total_fee: 0.00001, maxmempool: 1, mempoolminfee: 0.00001, minrelaytxfee: 0.00001 }, error: null, id: 1 }).signals
  assert.deepEqual([core[0]?.type, core[0]?.facts?.['count'], core[0]?.facts?.['total_fee']], ['mempool', 3, '0.00001'])
})

test('beaconcha.in: deposits of a validator, withdrawals, and answers without either', () => {
  const deposit = { amount: 32000000000, block_number: 11185400, block_ts: 1_604_506_685, from_address: HOLDER, publickey: PUBKEY, tx_hash: `0x${TXID}`, valid_signature: true, withdrawal_credentials: CREDENTIALS }
  const [stake] = hearJson({ status: 'OK', data: [deposit] }).signals
  assert.deepEqual([stake?.type, stake?.facts?.['amount'], stake?.at], ['stake', '32', '2020-11-04T16:18:05.000Z'])
  assert.deepEqual([...hearJson({ status: 'OK', data: [{ ...deposit, valid_signature: false }] }).rejects.keys()], ['a deposit that does not count: its signature is wrong'])
  const [unstake] = hearJson({ status: 'OK', data: [{ epoch: 194644, slot: 6228611, withdrawalindex: 9, validatorindex: 7287, address: HOLDER, amount: 1631508097 }] }).signals
  assert.deepEqual([unstake?.key, unstake?.facts?.['amount']], ['ethereum:withdrawal:9', '1.631508097'])
  assert.deepEqual([...hearJson({ status: 'OK', data: [{ day: 1, start_balance: 2 }] }).rejects.keys()], ['an answer of beaconcha.in without staking'])
})
