// Build, then every benchmark: npm run bench
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './measure.mjs'

const SCRIPTS = ['startup', 'filters', 'loop', 'form4', 'intents', 'orderbook', 'latency', 'backtest', 'lineage', 'audit', 'graph', 'bus', 'features', 'hosts']

for (const script of ['scripts/build.mjs', ...SCRIPTS.map((name) => `bench/${name}.mjs`)]) {
  const { status } = spawnSync(process.execPath, [join(root, script)], { stdio: 'inherit', cwd: root })
  if (status !== 0) process.exit(status ?? 70)
}
