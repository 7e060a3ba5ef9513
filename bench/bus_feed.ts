/** Made-up mentions of a thousand tickers, a line each, to stdout: `bus_feed RECORDS`. */
import { formatInstant, lineOf, make } from '#record'

const [records = '0'] = process.argv.slice(2)
const lines = Array.from({ length: Number(records) }, (_, i) => {
  const at = formatInstant(Date.UTC(2021, 0, 4) + i * 1000)
  const about = { type: 'mention', key: `reddit:t3_${i}`, subject: `ticker:T${i % 997}`, author: `reddit:${i % 5000}`, polarity: i % 3 - 1 }
  return `${lineOf(make('signal', { at, known_at: at, source: 'reddit/wallstreetbets', by: 'vanta-bench/1', ...about }))}\n`
})
process.stdout.write(lines.join(''))
