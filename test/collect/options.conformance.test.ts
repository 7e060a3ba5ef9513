import { conforms } from './conformance.ts'

const json = (body: unknown): string => JSON.stringify(body)
const cboeRow = (right: 'C' | 'P', strike: number, delta: number): object => ({
  option: `AAPL260918${right}00${strike}000`, bid: 9.1, ask: 9.2, iv: 0.24, delta, volume: 5200, open_interest: 900,
  last_trade_time: '2026-08-07T14:43:22',
})
const page = {
  timestamp: '2026-08-07 18:58:23',
  data: { symbol: 'AAPL', current_price: 312.03, options: [
    cboeRow('C', 310, 0.5), cboeRow('C', 330, 0.25), cboeRow('P', 310, -0.5), cboeRow('P', 290, -0.25),
  ] },
}

conforms({
  tool: 'vanta-options',
  words: ['--symbol', 'AAPL'],
  routes: { '/api/global/delayed_quotes/options/AAPL.json': { body: json(page), headers: { 'content-type': 'application/json', etag: '"1"' } } },
  atLeast: 10,
})

const tradierRow = (right: 'C' | 'P', strike: number, date: string): object => ({
  symbol: `AAPL${date.slice(2).replaceAll('-', '')}${right}00${strike}000`, underlying: 'AAPL', bid: 2.5, ask: 2.6, volume: 10, open_interest: 20,
  contract_size: 100,
  expiration_date: date, bid_date: 1644524235000, ask_date: 1644524234000, trade_date: 1644524000000,
  greeks: { delta: right === 'C' ? 0.5 : -0.5, mid_iv: 0.3 },
})
const chain = (date: string): { readonly body: string } => (
  { body: json({ options: { option: [tradierRow('C', 175, date), tradierRow('P', 175, date)] } }) }
)

conforms({
  tool: 'vanta-options',
  words: ['--service', 'tradier', '--symbol', 'AAPL'],
  credentials: { tradier_token: 'the-secret-token-of-tradier' },
  routes: {
    '/v1/markets/options/expirations': { body: json({ expirations: { date: ['2022-03-18', '2022-05-20'] } }) },
    '/v1/markets/options/chains?symbol=AAPL&expiration=2022-03-18': chain('2022-03-18'),
    '/v1/markets/options/chains?symbol=AAPL&expiration=2022-05-20': chain('2022-05-20'),
  },
  at: /chains/,
  atLeast: 6,
})

const polygonRow = (right: 'C' | 'P', strike: number, delta: number): object => ({
  details: { ticker: `O:AAPL230616${right}00${strike}000`, shares_per_contract: 100 }, greeks: { delta }, implied_volatility: 0.3, open_interest: 10,
  day: { volume: 5, last_updated: 1651204800000000000 }, last_quote: { last_updated: 1651254260800059648 },
  underlying_asset: { ticker: 'AAPL', price: 160 },
})

conforms({
  tool: 'vanta-options',
  words: ['--service', 'polygon', '--symbol', 'AAPL'],
  credentials: { polygon_key: 'the-secret-key-of-polygon' },
  routes: {
    '/v3/snapshot/options/AAPL?limit=250': {
      // The next page is named elsewhere: only its cursor is used.
      body: json({ status: 'OK', results: [
        polygonRow('C', 160, 0.5), polygonRow('C', 170, 0.25),
      ], next_url: 'https://elsewhere.invalid/v3/snapshot/options/AAPL?cursor=two' }),
    },
    '/v3/snapshot/options/AAPL?cursor=two': {
      // It names itself: the list ends all the same.
      body: json({ status: 'OK', results: [
        polygonRow('P', 160, -0.5), polygonRow('P', 150, -0.25),
      ], next_url: 'https://elsewhere.invalid/v3/snapshot/options/AAPL?cursor=two' }),
    },
  },
  atLeast: 6,
})

const trades = '{"status":"OK","results":[' + [[303, '22461979400'], [312, '22471979400'], [316, '22481979400']].map(([exchange, rest]) =>
  `{"conditions":[219],"exchange":${exchange},"price":1.1,"sip_timestamp":16511818${rest},"size":5}`).join() + ']}'

conforms({
  tool: 'vanta-options',
  words: ['--service', 'polygon', '--symbol', 'AAPL230616C00150000', '--since', '2022-04-28'],
  credentials: { polygon_key: 'the-secret-key-of-polygon' },
  routes: { '/v3/trades/O:AAPL230616C00150000': { body: trades } },
  atLeast: 4,
})
