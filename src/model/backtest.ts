import { formatInstant, make, millisOf, type Json, type Millis, type Summary, type Vanta } from '#record'
import { command, Failure, type ActionWorld, type Emit, type Simulation } from '#tool'
import { callCollector, callCommand } from '#tool/call'
import { fuse, parsePipeline } from '#tool/pipeline'
import { archiveAuditLog, auditStateOf, genesisOf } from '#domain/audit/archive'
import { summaryFields } from '#domain/backtest/summary'
import { summaryTable } from '#domain/backtest/table'
import { Tally } from '#domain/backtest/tally'
import { VAULT_FILE } from '#domain/vault/vault'
import { readBenchmark } from '#wire/benchmark'
import { findTool } from '../tools.ts'

const DAY_MS = 86_400_000
/** How far bars run on after the last decision, so that its convictions can be judged. */
const JUDGING_MS = 14 * DAY_MS
const PROGRESS_EVERY = 5_000
const SUMMARY = 'summary.json'

export default command({
  name: 'vanta-backtest',
  summary: 'Replay recorded history through the whole loop, on paper, and say honestly what came of it.',
  about:
    'The tools of the pipeline file run as they would live, in a simulated world whose clock is the record: nothing is seen before ' +
    'it was known, orders fill at the next opening price. Memory, logs and the audit log of the run are kept in the home; an ' +
    'older replay there is archived, a home with a record or vaults of its own is never touched (exit 77). The last line of stdout ' +
    'is the summary.',
  options: {
    data: { kind: 'path', required: true, help: 'folder with reddit/, insider/, bars/; any file may be absent' },
    from: { kind: 'moment', required: true, help: 'first day' },
    to: { kind: 'moment', required: true, help: 'last day' },
    source: { kind: 'list', default: 'reddit,insider', help: 'signals to play: reddit, comments, insider' },
    pipeline: { kind: 'path', help: 'pipeline file (default: pipelines/season.pipe)' },
    cash: { kind: 'decimal', default: '100000', help: 'capital of the vault' },
    method: { kind: 'choice', choices: ['banded', 'proportional'], default: 'banded', help: 'how the vault sizes' },
    table: { kind: 'flag', help: 'print a table for people instead of records, and write the report' },
    report: { kind: 'flag', help: 'write the HTML report (report.html in the home)' },
  },
  examples: ['vanta-backtest --data samples/season --from 2021-01-04 --to 2021-01-08 | tail -1 | jq .return'],
  async act(options, _, world, emit) {
    makeRoom(world)
    const simulation = world.simulate()
    await callCommand(findTool, 'vanta-vault', ['init', 'core', '--cash', options.cash, '--method', options.method], simulation.world, ignore)
    const untilMs = options.to % DAY_MS === 0 ? options.to + DAY_MS - 1 : options.to
    const span = { fromMs: options.from, untilMs }
    const say: Emit = options.table ? ignore : emit
    const { tally, elapsedMs } = await replay(await events(options, span, world), options.pipeline, span, simulation, world, say)

    const from = formatInstant(options.from), to = formatInstant(untilMs)
    const fields = summaryFields(tally, {
      from, to, cash: options.cash,
      pnl: simulation.world.store.read('pnl_summary.json')?.memory ?? {},
      benchmark: readBenchmark(options.data, from.slice(0, 10), to.slice(0, 10), world.folder),
      audit: auditStateOf(world.logs),
      elapsedMs,
    })
    const summary = make('summary', { at: to, known_at: to, source: 'backtest', by: world.by, ...fields })
    simulation.world.store.write(SUMMARY, plain(summary), 0)
    simulation.keep()
    if (options.report || options.table) await callCommand(findTool, 'vanta-summary', [], { ...world, print: ignore }, ignore)
    if (options.table) for (const line of summaryTable(summary, world.home)) world.print(line)
    else emit(summary)
  },
})

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

/** The history asked for, with bars beyond its end. */
function events(
  { data, source }: { readonly data: string; readonly source: readonly string[] }, { fromMs, untilMs }: Span, world: ActionWorld,
): ReturnType<typeof callCollector> {
  const words = ['--data', data, '--source', source.join(','), '--from', formatInstant(fromMs), '--to', formatInstant(untilMs)]
  return callCollector(findTool, 'vanta-replay', [...words, '--bars-to', formatInstant(untilMs + JUDGING_MS)], world)
}

/** Hand history to the pipeline, record by record, up to the end of the span; what comes after only prices convictions. */
async function replay(
  history: Iterable<Vanta> | AsyncIterable<Vanta>, pipeline: string | undefined, span: Span, simulation: Simulation, world: ActionWorld, emit: Emit,
): Promise<{ readonly tally: Tally; readonly elapsedMs: number }> {
  const path = pipeline ?? `${world.root}/pipelines/season.pipe`
  const text = world.folder.read(path)
  if (text === undefined) throw new Failure('usage', `no such file: ${path}`)
  const tally = new Tally()
  const chain = await fuse(parsePipeline(text.toString('utf8'), path), findTool, simulation.world, (record) => {
    tally.leave(record)
    if (record.kind === 'pnl') emit(record)
  })
  const last = formatInstant(span.untilMs)
  let watch = world.stopwatch()
  for await (const record of history) {
    // Reading the files is not part of the loop.
    if (tally.events === 0) watch = world.stopwatch()
    if (record.known_at > last) {
      tally.price(record)
      continue
    }
    tally.hear(record)
    const busy = chain.push(record)
    if (busy !== undefined) await busy
    if (tally.events % PROGRESS_EVERY === 0) world.progress(progressText(record, tally, span))
  }
  await chain.end()
  world.progress('')
  return { tally, elapsedMs: watch.elapsedMs() }
}

function progressText({ known_at }: Vanta, { events, made }: Tally, { fromMs, untilMs }: Span): string {
  const share = Math.min(1, Math.max(0, (millisOf(known_at) - fromMs) / (untilMs - fromMs)))
  const percent = String(Math.round(share * 100)).padStart(3)
  const moment = known_at.slice(0, 16).replace('T', ' ')
  return `${moment}  ${percent} %  ${events} events, ${made.get('conviction') ?? 0} convictions, ${made.get('fill') ?? 0} fills`
}

const plain = (summary: Summary): { [field: string]: Json } => JSON.parse(JSON.stringify(summary)) as { [field: string]: Json }
