import { sha256Of } from '#record/sha256'
import {
  check, formatDuration, formatInstant, lineOf, parseDuration, type Json, type Kind, type Millis, type RecordOf, type Run, type Selection, type Summary,
  type Trial, type Vanta,
} from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { cores, runCrew, type EndedAtHome } from '#tool/crew'
import { flagOf } from '#tool/options'
import { EXIT } from '#port/failure'
import { readNamed } from '#port/folder'
import { gridOf, type Point } from '#domain/backtest/grid'
import { deflated, runsOf, trialsOf } from '#domain/backtest/registry'
import { rankedTrials, selectionOf, trialOf, type Tried } from '#domain/backtest/sweep'
import { COST_OVERRIDES } from '#domain/execute/costs'
import { readScheme } from '#domain/statistics/folds'
import { columnsOfRows, parquetOfColumns, type Row } from '#wire/parquet_write'
import { codeOf, sound } from './registry.ts'

const SPAN = 'span'
const VARIES: ReadonlySet<string> = new Set([SPAN, 'source', 'cash', 'method', 'pipeline', 'delisting-loss', ...Object.keys(COST_OVERRIDES).map(flagOf)])

export default command({
  name: 'vanta-backtest sweep',
  summary: 'Back-test every point of a grid, on all cores, and say what choosing among them is worth.',
  about: `The grid is a JSON object of lists, {"vanta-synthesize.min-log-odds": ["0.04", "0.1"], "vault.caps.position": ["0.02", "0.05"]}: options of the
pipeline's tools, settings of the vault, of vanta-backtest itself source, cash, method, pipeline, delisting-loss and the costs, and span as FROM..TO.
Each point is one back-test over the whole span, a process of its own; its decisions know nothing of what comes later, whatever fold a day is in.

What is trained is the choice. On each fold of --cv the point with the best Sharpe ratio on the days trained on is chosen, and only its days tested on
count; out_of_sample is what this procedure made, best_in_hindsight what nobody could have known. --cv is walk:GROUPS, purged:GROUPS or
combinatorial:GROUPS:TESTED, and :EMBARGO after it. A day is never trained on where --label after it meets a day tested on, or within the embargo.

Every point counts in the registry of runs, so the deflated Sharpe ratios reckon with all that was ever tried on these prices. The overfitting
probability is that of Bailey, Borwein, Lopez de Prado and Zhu (2017). Records of the points come best first, then the selection; so they stand in
results.ndjson of --out, the points alone in results.parquet. A sweep that was killed goes on where it was: what has run of the same grid, data and
program is in logs/sweep_ID.ndjson.`,
  options: {
    grid: { kind: 'path', required: true, help: 'the grid, as JSON; - is standard input' },
    data: { kind: 'path', help: 'folder with reddit/, insider/, bars/; any file may be absent (default: the season that ships, and its span)' },
    from: { kind: 'moment', help: 'first day, where the grid has no span' },
    to: { kind: 'moment', help: 'last day, where the grid has no span' },
    cv: { kind: 'text', default: 'purged:5:5d', help: 'how the choice is validated' },
    label: { kind: 'duration', default: '7d', help: 'how long after a day what was decided on it may still move money: five sessions' },
    jobs: { kind: 'integer', help: 'back-tests at once (default: one a core)', aside: true },
    registry: { kind: 'path', help: 'folder of the registry that counts the runs (default: logs of the home)', aside: true },
    out: { kind: 'path', help: 'folder of the results (default: sweeps/ID in the home)', aside: true },
  },
  examples: [
    {
      run: `echo '{"vanta-synthesize.min-log-odds": ["0.04", "0.3"]}' | vanta-backtest sweep --grid - --data samples/season --from 2021-01-04 --to 2021-01-12 \
--cv purged:2:1d --label 2d | jq -c "[.kind, .rank, .return, .out_of_sample]"`,
    },
  ],
  async act(options, _, world, emit) {
    const validation = readScheme(options.cv, parseDuration)
    if (validation === undefined) throw new Failure('usage', `--cv: expected walk:5, purged:5:5d or combinatorial:6:2:5d, got "${options.cv}"`)
    const { data = `${world.root}/samples/season`, jobs: atOnce = cores(), registry = `${world.home}/logs` } = options
    if (atOnce < 1) throw new Failure('usage', '--jobs: expected at least 1')
    const asked = options.data === undefined ? { ...options, ...seasonOf(options) } : options
    const jobs = jobsOf(readNamed(world.folder, options.grid).toString('utf8'), asked).map((job) =>
      ({ ...job, words: [...job.words, '--data', data, '--registry', registry] }))
    sound(registry, () => runsOf(world.logsIn(registry)))
    const id = sha256Of(Buffer.from(JSON.stringify([jobs.map(({ words }) => words), dataOf(data, world), codeOf(world)]))).slice(0, 16)
    const below = `${world.home}/sweeps/${id}`
    const { trials, failed } = await sweep(jobs, `sweep_${id}.ndjson`, { below, atOnce }, world)
    const runs = sound(registry, () => runsOf(world.logsIn(registry)))
    const terms = { ...validation, cv: options.cv, label: formatDuration(options.label), by: world.by }
    const ranked: Trial[] = [], said: (Trial | Selection)[] = []
    for (const own of bySpan(trials)) {
      const tried = triedOf(own, runs), best = rankedTrials(own, tried), draw = world.random(`selection ${own[0]?.from ?? ''}`).next
      ranked.push(...best)
      said.push(...best, ...chosen(() => selectionOf(own, best, tried, { ...terms, draw }), world))
    }
    const out = options.out ?? below
    world.folder.write(`${out}/results.ndjson`, said.map((record) => `${lineOf(record)}\n`).join(''))
    world.folder.write(`${out}/results.parquet`, parquetOfColumns(columnsOfRows(ranked.map(rowOf))))
    for (const record of said) emit(record)
    for (const what of failed) world.log.error(what)
    return failed.length > 0 ? 'negative' : 'done'
  },
})

