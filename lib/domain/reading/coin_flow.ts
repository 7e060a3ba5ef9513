/** Coins: what moves to and from exchanges, what is made and destroyed, what leverage pays, which side of a book is the heavier. */
import type { Signal } from '#record'
import { leaning, NOTHING, numberIn, textIn, type Finding } from './finding.ts'
import type { Scales } from './scales.ts'

/** Coins that stand for dollars: what arrives at an exchange of them is there to buy with. */
const DOLLARS = new Set(['USDT', 'USDC', 'DAI', 'TUSD', 'BUSD', 'USDP', 'GUSD', 'FRAX', 'PYUSD', 'FDUSD', 'USDE', 'PAX'].map((coin) => `coin:${coin}`))
const MARKET = 'market:crypto'
const NEWS = 1

const walletOf = (signal: Signal, end: 'from' | 'to'): readonly string[] => {
  const chain = textIn(signal, 'chain'), address = textIn(signal, end)
  return chain === undefined || address === undefined || /^0x0+$/.test(address) ? [] : [`wallet:${chain}:${address}`]
}
const walletsOf = (signal: Signal): readonly string[] => [...new Set([...walletOf(signal, 'from'), ...walletOf(signal, 'to')])]

/** A coin on its way to an exchange is likelier to be sold, one on its way from there to be kept; dollars the other way about, for all coins. */
export function exchangeFlow(signal: Signal, scales: Scales): readonly Finding[] {
  const flow = textIn(signal, 'flow'), { subject } = signal
  const inward = flow === 'exchange_inflow'
  if (subject === undefined || !subject.startsWith('coin:') || (!inward && flow !== 'exchange_outflow')) return NOTHING
  const exchange = textIn(signal, 'exchange')
  return [{
    type: 'exchange_flow', subject: DOLLARS.has(subject) ? MARKET : subject, polarity: inward === DOLLARS.has(subject) ? 1 : -1,
    magnitude: amountOf(signal, scales), ...(exchange !== undefined && { author: `exchange:${exchange}` }), entities: walletsOf(signal),
    facts: { flow, coin: subject },
  }]
}

/** Dollars made are there to be spent on coins, dollars destroyed were; more of another coin is worth less each. */
export function supplyChange(signal: Signal, scales: Scales): readonly Finding[] {
  const { subject } = signal
  if (subject === undefined || !subject.startsWith('coin:')) return NOTHING
  const more = signal.type === 'mint', dollars = DOLLARS.has(subject)
  return [{
    type: 'supply_change', subject: dollars ? MARKET : subject, polarity: more === dollars ? 1 : -1, magnitude: amountOf(signal, scales),
    entities: walletsOf(signal), facts: { change: signal.type, coin: subject },
  }]
}

function amountOf(signal: Signal, scales: Scales): number | undefined {
  const amount = numberIn(signal, 'amount')
  return amount === undefined ? undefined : scales.loudness(`${signal.type} ${signal.subject ?? ''}`, amount)
}

/** What longs pay shorts, against the market's own past: dear leverage is a crowd on one side. */
export function fundingPressure(signal: Signal, scales: Scales): readonly Finding[] {
  const rate = numberIn(signal, 'rate'), { subject } = signal
  if (rate === undefined || subject === undefined) return NOTHING
  const series = `${signal.source} funding ${subject}`
  const off = scales.surprise(series, rate)
  if (off === undefined || Math.abs(off) < NEWS) return NOTHING
  return [{ type: 'funding_pressure', key: series, subject, polarity: leaning(-off), magnitude: Math.abs(off), facts: { rate } }]
}

/** Bids over asks near the middle, from -1 to 1, where it is out of the ordinary for this book; of use for seconds. */
export function bookPressure(signal: Signal, scales: Scales): readonly Finding[] {
  const imbalance = numberIn(signal, 'imbalance_deep') ?? numberIn(signal, 'imbalance'), { subject } = signal
  if (imbalance === undefined || subject === undefined || Math.abs(imbalance) > 1) return NOTHING
  const series = `${signal.source} book ${subject}`
  const off = scales.surprise(series, imbalance)
  if (off === undefined || Math.abs(off) < 1.5) return NOTHING
  return [{ type: 'book_pressure', key: series, subject, polarity: leaning(off), magnitude: Math.abs(off), facts: { imbalance } }]
}
