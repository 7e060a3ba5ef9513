/** Pairs as people name them, against markets as venues do. */
import { pairOf } from './markets.ts'
import type { Market } from './said.ts'

/** `BTC/USDT`, `btc-usdt`, `BTCUSDT`, `XBT/USD`: all name pairs. What is none is taken as a venue's own symbol. */
export const pairNamed = (text: string): string => pairOf(text) ?? text

/** Whether a market is one of these pairs; all are where none is named. */
export function pairFilter(pairs: readonly string[] | undefined): (market: Market) => boolean {
  if (pairs === undefined) return () => true
  const symbols = new Set(pairs.map((pair) => pair.toUpperCase())), subjects = new Set(pairs.map((pair) => `pair:${pairNamed(pair)}`))
  return ({ symbol, subject }) => (subject !== undefined && subjects.has(subject)) || (symbol !== undefined && symbols.has(symbol.toUpperCase()))
}
