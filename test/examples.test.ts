/** Every example of every --help is run as it stands, in a shell, from the project's root with a home of its own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { exampleOf } from '#tool/help'
import { allTools } from '../src/tools.ts'
import { actsOf } from '#tool/verb'
import { needed } from './needed.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

for (const tool of await allTools()) {
  for (const act of actsOf(tool)) {
    for (const { run, status = 0 } of act.examples.map(exampleOf)) {
      const skip = (/\bjq\b/.test(run) && needed('jq')) || (/\bman -l\b/.test(run) && 'needs man')
      test(`${act.name}: ${run}`, { skip }, () => {
        const home = mkdtempSync(join(tmpdir(), 'vanta-example-'))
        const env = { ...process.env, VANTA_HOME: home, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
        const result = spawnSync('bash', ['-o', 'pipefail', '-c', run], { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] })
        rmSync(home, { recursive: true, force: true })
        assert.equal(result.status, status, result.stderr)
      })
    }
  }
}
