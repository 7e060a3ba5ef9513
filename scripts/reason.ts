/**
 * What every part of the reasoning scores on the labelled sets, beside its rivals, in one table: `npm run report:reason [-- --json] [--quick] [PART...]`;
 * and what the models score on public benchmarks: `npm run bench:models`, which is the same over another folder (--in).
 * The sets are found below $VANTA_SHARED/data. A part is one file of the folder, run in a process of its own, several at once where nothing is timed;
 * --quick runs samples. What is under way is said on stderr. Exit 1 where none could be measured, or one failed.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rivalsPython } from './reason/rivals.ts'
import type { Part, Score } from './reason/score.ts'

const here = dirname(fileURLToPath(import.meta.url))
const data = join(process.env['VANTA_SHARED'] ?? join(here, '..', '..', 'shared'), 'data')
const { values: { in: inside, json, quick, measure }, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    in: { type: 'string' }, json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false },
    /** The one part that this very process shall measure, by its file. */
    measure: { type: 'string' },
  },
})
const folder = inside === undefined ? join(here, 'reason') : resolve(inside)
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const partIn = async (file: string): Promise<Part | undefined> => (await import(join(folder, file)) as { default?: Part }).default

if (measure !== undefined) {
  const part = await partIn(measure)
  for (const score of await part?.measure(data, { quick, python: process.env['VANTA_RIVALS'] }) ?? []) process.stdout.write(`${JSON.stringify(score)}\n`)
} else await measureAll()

async function measureAll(): Promise<void> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'score.ts' && file !== 'rivals.ts').sort()
  // What is asked for by the names of files needs nothing that only other parts do.
  const named = wanted.every((name) => files.includes(`${name}.ts`)) && wanted.length > 0 ? wanted.map((name) => `${name}.ts`) : files
  const chosen: { readonly file: string; readonly part: Part }[] = []
  for (const file of files) {
    if (!named.includes(file)) continue
    const part = await partIn(file)
    if (part === undefined || (wanted.length > 0 && !wanted.includes(part.name))) continue
    const missing = part.needs.filter((path) => !existsSync(join(data, path)))
    if (missing.length > 0) say(`${part.name}: left out, no ${missing.map((path) => join(data, path)).join(', ')}`)
    else chosen.push({ file, part })
  }
  const python = chosen.some(({ part }) => part.rivals === true) ? rivalsPython(say) : undefined
  const found = new Map<string, readonly Score[]>(), started = performance.now()
  const since = (ms: number): string => `${Math.round((performance.now() - ms) / 1000)} s`
  const failed: string[] = []
  const one = async ({ file, part }: (typeof chosen)[number]): Promise<void> => {
    const from = performance.now()
    say(`${part.name}: begins`)
    try {
      found.set(file, await measured(file, python))
    } catch (error) {
      failed.push(part.name)
      say(`${part.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    say(`${part.name}: ${since(from)}; ${found.size + failed.length} of ${chosen.length} parts after ${since(started)}`)
  }
  const waiting = chosen.filter(({ part }) => part.timed !== true)
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await one(next)
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker))
  for (const timed of chosen.filter(({ part }) => part.timed === true)) await one(timed)

  const scores = chosen.flatMap(({ file }) => found.get(file) ?? [])
  if (json) for (const score of scores) process.stdout.write(`${JSON.stringify(score)}\n`)
  else for (const line of tableOf(scores)) process.stdout.write(`${line}\n`)
  if (quick) say('--quick: of samples; no figures to quote')
  process.exitCode = scores.length > 0 && failed.length === 0 ? 0 : 1
}

/** By a process of its own: what one part leaves in memory is no matter to the next. */
function measured(file: string, python: string | undefined): Promise<Score[]> {
  const { VANTA_RIVALS: _, ...env } = process.env
  const words = ['--import', 'tsx', fileURLToPath(import.meta.url), '--in', folder, '--measure', file, ...(quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...env, ...(python !== undefined && { VANTA_RIVALS: python }) } })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  return new Promise((resolved, rejected) => {
    child.once('error', rejected)
    child.once('close', (status, signal) => {
      if (status !== 0) return rejected(new Error(`ended with ${status ?? signal}`))
      resolved(said.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Score))
    })
  })
}

function tableOf(all: readonly Score[]): string[] {
  const figure = (value: number): string => value.toFixed(Math.abs(value) < 10 ? 4 : 2)
  const rows = all.map(({ part, set, split, rows: n, metric, ours, interval, rivals }) => [
    part, set, split, String(n), metric,
    `${figure(ours)}${interval === undefined ? '' : ` (${figure(interval[0])} .. ${figure(interval[1])})`}`,
    rivals.map(({ name, value, how }) => `${name} ${figure(value)}${how === 'published' ? '*' : ''}`).join('; '),
  ])
  return [
    '| part | set | split | rows | metric | ours (95 %) | rivals (* published) |', '|---|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ]
}
