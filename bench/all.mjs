// Build, then every benchmark: npm run bench
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './measure.mjs'

for (const script of ['scripts/build.mjs', 'bench/startup.mjs', 'bench/filters.mjs', 'bench/loop.mjs', 'bench/form4.mjs', 'bench/intents.mjs']) {
  const { status } = spawnSync(process.execPath, [join(root, script)], { stdio: 'inherit', cwd: root })
  if (status !== 0) process.exit(status ?? 70)
}
