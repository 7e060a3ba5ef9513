/**
 * Every recorded payload → signals out, or why not: `npm run fixtures [FOLDER...]`, a folder of folders each named after a provider
 * (default: $VANTA_SHARED/fixtures). One line a file on stdout, tab-separated, then the sums; exit 1 where anything is unexplained.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Vanta } from '#record'
import { Failure } from '#port/failure'
import { fileFolder } from '#adapter/file/folder'
import type { Feed } from '#tool/feed'
import type { Options, OptionValue } from '#tool/options'
import { readOption } from '#tool/options'
import { findTool } from '../src/tools.ts'

/** Who reads what a provider sends, in the order of trying; the first that finds a signal is taken. */
const READERS: { readonly [provider: string]: readonly string[] } = {
  alpaca: ['vanta-bars', 'vanta-news'],
  beacon: ['vanta-crypto', 'vanta-whales'],
  calendar: ['vanta-calendar'],
  cboe: ['vanta-options'],
  defillama: ['vanta-crypto', 'vanta-whales'],
  discord: ['vanta-discord'],
  etherscan: ['vanta-whales'],
  exchange_ws: ['vanta-orderbook', 'vanta-crypto'],
  fear_greed: ['vanta-calendar', 'vanta-fred'],
  finra: ['vanta-darkpool', 'vanta-fred'],
  forum: ['vanta-darknet'],
  fred: ['vanta-fred'],
  labels: ['vanta-whales'],
  mempool: ['vanta-whales', 'vanta-crypto'],
  news: ['vanta-news', 'vanta-substack'],
  onchain: ['vanta-whales', 'vanta-crypto'],
  openinsider: ['vanta-sec'],
  options_flow: ['vanta-options'],
  polygon: ['vanta-bars', 'vanta-options', 'vanta-darkpool', 'vanta-news', 'vanta-orderbook', 'vanta-calendar'],
  quiver: ['vanta-sec'],
  reddit: ['vanta-reddit'],
  sec: ['vanta-sec'],
  stockgrid: ['vanta-darkpool'],
  telegram: ['vanta-telegram'],
  tradier: ['vanta-options', 'vanta-bars'],
  twitter: ['vanta-twitter'],
  unusual_whales: ['vanta-options'],
  whale_alert: ['vanta-whales'],
}
/** Providers that are no feed. */
const NO_FEED: { readonly [provider: string]: string } = {
  llm: 'no feed: answers of language models',
  mlflow: 'no feed: answers of a model registry',
  stripe: 'no feed: webhooks of payments',
}

interface Outcome {
  readonly tool: string
  readonly types: ReadonlyMap<string, number>
  readonly rejects: ReadonlyMap<string, number>
  readonly failure: string | undefined
}

const folder = fileFolder()
const countIn = (map: ReadonlyMap<string, number>): number => [...map.values()].reduce((sum, n) => sum + n, 0)
const listed = (map: ReadonlyMap<string, number>): string => [...map].sort(([, a], [, b]) => b - a).map(([name, n]) => `${n} ${name}`).join('; ')

async function read(tool: string, files: readonly string[]): Promise<Outcome | undefined> {
  const found = await findTool(tool)
  const description = found !== undefined && 'feed' in found ? (found.feed as Feed<Options>) : undefined
  if (description === undefined) return undefined
  const values: { [name: string]: OptionValue } = {}
  for (const [name, option] of Object.entries(description.options)) {
    const parsed = 'default' in option && option.default !== undefined ? readOption(option, option.default) : undefined
    values[name] = parsed !== undefined && 'value' in parsed ? parsed.value : option.kind === 'flag' ? false : undefined
  }
  const types = new Map<string, number>(), rejects = new Map<string, number>()
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)
  const silent = (): void => undefined
  let failure: string | undefined
  const parser = description.open(values as never, {
    by: 'fixtures/1', log: { debug: silent, info: silent, warn: silent, error: silent }, reject: (_, why) => count(rejects, why),
  })
  const take = async (records: Iterable<Vanta> | AsyncIterable<Vanta>): Promise<void> => {
    for await (const record of records) count(types, record.kind === 'signal' ? record.type : record.kind)
  }
  try {
    for (const file of files) {
      const bytes = folder.read(file)
      if (bytes !== undefined) await take(parser.read({ name: file.slice(file.lastIndexOf('/') + 1), bytes, heardMs: Date.UTC(2026, 10, 1) }))
    }
    await take(parser.end?.() ?? [])
  } catch (error) {
    if (!(error instanceof Failure)) throw new Error(`${tool} on ${files.join(' ')}`, { cause: error })
    failure = error.message
  }
  return { tool, types, rejects, failure }
}

async function best(tools: readonly string[], file: string): Promise<Outcome | undefined> {
  const outcomes: Outcome[] = []
  for (const tool of tools) {
    const outcome = await read(tool, [file])
    if (outcome === undefined) continue
    if (countIn(outcome.types) > 0) return outcome
    outcomes.push(outcome)
  }
  return outcomes.find(({ failure }) => failure === undefined) ?? outcomes[0]
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path).sort().flatMap((name) => filesBelow(join(path, name)))
}

const roots = process.argv.length > 2 ? process.argv.slice(2) : [join(process.env['VANTA_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared'), 'fixtures')]
let files = 0, signals = 0, rejected = 0, refused = 0, unexplained = 0
for (const root of roots) {
  if (!existsSync(root)) {
    console.error(`no fixtures at ${root}: name a folder, or set VANTA_SHARED`)
    process.exit(2)
  }
  for (const file of filesBelow(root)) {
    const path = relative(root, file)
    const provider = path.split('/')[0] ?? ''
    if (path.endsWith('SOURCE.md')) continue
    files++
    const none = NO_FEED[provider] ?? (READERS[provider] === undefined ? 'no collector reads this provider' : undefined)
    const outcome = none === undefined ? await best(READERS[provider] ?? [], file) : undefined
    const count = countIn(outcome?.types ?? new Map())
    const left = countIn(outcome?.rejects ?? new Map())
    const why = none ?? [outcome?.failure === undefined ? '' : `refused: ${outcome.failure}`, listed(outcome?.rejects ?? new Map())].filter((text) => text !== '').join('; ')
    const explained = count > 0 || why !== ''
    signals += count
    rejected += left
    if (count === 0) refused++
    if (!explained) unexplained++
    console.log([path, outcome?.tool ?? '-', count, listed(outcome?.types ?? new Map()) || '-', left, explained ? why || '-' : 'UNEXPLAINED'].join('\t'))
  }
}
console.log(`${files} files: ${files - refused} with signals (${signals}), ${refused} without and why, ${rejected} parts left out, ${unexplained} unexplained`)
process.exitCode = unexplained > 0 ? 1 : 0
