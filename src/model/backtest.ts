import { formatInstant, make, type Json, type Summary, type Vanta } from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { callCollector, callCommand } from '#tool/call'
import { fuse, parsePipeline } from '#tool/pipeline'
import { archiveAuditLog, auditStateOf, genesisOf } from '#domain/audit/archive'
import { summaryFields, type RunFacts } from '#domain/backtest'
import { summaryTable } from '#domain/backtest_table'
import { Tally } from '#domain/tally'
import { VAULT_FILE } from '#domain/vault'
import { readBenchmark } from '#wire/benchmark'
import { findTool } from '../tools.ts'

const DAY_MS = 86_400_000
/** How far bars run on after the last decision, so that its convictions can be judged. */
const JUDGING_MS = 14 * DAY_MS
const PROGRESS_EVERY = 5_000

export default command({
  name: 'vanta-backtest',
  summary: 'Replay recorded history through the whole loop, on paper, and say honestly what came of it.',
  about: [
    'The tools of the pipeline file run as they would live, in a simulated world whose clock is the record: nothing is seen before',
    'it was known, orders fill at the next opening price. Memory, logs and the audit log of the run are kept in the home; an',
    'older replay there is archived, a live or paper record is never touched (exit 77). The last line of stdout is the summary.',
  ].join(' '),
  options: {
    data: { kind: 'path', required: true, help: 'folder with reddit/, insider/, bars/; any file may be absent' },
    from: { kind: 'moment', required: true, help: 'first day' },
    to: { kind: 'moment', required: true, help: 'last day' },
    source: { kind: 'list', default: 'reddit,insider', help: 'signals to play: reddit, comments, insider' },
    pipeline: { kind: 'path', help: 'pipeline file (default: pipelines/season.pipe)' },
    cash: { kind: 'decimal', default: '100000', help: 'capital of the vault' },
    method: { kind: 'choice', choices: ['banded', 'proportional'], default: 'banded', help: 'how the vault sizes' },
    table: { kind: 'flag', help: 'print a table for people instead of records' },
    report: { kind: 'flag', help: 'also write the HTML report (report.html in the home)' },
  },
  examples: ['vanta-backtest --data samples/season --from 2021-01-04 --to 2021-01-08 | tail -1 | jq .return'],
  async act(options, _, world, emit) {
    makeRoom(world)
    const tally = new Tally()
    const simulation = world.simulate()
    await callCommand(findTool, 'vanta-vault', ['init', 'core', '--cash', options.cash, '--method', options.method], simulation.world, () => undefined)
    const path = options.pipeline ?? `${world.root}/pipelines/season.pipe`
    const pipeline = world.folder.read(path)
    if (pipeline === undefined) throw new Failure('usage', `no such file: ${path}`)
    const chain = await fuse(parsePipeline(pipeline.toString('utf8'), path), findTool, simulation.world, (record) => {
      tally.leave(record)
      if (record.kind === 'pnl' && !options.table) emit(record)
    })

    const fromDay = formatInstant(options.from).slice(0, 10), toDay = formatInstant(options.to).slice(0, 10)
    const untilMs = options.to % DAY_MS === 0 ? options.to + DAY_MS - 1 : options.to
    const last = formatInstant(untilMs)
    const words = ['--data', options.data, '--from', formatInstant(options.from), '--to', formatInstant(untilMs), '--source', options.source.join(','), '--bars-to', formatInstant(untilMs + JUDGING_MS)]
    const watch = world.stopwatch()
    let readMs = 0
    for await (const record of await callCollector(findTool, 'vanta-replay', words, world)) {
      if (tally.events === 0) readMs = watch.elapsedMs()
      if (record.known_at > last) {
        tally.price(record)
        continue
      }
      tally.hear(record)
      const busy = chain.push(record)
      if (busy !== undefined) await busy
      if (tally.events % PROGRESS_EVERY === 0) progress(world, record, tally, options.from, untilMs)
    }
    await chain.end()
    world.progress('')
    const elapsedMs = watch.elapsedMs() - readMs

    const facts: RunFacts = {
      from: formatInstant(options.from), to: last, cash: options.cash,
      pnl: simulation.world.store.read('pnl_summary.json')?.memory ?? {},
      benchmark: readBenchmark(options.data, fromDay, toDay, world.folder),
      audit: auditStateOf(world.logs), elapsedMs,
    }
    const summary: Summary = make('summary', { at: last, known_at: last, source: 'backtest', by: world.by, ...summaryFields(tally, facts) })
    simulation.world.store.write('summary.json', plain(summary), simulation.world.store.read('summary.json')?.version ?? 0)
    simulation.keep()
    if (options.report || options.table) await callCommand(findTool, 'vanta-summary', [], { ...world, print: () => undefined }, () => undefined)
    if (options.table) for (const line of summaryTable(summary, world.home)) world.print(line)
    else emit(summary)
  },
})

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

const plain = (summary: Summary): { [field: string]: Json } => JSON.parse(JSON.stringify(summary)) as { [field: string]: Json }

function progress(world: ActionWorld, record: Vanta, tally: Tally, fromMs: number, toMs: number): void {
  const share = Math.min(1, Math.max(0, (Date.parse(record.known_at) - fromMs) / (toMs - fromMs)))
  world.progress(`${record.known_at.slice(0, 16).replace('T', ' ')}  ${String(Math.round(share * 100)).padStart(3)} %  ${tally.events} events, ${tally.made.get('conviction') ?? 0} convictions, ${tally.made.get('fill') ?? 0} fills`)
}
