import { conforms } from './conformance.ts'

const depth = {
  lastUpdateId: 1027024, E: 1626992741264, T: 1626992741261,
  bids: [['57000.10', '0.100'], ['57000.00', '2.000']], asks: [['57000.20', '0.300'], ['57001.00', '1.000']],
}

conforms({
  tool: 'vanta-orderbook',
  words: ['--venue', 'binance-futures', '--pair', 'BTC/USDT'],
  routes: { '/fapi/v1/depth': { headers: { 'content-type': 'application/json' }, body: JSON.stringify(depth) } },
})
