// A training table of features, each row as of a moment of its own, beside DuckDB's ASOF JOIN over the same Parquet files; and how long one entity's
// features take to be served, embedded and from a Redis of its own. DuckDB is asked where the Python of VANTA_RIVALS, or the one in the cache, has it.
//   node bench/features.mjs           BENCH_LINES=100000 BENCH_ROUNDS=1 for a quick look
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bin, compare, has, machine, mib, ms, once, root, scratch, table, thousands, times, verdict } from './measure.mjs'

const ROWS = Number(process.env.BENCH_LINES ?? 1_000_000), ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3), READS = 20_000
const TARGET_MS = 10, SERVED_AT = '2020-09-07T00:00:00Z'
const folder = mkdtempSync(join(scratch, 'features-')), feed = join(root, 'dist', 'features_feed.bench.mjs')
await build({
  entryPoints: [join(root, 'bench', 'features_feed.ts')], outfile: feed, bundle: true, packages: 'external', platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning',
})
execFileSync(process.execPath, [feed, 'store', folder, String(ROWS)])

const rivals = process.env.VANTA_RIVALS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vanta-rivals', 'bin', 'python')
const python = [rivals, 'python3'].find((one) => spawnSync(one, ['-c', 'import duckdb']).status === 0)
const peer = join(root, 'bench', 'features_duckdb.py'), ours = join(folder, 'ours.parquet'), theirs = join(folder, 'theirs.parquet')
const names = ['v1', 'v2', 'v3', 'v4'].flatMap((view) => [...'abcde'].map((value) => `${view}_${value}`)).join(',')
const store = `--store ${join(folder, 'store')} --definitions ${join(folder, 'definitions.json')}`
const entries = [{
  name: 'vanta-features history',
  run: () => once(`vanta-features history --entities ${join(folder, 'asked.parquet')} --features ${names} ${store} -o ${ours}`, { memory: true }),
}]
if (python === undefined) console.log('DuckDB is left out: no python3 with duckdb here')
else entries.push({ name: 'DuckDB, ASOF JOIN', run: () => once(`${python} ${peer} ${folder} ${theirs}`, { memory: true }) })

console.log(`Features, ${machine()}; ${thousands(ROWS)} rows x 20 features of 500,000 facts, whole processes, least of ${ROUNDS}\n`)
const results = compare(entries, ROUNDS), rival = results[1]
table(['', 'wall, ms', 'CPU, ms', 'peak', 'rows a second (CPU)', 'beside (wall)', 'beside (CPU)'], results.map(({ name, wallMs, cpuMs, peakMiB }, i) => [
  name, ms(wallMs), ms(cpuMs), mib(peakMiB), thousands(ROWS / cpuMs * 1000),
  ...(i === 0 && rival !== undefined ? [times(rival.wallMs / wallMs), times(rival.cpuMs / cpuMs)] : ['', '']),
]))
if (python !== undefined) {
  const [rows, differing] = execFileSync(python, [peer, 'compare', ours, theirs], { encoding: 'utf8' }).trim().split(' ').map(Number)
  console.log(`\n${thousands(rows)} rows, ${differing} of them not as DuckDB has them`)
  if (rows !== ROWS || differing !== 0) process.exit(1)
}

function served(place) {
  const words = ['materialize', '--to', place, '--as-of', SERVED_AT, ...store.split(' ')]
  execFileSync(join(bin, 'vanta-features'), words, { stdio: 'ignore', env: { ...process.env, VANTA_HOME: join(scratch, 'home') } })
  return JSON.parse(execFileSync(process.execPath, [feed, 'reads', place, folder, String(READS)], { encoding: 'utf8' }))
}

async function redis() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  const child = spawn('redis-server', ['--port', String(port), '--save', '', '--dir', folder], { stdio: ['ignore', 'pipe', 'ignore'] })
  process.on('exit', () => child.kill('SIGKILL'))
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => String(text).includes('Ready to accept') && resolve())
    child.once('exit', () => reject(new Error('redis-server ended')))
  })
  return `redis://127.0.0.1:${port}`
}

const places = [['embedded', 'embedded'], ...(has('redis-server') ? [['Redis', await redis()]] : [])]
console.log(`\n${thousands(READS)} reads, one after another, each all 20 features of one of 500 entities; ${machine()}\n`)
table(['', 'p50, ms', 'p99, ms', `p99 under ${TARGET_MS} ms`], places.map(([name, place]) => {
  const { half, most } = served(place)
  return [name, half.toFixed(3), most.toFixed(3), verdict(most < TARGET_MS)]
}))
process.exit(0)
