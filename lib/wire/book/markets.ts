/** Symbols of exchanges as pairs in common names. */
import type { Market } from './said.ts'

/** Currencies that others are priced in; a longer name before one that it ends in. */
const QUOTES = [
  'USDT', 'USDC', 'USDE', 'USDD', 'PYUSD', 'RLUSD', 'EURI', 'EURT', 'DOGE', 'USD1',
  'USD', 'EUR', 'GBP', 'JPY', 'AUD', 'CAD', 'CHF', 'TRY', 'BRL', 'RUB', 'UAH', 'NGN', 'ZAR', 'PLN', 'RON', 'ARS', 'MXN', 'COP', 'CZK', 'KRW',
  'IDR', 'INR', 'SGD', 'HKD',
  'DAI', 'UST', 'PAX', 'VAI', 'BTC', 'XBT', 'ETH', 'BNB', 'TRX', 'XRP', 'DOT', 'SOL',
]
/** Dollars of Binance's: elsewhere `ARBUSD` is ARB in plain dollars. */
const BINANCE_QUOTES = ['FDUSD', 'TUSD', 'BUSD', 'USDP', 'BIDR', 'IDRT', 'AEUR', ...QUOTES]
/** One currency, several names: Kraken's XBT and XDG, and the prefixes that its oldest symbols have. */
const COMMON: Readonly<Record<string, string>> = {
  XBT: 'BTC', XDG: 'DOGE', XXBT: 'BTC', XXDG: 'DOGE', XETH: 'ETH', XLTC: 'LTC', XXRP: 'XRP', ZUSD: 'USD', ZEUR: 'EUR',
}

const common = (currency: string): string => COMMON[currency] ?? currency
const CURRENCY = /^[A-Z0-9]{1,20}$/

/** `BTC/USDT` from `BTCUSDT`, `BTC-USDT-SWAP`, `XXBTZUSD`, `PI_XBTUSD`, `tBTC:UST` ...; undefined where it is no pair that can be told. */
export function pairOf(symbol: string, quotes: readonly string[] = QUOTES): string | undefined {
  const plain = symbol
    // Bitfinex: trading pairs begin with t, perpetual swaps end in F0. Kraken's futures: PI_, PF_, FI_, FF_, and the day they expire.
    .replace(/^t(?=[A-Z])/, '').replace(/^(?:P[IF]|F[IF])_/, '').toUpperCase().replace(/_\d{6}$/, '').replace(/-(?:SWAP|\d{6})$/, '')
  const parts = plain.split(/[/:_-]/)
  if (parts.length === 2 && parts[1] === 'PERPETUAL') return joined(parts[0], 'USD')
  if (parts.length === 2) return joined(parts[0]?.replace(/F0$/, ''), parts[1]?.replace(/F0$/, ''))
  if (parts.length > 2) return undefined
  const legacy = /^(X[A-Z]{3})(Z[A-Z]{3})$/.exec(plain) ?? /^X([A-Z]{3})X([A-Z]{3})$/.exec(plain)
  if (legacy !== null) return joined(legacy[1]?.slice(-3), legacy[2]?.slice(-3))
  const fitting = quotes.filter((currency) => plain.endsWith(currency) && plain.length > currency.length)
  // Few currencies have names of two letters: BNBUSD is BNB in dollars and no BN in BUSD.
  const quote = fitting.find((currency) => plain.length - currency.length > 2) ?? fitting[0]
  return quote === undefined ? undefined : joined(plain.slice(0, -quote.length), quote)
}

export const binancePair = (symbol: string): string | undefined => pairOf(symbol, BINANCE_QUOTES)

const joined = (base = '', quote = ''): string | undefined =>
  (CURRENCY.test(base) && CURRENCY.test(quote) ? `${common(base)}/${common(quote)}` : undefined)

/** Symbols that are told apart, so that a hostile feed cannot fill the memory. */
const MOST_MARKETS = 100_000

/** The markets of a venue: one object a symbol. */
export function marketsOf(venue: string, nameOf: (symbol: string) => string | undefined = (symbol) => pairOf(symbol)) {
  const known = new Map<string | undefined, Market>()
  return (symbol: string | undefined): Market => {
    let market = known.get(symbol)
    if (market === undefined) {
      const pair = symbol === undefined ? undefined : nameOf(symbol)
      market = { venue, symbol, subject: pair === undefined ? undefined : `pair:${pair}` }
      if (known.size < MOST_MARKETS) known.set(symbol, market)
    }
    return market
  }
}
