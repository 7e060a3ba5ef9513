import type { Asked, Reply } from '../service/service.ts'
import { conforms } from './conformance.ts'

const bar = (minute: number, close = '10.10'): string =>
  `{"t":"2021-02-01T15:${String(minute).padStart(2, '0')}:00Z","o":10.00,"h":11,"l":9.5,"c":${close},"v":${minute + 100},"n":7,"vw":10.123456}`
const page = (bars: Readonly<Record<string, readonly string[]>>, token: string | null): string =>
  `{"bars":{${Object.entries(bars).map(([symbol, rows]) => `"${symbol}":[${rows.join(',')}]`).join(',')}},"next_page_token":${JSON.stringify(token)}}`

/** Three pages: one is a hole, and the last has a bar of the first again. */
const PAGES: Readonly<Record<string, string>> = {
  '': page({ AAPL: [bar(0), bar(1), bar(2)] }, 'second'),
  second: page({}, 'third'),
  third: page({ AAPL: [bar(2)], GME: [bar(0), bar(5)] }, null),
}
const json = { 'content-type': 'application/json; charset=UTF-8' }
const bars = ({ url }: Asked): Reply => ({ headers: json, body: PAGES[new URL(url, 'http://x').searchParams.get('page_token') ?? ''] ?? '{}' })

conforms({
  tool: 'vanta-bars',
  words: ['--ticker', 'AAPL,GME', '--since', '2021-02-01', '--actions'],
  credentials: { key_id: 'made-up-key-of-the-tester', secret_key: 'made-up-secret-of-the-tester' },
  routes: {
    '/v2/stocks/bars': bars,
    '/v1/corporate-actions': {
      headers: json,
      body: `{"corporate_actions":{"forward_splits":[{"id":"s1","symbol":"AAPL","old_rate":1,"new_rate":4,"ex_date":"2021-08-31","process_date":"2021-08-31"}]},"next_page_token":null}`,
    },
  },
  at: /^\/v2\/stocks\/bars/,
  atLeast: 6,
  conditional: false,
})

const product = {
  id: 'ETH-USDT', base_currency: 'ETH', quote_currency: 'USDT', quote_increment: '0.01', base_increment: '0.00000001', display_name: 'ETH/USDT',
  min_market_funds: '1', margin_enabled: false, post_only: false, limit_only: false, cancel_only: false, status: 'online', status_message: '',
  trading_disabled: false, auction_mode: false,
}
/** As Coinbase writes them: time in seconds, low, high, open, close, volume, newest first. */
const candles = Array.from({ length: 5 }, (_, n) => [1643566380 - 60 * n, 2600.1 + n, 2610.25 + n, 2605.5 + n, 2606.75 + n, 12.5 + n])
const answer = (value: unknown): Reply => ({ headers: json, body: JSON.stringify(value) })

conforms({
  tool: 'vanta-bars',
  words: ['--exchange', 'coinbaseexchange', '--pair', 'ETH/USDT'],
  routes: { '/products/ETH-USDT/candles': answer(candles), '/products': answer([product]), '/currencies': answer([]) },
  at: /\/candles/,
  atLeast: 5,
})
