/**
 * What every part of the reasoning scores on the labelled sets, beside its rivals, in one table: `npm run report:reason [-- --json] [PART...]`;
 * and what the models score on public benchmarks: `npm run bench:models`, which is the same over another folder (--in).
 * The sets are found below $VANTA_SHARED/data. A part is one file of the folder; exit 1 where none could be measured.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Part, Score } from './reason/score.ts'

const here = dirname(fileURLToPath(import.meta.url))
const data = join(process.env['VANTA_SHARED'] ?? join(here, '..', '..', 'shared'), 'data')
const words = process.argv.slice(2)
const inside = words.indexOf('--in')
const folder = inside === -1 ? join(here, 'reason') : resolve(words[inside + 1] ?? '')
const wanted = words.filter((word, i) => !word.startsWith('-') && (inside === -1 || i !== inside + 1))

const scores: Score[] = []
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'score.ts').sort()
// What is asked for by the names of files needs nothing that only other parts do.
const named = wanted.every((name) => files.includes(`${name}.ts`)) && wanted.length > 0 ? wanted.map((name) => `${name}.ts`) : files
for (const file of files) {
  if (!named.includes(file)) continue
  const { default: part } = await import(join(folder, file)) as { default?: Part }
  if (part === undefined || (wanted.length > 0 && !wanted.includes(part.name))) continue
  const missing = part.needs.filter((path) => !existsSync(join(data, path)))
  if (missing.length > 0) {
    process.stderr.write(`${part.name}: left out, no ${missing.map((path) => join(data, path)).join(', ')}\n`)
    continue
  }
  scores.push(...await part.measure(data))
}
if (words.includes('--json')) for (const score of scores) process.stdout.write(`${JSON.stringify(score)}\n`)
else for (const line of tableOf(scores)) process.stdout.write(`${line}\n`)
process.exitCode = scores.length > 0 ? 0 : 1

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
