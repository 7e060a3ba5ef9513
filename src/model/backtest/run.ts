import { formatDuration, formatInstant, make, millisOf, type Json, type Millis, type Summary, type Vanta } from '#record'
import { command, Failure, type ActionWorld, type CollectorWorld, type Emit, type Simulation } from '#tool'
import { callCollector, callCommand, resolve } from '#tool/call'
import { openSteps, type Step } from '#tool/pipeline'
import { chain, type Running } from '#tool/stage'
import { archiveAuditLog, auditStateOf, genesisOf } from '#domain/audit/archive'
import { Decisions } from '#domain/backtest/decisions'
import { summaryFields } from '#domain/backtest/summary'
import { summaryTable } from '#domain/backtest/table'
import { Tally } from '#domain/backtest/tally'
import { assumption, assumptionsOf, COST_OVERRIDES, DELISTING_LOSS, type Assumption } from '#domain/execute/costs'
import { VAULT_FILE } from '#domain/vault/vault'
import { readBenchmark, within } from '#wire/benchmark'
import { witnessedFolder } from '#wire/witnessed_folder'
import { findTool } from '../../tools.ts'
import { branchesAt, type AtCosts } from './at_costs.ts'
import { leakcheck } from './leakcheck.ts'
import { counted } from './registry.ts'
import { EXECUTOR, settingsOf, stepsOf, vaultWords, type Wish } from './settings.ts'
import { withFolder } from './with_folder.ts'

const DAY_MS = 86_400_000
/** How far bars run on after the last decision, so that its convictions can be judged. */
const JUDGING_MS = 14 * DAY_MS
const PROGRESS_EVERY = 5_000
const SUMMARY = 'summary.json'

