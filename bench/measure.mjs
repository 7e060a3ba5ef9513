// What every benchmark needs: CPU time of a command, the least of several rounds, a table, and the machine it was taken on.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const bin = join(root, 'bin')

export const scratch = mkdtempSync(join(tmpdir(), 'vanta-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

/** A home of its own, so that no benchmark touches the user's. */
const environment = { ...process.env, VANTA_HOME: join(scratch, 'home'), PATH: `${bin}:${process.env.PATH}` }

export const has = (command) => spawnSync('bash', ['-c', `command -v ${command}`]).status === 0
const gnuTime = spawnSync('/usr/bin/time', ['-f', '%M', 'true']).status === 0

export function machine() {
  const load = loadavg().map((value) => value.toFixed(1)).join(' ')
  return `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model.trim()} x ${cpus().length}, Node ${process.versions.node}, load ${load}`
}

/**
 * Run `command` (words of a shell) once, between `cat` and `cat` where `input` names a file: as in a pipe, without the cost of
 * the pipe's other ends. CPU is user + sys of the command and its children, to the millisecond, as the shell has it from the
 * kernel. `peakMiB` is the largest resident set, where `memory` is asked for and GNU time is there. Throws where the command fails.
 */
export function once(command, { input, path = environment.PATH, lines = false, memory = false } = {}) {
  const peak = join(scratch, 'peak')
  const weighed = memory && gnuTime
  const timed = weighed ? `/usr/bin/time -q -o ${peak} -f %M ${command}` : command
  const source = input === undefined ? '< /dev/null' : ''
  const body = `${input === undefined ? '' : `cat '${input}' | `}( time ( ${timed} ${source} 2>&4 ) 2>&3 ) | ${lines ? 'wc -l' : 'cat > /dev/null'}`
  const script = `set -o pipefail; TIMEFORMAT='cpu %3U %3S %3R'; exec 3>&2 4>'${join(scratch, 'stderr')}'; ${body}`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: root, env: { ...environment, PATH: path }, encoding: 'utf8' })
  const found = /cpu ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr)
  if (status !== 0 || found === null) throw new Error(`${command}: status ${status}\n${stderr}${readFileSync(join(scratch, 'stderr'), 'utf8')}`)
  const [, user, system, wall] = found.map(Number)
  return {
    cpuMs: (user + system) * 1000,
    wallMs: wall * 1000,
    peakMiB: weighed ? Number(readFileSync(peak, 'utf8')) / 1024 : undefined,
    lines: lines ? Number(stdout) : undefined,
  }
}

/**
 * The least of `rounds` runs of each entry, the entries taking turns, so that a busy moment of the machine falls on all alike.
 * An entry is `{ name, run }`, `run` giving numbers such as `once` does; each figure of the result is the least that was seen.
 */
export function compare(entries, rounds) {
  const least = entries.map(() => ({}))
  for (let round = 0; round < rounds; round++) {
    entries.forEach(({ run }, i) => {
      for (const [name, value] of Object.entries(run())) {
        if (value !== undefined) least[i][name] = Math.min(least[i][name] ?? Infinity, value)
      }
    })
  }
  return entries.map(({ name }, i) => ({ name, ...least[i] }))
}

/** Columns, the first to the left and the others to the right. */
export function table(head, rows) {
  const cells = [head, ...rows.map((row) => row.map((cell) => cell ?? ''))].map((row) => row.map(String))
  const wide = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const line = (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(wide[0]) : cell.padStart(wide[column]))).join('  ')
  console.log([line(cells[0]), wide.map((width) => '-'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n'))
}

export const ms = (value) => (value === undefined ? '-' : value.toFixed(value < 100 ? 1 : 0))
export const times = (value) => (value === undefined ? '-' : `${value.toFixed(2)} x`)
export const mib = (value) => (value === undefined ? '-' : `${value.toFixed(0)} MiB`)
export const thousands = (value) => Math.round(value).toLocaleString('en-US')
export const verdict = (holds) => (holds ? 'yes' : 'MISSED')
