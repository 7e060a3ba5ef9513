// Order-book changes parsed and applied on one core, MB/s, beside JSON.parse alone and three other books on the same lines.
//   node bench/orderbook.mjs          BENCH_ROUNDS=1 for a quick look; VANTA_SHARED: recorded streams instead of one made up
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { compare, machine, ms, root, scratch, table, times, verdict } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const PASSES = 5
const TARGET = 50

const bundle = join(scratch, 'orderbook_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'orderbook_feed.ts')], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm',
  minifySyntax: true, logLevel: 'warning', banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})
const ccxtBook = pathToFileURL(join(dirname(dirname(createRequire(import.meta.url).resolve('ccxt'))), 'js/src/base/ws/OrderBook.js')).href

/** Changes like those of Binance's futures: 35 levels each, most within a thousand ticks of a price that wanders. Always the same bytes. */
function madeUp() {
  let state = 1, mid = 617_000, u = 1
  const below = (n) => Math.floor(((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32) * n)
  const level = (sign) => [((mid + sign * (1 + Math.floor(below(1000) * below(1000) / 1000))) / 10).toFixed(2), below(3) === 0 ? '0.000' : (below(5000) / 1000).toFixed(3)]
  const some = (n, sign) => Array.from({ length: n }, () => level(sign))
  const lines = [{ local_ns: '1723161255000000000', msg: { lastUpdateId: 1, E: 1723161256501, T: 1723161256493, bids: some(500, -1), asks: some(500, 1) } }]
  for (let i = 0; i < 7000; i++) {
    const pu = u
    u += 1 + below(4000)
    lines.push({ local_ns: `${1723161255 + i}000000000`, msg: { stream: 'btcusdt@depth@0ms', data: { e: 'depthUpdate', E: 1723161256299 + 50 * i, T: 1723161256298 + 50 * i, s: 'BTCUSDT', U: pu + 1, u, pu, b: some(17, -1), a: some(18, 1) } } })
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

const shared = process.env.VANTA_SHARED ?? join(root, '..', 'shared')
const read = (...path) => {
  const file = join(shared, ...path)
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}
const onlyBooks = (text) => text?.split('\n').filter((line) => line.includes('depthUpdate') || line.includes('lastUpdateId')).map((line) => `${line}\n`).join('')
const captures = [
  ['Binance futures', onlyBooks(read('data/orderbook/binance_usdm_btcusdt_20240808.ndjson.gz')) ?? madeUp()],
  ['Binance spot', onlyBooks(read('data/orderbook/binance_spot_btcusdt_20240808.ndjson.gz'))],
  ['Kraken, a checksum each', read('fixtures/exchange_ws/cryptofeed/KRAKEN.ws.50.0.capture.txt.gz')],
  ['Coinbase, one level each', read('fixtures/exchange_ws/cryptofeed/COINBASE.ws.28.0.capture.txt.gz')],
].flatMap(([name, text], i) => {
  if (text === undefined) return []
  const file = join(scratch, `capture${i}`)
  writeFileSync(file, text)
  return [{ name, file, bytes: Buffer.byteLength(text) }]
})
const [first, ...others] = captures

const run = (way, { file }) => () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, way, file, PASSES, ccxtBook], { encoding: 'utf8', cwd: root })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}
const results = compare([
  ['vanta-orderbook: parsed, checked, applied', 'books'],
  ['the same, with signals each second as lines', 'collector'],
  ['JSON.parse alone', 'parse'],
  ['JSON.parse + Map of texts, unsorted', 'maps'],
  ['JSON.parse + sorted arrays of doubles', 'arrays'],
  ["JSON.parse + ccxt's OrderBook", 'ccxt'],
].map(([name, way]) => ({ name, run: run(way, first) })), ROUNDS)

const rate = (bytes, cpuMs) => (bytes / 1000 / cpuMs).toFixed(0)
console.log(`Order books: ${machine()}; ${first.name}: ${(first.bytes / 1e6).toFixed(1)} MB of changes; least of ${ROUNDS} runs of ${PASSES} passes\n`)
const [ours] = results
table(['', 'first pass, CPU ms', 'warm, CPU ms', 'MB/s, first', 'MB/s, warm', 'x ours, warm'], results.map(({ name, cpuMs, warmMs }) =>
  [name, ms(cpuMs), ms(warmMs), rate(first.bytes, cpuMs), rate(first.bytes, warmMs), times(ours.warmMs / warmMs)]))
if (others.length > 0) {
  console.log('\nparsed, checked and applied, other venues\n')
  table(['', 'MB', 'MB/s, first', 'MB/s, warm'], compare(others.map((capture) => ({ name: capture.name, run: run('books', capture) })), ROUNDS).map(({ name, cpuMs, warmMs }, i) =>
    [name, (others[i].bytes / 1e6).toFixed(1), rate(others[i].bytes, cpuMs), rate(others[i].bytes, warmMs)]))
}
console.log(`\n>= ${TARGET} MB/s of changes parsed and applied on one core: ${verdict(first.bytes / 1000 / ours.cpuMs >= TARGET)} in the first pass, ${verdict(first.bytes / 1000 / ours.warmMs >= TARGET)} warm`)