interface PointJob {
  readonly point: Point
  readonly words: readonly string[]
}

/** Every point as the words that a shell would give. Throws Failure `usage` naming what is wrong with the grid. */
function jobsOf(text: string, { grid, from, to }: { readonly grid: string; readonly from: Millis | undefined; readonly to: Millis | undefined }): PointJob[] {
  let points: readonly Point[]
  try {
    points = gridOf(text, (name) => VARIES.has(name))
  } catch (error) {
    throw error instanceof RangeError ? new Failure('usage', `${grid}: ${error.message}`, error) : error
  }
  return points.map((point) => {
    const { [SPAN]: span, ...settings } = point.settings
    if (span === undefined && (from === undefined || to === undefined)) throw new Failure('usage', '--from and --to are required where the grid has no span')
    const days = span === undefined ? [from, to].map((ms) => formatInstant(ms ?? 0)) : /^(\S+)\.\.(\S+)$/.exec(span)?.slice(1)
    if (days === undefined) throw new Failure('usage', `${grid}: expected a span like 2021-01-04..2021-01-29, got "${span}"`)
    const [own, set] = [Object.entries(settings).filter(([name]) => !name.includes('.')), Object.entries(settings).filter(([name]) => name.includes('.'))]
    const given = set.length === 0 ? [] : ['--set', set.map(([name, value]) => `${name}=${value}`).join(',')]
    return { point, words: ['--from', days[0] ?? '', '--to', days[1] ?? '', ...own.flatMap(([name, value]) => [`--${name}`, value]), ...given] }
  })
}

/** Every file that a back-test might read, as it stands. */
/** The span of the season that ships, as far as another is not asked for. */
const seasonOf = ({ from, to }: { readonly from: Millis | undefined; readonly to: Millis | undefined }) =>
  ({ from: from ?? Date.UTC(2020, 10, 25), to: to ?? Date.UTC(2021, 0, 17) })

const dataOf = (data: string, { folder }: ActionWorld): readonly string[] => ['reddit', 'insider', 'bars'].flatMap((part) =>
  folder.list(`${data}/${part}`).flatMap((name) => {
    const bytes = folder.bytes(`${data}/${part}/${name}`)
    return bytes === undefined ? [] : [`${part}/${name} ${sha256Of(bytes)}`]
  }))

interface Swept {
  /** In the order of the grid. */
  readonly trials: readonly Trial[]
  /** What went wrong at the points that are missing. */
  readonly failed: readonly string[]
}

