/**
 * Trades away from the exchanges, and short sales, against their own past. Short sellers know something: what is shorted heavily does worse for days
 * (Diether, Lee and Werner, "Short-Sale Strategies and Return Predictability", Review of Financial Studies 22, 2009). A print or a share of volume in
 * the dark has no direction.
 */
import type { Signal } from '#record'
import { leaning, NOTHING, numberIn, textIn, type Finding } from './finding.ts'
import type { Scales } from './scales.ts'

const NEWS = 1
/** A print of seven times the usual. */
const LARGE = 3

/** How much of the volume was sold short, by ticker and venue. */
export function shortPressure(signal: Signal, scales: Scales): readonly Finding[] {
  const ratio = numberIn(signal, 'short_ratio'), { subject } = signal
  if (ratio === undefined || subject === undefined) return NOTHING
  const series = `${signal.source} ${textIn(signal, 'venue') ?? ''} ${subject}`
  const off = scales.surprise(series, ratio)
  if (off === undefined || Math.abs(off) < NEWS) return NOTHING
  return [{ type: 'short_pressure', key: series, subject, polarity: leaning(-off), magnitude: Math.abs(off), facts: { short_ratio: ratio } }]
}

export function darkPrint(signal: Signal, scales: Scales): readonly Finding[] {
  const value = numberIn(signal, 'value'), { subject } = signal
  if (value === undefined || subject === undefined) return NOTHING
  const magnitude = scales.loudness(`${signal.source} print ${subject}`, value)
  return magnitude === undefined || magnitude < LARGE ? NOTHING : [{ type: 'dark_print', subject, polarity: 0, magnitude, facts: { value } }]
}

export function darkTilt(signal: Signal, scales: Scales): readonly Finding[] {
  const share = numberIn(signal, 'share'), { subject } = signal
  if (share === undefined || subject === undefined) return NOTHING
  const series = `${signal.source} share ${subject}`
  const off = scales.surprise(series, share)
  if (off === undefined || Math.abs(off) < NEWS) return NOTHING
  return [{ type: 'dark_tilt', key: series, subject, polarity: 0, magnitude: Math.abs(off), facts: { share } }]
}
