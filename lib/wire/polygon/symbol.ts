/** Polygon's tickers (https://polygon.io/docs): a letter before a colon says the market. */

/** Currencies that pairs are quoted in; `X:BTCUSD` does not say where the base ends. */
const QUOTES = ['USDT', 'USDC', 'USD', 'EUR', 'GBP', 'JPY', 'AUD', 'CAD', 'CHF', 'BTC', 'ETH']

/** `AAPL` as it is, `X:BTCUSD`, `C:EURUSD` and `BTC-USD` as pairs; undefined where it is no stock and no pair that can be told apart. */
export function symbolOf(ticker: string | undefined): string | undefined {
  if (ticker === undefined || ticker === '') return undefined
  const [, market, name = ''] = /^(?:([A-Z]):)?(.+)$/.exec(ticker) ?? []
  const dashed = market === undefined ? /^([A-Z0-9]{2,10})-(USDT?|USDC|EUR|GBP|BTC|ETH)$/.exec(name) : /^([A-Z0-9]+)-([A-Z]+)$/.exec(name)
  if (dashed !== null) return `${dashed[1]}/${dashed[2]}`
  if (market === undefined) return name
  const quote = QUOTES.find((end) => name.endsWith(end) && name.length > end.length)
  if ((market !== 'X' && market !== 'C') || quote === undefined) return undefined
  return `${name.slice(0, -quote.length)}/${quote}`
}
