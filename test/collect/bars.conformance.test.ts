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
