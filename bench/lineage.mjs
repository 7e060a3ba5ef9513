// Lineage both ways in a long audit log: how long the index takes to make, how large it is, how long answers take, with the file cache warm and
// cold; beside SQLite on the same ids and links, and grep, which finds one record.
//   BENCH_RECORDS=10000000 node bench/lineage.mjs          4.6 GB of log beside the temporary files; a million records unless told otherwise
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { has, machine, ms, once, root, scratch, table, thousands, verdict } from './measure.mjs'

const RECORDS = Number(process.env.BENCH_RECORDS ?? 1_000_000)
const TARGET_MS = 50

const feed = join(scratch, 'lineage_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'lineage_feed.ts')], outfile: feed, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning',
  minifySyntax: true, banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})
const home = mkdtempSync(join(scratch, 'lineage-'))
const logs = join(home, 'logs'), index = join(logs, 'audit.index'), database = join(home, 'peer.db')

function run(command, words) {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
  return stdout
}
const sizeOf = (path) => (statSync(path).isDirectory() ? readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0) : statSync(path).size)
/** Out of the file cache; what is dirty is written first. */
function forget() {
  const files = [join(logs, 'audit.jsonl'), ...readdirSync(index).map((name) => join(index, name)), ...(has('sqlite3') ? [database] : [])]
  for (const file of files) run('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'])
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const spread = (values) => [ms(median(values)), ms(Math.max(...values))]

const some = JSON.parse(run(process.execPath, [feed, 'make', home, String(RECORDS)]))
const ids = [...some.fill.slice(0, 10), ...some.signal.slice(0, 10)]
const built = once(`vanta-audit index --home ${home}`, { memory: true })

const sql = (id) => `with recursive up(id) as (values('${id}') union select parent from edges join up on child = up.id),
  down(id) as (values('${id}') union select child from edges join down on parent = down.id)
  select count(*) from (select id from up union select id from down) join nodes using (id);`
let peer
if (has('sqlite3')) {
  run(process.execPath, [feed, 'edges', home])
  const load = `pragma journal_mode=off; pragma synchronous=off; create table nodes(id text primary key, offset integer) without rowid;
create table edges(parent text, child text);
.mode tabs
.import ${join(home, 'nodes.tsv')} nodes
.import ${join(home, 'edges.tsv')} edges
create index by_parent on edges(parent, child); create index by_child on edges(child, parent);`
  spawnSync('bash', ['-c', `cat > ${join(home, 'load.sql')}`], { input: load })
  peer = once(`sqlite3 ${database} '.read ${join(home, 'load.sql')}'`, { memory: true })
  for (const name of ['nodes.tsv', 'edges.tsv']) rmSync(join(home, name))
}

/** The first answer of a process, as it sees it itself; warm, or with nothing of the files in the cache. */
const fresh = (isCold) => ids.map((id) => {
  if (isCold) forget()
  return JSON.parse(run(process.execPath, [feed, 'ask', home, id]))[0].ms
})
fresh(false)
const warm = fresh(false), cold = fresh(true)
const running = JSON.parse(run(process.execPath, [feed, 'ask', home, ...ids, ...ids])).slice(ids.length).map((answer) => answer.ms)
const whole = (command, isCold) => ids.map((id) => {
  if (isCold) forget()
  return once(command(id)).wallMs
})
const tool = (id) => `vanta-audit lineage ${id} --up --down --home ${home}`
const bare = whole(() => 'node -e 0', false), toolWarm = whole(tool, false), toolCold = whole(tool, true)
const nothing = whole(() => `vanta-audit lineage ${'0'.repeat(40)} --home ${join(scratch, 'none')} || true`, false)
const sqlite = (id) => `sqlite3 ${database} "${sql(id).replaceAll('\n', ' ')}"`
const grep = (id) => `grep -m 1 -F '"id":"${id}"' ${join(logs, 'audit.jsonl')}`

console.log(machine())
console.log(`${thousands(RECORDS)} records, ${thousands(sizeOf(join(logs, 'audit.jsonl')) / 1e6)} MB; ancestors and descendants of ${ids.length} fills and signals`)
table(['made once', 'CPU s', 'wall s', 'MB', 'peak MiB'], [
  ['the index of vanta-audit', ms(built.cpuMs / 1000), ms(built.wallMs / 1000), thousands(sizeOf(index) / 1e6), thousands(built.peakMiB ?? NaN)],
  ...(peer === undefined ? [] : [
    ['sqlite3: ids, links, two indexes', ms(peer.cpuMs / 1000), ms(peer.wallMs / 1000), thousands(sizeOf(database) / 1e6), thousands(peer.peakMiB ?? NaN)],
  ]),
])
const holds = (values) => `target ${TARGET_MS}: ${verdict(Math.max(...values) < TARGET_MS)}`
table(['ms an answer', 'median', 'most', ''], [
  ['in a running process', ...spread(running), holds(running)],
  ['first of a process, warm cache', ...spread(warm), holds(warm)],
  ['first of a process, cold cache', ...spread(cold), holds(cold)],
  ['whole program, warm cache', ...spread(toolWarm), holds(toolWarm)],
  ['whole program, cold cache', ...spread(toolCold), holds(toolCold)],
  ['  of that, where there is no log', ...spread(nothing), ''],
  ['  of that, node -e 0', ...spread(bare), ''],
  ...(peer === undefined ? [] : [
    ['sqlite3, warm: ids alone, no records read', ...spread(whole(sqlite, false)), ''], ['sqlite3, cold', ...spread(whole(sqlite, true)), ''],
  ]),
  ['grep for one record, warm', ...spread(ids.slice(7, 10).map((id) => once(grep(id)).wallMs)), 'one step, one way'],
])