export default command({
  name: 'vanta-backtest',
  summary: 'Replay recorded history through the whole loop, on paper, and say honestly what came of it.',
  about: `The tools of the pipeline file run as they would live, in a simulated world whose clock is the record: nothing is seen before it was known,
orders fill at the next opening price, at costs that the summary states with their reasons. Memory, logs and the audit log of the run are kept in
the home; an older replay there is archived, a home with a record or vaults of its own is never touched (exit 77). The last line of stdout is the
summary.

--leakcheck plays the loop again while the record itself ends at one random moment (by --seed) after the other; that every decision is the same, byte
for byte, is what it checks, and that a stage which looks a week ahead is caught by it. --costs trades the same decisions at multiples of the costs.

Every run counts itself in runs.ndjson of --registry, a chain of hashes to which lines are only added: the number of trials, on the same prices over
days that overlap, is what the deflated Sharpe ratio of the summary is reckoned with (Bailey and Lopez de Prado 2014). A registry that was cut or
changed is refused (65). The figures have 95 % intervals by the stationary bootstrap (Politis and Romano 1994), drawn by --seed.

--set gives options to the tools of the pipeline and settings to the vault: vanta-synthesize.min-log-odds=0.05, vault.caps.position=0.02.`,
  options: {
    data: { kind: 'path', required: true, help: 'folder with reddit/, insider/, bars/; any file may be absent' },
    from: { kind: 'moment', required: true, help: 'first day' },
    to: { kind: 'moment', required: true, help: 'last day' },
    source: { kind: 'list', default: 'reddit,insider', help: 'signals to play: reddit, comments, insider' },
    pipeline: { kind: 'path', help: 'pipeline file (default: pipelines/season.pipe)' },
    cash: { kind: 'decimal', default: '100000', help: 'capital of the vault' },
    method: { kind: 'choice', choices: ['banded', 'proportional'], default: 'banded', help: 'how the vault sizes' },
    costs: { kind: 'list', help: 'say the headline at so many times the costs too, such as 0.5,1,2,4' },
    leakcheck: { kind: 'integer', default: '0', help: 'cut the record at so many random moments: no decision may change; exit 1 where one does' },
    ...COST_OVERRIDES,
    delistingLoss: DELISTING_LOSS,
    set: { kind: 'list', help: 'TOOL.option=value for a tool of the pipeline, or vault.PATH=value, with commas between' },
    registry: { kind: 'path', help: 'folder of the registry that counts this run (default: logs of the home)' },
    table: { kind: 'flag', help: 'print a table for people instead of records, and write the report' },
    report: { kind: 'flag', help: 'write the HTML report (report.html in the home)' },
  },
  examples: [
    'vanta-backtest --data samples/season --from 2021-01-04 --to 2021-01-08 | tail -1 | jq .return',
    'vanta-backtest --data samples/season --from 2021-01-04 --to 2021-01-08 --leakcheck 5 --costs 1,4 | tail -1 | jq -c "[.leakcheck, .at_costs]"',
  ],
  async act(options, _, world, emit) {
    const untilMs = options.to % DAY_MS === 0 ? options.to + DAY_MS - 1 : options.to
    if (options.from >= untilMs) throw new Failure('usage', '--to: expected a moment after --from')
    if (options.leakcheck < 0) throw new Failure('usage', '--leakcheck: expected a number of cuts, 0 for none')
    const span = { fromMs: options.from, untilMs }
    const say: Emit = options.table ? ignore : emit
    const steps = stepsOf(options, world), multiples = multiplesOf(options.costs ?? [])
    const registry = counted(options.registry, world)
    makeRoom(world)
    const simulation = world.simulate()
    await makeVault(options, simulation.world)
    const apart = async (): Promise<ActionWorld> => {
      const { world: other } = world.simulate('forgotten')
      await makeVault(options, other)
      return other
    }
    const words = ['--data', options.data, '--source', options.source.join(','), '--delisting-loss', options.delistingLoss]
    const decisions = options.leakcheck > 0 ? new Decisions() : undefined
    const witnessed = witnessedFolder(world.folder)
    const ran = await replay(words, steps, multiples, span, simulation, apart, decisions, withFolder(world, witnessed), world, say)
    const { tally, elapsedMs } = ran

    const from = formatInstant(options.from), to = formatInstant(untilMs)
    const history = readBenchmark(options.data, to.slice(0, 10), world.folder)
    const leaks = decisions === undefined ? undefined : await leakcheck(decisions, {
      cuts: options.leakcheck, data: options.data, words, ...span, steps: steps.filter(({ tool }) => tool !== 'vanta-audit'), open: apart,
    }, world)
    const fields = summaryFields(tally, {
      from, to, cash: options.cash,
      pnl: simulation.world.store.read('pnl_summary.json')?.memory ?? {},
      history, benchmark: within(history, from.slice(0, 10)),
      assumptions: [...await assumed(steps), assumption('delistingLoss', options.delistingLoss, DELISTING_LOSS)],
      atCosts: ran.atCosts, leakcheck: leaks,
      audit: auditStateOf(world.logs),
      drawFor: (figure) => world.random(`interval ${figure}`).next,
      elapsedMs,
    })
    const untold = make('summary', { at: to, known_at: to, source: 'backtest', by: world.by, ...fields })
    const summary = { ...untold, trials: await registry.count(untold, settingsOf(options, world), witnessed.within(options.data)) }
    simulation.world.store.write(SUMMARY, plain(summary), 0)
    simulation.keep()
    if (options.report || options.table) await callCommand(findTool, 'vanta-summary', [], { ...world, print: ignore }, ignore)
    if (options.table) for (const line of summaryTable(summary, world.home)) world.print(line)
    else emit(summary)
    return leaks !== undefined && (leaks.leaks > 0 || !leaks.planted_caught) ? 'negative' : 'done'
  },
})

async function makeVault(options: Wish, world: ActionWorld): Promise<void> {
  await callCommand(findTool, 'vanta-vault', ['init', 'core', '--cash', options.cash, '--method', options.method], world, ignore)
  const words = vaultWords(options.set ?? [])
  if (words.length > 0) await callCommand(findTool, 'vanta-vault', ['set', 'core', ...words], world, ignore)
}

function multiplesOf(costs: readonly string[]): readonly string[] {
  const wrong = costs.find((text) => !/^\d+(\.\d+)?$/.test(text))
  if (wrong !== undefined) throw new Failure('usage', `--costs: expected multiples such as 0.5,1,2,4, got "${wrong}"`)
  return costs
}

/** What the executor of the loop takes trading to cost. */
async function assumed(steps: readonly Step[]): Promise<Assumption[]> {
  const step = steps.find(({ tool }) => tool === EXECUTOR)
  if (step === undefined) return []
  const { parsed: { values } } = await resolve(findTool, EXECUTOR, step.words)
  return assumptionsOf((name) => {
    const value = values[name]
    return typeof value === 'number' ? formatDuration(value) : String(value)
  })
}

