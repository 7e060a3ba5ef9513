/** vanta-whales against services that misbehave: a node over JSON-RPC, and Whale Alert page by page. */
import { conforms } from './conformance.ts'
import type { Asked, Reply } from '../service/service.ts'

const FIRST = 17_173_305, HEAD = FIRST + 12 + 5
const USDC = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const hex = (value: number): string => `0x${value.toString(16)}`
const word = (value: number): string => value.toString(16).padStart(64, '0')
const hashOf = (block: number): string => `0x${word(block)}`

const blockAt = (block: number): object => ({
  number: hex(block), hash: hashOf(block), parentHash: hashOf(block - 1), miner: `0x${'0'.repeat(40)}`, timestamp: hex(1_683_029_999 + 12 * (block - FIRST)), transactions: [],
})
const logAt = (block: number, index: number): object => ({
  address: USDC, topics: [TRANSFER, `0x${word(block)}`, `0x${word(index + 1)}`], data: `0x${word(1_000_000 + index)}`, blockNumber: hex(block), blockHash: hashOf(block),
  transactionHash: `0x${word(block * 10 + index)}`, transactionIndex: '0x0', logIndex: hex(index), removed: false,
})

interface Question {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** A node that gives two logs a block, of four blocks at most at once. */
function nodeAnswer({ id, method, params }: Question): object {
  const [first] = params
  const result = ((): unknown => {
    if (method === 'eth_chainId') return '0x1'
    if (method === 'eth_blockNumber') return hex(HEAD)
    if (method === 'eth_getBlockByNumber') return blockAt(Number(first))
    const { fromBlock, toBlock } = first as { readonly fromBlock: string; readonly toBlock: string }
    const [from, to] = [Number(fromBlock), Number(toBlock)]
    return to - from >= 4 ? undefined : Array.from({ length: to - from + 1 }, (_, i) => [logAt(from + i, 0), logAt(from + i, 1)]).flat()
  })()
  return { jsonrpc: '2.0', id, ...(result === undefined ? { error: { code: -32005, message: 'query returned more than 10000 results' } } : { result }) }
}

function node({ body }: Asked): Reply {
  const asked = JSON.parse(body) as Question | readonly Question[]
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(Array.isArray(asked) ? (asked as readonly Question[]).map(nodeAnswer) : nodeAnswer(asked as Question)) }
}

conforms({
  tool: 'vanta-whales',
  words: ['--streams', 'rpc', '--rpc', 'https://node.example/{node_key}/rpc', '--tokens', 'USDC', '--from-block', String(FIRST), '--range', '8'],
  credentials: { node_key: 'sesame-opens-the-node' },
  routes: { '/': node },
  atLeast: 2 * (HEAD - 12 - FIRST + 1),
})

/** Two pages: a hundred, then the rest. */
function alerts({ url }: Asked): Reply {
  const isSecond = url.includes('cursor=second')
  const transactions = Array.from({ length: isSecond ? 7 : 100 }, (_, i) => ({
    blockchain: 'bitcoin', symbol: 'btc', id: String(1000 + (isSecond ? 100 : 0) + i), transaction_type: 'transfer', hash: word(i), timestamp: 1_760_837_000 + i, amount: 139.24574,
    amount_usd: 1268318.2, from: { address: '1JDknRvZTi5XdhQB3cgvJ9R8aogUvfbYUB', owner_type: 'unknown' }, to: { owner: 'binance', owner_type: 'exchange' },
  }))
  return { body: JSON.stringify({ result: 'success', cursor: isSecond ? 'third' : url.includes('cursor=third') ? 'third' : 'second', count: url.includes('cursor=third') ? 0 : transactions.length, transactions: url.includes('cursor=third') ? [] : transactions }) }
}

conforms({
  tool: 'vanta-whales',
  words: ['--streams', 'whale_alert', '--min-usd', '1000000'],
  credentials: { whale_alert_key: 'sesame-opens-the-alerts' },
  routes: { '/v1/transactions': alerts },
  atLeast: 107,
})
