/** Coins as people write of them: `$DOGE.X` as StockTwits has it, `$XRP` where no stock has that symbol, and by name where that is no other word. */

const COINS: Readonly<Record<string, string>> = {
  BTC: 'bitcoin bitcoins', ETH: 'ethereum', LTC: 'litecoin', DOGE: 'dogecoin', XRP: '', ADA: 'cardano', SOL: 'solana', DOT: 'polkadot', BCH: '', BNB: '',
  XMR: 'monero', USDT: '', USDC: '', SHIB: '', AVAX: '', LINK: 'chainlink', MATIC: '', XLM: '', EOS: '', TRX: '',
}
const names = new Map(Object.entries(COINS).flatMap(([coin, words]) =>
  words.split(' ').filter((word) => word !== '').map((word) => [word, `coin:${coin}`] as const)))

/** `coin:BTC` of `bitcoin`. */
export const coinNamed = (lower: string): string | undefined => names.get(lower)
export const isCoin = (symbol: string): boolean => Object.hasOwn(COINS, symbol)

const CRYPTO = /^([a-z0-9]{2,6})\.x$/

/** `coin:DOGE` of `doge.x`, and of `doge` if that is one of ours. */
export function coinOfCashtag(lower: string): string | undefined {
  const marked = CRYPTO.exec(lower)?.[1]?.toUpperCase()
  const symbol = marked ?? lower.toUpperCase()
  return marked !== undefined || isCoin(symbol) ? `coin:${symbol}` : undefined
}