const ignore = (): void => undefined

interface Span {
  readonly fromMs: Millis
  readonly untilMs: Millis
}

/** An older replay's log is set aside; a home with any other record, or with vaults of its own, is refused. */
function makeRoom({ logs, store, home }: ActionWorld): void {
  const found = genesisOf(logs)
  if (found === undefined) {
    if (store.read(VAULT_FILE) === undefined) return
    throw new Failure('refused', `${home} has vaults of its own (memory/${VAULT_FILE}); choose another --home for a back-test`)
  }
  if ('fault' in found) throw new Failure('refused', `${home}: ${found.fault}; a back-test starts a new log only where the old one is in order`)
  if (found.world !== 'replay') throw new Failure('refused', `${home} holds a ${found.world} record; choose another --home for a back-test`)
  const archived = archiveAuditLog(logs)
  if (typeof archived === 'object') throw new Failure('refused', `${home}: ${archived.fault}`)
}

interface Ran {
  readonly tally: Tally
  readonly atCosts: AtCosts | undefined
  readonly elapsedMs: number
}

/** Hand history to the pipeline, record by record, up to the end of the span; what comes after only prices convictions. */
async function replay(
  words: readonly string[], steps: readonly Step[], multiples: readonly string[], span: Span, simulation: Simulation,
  apart: () => Promise<ActionWorld>, decisions: Decisions | undefined, reader: CollectorWorld,
  world: ActionWorld, emit: Emit,
): Promise<Ran> {
  const last = formatInstant(span.untilMs)
  const spanned = ['--from', formatInstant(span.fromMs), '--to', last, '--bars-to', formatInstant(span.untilMs + JUDGING_MS)]
  const history = await callCollector(findTool, 'vanta-replay', [...words, ...spanned], reader)
  const tally = new Tally()
  const trading = steps.findIndex(({ tool }) => tool === EXECUTOR), before = trading < 0 ? steps.length : trading
  const branches = multiples.length === 0 ? undefined
    : await branchesAt(multiples, steps.slice(before).filter(({ tool }) => tool !== 'vanta-audit'), apart)
  const open = (some: readonly Step[]): Promise<Running[]> => openSteps(some, findTool, simulation.world)
  const stages = [...await open(steps.slice(0, before)), ...(branches === undefined ? [] : [branches.fork]), ...await open(steps.slice(before))]
  const loop = chain(stages, (record) => {
    tally.leave(record)
    decisions?.take(record)
    if (record.kind === 'pnl') emit(record)
  })
  let watch = world.stopwatch()
  for await (const record of history) {
    // Reading the files is not part of the loop.
    if (tally.events === 0) watch = world.stopwatch()
    if (record.known_at > last) {
      tally.price(record)
      continue
    }
    heard(tally, record)
    const busy = loop.push(record)
    if (busy !== undefined) await busy
    if (tally.events % PROGRESS_EVERY === 0) world.progress(progressText(record, tally, span))
  }
  await loop.end()
  await loop.landed()
  const failure = loop.verdict()
  if (failure !== undefined) throw failure
  const elapsedMs = watch.elapsedMs(), atCosts = await branches?.end()
  world.progress('')
  return { tally, atCosts, elapsedMs }
}

function heard(tally: Tally, record: Vanta): void {
  try {
    tally.hear(record)
  } catch (cause) {
    throw cause instanceof RangeError ? new Failure('data', cause.message, cause) : cause
  }
}

function progressText({ known_at }: Vanta, { events, made }: Tally, { fromMs, untilMs }: Span): string {
  const share = Math.min(1, Math.max(0, (millisOf(known_at) - fromMs) / (untilMs - fromMs)))
  const percent = String(Math.round(share * 100)).padStart(3)
  const moment = known_at.slice(0, 16).replace('T', ' ')
  return `${moment}  ${percent} %  ${events} events, ${made.get('conviction') ?? 0} convictions, ${made.get('fill') ?? 0} fills`
}

const plain = (summary: Summary): { [field: string]: Json } => JSON.parse(JSON.stringify(summary)) as { [field: string]: Json }
