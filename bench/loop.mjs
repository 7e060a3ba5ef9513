// The whole loop fused in one process: records a second on one core, and what each stage adds. Records are collected and parsed
// beforehand; the audit log is written, but waits for the disk only at the end, as in a back-test. The first pass through the
// season pays for the engine's compilation of the code; "warm" is the best of the later ones, in the same process.
//   node bench/loop.mjs               BENCH_ROUNDS=1 for a quick look; VANTA_SHARED adds a year of insider purchases
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { compare, machine, mib, ms, root, scratch, table, thousands, verdict } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 2)
const PASSES = 3
const TARGET = 100_000

const bundle = join(scratch, 'loop_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'loop_feed.ts')], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm',
  external: ['pino', 'onnxruntime-node', '@bsull/augurs/prophet', '@bsull/augurs-prophet-wasmstan', '@hpcc-js/wasm-zstd'], minifySyntax: true, logLevel: 'warning',
  banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})

const shared = join(process.env.VANTA_SHARED ?? join(root, '..', 'shared'), 'data')
/** The first is also measured with stages cut off. */
const feeds = [
  ['season: posts and snapshots, decisions by the hour', 'samples/season', '2020-11-25', '2021-01-17', 'reddit,insider'],
  ['a year of insider purchases and daily bars', shared, '2020-01-01', '2020-12-31', 'insider'],
]

const known = readFileSync(join(root, 'src', 'tools.ts'), 'utf8')
const lines = readFileSync(join(root, 'pipelines', 'season.pipe'), 'utf8').split('\n').filter((line) => /^vanta-/.test(line))
const steps = lines.filter((line) => known.includes(`'${line.split(' ')[0]}'`))
for (const line of lines) if (!steps.includes(line)) console.log(`${line.split(' ')[0]} is not in the catalogue: left out`)
const pipeline = join(scratch, 'bench.pipe')
writeFileSync(pipeline, `${steps.join('\n')}\n`)

function feed(count, words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=6144', bundle, pipeline, count, PASSES, ...words], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1))
}

console.log(`Fused loop: ${machine()}; CPU (user + sys, garbage collection included), least of ${ROUNDS} processes, ${PASSES} passes each`)
console.log('No rival: nothing else runs these steps. The stages add up to the whole; each is what the CPU time grew by.\n')
for (const [i, [name, ...words]] of feeds.entries()) {
  if (!existsSync(join(root, words[0])) && !existsSync(words[0])) {
    console.log(`${name}: no folder ${words[0]}: left out\n`)
    continue
  }
  const cuts = steps.map((step, n) => ({ name: step, run: () => feed(n + 1, words) })).slice(i === 0 ? 0 : -1)
  const results = compare(cuts, ROUNDS)
  const whole = results.at(-1)
  console.log(`${name}: ${thousands(whole.records)} records in (${thousands(whole.signals)} signals), ${thousands(whole.out)} out, peak ${mib(whole.peakMiB)}`)
  if (cuts.length > 1) table(['up to and with', 'first, CPU ms', 'warm, CPU ms', 'records in/CPU s', 'this stage, us/record in', 'out'], results.map(({ name, cpuMs, warmMs, records, out }, i) => [
    name, ms(cpuMs), ms(warmMs), thousands(records / (warmMs / 1000)), ((warmMs - (results[i - 1]?.warmMs ?? 0)) * 1000 / records).toFixed(2), thousands(out),
  ]))
  const rate = (cpuMs) => thousands(whole.records / (cpuMs / 1000))
  console.log(`the whole loop, records in a second: ${rate(whole.cpuMs)} in the first pass, ${rate(whole.warmMs)} warm; >= ${thousands(TARGET)}: ${verdict(whole.records / (whole.warmMs / 1000) >= TARGET)}\n`)
}
