// From signal in to conviction out: recorded signals handed in at 1,000 a second, and the time from when a signal went in to when the conviction that it
// gave cause for came out. Three ways: fused, by CPU time on a core of its own (bench/latency_fused.ts says how); and by the clock on the wall, which
// whatever else the machine does falsifies, fused (one process) and through pipes (one process each), the tools together on one core where taskset is
// there. Lines in, lines out: parsing and writing are part of it. It says more than live use would: whatever moves a conviction by 0.002 in log-odds.
//   node bench/latency.mjs            BENCH_SECONDS=5 for a quick look; BENCH_EVERY=20ms; VANTA_SHARED adds recorded streams
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { bin, has, machine, ms, root, scratch, table, verdict } from './measure.mjs'

const RATE = Number(process.env.BENCH_RATE ?? 1000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20)
/** As live use has it: a decision for every 25 signals is soon enough for people and venues, and leaves time to decide. */
const EVERY = process.env.BENCH_EVERY ?? '25ms'
/** While the engine still compiles: told apart, because a process in live use runs for days. */
const WARM_UP_MS = 3000
const TARGET_MS = 50
const PROMISE_MS = 2000

const shared = join(process.env.VANTA_SHARED ?? join(root, '..', 'shared'), 'data')
const feeds = [
  ['posts and snapshots of a season', 'samples/season', '2020-11-25', '2021-01-17', 'reddit'],
  ['the same with comments', shared, '2020-11-25', '2021-01-31', 'reddit,comments'],
  ['insider purchases', shared, '2012-01-01', '2021-12-31', 'insider'],
].filter(([, data]) => existsSync(join(root, data)) || existsSync(data))

const pipeline = join(scratch, 'live.pipe')
const steps = readFileSync(join(root, 'pipelines', 'reason.pipe'), 'utf8')
  .replace(/^vanta-synthesize .*$/m, `vanta-synthesize --every ${EVERY} --min-log-odds 0.01 --restate 0.002`)
writeFileSync(pipeline, steps)

const core = has('taskset') && cpus().length > 1 ? ['taskset', '-c', '0'] : []
const ways = [['fused', ['fuse', '--pipeline', pipeline]], ['through pipes', ['pipe', pipeline]]]

const environment = { ...process.env, VANTA_HOME: join(scratch, 'home'), VANTA_NOW: 'stream', PATH: `${bin}:${process.env.PATH}` }

/** What a script of this folder says of the lines in a file. */
function told(script, fed, words) {
  const input = openSync(fed)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join('bench', script), String(1e6 / RATE), ...words], {
    cwd: root, env: environment, encoding: 'utf8', maxBuffer: 1 << 30, stdio: [input, 'pipe', 'pipe'],
  })
  closeSync(input)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Of what came after the engine had warmed up, and the slowest before. */
function note(name, count, latencies, busy) {
  const warm = latencies.filter(([enteredMs]) => enteredMs >= WARM_UP_MS).map(([, took]) => took).sort((a, b) => a - b)
  const cold = latencies.filter(([enteredMs]) => enteredMs < WARM_UP_MS).map(([, took]) => took).sort((a, b) => a - b)
  const p99 = at(warm, 0.99)
  rows.push([name, count, warm.length, ms(at(warm, 0.5)), ms(p99), ms(warm.at(-1)), ms(cold.at(-1)), busy])
  worst = Math.max(worst, warm.at(-1) ?? 0, cold.at(-1) ?? 0)
  return p99
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]

console.log(`Signal in to conviction out, ${RATE} signals a second, a decision every ${EVERY}; ${machine()}${core.length > 0 ? '; tools on one core' : ''}\n`)
const rows = []
let worst = 0, misses = false
for (const [name, data, from, to, source] of feeds) {
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/latency_feed.ts', String(RATE * SECONDS), String(1e6 / RATE), data, from, to, source], {
    cwd: root, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 70)
  const fed = join(scratch, 'latency.ndjson'), count = stdout.trim().split('\n').length
  writeFileSync(fed, stdout)
  const { latencies, busy } = told('latency_fused.ts', fed, [pipeline])
  if (note(`${name}: fused, a core of its own`, count, latencies, `${(100 * busy).toFixed(0)} %`) >= TARGET_MS) misses = true
  for (const [way, words] of ways) note(`${name}: ${way}`, count, told('latency_live.ts', fed, [...core, join(bin, 'vanta'), ...words]).latencies, '')
}
table(['', 'signals', 'convictions', 'p50 ms', 'p99 ms', 'most ms', `most, first ${WARM_UP_MS / 1000} s`, 'core busy'], rows)
console.log(`\np99 below ${TARGET_MS} ms fused, on a core of its own: ${verdict(!misses)}; all within ${PROMISE_MS} ms: ${verdict(worst < PROMISE_MS)}`)
