// A graph of a million nodes and five million edges on one core: CPU and memory of each step, beside graphology and its Louvain on the same edges.
//   node bench/graph.mjs          BENCH_NODES=100000 BENCH_EDGES=500000 for a quick look
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { machine, root, scratch, table, verdict } from './measure.mjs'

const NODES = Number(process.env.BENCH_NODES ?? 1_000_000), EDGES = Number(process.env.BENCH_EDGES ?? 5_000_000)
const LIMIT_MIB = 4096

const bundle = join(scratch, 'graph_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'graph_feed.mjs')], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm',
  minifySyntax: true, logLevel: 'warning', banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})
const run = (way) => {
  const { status, stdout } = spawnSync(process.execPath, ['--max-old-space-size=16384', bundle, way, NODES, EDGES], { encoding: 'utf8', cwd: root })
  return status === 0 ? JSON.parse(stdout) : undefined
}
const results = [['vanta', run('ours')], ['graphology', run('graphology')]]
console.log(`Graph: ${machine()}; ${EDGES} times an edge between some of ${NODES} nodes, made up\n`)
table(['', 'nodes', 'edges', 'step', 'CPU s', 'MiB after'], results.flatMap(([name, result]) =>
  result === undefined ? [[name, '', '', 'failed', '', '']] : result.steps.map(({ name: step, cpuMs, rssMiB }, i) =>
    [i === 0 ? name : '', i === 0 ? String(result.nodes) : '', i === 0 ? String(result.edges) : '', step, (cpuMs / 1000).toFixed(2), rssMiB.toFixed(0)])))
for (const [name, result] of results) if (result !== undefined) console.log(`${name}: peak ${result.peakMiB.toFixed(0)} MiB, modularity ${result.modularity.toFixed(4)}`)
const [[, ours]] = results
console.log(`\n1M nodes and 5M edges in 4 GB, a day added without building anew: ${verdict((ours?.peakMiB ?? Infinity) < LIMIT_MIB)}`)
