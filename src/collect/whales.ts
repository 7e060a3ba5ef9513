import { feed, type Source } from '#tool/feed'
import { chosen } from '#wire/chain/choices'
import { askChains, STREAMS } from '#wire/chain/live'
import { EXPLORER, MEMPOOL, WHALE_ALERT } from '#wire/chain/live_web'
import { chainParser } from '#wire/chain/payload'

const FILES = { address: 'files', limits: 'none', terms: 'those of whoever made them' }
const sources: readonly Source[] = [
  {
    name: 'rpc', reads: 'JSON-RPC of EVM nodes: logs, receipts, blocks, transactions, traces (Parity, Geth)', address: 'the node of --rpc',
    limits: '10 requests/s a node', terms: 'those of the node',
  },
  {
    name: 'etherscan', reads: 'txlist, tokentx, tokennfttx, txlistinternal, getLogs, withdrawals; Blockscout and Routescan alike',
    address: EXPLORER, limits: '3 to 5 requests/s by plan; 10 000 rows a question', terms: 'by plan; a key is needed',
  },
  {
    name: 'mempool', reads: 'statistics, fees, blocks, transactions, replacements (Esplora, mempool.space, blockchain.info; REST, WebSocket)',
    address: MEMPOOL, limits: 'not stated; 429 where too fast', terms: 'public; AGPL software',
  },
  {
    name: 'whale_alert', reads: 'transactions (REST v1), alerts (WebSocket)', address: WHALE_ALERT,
    limits: '10 requests/min on the free plan, one hour back', terms: 'by plan; a key is needed',
  },
  { name: 'etl', reads: 'ethereum-etl: blocks, transactions, logs, token transfers, traces, tokens (NDJSON, CSV)', ...FILES },
  { name: 'labels', reads: 'address lists: maps, rows (JSON, CSV), label pages (HTML)', ...FILES },
  { name: 'holdings', reads: 'Ethplorer: holders, balances, top tokens', ...FILES },
  { name: 'staking', reads: 'beacon nodes (REST, events), beaconcha.in, withdrawals of explorers', ...FILES },
  {
    name: 'tables', reads: 'mempool series and snapshots, charts of blockchain.com, daily supply (Coin Metrics), gas prices, Uniswap pools (CSV)',
    ...FILES,
  },
  { name: 'defillama', reads: 'value locked, prices, volumes, stablecoins, yields', ...FILES },
]

export default feed({
  name: 'vanta-whales',
  summary: 'Read what moves on chains: transfers, mints, burns, stakes, the mempool and what is odd about it, labelled addresses.',
  about:
    'Payloads are told apart by what they hold. Amounts are exact; a token whose decimals nobody states keeps its raw units. The key ' +
    'of a transfer is chain, transaction and log index: confirmed later, moved by a reorganisation or taken back (state ' +
    '"removed"), it keeps its key. Where the time of its block is not stated, nor in another payload of the run, it is the time of ' +
    'hearing, and "time" says so. Payloads that do not name their chain are taken for Ethereum where block and time agree with it. ' +
    'Flows to and from exchanges are as far as labels tell. An anomaly is a value of the mempool that is --anomaly robust standard ' +
    'deviations (1.4826 x the median distance from the median; at least 24 values) from the median of the --window before it; it ' +
    'is said once an excursion.',
  options: {
    types: {
      kind: 'list', help: 'only signals of these types: transfer, mint, burn, stake, unstake, mempool, anomaly, label, holding ... (default: all)',
    },
    chain: {
      kind: 'text', help: 'the chain of payloads that do not name theirs, and of --rpc and --address: ethereum (default), base, optimism ...',
    },
    coin: { kind: 'text', help: 'the coin of tables that do not name theirs, such as USDT' },
    labels: {
      kind: 'list', help: 'files of labelled addresses, before the built-in ones; KIND=FILE where all are of one kind, such as exchange=list.json',
    },
    minUsd: { kind: 'decimal', help: 'leave out what moves less, as far as dollars are stated' },
    minAmount: { kind: 'list', help: 'smallest amounts by coin or contract, ETH=100,USDT=1000000; what no threshold applies to is left out' },
    window: { kind: 'duration', default: '24h', help: 'how far back the mempool is compared with itself' },
    anomaly: { kind: 'number', default: '6', help: 'robust standard deviations that make an anomaly' },
    streams: { kind: 'list', default: 'mempool', help: `what to ask live: ${STREAMS.join(', ')}` },
    rpc: { kind: 'text', help: 'address of a node; {name} in its path is filled from the credentials' },
    tokens: { kind: 'list', default: 'USDT,USDC,DAI,WETH,WBTC', help: 'whose logs to ask the node for: coins or contracts' },
    confirmations: { kind: 'integer', default: '12', help: 'blocks that must stand on a block before it is read' },
    range: { kind: 'integer', default: '500', help: 'blocks of one request to the node, at most' },
    fromBlock: { kind: 'integer', help: 'where the first run begins (default: the newest block deep enough)' },
    address: { kind: 'list', help: 'accounts to ask the explorer for' },
  },
  examples: [
    `printf '{"result":"success","count":1,"transactions":[{"blockchain":"ethereum","symbol":"eth","id":"1","hash":"ab","timestamp":1560836993,` +
      `"from":{"address":"3f5ce5fbfe3e9af3971dd833d26ba9b5c936f0be","owner":"binance","owner_type":"exchange"},"amount":6667,` +
      `"amount_usd":1794742.9}]}' | vanta-whales --from -`,
    'vanta-whales --from test/cases/vanta-whales/0001-logs-and-block/block.json,test/cases/vanta-whales/0001-logs-and-block/logs.json',
    'vanta-whales --from test/cases/vanta-whales/0002-explorer/tokentx.json --min-amount USDT=1000',
    `printf '{"count":2,"vsize":300,"total_fee":900,"fee_histogram":[[4,100],[2.5,200]]}' | vanta-whales --from -`,
    `printf 'time,SplyCur\\n2021-01-01,100\\n2021-01-02,150.5\\n' | vanta-whales --from - --coin USDT --types mint`,
    `printf '{"data":[{"date":"1541203200","totalLiquidityUSD":34684.03}]}' | vanta-whales --from - || test $? = 65`,
  ],
  service: { name: 'whales', origins: [EXPLORER, MEMPOOL, WHALE_ALERT], rate: { requests: 3, perMs: 1000 } },
  sources,
  watch: { hours: 'always', quietMs: 3_600_000 },
  every: '1m',
  open: (options, reading) => chainParser(chosen(options, reading), reading),
  live: askChains,
})
