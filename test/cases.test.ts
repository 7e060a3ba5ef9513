/**
 * Golden cases: a folder each under test/cases/TOOL/NNNN-name, with `cmd` (a shell line; $CASE is the folder), and the expected
 * `out`, `err` and `status`. `UPDATE_CASES=1 npm test -- test/cases.test.ts` writes them anew; read the difference before you commit it.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { needed } from './needed.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cases = join('test', 'cases')
const update = process.env['UPDATE_CASES'] === '1'

for (const tool of readdirSync(join(root, cases)).sort()) {
  for (const name of readdirSync(join(root, cases, tool)).sort()) {
    const folder = join(cases, tool, name)
    const command = readFileSync(join(root, folder, 'cmd'), 'utf8')
    test(`${tool} ${name}`, { skip: (/\bjq\b/.test(command) && needed('jq')) || false }, () => {
      const home = mkdtempSync(join(tmpdir(), 'vanta-case-'))
      const env = { ...process.env, CASE: folder, VANTA_HOME: home, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
      const result = spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] })
      const said: Readonly<Record<string, string>> = { out: result.stdout, err: result.stderr.replaceAll(home, '$VANTA_HOME'), status: `${result.status}\n` }
      rmSync(home, { recursive: true, force: true })
      for (const [file, text] of Object.entries(said)) {
        const path = join(root, folder, file)
        if (update) {
          if (text !== '' || existsSync(path)) writeFileSync(path, text)
        } else assert.equal(text, existsSync(path) ? readFileSync(path, 'utf8') : '', `${folder}/${file}`)
      }
    })
  }
}
