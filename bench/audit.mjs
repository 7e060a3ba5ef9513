// Records a second into the audit log, durable after each group, beside the same bytes written to a file and synced as often, and not at all.
//   node bench/audit.mjs              BENCH_ROUNDS=1 for a quick look
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { compare, machine, root, scratch, table, thousands } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
/** Of so many records a group; so many records in all, so that each run is long enough to be measured. */
const SIZES = [[1, 2000], [100, 50_000], [4096, 200_000]]
const WAYS = [['plain', 'plain file, not synced'], ['fdatasync', 'write + fdatasync a group'], ['audit', 'audit log, one writer'], ['shared', 'audit log, open to several']]

const feed = join(scratch, 'audit_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'audit_feed.ts')], outfile: feed, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning',
  minifySyntax: true, banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})

function run(way, records, group) {
  const folder = mkdtempSync(join(scratch, 'audit-'))
  const { status, stdout, stderr } = spawnSync(process.execPath, [feed, way, String(records), String(group), folder], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

console.log(`Audit log, ${machine()}; records of 400 bytes, the best of ${ROUNDS} rounds\n`)
const rows = WAYS.map(([, name]) => [name])
for (const [group, records] of SIZES) {
  const least = compare(WAYS.map(([way, name]) => ({ name, run: () => run(way, records, group) })), ROUNDS)
  least.forEach(({ wallMs, cpuMs }, i) => rows[i].push(`${thousands(records / wallMs * 1000)}`, `${thousands(records / cpuMs * 1000)}`))
}
table(['records a second', ...SIZES.flatMap(([group]) => [`groups of ${group}`, 'by CPU'])], rows)
