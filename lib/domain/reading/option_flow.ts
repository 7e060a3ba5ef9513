/**
 * Options as word on their underlying: who pays for calls is bullish, who pays for puts is not (Pan and Poteshman, "The Information in Option Volume
 * for Future Stock Prices", Review of Financial Studies 19, 2006); dear puts are bearish (Xing, Zhang and Zhao, "What Does the Individual Option
 * Volatility Smirk Tell Us About Future Equity Returns?", Journal of Financial and Quantitative Analysis 45, 2010).
 */
import type { Signal } from '#record'
import { leaning, NOTHING, numberIn, textIn, type Finding } from './finding.ts'
import type { Scales } from './scales.ts'

/** Less than that from usual is no news. */
const NEWS = 1
/** Whoever bought so much of an option is not known; that it was bought is likelier than that it was sold. */
const SIDE_UNKNOWN = 0.3

/** A sweep, block, alert of a service or unusual volume; none where its underlying or its right is not known, or a trade between bid and ask. */
export function optionFlow(signal: Signal, scales: Scales): readonly Finding[] {
  const right = textIn(signal, 'right'), { subject } = signal
  const lean = sideOf(signal)
  if (subject === undefined || (right !== 'call' && right !== 'put') || lean === undefined || lean === 0) return NOTHING
  const size = numberIn(signal, 'premium') ?? numberIn(signal, 'contracts') ?? numberIn(signal, 'ratio')
  const contract = textIn(signal, 'contract')
  return [{
    type: 'option_flow', subject, polarity: right === 'call' ? lean : -lean,
    magnitude: size === undefined ? undefined : scales.loudness(`${signal.source} ${signal.type}`, size),
    facts: { of: signal.type, right, ...(contract !== undefined && { contract }) },
  }]
}

/** 1 bought, -1 sold, and shares of it. */
function sideOf(signal: Signal): number | undefined {
  if (signal.type === 'unusual_volume') return SIDE_UNKNOWN
  if (signal.type === 'flow_alert') {
    const bought = numberIn(signal, 'ask_side_premium') ?? numberIn(signal, 'ask_volume')
    const sold = numberIn(signal, 'bid_side_premium') ?? numberIn(signal, 'bid_volume')
    return bought === undefined || sold === undefined || bought + sold === 0 ? undefined : Math.round((1000 * (bought - sold)) / (bought + sold)) / 1000
  }
  const side = textIn(signal, 'side')
  return side === 'buy' ? 1 : side === 'sell' ? -1 : undefined
}

/** Puts for each call traded, or the price of calls over that of puts, against its own past; of no underlying: of the whole market. */
export function optionTilt(signal: Signal, scales: Scales): readonly Finding[] {
  const isSkew = signal.type === 'skew'
  const value = numberIn(signal, isSkew ? 'risk_reversal' : 'volume_ratio')
  if (value === undefined || (!isSkew && value <= 0)) return NOTHING
  const subject = signal.subject ?? (signal.source.startsWith('cboe/') ? 'market:US' : undefined)
  if (subject === undefined) return NOTHING
  const series = `${signal.source} ${signal.type} ${subject}`
  const off = scales.surprise(series, isSkew ? value : -Math.log(value))
  if (off === undefined || Math.abs(off) < NEWS) return NOTHING
  return [{ type: 'option_tilt', key: series, subject, polarity: leaning(off), magnitude: Math.abs(off), facts: { of: signal.type, value } }]
}
