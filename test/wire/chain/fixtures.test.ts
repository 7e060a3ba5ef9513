/** Every recorded payload gives signals, or says why not; the representative ones exactly what they hold. */
import assert from 'node:assert/strict'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { Failure } from '#port/failure'
import { content, countsOf, filesBelow, FOLDERS, hear, shared, skip } from './hear.ts'

/** Answers that are refusals, and texts that are no payloads. */
const REFUSED = [/rpc_eth_getLogs_00\.json$/, /\.yaml$/]

for (const folder of [...FOLDERS.map((name) => join('fixtures', name)), join('data', 'onchain')]) {
  test(`nothing in ${folder} is unexplained`, { skip }, () => {
    for (const file of filesBelow(join(shared ?? '', folder))) {
      const name = relative(shared ?? '', file)
      let found: ReturnType<typeof hear> | undefined
      try {
        found = hear(content(name))
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        assert.equal(error.exit, 'data')
        if (folder.startsWith('fixtures')) assert.ok(REFUSED.some((each) => each.test(name)), `${name}: ${error.message}`)
      }
      if (found !== undefined) assert.ok(found.signals.length + found.rejects.size > 0, name)
      if (found !== undefined) assert.equal(new Set(found.signals.map(({ id }) => id)).size, found.signals.length, `${name}: an id twice`)
    }
  })
}

const facts = (path: string, options?: Parameters<typeof hear>[1], url?: string) => hear(content('fixtures', path), options, url).signals

test('an ERC-20 transfer of an explorer: exact amount, labels of neither end', { skip }, () => {
  const [first] = facts('etherscan/rotki/etherscan_tokentx_00.json')
  assert.equal(first?.type, 'transfer')
  assert.equal(first?.at, '2023-07-26T13:01:47.000Z')
  assert.equal(first?.subject, 'token:ethereum:0xe5097d9baeafb89f9bcb78c9290d545db5f9e9cb')
  const { amount, units, symbol, decimals, coin, from, to } = first?.facts ?? {}
  assert.deepEqual({ amount, units, symbol, decimals, coin, from, to }, {
    amount: '1500', units: '1500000000000000000000', symbol: 'HBOT', decimals: 18, coin: undefined,
    from: '0x67288250e971c203a03363a64fa149517aed160c', to: '0x014cd0535b2ea668150a681524392b7633c8681c',
  })
})

test('a receipt on Ethereum: deposits into a pool, known tokens in their decimals, mints', { skip }, () => {
  const signals = facts('onchain/rotki/rpc_eth_getTransactionReceipt_01.json')
  assert.deepEqual(countsOf(signals), { transfer: 2, mint: 2 })
  for (const { facts: { time } = {} } of signals) assert.equal(time, 'heard', 'no block says when')
})

test('a block of its own time gives the coins that its transactions moved, and what stands on no chain of that clock is refused', { skip }, () => {
  const [block, ...moves] = facts('onchain/ethereum_etl/block_with_logs_web3_response.eth_getBlockByNumber_0x76250_true.json')
  assert.deepEqual([block?.type, block?.at, block?.facts?.['transactions']], ['block', '2015-11-03T14:44:40.000Z', 4])
  assert.equal(moves.length, 2)
  for (const { at } of moves) assert.equal(at, block?.at)
  const base = content('fixtures/onchain/rotki/rpc_eth_getTransactionReceipt_05.json.gz')
  assert.deepEqual([...hear(base).rejects.keys()], ['its block is none of ethereum: name its chain with --chain'])
  assert.ok(hear(base, { chain: 'base' }).signals.every(({ key }) => key.startsWith('base:0x13020b28e7f28558b9cf07a1be11bc898d3de')))
  assert.deepEqual(countsOf(hear(base, { chain: 'base' }).signals), { transfer: 50, burn: 1, swap: 19, mint: 1 })
})

test('swaps keep their signs: Pancake on its chain', { skip }, () => {
  const [swap] = facts('onchain/nautilus/blockchain_pancakeswap_v3_swap_rpc.json', { chain: 'bsc' })
  assert.deepEqual([swap?.type, swap?.facts?.['net0'], swap?.facts?.['net1'], swap?.facts?.['tick']],
    ['swap', '2291588381489685660', '-3897477319171741', '-63769'])
})

test('internal transfers of one transaction take its name from the question', { skip }, () => {
  const path = 'etherscan/rotki/routescan_txlistinternal_02.json'
  assert.deepEqual(facts(path), [])
  const hash = '0xa3b955a1264dc26d966f4f33242ae88e1cd2f8a1ff2b8e2e0e1a2f4b3a2d1c0f'
  const url = `https://api.routescan.io/v2/network/mainnet/evm/10/etherscan/api?action=txlistinternal&txhash=${hash}`
  const named = facts(path, {}, url)
  assert.equal(named.length, 55)
  assert.ok(named.every(({ key, facts: { amount } = {} }) => key.startsWith(`optimism:${hash}:internal:`) && amount === '0.00037'))
})

