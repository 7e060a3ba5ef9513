import { Failure } from '#tool'
import { HOUR_MS, MINUTE_MS, type Vanta } from '#record'
import { feed, type LiveWorld } from '#tool/feed'
import { followBars, quietUntil } from '#wire/alpaca/follow'
import { askActions, askBars, type Asking, type Wish } from '#wire/alpaca/walk'
import { barsParser } from '#wire/bars/payload'
import { readSpan, type Span } from '#wire/bars/span'
import { EXCHANGES, EXCHANGE_NAMES, marketOf, type AskedExchange, type ExchangeName } from '#wire/crypto/exchanges'
import { poll } from '#wire/crypto/live'

const STREAM = 'wss://stream.data.alpaca.markets/v2'
const terms = 'market data agreement of Alpaca; data of the free plan are of IEX alone, and are not to be passed on'

export default feed({
  name: 'vanta-bars',
  summary: 'Read market bars (open, high, low, close, volume), trades, quotes and corporate actions, in the order in which they became known.',
  about:
    "Payloads are told by content: CSV and Parquet (ticker, open, high, low, close, volume and either date, daily bars over New York's " +
    "session, or timestamp or open_time_ms, the bar's start), answers and streams of Alpaca and Polygon, candles of ccxt as JSON. Only whole " +
    'bars are given, of stocks only those of the regular session unless --extended is given; early closes are kept. Rows that cannot be ' +
    '(high below low, prices not above zero, a second bar for the same start) are named on stderr and left out; a jump that looks like a ' +
    'split which no other file shows is named and kept. Splits, dividends, mergers and the like are signals of their own. Live, it asks ' +
    'Alpaca for the bars of --ticker since the last round, and with --stream listens for those to come (credentials are key_id and ' +
    'secret_key), or an exchange for the candles of --pair.',
  options: {
    ticker: { kind: 'list', help: 'only these tickers; live, those to ask for' },
    since: { kind: 'moment', help: 'only bars that start at or after this moment; live, where the first round begins (default: a day ago)' },
    until: { kind: 'moment', help: 'only bars that start before this moment' },
    opens: { kind: 'flag', help: 'also give the opening price of each bar, known at its start' },
    extended: { kind: 'flag', help: 'also bars before 09:30 and after 16:00 New York' },
    basis: {
      kind: 'choice', choices: ['auto', 'as_traded', 'split_adjusted'], default: 'auto',
      help: 'whether prices are as traded or adjusted for later splits; auto goes by the payload, for CSV by name and columns; live, as traded',
    },
    span: { kind: 'text', help: 'how long bars are where their payload does not say: 1m, 5m, 1h, 1d, 1w, 1mo; live, what to ask for (default: 1m)' },
    pair: {
      kind: 'list',
      help: 'of what pair candles are that do not say so, such as BTC/USDT; live, those to ask an exchange for instead of Alpaca',
    },
    exchange: { kind: 'text', help: "where those candles were traded; live, which exchange to ask, by ccxt's name (default: binance)" },
    feed: {
      kind: 'choice', choices: ['iex', 'sip', 'otc', 'boats', 'overnight'], default: 'iex',
      help: 'live, whose trades make the bars: IEX alone, or all of the tape',
    },
    delay: { kind: 'duration', help: 'live, how late the plan lets the feed be asked, such as 15m for sip on the free plan' },
    actions: { kind: 'flag', help: 'live, also ask for corporate actions, every six hours' },
    stream: { kind: 'flag', help: 'live, after what is past listen for bars, their corrections and trading halts as they come' },
  },
  examples: [
    "printf 'date,ticker,open,high,low,close,volume\\n2021-01-15,GME,38.5,39,34,35.5,46000000\\n' | vanta-bars --from - --opens",
    `printf '{"symbol":"AAPL","bar":{"t":"2022-04-11T16:59:00Z","o":167.035,"h":167.05,"l":166.995,"c":167.005,"v":1979}}' | vanta-bars --from -`,
    `printf '[{"T":"q","S":"AAPL","bp":170.10,"bs":1,"ap":170.34,"as":2,"t":"2022-04-12T17:16:36.39Z"}]' | vanta-bars --from -`,
    `printf '{"results":[{"execution_date":"2022-07-18","split_from":1,"split_to":20,"ticker":"GOOGL"}]}' | vanta-bars --from -`,
    `printf '[[1502942400000,4261.48,4313.62,4261.32,4308.83,44.51]]' | vanta-bars --from - --pair BTC/USDT --span 1h --exchange binance`,
    `printf 'open_time_ms,open,high,low,close,volume_base\\n1640995200000,46216.9,46731,46208,46656.1,1503\\n' | vanta-bars --from - --pair BTC/USDT`,
  ],
  service: {
    name: 'alpaca', origins: ['https://data.alpaca.markets', 'wss://stream.data.alpaca.markets'], rate: { requests: 200, perMs: MINUTE_MS },
  },
  sources: [
    {
      name: 'Alpaca history', reads: 'bars, trades, quotes, latest, snapshots, corporate actions (JSON)',
      address: 'https://data.alpaca.markets/v2/stocks/bars', limits: '200 requests a minute on the free plan; the tape 15 minutes late', terms,
    },
    {
      name: 'Alpaca stream', reads: 'bars, updated bars, trades, quotes, statuses (JSON)', address: `${STREAM}/iex`,
      limits: 'one connection, 30 symbols on the free plan', terms,
    },
    {
      name: 'Polygon', reads: 'aggregates, snapshots, trades, quotes, splits, dividends, ticker events, streams (JSON)', address: 'files',
      limits: 'none', terms: 'those of the plan it was asked on',
    },
    {
      name: 'candles', reads: 'ccxt OHLCV lists, candles by name (JSON, one a line too)', address: `ccxt: ${EXCHANGE_NAMES.join(', ')}`,
      limits: 'far below what each exchange allows an address', terms: 'public market data, no key; those of the exchange',
    },
    {
      name: 'tables', reads: 'bars as CSV or Parquet, with splits and dividends where they have columns', address: 'files',
      limits: '33 million rows', terms: 'those of whoever made the file',
    },
  ],
  watch: { hours: 'equity', quietMs: 10 * MINUTE_MS },
  keep: 'answers',
  every: '1m',
  open: ({ ticker, since, until, opens, extended, basis, span, pair, exchange }, reading) => barsParser({
    tickers: ticker === undefined ? undefined : new Set(ticker), sinceMs: since, untilMs: until, opens, extended,
    basis: basis === 'auto' ? undefined : basis, span: span === undefined ? undefined : spanOf(span),
    pair: pair?.length === 1 ? pair[0] : undefined, exchange,
  }, reading),
  async *live({ ticker, pair, exchange, since, until, basis, span = '1m', feed: whose, delay = 0, actions, stream }, world) {
    if (pair !== undefined) return yield* candlesOf(pair, exchange ?? 'binance', spanOf(span), world)
    if (ticker === undefined) throw new Failure('usage', '--ticker says which bars to ask for, such as AAPL,GME, or --pair which candles')
    if (stream && spanOf(span) !== '1m') throw new Failure('usage', '--stream gives bars of a minute: --span 1m')
    const { key_id: key = '', secret_key: secret = '' } = await world.credentials('key_id', 'secret_key')
    const asking: Asking = {
      secret: { headers: { 'APCA-API-KEY-ID': key, 'APCA-API-SECRET-KEY': secret } },
      get: (request) => world.http.get(request),
      read: (answer) => world.read(answer),
      cursor: (name) => world.cursor(name),
      now: () => world.clock.now(),
    }
    const wish: Wish = {
      symbols: ticker, span: spanOf(span), feed: whose, adjustment: basis === 'split_adjusted' ? 'split' : 'raw',
      sinceMs: since, untilMs: until, delayMs: delay,
    }
    if (actions) yield* askActions(wish, 6 * HOUR_MS, asking)
    yield* askBars(wish, asking)
    if (!stream) return
    const url = `${STREAM}/${wish.feed}`
    yield* followBars(world.http.socket({ url }, { quietMs: quietUntil(world.clock.now()) }), url, { key, secret }, wish, asking)
  },
})

/** Candles of pairs, through ccxt. */
async function* candlesOf(pairs: readonly string[], name: string, span: Span, world: LiveWorld): AsyncIterable<Vanta> {
  const asked: AskedExchange | undefined = EXCHANGE_NAMES.includes(name as ExchangeName) ? EXCHANGES[name as ExchangeName] : undefined
  if (asked === undefined) throw new Failure('usage', `--exchange: expected one of ${EXCHANGE_NAMES.join(', ')}, got "${name}"`)
  const exchange = await world.exchange(name, world.httpOf(asked.service))
  for (const pair of pairs) yield* poll('candles', exchange, { exchange: name, symbol: marketOf(pair, asked), span }, world)
}

function spanOf(text: string): Span {
  const span = readSpan(text)
  if (span === undefined) throw new Failure('usage', `--span: expected a length such as 1m, 1h or 1d, not ${text}`)
  return span
}
