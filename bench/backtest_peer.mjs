// The rival of backtest.mjs: the least that a back-test of the same purchases can be. Bars in typed arrays, entry at the next open, exit five sessions
// on, five basis points each way; no records, money in doubles, nothing kept, nothing checked.
//   node bench/backtest_peer.mjs DATA FROM TO
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const [data, from, to] = process.argv.slice(2)
const HOLD = 5, COST = 0.0005
const rowsOf = (path) => gunzipSync(readFileSync(path)).toString('latin1').split('\n')
const files = (folder, pattern) => readdirSync(join(data, folder)).filter((name) => pattern.test(name)).map((name) => join(data, folder, name))

const bars = new Map()
let count = 0
for (const path of files('bars', /^(daily_us|daily_insider|daily_delisted)/)) {
  const [, ...rows] = rowsOf(path)
  const open = new Float64Array(rows.length), close = new Float64Array(rows.length), days = new Array(rows.length)
  let ticker = '', first = 0
  const end = (last) => void (ticker !== '' && !bars.has(ticker) && bars.set(ticker, { open, close, days, first, last }))
  for (const [i, row] of rows.entries()) {
    const [day, name, o, , , c] = row.split(',')
    if (name !== ticker) {
      end(i)
      ticker = name ?? ''
      first = i
    }
    days[i] = day
    open[i] = Number(o)
    close[i] = Number(c)
    if (day >= from && day <= to) count++
  }
}

let trades = 0, sum = 0
for (const path of files('insider', /^openinsider/)) {
  for (const row of rowsOf(path).slice(1)) {
    const [filed, , ticker] = row.split(',')
    const own = bars.get(ticker)
    if (own === undefined || filed < from || filed > to) continue
    let low = own.first, high = own.last
    while (low < high) {
      const middle = (low + high) >> 1
      if (own.days[middle] <= filed) low = middle + 1
      else high = middle
    }
    if (low + HOLD > own.last) continue
    sum += own.close[low + HOLD - 1] / own.open[low] - 1 - 2 * COST
    trades++
  }
}
console.log(JSON.stringify({ bars: count, trades, mean: sum / trades }))