test('withdrawals of two explorers and of a block say the same in gwei and wei', { skip }, () => {
  const gwei = facts('etherscan/rotki/etherscan_txsBeaconWithdrawal_00.json')[0]
  assert.deepEqual([gwei?.key, gwei?.facts?.['amount'], gwei?.at], ['ethereum:withdrawal:31670024', '0.010742175', '2024-01-15T19:21:47.000Z'])
  const wei = facts('beacon/rotki/blockscout_v2_withdrawals_00.json')[0]
  assert.deepEqual([wei?.key, wei?.facts?.['amount'], wei?.at], ['ethereum:withdrawal:123609407', '0.016043262', '2026-03-29T03:27:11.000Z'])
})

test('a validator that left: how it stands, when its stake began and ended', { skip }, () => {
  const [validator, stake, unstake] = facts('beacon/rotki/beacon_states_validators_00.json')
  assert.deepEqual([validator?.type, validator?.facts?.['status'], validator?.facts?.['balance'], validator?.facts?.['withdrawal_address']],
    ['validator', 'withdrawal_done', '0', '0x42751916bd8e4ef1966ca033d4ea1fa2a8563f88'])
  assert.deepEqual([stake?.type, stake?.at], ['stake', '2020-12-01T12:00:23.000Z'])
  assert.deepEqual([unstake?.type, unstake?.facts?.['epoch'], unstake?.at], ['unstake', '365684', '2025-05-14T18:17:59.000Z'])
})

test('Whale Alert: exchanges at both ends, the dollars as stated', { skip }, () => {
  const [first] = facts('whale_alert/transactions_v1.json')
  assert.equal(first?.key, 'whale_alert:194993174')
  assert.equal(first?.subject, 'coin:ETH')
  const { amount, usd, flow, exchange, from, tx } = first?.facts ?? {}
  assert.deepEqual({ amount, usd, flow, exchange, from, tx }, {
    amount: '6667', usd: '1794742.9', flow: 'exchange_internal', exchange: 'binance', from: '0x3f5ce5fbfe3e9af3971dd833d26ba9b5c936f0be',
    tx: '0x2084eca97be1468bfd9f937ad6921ecc6dd083fffe5c612247360e13918400c0',
  })
})

test('Bitcoin: unconfirmed until it is confirmed, first seen, change marked', { skip }, () => {
  const [one] = facts('mempool/rest_mainnet_tx_cached.json')
  assert.deepEqual([one?.key, one?.at, one?.facts?.['amount'], one?.facts?.['state'], one?.facts?.['from'], one?.facts?.['fee']], [
    'bitcoin:21518a98d1aa9df524865d2f88c578499f524eb1d0c4d3e70312ab863508692f:0', '2023-05-12T04:16:33.000Z', '2.53008854', 'unconfirmed',
    'bc1qmxr9gxrtjrv4mflrrgcf986mtd4q4ujss432tk', '0.00008794',
  ])
  const confirmed = facts('mempool/ws_tx02_ws_block.json').find(({ type }) => type === 'confirmed')
  assert.deepEqual([confirmed?.key, confirmed?.facts?.['block'], confirmed?.at],
    ['bitcoin:b6a53d8a8025c0c5b194345925a99741b645cae0b1f180f0613273029f2bf698', '890448', '2025-04-01T21:10:50.000Z'])
  const mempool = facts('mempool/ws_mainnet_mempoolInfo.json').find(({ type }) => type === 'mempool')
  const { count, total_fee: fee, fee_fastest: fastest, next_fee_low: low } = mempool?.facts ?? {}
  assert.deepEqual({ count, fee, fastest, low }, { count: 112686, fee: '5.10536864', fastest: 8, low: 7 })
})

test('DefiLlama: every digit of the value locked', { skip }, () => {
  const [first] = facts('defillama/charts.json')
  assert.deepEqual([first?.type, first?.facts?.['tvl_usd'], first?.at], ['tvl', '34684.037746670474', '2018-11-03T00:00:00.000Z'])
  const curve = facts('defillama/protocols.json')[0]
  assert.deepEqual([curve?.subject, curve?.facts?.['tvl_usd']], ['protocol:curve', '16890071630.01999'])
})

test('labels of a page, and of a map whose last entry is none', { skip }, () => {
  const page = facts('labels/eth_labels_etherscan_accounts.html')
  assert.deepEqual([page.length, page[0]?.facts?.['name'], page[0]?.subject], [12, 'AmadeusRelay', 'wallet:ethereum:0x0e8ba001a821f3ce0734763d008c9d7c957f5852'])
  const { signals, rejects } = hear(content('fixtures/labels/arbiscan_exchange.json'), { chain: 'arbitrum' })
  assert.deepEqual([signals[0]?.key, rejects.get('a label without an address')], ['arbitrum:label:0xb38e8c17e38363af6ebdcb3dae12e0243582891d', 1])
})
