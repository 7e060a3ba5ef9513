/** What each venue's messages are read as, checked by hand against the payloads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, binancePair } from '#wire/book/markets'
import { bytesOf, fixtures, needs } from './recordings.ts'
import { only, readBooks, readCrypto, type Outcome } from './reading.ts'

const nautilus = (file: string): Promise<Outcome> => readCrypto(bytesOf(fixtures, 'nautilus', file))

test('Binance', needs(fixtures), async () => {
  const trade = only(await nautilus('binance_spot_http_json_trades_response.json'))
  assert.deepEqual(trade.facts, { venue: 'binance', trade_id: '28457', price: '4.00000100', size: '12.00000000', side: 'sell' })
  assert.deepEqual([trade.at, trade.known_at, trade.key], ['2017-07-12T13:19:09.590Z', '2017-07-12T13:19:09.590Z', 'binance:trade:28457'])
  const quote = only(await nautilus('binance_futures_market_data_json_book_ticker_stream.json'))
  assert.deepEqual(quote.facts, { venue: 'binance-futures', symbol: 'BNBUSDT', sequence: '400900217', bid: '25.35190000', bid_size: '31.21000000',
    ask: '25.36520000', ask_size: '40.66000000' })
  assert.deepEqual([quote.subject, quote.at], ['pair:BNB/USDT', '2019-09-09T07:34:20.891Z'])
  const mark = only(await nautilus('binance_futures_market_data_json_mark_price_stream.json'))
  assert.deepEqual([mark.facts?.['funding_rate'], mark.facts?.['next_funding_at'], mark.at],
    ['0.00038167', '2019-07-05T06:00:00.000Z', '2019-07-05T05:43:00.000Z'])
  const candle = only(await nautilus('binance_spot_http_json_klines_response.json'))
  assert.deepEqual(candle.facts, {
    venue: 'binance', span: '1w', open: '0.01634790', high: '0.80000000', low: '0.01575800', close: '0.01577100', volume: '148976.11427815',
    quote_volume: '2434.19055334', trades: 308,
  })
  assert.deepEqual([candle.at, candle.known_at], ['2017-07-03T00:00:00.000Z', '2017-07-10T00:00:00.000Z'])
  const forced = only(await nautilus('binance_futures_market_data_json_liquidation_stream.json'))
  assert.deepEqual([forced.type, forced.facts?.['side'], forced.facts?.['average_price']], ['liquidation', 'sell', '9910.12345678'])
})

test('a clock that was never set is not believed, and said', needs(fixtures), async () => {
  const trade = only(await nautilus('binance_futures_market_data_json_trade_stream.json'))
  assert.equal(trade.at, '2026-11-22T12:00:00.000Z')
  assert.equal(trade.facts?.['clock'], "the venue's clock said 1970-01-02T10:17:36.785Z")
  const future = only(await readCrypto('{"e":"trade","E":9999999999999,"s":"BTCUSDT","t":1,"p":"1","q":"1","T":9999999999999,"m":true}'))
  assert.equal(future.at, '2026-11-22T12:00:00.000Z')
  assert.match(String(future.facts?.['clock']), /^the venue's clock said 2286-/)
})

test('Coinbase: the side is the maker’s, turned round', needs(fixtures), async () => {
  const { signals } = await nautilus('coinbase_ws_market_trades.json')
  assert.deepEqual(signals.map(({ facts }) => [facts?.['price'], facts?.['side'], facts?.['trade_id']]),
    [['68900.50', 'sell', '995098700'], ['68900.00', 'buy', '995098701']])
  const rest = await readCrypto(bytesOf(fixtures, 'products_ETH-USDT_trades_limit=1000_side=buy.json'), { symbol: 'ETH-USDT' })
  assert.equal(rest.signals.length, 1000)
  assert.deepEqual(rest.signals[0]?.facts, { venue: 'coinbase', symbol: 'ETH-USDT', trade_id: '5267864', price: '2623.57000000',
    size: '0.31238874', side: 'buy' })
  assert.equal(rest.signals[0]?.subject, 'pair:ETH/USDT')
  const stats = only(await readCrypto(bytesOf(fixtures, 'products_ETH-USDT_stats.json')))
  assert.deepEqual(stats.facts, { venue: 'coinbase', last: '2609.96', open: '2564.61', high: '2640.63', low: '2563.1', volume: '7753.46569761',
    span: '24h' })
  const future = await nautilus('coinbase_http_products_future.json')
  const funding = future.signals.find(({ type }) => type === 'funding')
  assert.deepEqual([funding?.facts?.['rate'], funding?.at, funding?.facts?.['symbol']], ['0.000013', '2026-04-07T00:00:00.000Z', 'BIP-20DEC30-CDE'])
})

test('Kraken', needs(fixtures), async () => {
  const { signals } = await nautilus('kraken_ws_trade_update.json')
  assert.deepEqual(signals.map(({ facts }) => facts), [
    { venue: 'kraken', symbol: 'BTC/USD', trade_id: '10218208', price: '105944.20', size: '0.00027625', side: 'buy' },
    { venue: 'kraken', symbol: 'BTC/USD', trade_id: '10218209', price: '105910.50', size: '0.00012460', side: 'sell' },
  ])
  const capture = await readCrypto(bytesOf(fixtures, 'cryptofeed', 'KRAKEN.ws.48.0.capture.txt'))
  assert.equal(capture.signals.length, 10)
  const [first] = capture.signals
  assert.deepEqual([first?.at, first?.known_at, first?.subject], ['2021-04-17T16:49:02.557Z', '2021-04-17T16:49:02.592Z', 'pair:XMR/USD'])
  assert.deepEqual([first?.facts?.['price'], first?.facts?.['size'], first?.facts?.['side']], ['354.11000000', '0.89594024', 'sell'])
  const ticker = only(await nautilus('kraken_ws_futures_ticker.json'))
  assert.deepEqual([ticker.facts?.['funding_rate'], ticker.facts?.['last'], ticker.facts?.['open_interest'], ticker.subject],
    ['-0.000000000062604214', '21983.5', '30072580.0', 'pair:BTC/USD'])
  const funding = await nautilus('kraken_http_futures_historical_funding_rates.json')
  assert.deepEqual(funding.signals.map(({ at, facts }) => [at, facts?.['rate'], facts?.['relative_rate']]), [
    ['2025-07-11T08:00:00.000Z', '0.00005', '0.0001'], ['2025-07-11T00:00:00.000Z', '-0.000025', '-0.00005'],
    ['2025-07-10T16:00:00.000Z', '0.000075', '0.00015'],
  ])
  const executions = await nautilus('kraken_http_futures_public_executions.json')
  assert.deepEqual(executions.signals[0]?.facts, {
    venue: 'kraken-futures', symbol: 'PF_XBTUSD', trade_id: '419060e5-869d-41bf-9b6a-33dd7f365d89', price: '90771', size: '0.0113', side: 'sell',
    mark_price: '90771.11752545156',
  })
})

test('Bitfinex: amounts below zero are sales; a trade said twice is one', needs(fixtures), async () => {
  const { signals, rejects } = await readCrypto(bytesOf(fixtures, 'cryptofeed', 'BITFINEX.ws.11.0.capture.txt'), { kinds: ['trade'] })
  assert.equal(signals.length, 210)
  const sold = signals.find(({ facts }) => facts?.['trade_id'] === '670002570')
  assert.deepEqual(sold?.facts, { venue: 'bitfinex', symbol: 'tMNABTC', trade_id: '670002570', price: '0.00002516', size: '76.7682617',
    side: 'sell' })
  assert.equal(sold?.at, '2021-04-17T16:38:55.660Z')
  assert.ok(rejects.some(({ why }) => why === 'a heartbeat'))
})

test('books of answers and messages, each with its own moment and numbers', needs(fixtures), async () => {
  const books = async (file: string): Promise<unknown> => {
    const { at, facts } = only(await readBooks(bytesOf(fixtures, file)))
    return [at, facts?.['sequence'], facts?.['bid'], facts?.['bid_size'], facts?.['ask'], facts?.['ask_size'], facts?.['micro_price']]
  }
  assert.deepEqual(await books('nautilus/kraken_http_order_book.json'),
    ['2025-11-11T00:17:29.000Z', undefined, '105944.2', '0.002', '105944.3', '0.136', '105944.20145'])
  assert.deepEqual(await books('nautilus/kraken_ws_futures_book_snapshot_with_zero_qty.json'),
    ['2021-02-02T12:43:45.817Z', '326072249', '34892.5', '6385', '34912', '2300', '34906.83592'])
  assert.deepEqual(await books('nautilus/coinbase_http_product_book.json'),
    ['2026-04-07T00:28:59.662Z', undefined, '68923.66', '0.17189468', '68923.67', '0.16987193', '68923.66503'])
  assert.deepEqual((await books('products_ETH-USDT_book_level=2.json') as string[]).slice(2, 6), ['2608.79', '0.75328', '2609.33', '0.13003187'])
})

test('other venues’ shapes: OKX, Deribit, Bybit, Bitfinex by REST', async () => {
  const okx = await readBooks([
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["8476.98","415","0","13"]],"bids":[["8476.97","256","0","12"]],"ts":"1597026383085","checksum":-855196043,"prevSeqId":-1,"seqId":123456}]}',
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":[["8476.97","0","0","0"],["8476.5","1","0","1"]],"ts":"1597026384085","prevSeqId":123456,"seqId":123460}]}',
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":[],"ts":"1597026385085","prevSeqId":123461,"seqId":123462}]}',
  ])
  assert.deepEqual(okx.signals.map(({ type, facts }) => [type, facts?.['sequence'] ?? facts?.['reason'], facts?.['bid']]),
    [['book', '123456', '8476.97'], ['book', '123460', '8476.5'], ['book_gap', 'sequence', undefined]])
  assert.equal(okx.signals[0]?.subject, 'pair:BTC/USDT')
  const deribit = await readBooks([
    '{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.BTC-PERPETUAL.100ms","data":{"type":"snapshot","timestamp":1554373962454,"instrument_name":"BTC-PERPETUAL","change_id":297217,"bids":[["new",5042.34,30]],"asks":[["new",5042.64,40]]}}}',
    '{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.BTC-PERPETUAL.100ms","data":{"type":"change","timestamp":1554373963454,"prev_change_id":297217,"instrument_name":"BTC-PERPETUAL","change_id":297218,"bids":[["delete",5042.34,0],["new",5042.0,7]],"asks":[]}}}',
  ])
  assert.deepEqual(deribit.signals.map(({ subject, facts }) => [subject, facts?.['bid'], facts?.['bid_size']]),
    [['pair:BTC/USD', '5042.34', '30'], ['pair:BTC/USD', '5042', '7']])
  const bitfinex = only(await readBooks('[[100.5,2,3],[101,1,-4]]', {}, 'https://api-pub.bitfinex.com/v2/book/tBTCUST/P0?len=100'))
  assert.deepEqual([bitfinex.subject, bitfinex.facts?.['bid'], bitfinex.facts?.['ask_size']], ['pair:BTC/USDT', '100.5', '4'])
  const bybit = only(await readCrypto('{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false}]}'))
  assert.deepEqual(bybit.facts, { venue: 'bybit', symbol: 'BTCUSDT', trade_id: '20f43950-d8dd-5b31-9112-a178eb6023af', price: '16578.50',
    size: '0.001', side: 'buy' })
})

test('what a venue refuses is a failure of one payload, and a reject in a capture', async () => {
  const refused = await readCrypto('{"code":-1121,"msg":"Invalid symbol."}')
  assert.match(refused.failure?.message ?? '', /the exchange refuses: -1121 Invalid symbol\./)
  const kraken = await readBooks('{"error":["EQuery:Unknown asset pair"]}')
  assert.match(kraken.failure?.message ?? '', /EQuery:Unknown asset pair/)
  const lines = await readCrypto('{"code":-1121,"msg":"Invalid symbol."}\n{"symbol":"LTCBTC","price":"4.00000200"}\n')
  assert.deepEqual([lines.signals.length, lines.rejects[0]?.why], [1, 'the exchange refuses: -1121 Invalid symbol.'])
})

test('what is none of ours is named as a whole', async () => {
  for (const [given, why] of [
    ['', /nothing in it/], ['<!DOCTYPE html><html></html>', /a page or XML/], ['{"hello":"world"}', /no message of an exchange/],
    ['{"e":"trade"', /no JSON/], ['just words', /no message of an exchange/],
    ['a,b\n1,2\n', /no message of an exchange/],
  ] as const) assert.match((await readBooks(given)).failure?.message ?? '', why, given)
})

test('symbols as pairs', () => {
  const pairs = ['BTCUSDT', 'XXBTZUSD', 'PI_XBTUSD', 'FI_XBTUSD_200925', 'BTC-USD', 'XBT/USD', 'BTC-USDT-SWAP', 'BTC-PERPETUAL', 'tBTCUSD',
    'tTESTBTC:TESTUSD', 'ARBUSD', 'BIP-20DEC30-CDE', 'X', 'AAPLxUSD', 'XDGUSD']
  assert.deepEqual(pairs.map((symbol) => pairOf(symbol)), [
    'BTC/USDT', 'BTC/USD', 'BTC/USD', 'BTC/USD', 'BTC/USD', 'BTC/USD', 'BTC/USDT', 'BTC/USD', 'BTC/USD', 'TESTBTC/TESTUSD', 'ARB/USD', undefined,
    undefined, 'AAPLX/USD', 'DOGE/USD',
  ])
  assert.deepEqual(['BNBUSD', 'ETHBUSD', 'BTCFDUSD', '1000SHIBUSDT'].map(binancePair), ['BNB/USD', 'ETH/BUSD', 'BTC/FDUSD', '1000SHIB/USDT'])
})
