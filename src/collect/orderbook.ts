import { Failure } from '#tool'
import { feed } from '#tool/feed'
import { BookParser } from '#wire/book/collect'
import { bookStream, depthOnce, symbolsOf } from '#wire/book/live'
import { LIVE_VENUE_NAMES, LIVE_VENUES, type LiveVenue } from '#wire/book/live_venues'

const PUBLIC = 'public market data, no key; the exchange’s terms of use'

export default feed({
  name: 'vanta-orderbook',
  summary: 'Read order books: best prices, spread, micro-price, imbalance and depth of books kept in step with their exchange.',
  about:
    'Snapshots and changes (L2) become books that are exact at the exchange’s precision, and the books become signals of ' +
    'type "book": the last state in every --interval of the exchange’s time, or every state with --every-change. Numbers, ' +
    'links and checksums of messages are checked: where one is missed, or the book crosses, a signal "book_gap" says so, ' +
    'nothing is told of that book until its next snapshot, and "book_resync" says that it is back; live, that snapshot is ' +
    'asked for by the exchange’s own rule. Payloads are told by what they hold: messages and REST answers of Binance, ' +
    'Kraken, Coinbase, Bitfinex, Bybit, OKX and Deribit, one document, one a line, or captures (cryptofeed, hftbacktest, ' +
    'Tardis), and tables of Tardis and LOBSTER. Prices and sizes are the shortest exact decimals; the micro-price is ' +
    'rounded to four digits more than the prices have. Trades and tickers are named and left to vanta-crypto.',
  options: {
    venue: {
      kind: 'choice', choices: LIVE_VENUE_NAMES,
      help: 'which exchange to listen to (default binance), or which one a table without a name is of',
    },
    pair: { kind: 'list', help: 'pairs such as BTC/USDT: which to listen to (default BTC/USDT, BTC/USD), or to read only these of a payload' },
    interval: { kind: 'duration', default: '1s', help: "at most one state of each book in so long, by the exchange's clock" },
    everyChange: { kind: 'flag', help: 'every state of the book instead' },
    levels: { kind: 'integer', default: '10', help: 'levels a side that imbalance_deep is taken over' },
    bps: { kind: 'number', default: '10', help: 'distance from the mid, in hundredths of a percent, within which depth is summed' },
    symbol: { kind: 'text', help: 'what payloads that do not say so are of, such as BTCUSDT, or AAPL for LOBSTER' },
    day: { kind: 'text', help: 'day of payloads that tell only the time of day (LOBSTER), such as 2012-06-21' },
  },
  examples: [
    `printf '%s\\n' '{"lastUpdateId":7,"bids":[["99.5","2"]],"asks":[["100.5","1"]]}' | vanta-orderbook --symbol BTCUSDT --from -`,
    {
      run: `printf '%s\\n' '{"topic":"orderbook.1.XRPUSDT","type":"snapshot","ts":1733011200691,"data":{"s":"XRPUSDT","b":[["1.95","62"]],` +
        `"a":[["1.96","30"]],"u":1}}' '{"topic":"orderbook.1.XRPUSDT","type":"delta","ts":1733011200790,"data":{"s":"XRPUSDT",` +
        `"b":[["1.955","10"]],"a":[],"u":2}}' | vanta-orderbook --every-change --from - | jq -c .facts.micro_price`,
      note: 'a stream of Bybit: a snapshot, then a change',
    },
    {
      run: `printf '34200.1,1,11,18,5853300,1\\n34200.2,1,12,20,5859100,-1\\n' | vanta-orderbook --symbol AAPL --day 2012-06-21 --from -`,
      note: "NASDAQ's orders from LOBSTER",
    },
  ],
  service: { name: 'orderbook', origins: [], rate: { requests: 1, perMs: 1000 } },
  sources: LIVE_VENUE_NAMES.map((name) => {
    const { service: { origins, rate } } = LIVE_VENUES[name]
    return {
      name, reads: 'order book: snapshot by REST, changes by WebSocket; recorded messages of both', address: origins.join(', '),
      limits: `${rate.requests} requests in ${rate.perMs / 1000} s over all processes of a home`, terms: PUBLIC,
    }
  }),
  watch: { hours: 'always', quietMs: 120_000 },
  every: '1s',
  open({ pair, interval, everyChange, levels, bps, symbol, day, venue }, reading) {
    if (levels < 1 || levels > 10_000) throw new Failure('usage', '--levels: expected 1 to 10000')
    if (bps <= 0 || bps >= 10_000) throw new Failure('usage', '--bps: expected more than 0 and less than 10000')
    return new BookParser({ pairs: pair, intervalMs: interval, everyChange, levels, bps, symbol, day, venue: venue ?? 'recorded' }, reading)
  },
  async *live({ venue: name = 'binance', pair = defaultPairs(name), interval, once }, world) {
    const venue: LiveVenue = LIVE_VENUES[name]
    const own = { ...world, http: world.httpOf(venue.service) }
    const symbols = symbolsOf(venue, pair)
    yield* once ? depthOnce(venue, symbols, own) : bookStream(venue, symbols, interval, own)
  },
})

/** Dollars that the venue trades in. */
const defaultPairs = (venue: string): readonly string[] => (/^(kraken|coinbase|bitfinex|deribit)/.test(venue) ? ['BTC/USD'] : ['BTC/USDT'])