/** Run what has not run before; what has stands in the journal of that name. */
async function sweep(jobs: readonly PointJob[], name: string, terms: { readonly below: string; readonly atOnce: number }, world: ActionWorld): Promise<Swept> {
  const release = world.logs.lock(name)
  try {
    const journal = world.journal(name), failed: string[] = []
    const done = new Map([...journal.lines()].map((line) => trialIn(line, name)).map((trial) => [trial.place, trial]))
    const before = done.size, watch = world.stopwatch()
    if (before > 0) world.log.info(`${before} of ${jobs.length} points have run already: logs/${name}`)
    const say = (): void => world.progress(progressText(done.size + failed.length, before, jobs.length, watch.elapsedMs()))
    say()
    await runCrew('vanta-backtest', jobs.filter(({ point }) => !done.has(point.place)), { ...terms, root: world.root }, ({ point, words }, how) => {
      if (how.status === 0) {
        const trial = trialOf(point, summaryIn(how, world), pnlIn(how, world), world.by)
        journal.append(lineOf(trial))
        journal.sync()
        done.set(point.place, trial)
      } else failed.push(whyOf(words, how))
      say()
    })
    world.progress('')
    return { trials: [...done.values()].sort((a, b) => a.place - b.place), failed }
  } finally {
    release()
  }
}

/** Words that are wrong once are wrong at every point that has them: the sweep ends there. */
function whyOf(words: readonly string[], { status, said }: EndedAtHome): string {
  const why = `vanta-backtest ${words.join(' ')} ended with ${status}: ${said.trim().split('\n').slice(-3).join(' / ')}`
  if (status === EXIT.usage.code || status === EXIT.config.code) throw new Failure('usage', why)
  return why
}

function recordIn<K extends 'trial' | 'summary'>(kind: K, text: string, place: string): RecordOf<K> {
  const checked = check(JSON.parse(text))
  if ('fault' in checked) throw new Failure('data', `${place}: ${checked.fault.path} ${checked.fault.message}`)
  if (!isOf(kind, checked.record)) throw new Failure('data', `${place} holds a ${checked.record.kind}, not a ${kind}`)
  return checked.record
}
const isOf = <K extends Kind>(kind: K, record: Vanta): record is RecordOf<K> & Vanta => record.kind === kind

const trialIn = (line: string, name: string): Trial => recordIn('trial', line, `logs/${name}`)
const fileOf = (name: string, { home }: EndedAtHome, { folder }: ActionWorld): string => readNamed(folder, `${home}/memory/${name}`).toString('utf8')
const summaryIn = (how: EndedAtHome, world: ActionWorld): Summary => recordIn('summary', fileOf('summary.json', how, world), 'summary.json')
const pnlIn = (how: EndedAtHome, world: ActionWorld): { readonly [field: string]: Json } =>
  JSON.parse(fileOf('pnl_summary.json', how, world)) as { [field: string]: Json }

function bySpan(trials: readonly Trial[]): Iterable<readonly Trial[]> {
  const spans = new Map<string, Trial[]>()
  for (const trial of trials) {
    const key = `${trial.from} ${trial.to}`, own = spans.get(key)
    if (own === undefined) spans.set(key, [trial])
    else own.push(trial)
  }
  return spans.values()
}

/** All that the registry knows to have been tried on the days of these trials. */
function triedOf(trials: readonly Trial[], runs: readonly Run[]): Tried {
  const summaries = new Set(trials.map(({ summary }) => summary)), last = runs.findLast(({ summary }) => summaries.has(summary))
  if (last === undefined) throw new Failure('data', 'the registry of runs does not hold what has run; was the sweep begun with another --registry?')
  const { trials: count, variance, expected_largest: expectedLargest } = deflated(trialsOf(last, runs), { run: last, runs }, undefined)
  return { trials: count, variance, expectedLargest }
}

/** Too few days, or too few trials, for the scheme: the trials stand, but nothing is said of choosing among them. */
function chosen(choose: () => Selection, world: ActionWorld): readonly Selection[] {
  try {
    return [choose()]
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    world.log.warn(`--cv: ${error.message}: nothing is said of choosing among them`)
    return []
  }
}

/** A column for each name of the grid and each field. */
const rowOf = ({ settings, parents: _, days: __, ...trial }: Trial): Row =>
  ({ ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])), ...trial })

function progressText(done: number, before: number, all: number, elapsedMs: number): string {
  const ran = done - before, leftMs = ran === 0 || done === all ? undefined : (elapsedMs / ran) * (all - done)
  return `${done} of ${all} points${leftMs === undefined ? '' : `, about ${Math.ceil(leftMs / 60_000)} min to go`}`
}
