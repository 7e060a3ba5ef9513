import { feed } from '#tool/feed'
import { Failure } from '#tool'
import { askOptions, CBOE, TRADIER, TRADIER_SANDBOX } from '#wire/options/live'
import { OptionsParser } from '#wire/options/payload'
import { POLYGON } from '#wire/polygon'

const SERVICES = [CBOE, TRADIER, TRADIER_SANDBOX, POLYGON]

export default feed({
  name: 'vanta-options',
  summary: 'Listen to options: chains, prints, sweeps, blocks, unusual volume, skew and term structure.',
  about:
    'Contracts as they stand (option_quote), trades (option_print), and what follows from them: sweeps (one contract and side on three ' +
    'exchanges within a second, each print within 100 ms of the one before), blocks (500 contracts or 250,000 USD in one print), volume that is ' +
    'unusual against the open interest before the day, and of whole chains puts to calls, the 25-delta risk reversal and the term structure at ' +
    'the money. Each names the records and numbers it was made of. Volatilities are those a payload states; where it states none they are ' +
    'inverted from prices (Black 1976, forward from put-call parity, --rate) and come with their residual. A side is told only where the quote ' +
    'at the print is. Secrets: tradier_token, polygon_key.',
  options: {
    service: { kind: 'choice', choices: ['cboe', 'tradier', 'tradier_sandbox', 'polygon'], default: 'cboe', help: 'which service is asked' },
    symbol: { kind: 'list', help: 'tickers to ask for (polygon: also OCC symbols, for their trades); of files, only these' },
    expiries: { kind: 'integer', default: '12', help: 'how many of the nearest expiries are asked for (tradier)' },
    since: { kind: 'moment', help: 'first moment of the trades asked for at the first run (default: midnight in New York)' },
    unusualVolume: { kind: 'integer', default: '500', help: 'least contracts in a day for unusual_volume' },
    unusualRatio: { kind: 'number', default: '2', help: 'least multiple of the open interest for unusual_volume' },
    rate: { kind: 'number', default: '0', help: 'interest a year, continuously compounded, for volatilities of our own (0.04 is 4 %)' },
  },
  examples: [
    {
      run: 'printf \'{"timestamp":"2026-08-07 18:58:23","data":{"symbol":"AAPL","current_price":312.03,"options":[{"option":"AAPL260918C00310000",' +
        '"bid":9.1,"ask":9.2,"iv":0.24,"delta":0.55,"volume":5200,"open_interest":900,"last_trade_time":null}]}}\' | vanta-options --from -',
      note: 'a chain of Cboe; 5200 traded against 900 open is unusual',
    },
    {
      run: 'printf \'{"id":"1","option_symbol":"TSLA250516C00355000","executed_at":1747419592926,"price":"0.08","size":900,"nbbo_bid":"0.07",' +
        '"nbbo_ask":"0.08","exchange":"GMNI","trade_code":"auto"}\\n\' | vanta-options --from -',
      note: 'a print of Unusual Whales: bought at the ask, and a block',
    },
    'printf \'{"options":{"option":{"symbol":"XYZ220318C00100000","bid":2.5,"greeks":{"delta":0.5,"mid_iv":0.3}}}}\' | vanta-options --from -',
    'printf \'{"status":"OK","results":[{"ticker":"O:XYZ220318C00100000","strike_price":100}]}\' | vanta-options --from -',
    'printf \'{"data":[{"tk":"AMZN","expiry":"2021-12-31","t":"C","s":3360.0,"v":7867.0,"oi":131.0,"vol/oi":60.1}]}\' | vanta-options --from -',
    {
      run: "printf 'date,underlying,right,strike,expiry,ms,open_interest\\n20140605,twx,call,60.0,20140621,23520000,211\\n' | vanta-options --from -",
      note: 'a table',
    },
  ],
  service: { name: 'options', origins: SERVICES.flatMap(({ origins }) => origins), rate: { requests: 60, perMs: 60_000 } },
  sources: [
    {
      name: 'cboe', reads: 'delayed quotes of an underlying and its whole chain (JSON)',
      address: 'https://cdn.cboe.com/api/global/delayed_quotes/options/SYMBOL.json',
      limits: 'none published; we ask at most 30 times a minute. Some 15 minutes old',
      terms: 'for personal use; no redistribution (Cboe website terms)',
    },
    {
      name: 'tradier', reads: 'chains with greeks by ORATS, quotes, events of the stream (JSON)',
      address: 'https://api.tradier.com/v1/markets/options/chains',
      limits: '120 requests a minute (sandbox 60); X-Ratelimit-Available and -Expiry are obeyed',
      terms: 'needs an account and a token (tradier_token)',
    },
    {
      name: 'polygon', reads: 'snapshots of chains and contracts, trades and quotes of a contract, contracts (JSON)',
      address: 'https://api.polygon.io/v3/snapshot/options/SYMBOL',
      limits: '5 requests a minute on the free plan, unlimited above; we ask at most 60',
      terms: 'needs a key (polygon_key); plans differ in what may be shown to others',
    },
    {
      name: 'unusual_whales', reads: 'trades, flow alerts and greek exposures (API answers, socket messages, recorded logs)', address: 'files',
      limits: 'as recorded', terms: 'by subscription',
    },
    {
      name: 'screens', reads: 'unusual volume by fdscanner and Barchart (JSON, CSV), Syncretism screens and histories (JSON)', address: 'files',
      limits: 'as recorded', terms: 'those of the makers',
    },
    {
      name: 'tables', 
      reads: "Lean's chains, minute bars and open interest, Deribit's book summary, Cboe put/call counts and SKEW (CSV)",
      address: 'files', limits: 'as recorded', terms: 'those of the makers',
    },
  ],
  watch: { hours: 'equity', quietMs: 30 * 60_000 },
  every: '1m',
  open: ({ symbol, unusualVolume, unusualRatio, rate }, reading) =>
    new OptionsParser({ symbols: symbol, rules: { unusualVolume, unusualRatio, rate } }, reading),
  live({ service, symbol, expiries, since }, world) {
    if (symbol === undefined || symbol.length === 0) throw new Failure('usage', '--symbol is required: which underlyings to ask for')
    const symbols = symbol.map((each) => each.toUpperCase())
    return askOptions({ service, symbols, expiries, sinceMs: since }, world)
  },
})
