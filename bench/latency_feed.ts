/**
 * A recorded stream of signals as if they came in at a steady pace: the same records in the same order, each known a given time after the one before,
 * and happening as long before it was known as it did, up to a second. Prints one a line.
 *   latency_feed COUNT GAP_MICROSECONDS DATA FROM TO SOURCE
 */
import { formatInstant, lineOf, make, millisOf, type Signal } from '#record'
import { callCollector } from '#tool/call'
import { clockOf, realSurroundings, worldOf } from '#tool/world'
import { findTool } from '../src/tools.ts'

const [count = '', gap = '', data = '', from = '', to = '', source = ''] = process.argv.slice(2)
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const world = worldOf('vanta', realSurroundings({
  clock: clockOf(undefined), seed: '1', ambient: '', home: process.cwd(), root: process.cwd(), log: () => silent, print: () => undefined, progress: () => undefined,
  flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
}))

const LAG_MOST_MS = 1000
/** What was made of other signals names them by their new ids. */
const idOf = new Map<string, string>()
const lines: string[] = []
let startMs: number | undefined
for await (const record of await callCollector(findTool, 'vanta-replay', ['--data', data, '--from', from, '--to', to, '--source', source], world)) {
  if (record.kind !== 'signal') continue
  if (lines.length >= Number(count)) break
  startMs ??= millisOf(record.known_at)
  const knownMs = startMs + Math.ceil((lines.length * Number(gap)) / 1000)
  const { id: before, kind: _kind, ...said }: Signal = record
  const lagMs = Math.min(LAG_MOST_MS, Math.max(0, millisOf(record.known_at) - millisOf(record.at)))
  const moved = make('signal', {
    ...said, at: formatInstant(knownMs - lagMs), known_at: formatInstant(knownMs), parents: said.parents.map((parent) => idOf.get(parent) ?? parent),
  })
  idOf.set(before, moved.id)
  lines.push(lineOf(moved))
}
process.stdout.write(`${lines.join('\n')}\n`)
