import { parseDuration } from '#record'
import { Failure } from '#tool'
import { feed } from '#tool/feed'
import { CryptoParser, KINDS } from '#wire/crypto/collect'
import { EXCHANGE_NAMES, EXCHANGES, marketOf, type AskedExchange } from '#wire/crypto/exchanges'
import { poll, STREAMS, type Stream } from '#wire/crypto/live'

export default feed({
  name: 'vanta-crypto',
  summary: 'Read crypto exchanges: trades, quotes, tickers, candles, funding, open interest, liquidations and order books.',
  about:
    'Live, an exchange is asked by REST through ccxt: of each pair the trades and closed candles since the last time, with ' +
    'an overlap, the ticker, what funding cost and will cost, and the book. Its answers are kept as they came, beside what ' +
    'ccxt read in them. Recorded payloads are told by what they hold: messages and REST answers of Binance, Kraken, ' +
    'Coinbase, Bitfinex, Bybit, OKX and Deribit, alone, one a line or in captures, and tables of candles, trades and ' +
    'funding (CryptoDataDownload, freqtrade, Tardis). Prices, sizes and rates keep the digits that the exchange wrote; the ' +
    'side of a trade is that of whoever took. A trade is known when the exchange told it to everybody, a candle when it ' +
    'closed. Books are read as vanta-orderbook does, which also listens to them live. Of payloads of chains it reads what is a ' +
    'market: pools, swaps, value locked, staking, the mempool; vanta-whales reads the rest.',
  options: {
    exchange: {
      kind: 'choice', choices: EXCHANGE_NAMES,
      help: "which exchange to ask, by ccxt's name (default binance), or which one a table without a name is of",
    },
    pair: { kind: 'list', help: 'pairs such as BTC/USDT: which to ask for, or to read only these of a payload' },
    stream: { kind: 'list', default: 'trades,ticker', help: `what to ask for: ${STREAMS.join(', ')}` },
    span: { kind: 'text', default: '1m', help: 'span of the candles to ask for' },
    only: { kind: 'list', help: `only signals of these types: ${KINDS.join(', ')}` },
    symbol: { kind: 'text', help: 'what payloads that do not say so are of, such as BTCUSDT' },
    interval: { kind: 'duration', default: '1s', help: 'at most one state of each recorded book in so long' },
  },
  examples: [
    `printf '%s\\n' '{"e":"aggTrade","E":1633998512068,"s":"BTCUSDT","a":59,"p":"57000.10","q":"0.100","T":1633998512060,"m":true,"M":true}' | ` +
      'vanta-crypto --from -',
    {
      run: 'printf "open_time_ms,open,high,low,close,volume_base\\n1640995200000,46216,46731,46208,46656,1503.3\\n' +
        '1640998800000,46656,46949,46574,46778,943.8\\n" | vanta-crypto --symbol BTCUSDT --from -',
      note: 'a table of candles: known when they closed',
    },
    {
      run: `printf '%s\\n' '{"result":"success","rates":[{"timestamp":"2025-07-11T08:00:00.000Z","fundingRate":0.00005}]}' | ` +
        'vanta-crypto --symbol PF_XBTUSD --from -',
      note: 'what funding cost, an answer of Kraken',
    },
  ],
  service: { name: 'crypto', origins: [], rate: { requests: 1, perMs: 1000 } },
  sources: EXCHANGE_NAMES.map((name) => {
    const { service: { origins, rate }, venue }: AskedExchange = EXCHANGES[name]
    return {
      name, reads: `${venue} through ccxt: ${STREAMS.join(', ')}, as far as it has them`, address: origins.join(', '),
      limits: `${rate.requests} requests in ${rate.perMs / 1000} s over all processes of a home`,
      terms: 'public market data, no key; the exchange’s terms of use',
    }
  }),
  watch: { hours: 'always', quietMs: 600_000 },
  every: '10s',
  open({ exchange, pair, only, symbol, interval }, reading) {
    const strange = only?.find((kind) => !KINDS.includes(kind))
    if (strange !== undefined) throw new Failure('usage', `--only: expected some of ${KINDS.join(', ')}, got "${strange}"`)
    const venue = exchange === undefined ? 'recorded' : EXCHANGES[exchange].venue
    const books = { intervalMs: interval, everyChange: false, levels: 10, bps: 10 }
    return new CryptoParser({ kinds: only, pairs: pair, symbol, day: undefined, venue, ...books }, reading)
  },
  async *live({ exchange: name = 'binance', pair, stream, span }, world) {
    const asked: AskedExchange = EXCHANGES[name]
    const symbols = (pair ?? [asked.pair]).map((each) => marketOf(each, asked))
    const streams = stream.map(streamNamed)
    if (parseDuration(span) === undefined) throw new Failure('usage', `--span: expected a span like 1m, 4h or 1d, got "${span}"`)
    const exchange = await world.exchange(name, world.httpOf(asked.service))
    for (const symbol of symbols) for (const one of streams) yield* poll(one, exchange, { exchange: name, symbol, span }, world)
  },
})

function streamNamed(name: string): Stream {
  const found = STREAMS.find((stream) => stream === name)
  if (found === undefined) throw new Failure('usage', `--stream: expected some of ${STREAMS.join(', ')}, got "${name}"`)
  return found
}
