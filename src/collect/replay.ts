import { endOfDay, formatInstant, isAfter, millisOf, type Millis, type Signal, type Vanta } from '#record'
import { collector, Failure, type CollectorWorld } from '#tool'
import { callCollector } from '#tool/call'
import { DELISTING_LOSS } from '#domain/execute/costs'
import { ONE, parseFixed } from '#domain/money/decimal'
import { barRecords, withActions } from '#wire/csv/bar_record'
import { HOLDINGS } from '#wire/data_folder'
import { readMarket } from '#wire/market'
import { findTool } from '../tools.ts'

const DAY_MS = 86_400_000
/** Bars before the first signal, so that prices and volumes are known when it comes. */
const WARM_UP_MS = 14 * DAY_MS

export default collector({
  name: 'vanta-replay',
  summary: 'Recorded history as one stream, in the order in which it became known.',
  about:
    'Reads a folder with reddit/, insider/ and bars/; any file may be absent, which is said. Bars come as they end, their opening prices as they ' +
    'happen. A ticker has one basis: as traded, then its splits come as events, or adjusted for them; intraday prices are brought to that of the ' +
    'daily ones by what the days before told. Dividends come at the open of their ex date, as the file states them or as its adjusted closes tell. ' +
    'A ticker silent for five sessions has ended: its holders get the last close, less --delisting-loss where it alone fell silent.',
  options: {
    data: { kind: 'path', required: true, help: 'the data folder' },
    from: { kind: 'moment', required: true, help: 'first moment of the signals' },
    to: { kind: 'moment', required: true, help: 'last moment; a bare date is taken whole' },
    source: { kind: 'list', default: 'reddit,insider', help: `signals to play: ${Object.keys(HOLDINGS).join(', ')}` },
    barsTo: { kind: 'moment', help: 'let bars run on to here (default: --to)' },
    after: { kind: 'moment', help: 'give only what became known after this, of the same stream' },
    delistingLoss: DELISTING_LOSS,
  },
  examples: [
    'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-05 | jq -c .kind | sort | uniq -c',
    'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-06 | vanta fuse --pipeline pipelines/reason.pipe --now stream | tail -1',
  ],
  async *collect({ data, from, to, source, barsTo, after = -Infinity, delistingLoss }, world) {
    const silentLoss = parseFixed(delistingLoss)
    if (silentLoss === undefined || silentLoss < 0n || silentLoss > ONE) throw new Failure('usage', '--delisting-loss: expected a part of 1, such as 0.3')

    const untilMs = endOfDay(to)
    const signals = await signalsOf(data, source, from, untilMs, world)
    const subjects = signals.every(({ subject }) => subject !== undefined)
      ? new Set(['SPY', ...signals.map(({ subject = '' }) => subject.replace(/^ticker:/, ''))])
      : undefined
    const span = { sinceMs: from - WARM_UP_MS, untilMs: barsTo === undefined ? untilMs : endOfDay(barsTo) }
    const { tables, actions } = readMarket({ folder: data, tickers: subjects, silentLoss, ...span }, world.folder, world.log, world.by)
    const isLater = ({ known_at: knownAt }: Signal): boolean => millisOf(knownAt) > after
    // What befell shares before the first signal befell nobody.
    const befalling = actions.filter((action) => isLater(action) && millisOf(action.known_at) >= from)
    yield* merged(withActions(befalling, barRecords(tables, true, world.by, after)), signals.filter(isLater))
  },
})

/** Signals of the span in order of knowledge; those of the same moment stay in the order of the holdings. */
async function signalsOf(data: string, sources: readonly string[], fromMs: Millis, untilMs: Millis, world: CollectorWorld): Promise<Signal[]> {
  const first = formatInstant(fromMs), last = formatInstant(untilMs)
  const signals: Signal[] = []
  for (const source of sources) {
    const holdings = HOLDINGS[source]
    if (holdings === undefined) throw new Failure('usage', `--source: no source "${source}"; there are ${Object.keys(HOLDINGS).join(', ')}`)
    for (const { what, folder, pattern, collector: name } of holdings) {
      const paths = world.folder.list(`${data}/${folder}`).filter((file) => pattern.test(file)).map((file) => `${data}/${folder}/${file}`)
      if (paths.length === 0) world.log.info(`${data}/${folder} has no ${what}; the rest is used`)
      for (const path of paths) {
        for await (const record of await callCollector(findTool, name, ['--from', path, ...await keepingNothing(name)], world)) {
          if (record.kind === 'signal' && record.known_at >= first && record.known_at <= last) signals.push(record)
        }
      }
    }
  }
  if (signals.length === 0) world.log.warn(`no signals between ${first} and ${last} in ${data}`)
  return signals.sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
}

/** The files of the folder are kept already: their records name no payload. */
async function keepingNothing(name: string): Promise<readonly string[]> {
  const tool = await findTool(name)
  return tool?.kind === 'collector' && 'keep' in tool.options ? ['--keep', 'no'] : []
}

/** Market first where both are known at the same moment. */
function* merged(market: Iterable<Vanta>, signals: readonly Signal[]): Generator<Vanta> {
  let next = 0
  for (const record of market) {
    for (let signal = signals[next]; signal !== undefined && isAfter(record.known_at, signal.known_at); signal = signals[++next]) yield signal
    yield record
  }
  yield* signals.slice(next)
}
