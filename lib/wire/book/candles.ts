/** Spans of candles, as they are named everywhere: `1m`, `4h`, `1d`. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '#record'

/** The span that a candle of so many milliseconds has; a month is whatever lasts 28 to 31 days. */
export function spanOf(ms: Millis): string | undefined {
  if (ms >= 28 * DAY_MS && ms <= 31 * DAY_MS) return '1M'
  for (const [name, unitMs] of [['w', 7 * DAY_MS], ['d', DAY_MS], ['h', HOUR_MS], ['m', MINUTE_MS], ['s', SECOND_MS]] as const) {
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs}${name}`
  }
  return undefined
}

/** The commonest step between moments in order: what candles without ends of their own span. Undefined for fewer than two. */
export function commonStep(moments: readonly Millis[]): Millis | undefined {
  const counts = new Map<Millis, number>()
  for (let i = 1; i < moments.length; i++) {
    const step = Math.abs((moments[i] ?? 0) - (moments[i - 1] ?? 0))
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  let best: Millis | undefined, most = 0
  for (const [step, count] of counts) if (count > most) [best, most] = [step, count]
  return best
}
