// What a fresh clone needs before anything runs: the packages, and an up-to-date build. Both are skipped where nothing changed.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const changedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newestMs(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name)
    return Math.max(newest, entry.isDirectory() ? newestMs(path) : changedMs(path))
  }, 0)
}

export function setUp() {
  process.chdir(root)
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 20)) {
    console.error(`Vanta needs Node 20.20 or later; this is ${process.versions.node}`)
    process.exit(78)
  }
  if (changedMs('node_modules/.package-lock.json') < changedMs('package-lock.json')) {
    console.error('installing packages (npm ci)')
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  }
  const sources = Math.max(...['src', 'lib', 'models', 'scripts'].map(newestMs), changedMs('package.json'))
  if (changedMs('dist/built') < sources) execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 2, 2] })
}
