import { conforms } from './conformance.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const product = {
  id: 'ETH-USDT', base_currency: 'ETH', quote_currency: 'USDT', quote_increment: '0.01', base_increment: '0.00000001', display_name: 'ETH/USDT',
  min_market_funds: '1',
  margin_enabled: false, post_only: false, limit_only: false, cancel_only: false, status: 'online', status_message: '', trading_disabled: false,
  auction_mode: false,
}
const trades = Array.from({ length: 30 }, (_, n) => ({
  time: `2022-01-30T18:13:${String(33 - n).padStart(2, '0')}.818634Z`, trade_id: 5267864 - n, price: `26${20 + n}.57000000`, size: '0.31238874',
  side: n % 2 === 0 ? 'sell' : 'buy',
}))

conforms({
  tool: 'vanta-crypto',
  words: ['--exchange', 'coinbaseexchange', '--pair', 'ETH/USDT', '--stream', 'trades'],
  routes: { '/products/ETH-USDT/trades': json(trades), '/products': json([product]), '/currencies': json([]) },
  at: /\/trades/,
  atLeast: 30,
})
