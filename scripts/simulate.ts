/**
 * The executor in a simulated world that loses answers, tears writes and cuts the power, from a seed: `npm run simulate -- --from 1 --seeds
 * 10000 [--bug "no fsync" | --bugs]`. Exit 0 only without a violation; the last line says seeds, faults by kind, violations.
 */
import { BUGS, simulate, type Bug } from '../test/simulate/run.ts'

function option(name: string, otherwise: string): string {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise)
}
const from = Number(option('from', '1')), seeds = Number(option('seeds', '1000'))
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
  console.error('usage: npm run simulate -- --from N --seeds N [--bug NAME | --bugs]')
  process.exit(2)
}

/** Seeds in turn; stops at the first violation where `untilFirst`. */
async function play(bug: Bug | undefined, untilFirst: boolean): Promise<{ seeds: number; violations: number; faults: Map<string, number> }> {
  const faults = new Map<string, number>()
  let violations = 0, played = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await simulate(seed, bug)
    played++
    for (const [kind, count] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + count)
    if (result.violations.length === 0) continue
    violations += result.violations.length
    if (!untilFirst) for (const { law, detail } of result.violations.slice(0, 3)) console.log(`seed ${seed}: ${law}: ${detail}`)
    if (untilFirst) break
  }
  return { seeds: played, violations, faults }
}

if (process.argv.includes('--bugs')) {
  let missed = 0
  for (const bug of BUGS) {
    const { seeds: played, violations } = await play(bug, true)
    if (violations === 0) missed++
    console.log(`${bug}: ${violations === 0 ? `NOT caught in ${played} seeds` : `caught at seed ${from + played - 1}, after ${played}`}`)
  }
  console.log(`${BUGS.length} deliberate bugs, ${missed} not caught`)
  process.exitCode = missed === 0 ? 0 : 1
} else {
  const { seeds: played, violations, faults } = await play(BUGS.find((bug) => bug === option('bug', '')), false)
  const kinds = [...faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${count} ${kind}`).join(', ')
  console.log(`seeds ${from}..${from + played - 1}: ${played} seeds; faults: ${kinds}; ${violations} violations`)
  process.exitCode = violations === 0 ? 0 : 1
}
