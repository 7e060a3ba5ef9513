/**
 * Logs changed at random places by who reaches one file, by who rewrites all but the signature, and by who owns the key: `npm run tamper --
 * --from 1 --trials 10000`. Exit 0 only where all were noticed; a line a kind says by whom, and how often the place was named.
 */
import { checkUntouched, tamper, type Trial } from '../test/audit/tamper.ts'

function option(name: string, otherwise: string): number {
  const at = process.argv.indexOf(`--${name}`)
  return Number(at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise))
}
const from = option('from', '1'), trials = option('trials', '10000')
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(trials) || trials < 1) {
  console.error('usage: npm run tamper -- --from N --trials N')
  process.exit(2)
}

checkUntouched()
const found = new Map<string, Trial[]>()
for (let seed = from; seed < from + trials; seed++) {
  const trial = tamper(seed)
  found.set(trial.kind, [...(found.get(trial.kind) ?? []), trial])
  if (trial.by === 'nobody' || !trial.isNamed) console.log(`seed ${seed}: ${JSON.stringify(trial)}`)
}
const count = (all: readonly Trial[], what: (trial: Trial) => boolean): number => all.filter(what).length
for (const [kind, all] of found) {
  const by = (['verify', 'kept checkpoint'] as const).map((who) => `${count(all, (trial) => trial.by === who)} by ${who}`).join(', ')
  console.log(`${kind}: ${all.length}, noticed ${by}; place named ${count(all, ({ isNamed }) => isNamed)}`)
}
const everything = [...found.values()].flat(), missed = count(everything, ({ by }) => by === 'nobody')
console.log(`${everything.length} trials, ${missed} not noticed, place named in ${count(everything, ({ isNamed }) => isNamed)}`)
process.exitCode = missed === 0 ? 0 : 1
