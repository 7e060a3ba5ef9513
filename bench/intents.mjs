// Intents a second: allocate, sign, check, write down; in memory, and durable with one sync a moment, beside fsync alone.
//   node bench/intents.mjs            BENCH_ROUNDS=1 for a quick look
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { machine, root, scratch, table, thousands, verdict } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const TARGET = 20_000

const bundle = join(scratch, 'intents_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'intents_feed.ts')], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm',
  minifySyntax: true, logLevel: 'warning', banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})

const run = (...words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...words], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}
/** The best of several rounds that take turns. */
const best = new Map()
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, words] of [['memory', ['memory', '1000', '20']], ['durable', ['durable', '1000', '20']], ['one', ['durable', '1', '500']], ['fsync', ['fsync', '500']]]) {
    const result = run(...words)
    const rate = name === 'memory' ? result.intents / (result.toJournalMs / 1000) : result.intents / (result.wallMs / 1000)
    if (rate > (best.get(name) ?? 0)) best.set(name, rate)
  }
}
console.log(machine())
table(['', 'intents a second', ''], [
  ['allocate + sign + check + journal, in memory (CPU)', thousands(best.get('memory')), `target ${thousands(TARGET)}: ${verdict(best.get('memory') >= TARGET)}`],
  ['to the venue and back, durable, 1,000 a moment (wall)', thousands(best.get('durable')), 'group commit'],
  ['to the venue and back, durable, one a moment (wall)', thousands(best.get('one')), ''],
  ['write + fdatasync of as many bytes, nothing else (wall)', thousands(best.get('fsync')), 'the floor of one a moment'],
])
