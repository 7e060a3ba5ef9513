import { formatInstant, millisOf, type Millis, type Signal, type Vanta } from '#record'
import { collector, Failure, type CollectorWorld } from '#tool'
import { callCollector } from '#tool/call'
import { barRecords } from '#wire/csv/bar_record'
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
    'Reads a folder with reddit/, insider/ and bars/; any file may be absent, which is said. Bars come as they end, their opening ' +
    'prices as they happen, all split-adjusted to one basis; intraday prices are brought to the basis of the daily ones.',
  options: {
    data: { kind: 'path', required: true, help: 'the data folder' },
    from: { kind: 'moment', required: true, help: 'first moment of the signals' },
    to: { kind: 'moment', required: true, help: 'last moment; a bare date is taken whole' },
    source: { kind: 'list', default: 'reddit,insider', help: `signals to play: ${Object.keys(HOLDINGS).join(', ')}` },
    barsTo: { kind: 'moment', help: 'let bars run on to here (default: --to)' },
  },
  examples: [
    'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-05 | jq -c .kind | sort | uniq -c',
    'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-06 | vanta fuse --pipeline pipelines/reason.pipe --now stream | tail -1',
  ],
  async *collect({ data, from, to, source, barsTo }, world) {
    const untilMs = endOfDay(to)
    const signals = await signalsOf(data, source, from, untilMs, world)
    const subjects = signals.every(({ subject }) => subject !== undefined)
      ? new Set(['SPY', ...signals.map(({ subject = '' }) => subject.replace(/^ticker:/, ''))])
      : undefined
    const span = { sinceMs: from - WARM_UP_MS, untilMs: barsTo === undefined ? untilMs : endOfDay(barsTo) }
    const tables = readMarket({ folder: data, tickers: subjects, ...span }, world.folder, world.log)
    yield* merged(barRecords(tables, true, world.by), signals)
  },
})

/** A bare date typed for `--to` names its first moment; it is meant whole. */
const endOfDay = (ms: Millis): Millis => (ms % DAY_MS === 0 ? ms + DAY_MS - 1 : ms)

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
    const knownMs = millisOf(record.known_at)
    for (let signal = signals[next]; signal !== undefined && millisOf(signal.known_at) < knownMs; signal = signals[next]) {
      yield signal
      next++
    }
    yield record
  }
  yield* signals.slice(next)
}
