// Install, build, check types and run every test. Words after `--` pick test files: `npm test -- test/domain`.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

setUp()

function testFiles(path) {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name)
    return entry.isDirectory() ? testFiles(child) : entry.name.endsWith('.test.ts') ? [child] : []
  })
}

function step(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: root, env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` } })
  if (status !== 0) process.exit(status ?? 70)
}

const named = process.argv.slice(2)
const files = (named.length > 0 ? named : ['test']).flatMap(testFiles).sort()
step(join('node_modules', '.bin', 'tsc'), ['--noEmit'])
step(process.execPath, ['--import', 'tsx', '--import', './test/seed.ts', '--test', '--test-concurrency=4', '--test-reporter=spec', ...files])
