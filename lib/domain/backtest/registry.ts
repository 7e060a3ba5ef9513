/**
 * The registry of runs: every back-test counts itself, so that the number of trials is not what somebody remembers. An append-only chain of `run`
 * records, each the parent of the next by its id, which is a hash of all it says; and beside it the number and id of the last. A line that was
 * changed, taken out or cut off at the end no longer fits, and nothing is added to such a file.
 */
import { check, identify, lineOf, make, type Draft, type Run, type Summary } from '#record'
import { endOfLines, LineCursor } from '../audit/lines.ts'
import type { Logs } from '../audit/logs.ts'
import { deflatedSharpe, expectedLargest, type SharpeEstimate } from '../statistics/sharpe.ts'
import { rounded } from './rounded.ts'

export const RUNS = 'runs.ndjson'
const HEAD = 'runs.head'

type Trials = NonNullable<Summary['trials']>

/** Of the program that ran. */

/** What a run says of itself; its place is given by the registry. */
export type RunDraft = Omit<Draft<'run'>, 'sequence' | 'parents'>

/** Every run, oldest first. Throws RangeError naming what does not fit. */
export function runsOf(logs: Logs): Run[] {
  const runs: Run[] = []
  const tape = logs.open(RUNS)
  try {
    for (const cursor = new LineCursor(tape); cursor.next();) runs.push(fitting(cursor.text(), runs.at(-1), runs.length + 1))
  } finally {
    tape.close()
  }
  const head = /^(\d+) ([0-9a-f]{40})\n$/.exec(logs.read(HEAD)?.toString('latin1') ?? '')
  if (head === null) {
    if (logs.read(HEAD) !== undefined) throw new RangeError(`${HEAD} cannot be read`)
    // Written after the first line: a crash may have come between.
    if (runs.length > 1) throw new RangeError(`${HEAD}, which names the last of ${runs.length} runs, is gone`)
    return runs
  }
  const place = Number(head[1])
  if (runs[place - 1]?.id !== head[2]) throw new RangeError(`${RUNS} was cut or changed: ${HEAD} names run ${place}, which it does not hold as it was`)
  return runs
}

function fitting(line: string, before: Run | undefined, sequence: number): Run {
  const wrong = (what: string): RangeError => new RangeError(`${RUNS} line ${sequence} ${what}`)
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw wrong('is no JSON')
  }
  const checked = check(value)
  if ('fault' in checked) throw wrong(`: ${checked.fault.path} ${checked.fault.message}`)
  const { record } = checked
  if (record.kind !== 'run') throw wrong('is no run')
  if (identify(record) !== record.id) throw wrong('was changed: its id is not that of what it says')
  if (record.sequence !== sequence || record.parents.join() !== (before?.id ?? '')) throw wrong('does not follow the line before it')
  return record
}

/** Count a run, durably, under the registry's lock. Throws RangeError as `runsOf`. */
export function register(logs: Logs, draft: RunDraft): { readonly run: Run; readonly runs: readonly Run[] } {
  const runs = runsOf(logs), before = runs.at(-1)
  const run = make('run', { ...draft, sequence: runs.length + 1, parents: before === undefined ? [] : [before.id] })
  const tape = logs.open(RUNS)
  try {
    const end = endOfLines(tape)
    if (end < tape.size()) tape.setAside(end)
    tape.append(Buffer.from(`${lineOf(run)}\n`))
    tape.sync()
  } finally {
    tape.close()
  }
  logs.replace(HEAD, `${run.sequence} ${run.id}\n`)
  return { run, runs: [...runs, run] }
}

/**
 * The runs that asked the same: of the same prices (one file alike is enough) over days that overlap. What was asked twice with the same answer is
 * one trial; another answer to the same words, of changed code, is another.
 */
export function trialsOf(run: Run, runs: readonly Run[]): readonly Run[] {
  const prices = pricesOf(run), trials = new Map<string, Run>()
  for (const other of runs) {
    const asksTheSame = other.from <= run.to && other.to >= run.from && pricesOf(other).some((file) => prices.includes(file))
    if (other !== run && !asksTheSame) continue
    trials.set(JSON.stringify([other.settings, other.from, other.to, other.data, other.audit_root]), other)
  }
  return [...trials.values()]
}

const pricesOf = ({ data }: Run): string[] => data.filter(({ file }) => file.startsWith('bars/')).map(({ sha256 }) => sha256)

/** What so many trials make of a Sharpe ratio; a trial without one adds to their number, not to their variance. */
export function deflated(trials: readonly Run[], { run, runs }: { readonly run: Run; readonly runs: readonly Run[] }, own: SharpeEstimate | undefined): Trials {
  // In one order, whichever run of a sweep ended first: sums of doubles depend on it.
  const ratios = trials.flatMap(({ sharpe_per_day: ratio }) => ratio ?? []).sort((a, b) => a - b)
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
  const variance = ratios.length < 2 ? 0 : ratios.reduce((sum, ratio) => sum + (ratio - mean) * (ratio - mean), 0) / (ratios.length - 1)
  return {
    runs: runs.length, head: run.id, trials: trials.length, variance: rounded(variance),
    expected_largest: rounded(expectedLargest(trials.length, variance)),
    deflated_sharpe: own === undefined ? null : rounded(deflatedSharpe(own, trials.length, variance)),
  }
}
