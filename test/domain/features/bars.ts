/** Daily bars with these closes, a day apart, each opening where the one before closed. */
import { DAY_MS, formatInstant, HOUR_MS, make, type Bar } from '#record'

const FIRST_MS = Date.UTC(2010, 0, 4, 14, 30)

export const barsOf = (subject: string, closes: readonly number[], basis: Bar['basis'] = 'split_adjusted'): Bar[] => closes.map((close, i) => {
  const open = closes[i - 1] ?? close
  return make('bar', {
    at: formatInstant(FIRST_MS + i * DAY_MS), known_at: formatInstant(FIRST_MS + i * DAY_MS + 6.5 * HOUR_MS), source: 'made', by: 'test/1', subject, span: '1d',
    open: open.toFixed(6), high: Math.max(open, close).toFixed(6), low: Math.min(open, close).toFixed(6), close: close.toFixed(6), volume: '1000', basis,
  })
})
