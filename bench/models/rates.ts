/**
 * How many records a second `vanta-anomaly` scores: whole programs as built, rows of 40 bytes read and written back, CPU seconds of the process and of all its
 * threads, the least of some runs.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { METHODS, type Method } from '#domain/anomaly/detector'
import type { Part } from '../../scripts/reason/score.ts'
import { chance } from './lib/shared.ts'

const ROWS = 400_000, STEP_MS = 300_000, ROUNDS = 3
/** A slow method is told so many times fewer. */
const FEWER: Readonly<Partial<Record<Method, number>>> = { iforest: 8 }
/** Records a second that are asked for. */
const TARGETS: Readonly<Partial<Record<Method, number>>> = { zscore: 100_000, ensemble: 20_000 }
const bin = join(dirname(fileURLToPath(import.meta.url)), '../../bin/vanta-anomaly')

/** Throws where the program fails. */
function cpuSeconds(method: Method, file: string, rows: number): number {
  const script = 'set -o pipefail; TIMEFORMAT="%U %S"; head -n "$3" "$2" | { time "$0" --method "$1" > /dev/null; }'
  const { status, stderr } = spawnSync('bash', ['-c', script, bin, method, file, String(rows)], { encoding: 'utf8' })
  const [user = NaN, system = NaN] = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  if (status !== 0 || Number.isNaN(user + system)) throw new Error(`vanta-anomaly --method ${method}: status ${status}\n${stderr}`)
  return user + system
}

export default {
  name: 'rates',
  needs: [],
  timed: true,
  async measure(_, { quick }) {
    const all = quick ? ROWS / 20 : ROWS, draw = chance(1), folder = mkdtempSync(join(tmpdir(), 'vanta-rates-')), file = join(folder, 'rows.ndjson')
    const line = (i: number): string => `{"timestamp":${1.6e12 + i * STEP_MS},"value":${(40 + 9 * Math.sin(i / 46) + 3 * draw()).toFixed(3)}}\n`
    try {
      writeFileSync(file, Array.from({ length: all }, (__, i) => line(i)).join(''))
      return METHODS.map((method) => {
        const target = TARGETS[method], rows = all / (FEWER[method] ?? 1)
        const seconds = Math.min(...Array.from({ length: quick ? 1 : ROUNDS }, () => cpuSeconds(method, file, rows)))
        return {
          part: `anomaly ${method}`, set: 'one series, every five minutes', split: 'whole program', rows, metric: 'records a CPU second', ours: rows / seconds,
          rivals: target === undefined ? [] : [{ name: 'target', value: target, how: 'published' as const }],
        }
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
} satisfies Part
