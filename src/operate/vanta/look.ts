/** A look at a home: memory files, ends of logs, streams, the disk. Nothing is written, and no lock is taken that others wait for. */
import { auditStateOf, genesisOf } from '#domain/audit/archive'
import { CHECKPOINT, LINES } from '#domain/audit/files'
import { parseCheckpoint } from '#domain/audit/checkpoint'
import { recordOfLine } from '#domain/audit/links'
import { publishedOf } from '#domain/audit/published'
import { hurried } from '#domain/bus/address'
import { behindOf } from '#domain/bus/lag'
import { stateAt } from '#domain/collect/liveness'
import { JOBS } from '#domain/node/jobs'
import { allows } from '#domain/node/role'
import { SLOTS, slotEndOf, type SlotEnd } from '#domain/operate/daily'
import { vaultsOf } from '#domain/operate/status/books'
import { jobStatuses } from '#domain/operate/status/jobs'
import { troublesOf, type AuditStatus, type ErrorStatus, type FeedStatus, type Status, type StreamStatus, type Trouble } from '#domain/operate/status/status'
import { errorsIn, lastLines, stagesOf } from '#domain/operate/status/tail'
import { knownIn, SYSTEM_RISK_FILE } from '#domain/risk/memory'
import { haltedBy, OVERLAY_FILE } from '#domain/vault/overlay'
import { QUEUE_FILE, VAULT_FILE } from '#domain/vault/vault'
import type { Entry } from '#port/machine'
import type { Memory, Versioned } from '#port/store'
import { formatInstant, parseInstant, type Millis } from '#record'
import { Failure, type ActionWorld } from '#tool'
import type { Watch } from '#tool/feed'
import { memoryFiles } from '#tool/memory_files'
import { nodeSettings, streamsOfNode } from '#tool/node_home'
import { findTool, stageNames, stageOf } from '../../tools.ts'

const LEDGER = 'ledger.json'
const MOST_ERRORS = 5
/** So much of the end of each file of errors is read. */
const ERROR_BYTES = 1 << 16

type Found = Trouble[]

/** `servers`: addresses of streams on servers, besides those that are files of the home. */
export async function look(world: ActionWorld, servers: readonly string[] = []): Promise<Status> {
  const { home, clock, machine } = world, nowMs = clock.now(), troubles: Found = [], node = nodeSettings(world)
  const { read: memory, faults } = memoryFiles(world), overlay = memory.get(OVERLAY_FILE)?.memory
  const halted = haltedBy(overlay)?.why ?? null
  const books = vaultsOf({ vaults: memory.get(VAULT_FILE)?.memory, ledger: memory.get(LEDGER)?.memory, queue: memory.get(QUEUE_FILE)?.memory, overlay }, nowMs)
  const space = machine.space(home), ends = slotEnds(world)
  const seen = {
    at: formatInstant(nowMs), home, role: node?.role ?? null,
    orders: node === undefined || allows(node.role, `memory:${OVERLAY_FILE}`) ? { may_be_sent: halted === null, halted } : null,
    risk: riskOf(memory.get(SYSTEM_RISK_FILE)?.memory, troubles),
    vaults: books.vaults,
    feeds: await feedsOf(memory, nowMs),
    jobs: jobStatuses(JOBS.filter(({ role }) => (node === undefined ? ends.some((end) => end.role === role) : role === node.role)), ends, nowMs),
    stages: stagesIn(world, nowMs),
    streams: await streamsOf([...streamsOfNode(world), ...servers], world, troubles),
    audit: auditOf(world, troubles),
    disk: { free_bytes: space.freeBytes, total_bytes: space.totalBytes, free_inodes: space.freeInodes, total_inodes: space.totalInodes },
    memory: Object.fromEntries([...memory].map(([name, { version }]) => [name, version])),
    errors: lastErrors(world),
  }
  const all = troublesOf(seen, [...faults.map((detail) => ({ what: 'memory', detail })), ...troubles, ...books.troubles])
  return { ...seen, well: all.length === 0, troubles: all }
}

function riskOf(memory: Memory | undefined, troubles: Found): Status['risk'] {
  if (memory === undefined) return null
  const known = knownIn(memory)
  if (typeof known !== 'string') return { state: known.state, as_of: formatInstant(known.fromMs) }
  troubles.push({ what: 'memory', detail: `${SYSTEM_RISK_FILE}: ${known}` })
  return null
}

const CURSOR = /^cursor_(.+)\.json$/

/** Streams of feeds, from what their collectors remember of them. */
async function feedsOf(memory: ReadonlyMap<string, Versioned>, nowMs: Millis): Promise<readonly FeedStatus[]> {
  const feeds: FeedStatus[] = []
  for (const [file, { memory: { heard } }] of memory) {
    const name = CURSOR.exec(file)?.[1]
    if (name === undefined || typeof heard !== 'object' || heard === null) continue
    const feed = `vanta-${name}`, watch = await watchOf(feed)
    for (const [stream, told] of Object.entries(heard)) {
      const { at, state } = (typeof told === 'object' && told !== null ? told : {}) as { readonly [field: string]: unknown }
      const heardMs = typeof at === 'string' ? parseInstant(at) : undefined
      if (heardMs === undefined) continue
      const now = state === 'down' ? 'down' : watch === undefined ? (state === 'mute' ? 'mute' : 'live') : stateAt(heardMs, nowMs, watch)
      feeds.push({ feed, stream, state: now, heard_at: formatInstant(heardMs), age_ms: Math.max(0, nowMs - heardMs), quiet_ms: watch?.quietMs ?? null })
    }
  }
  return feeds
}

async function watchOf(feed: string): Promise<Watch | undefined> {
  const tool = await findTool(feed)
  return tool !== undefined && 'feed' in tool ? (tool.feed as { readonly watch: Watch }).watch : undefined
}

/** What became of slots, the latest first. */
function slotEnds({ logs }: ActionWorld): readonly SlotEnd[] {
  const tape = logs.open(SLOTS)
  try {
    return [...lastLines(tape)].flatMap((line) => {
      const record = recordOfLine(line)
      return record?.kind === 'control' ? slotEndOf(record) ?? [] : []
    })
  } finally {
    tape.close()
  }
}

function stagesIn({ logs }: ActionWorld, nowMs: Millis): Status['stages'] {
  const tape = logs.open(LINES)
  try {
    return stagesOf(tape, stageNames, stageOf, nowMs)
  } finally {
    tape.close()
  }
}

function auditOf({ logs }: ActionWorld, troubles: Found): AuditStatus | null {
  const genesis = genesisOf(logs), state = auditStateOf(logs)
  if (genesis === undefined) return null
  if ('fault' in genesis || state === undefined) {
    troubles.push({ what: 'audit log', detail: `${'fault' in genesis ? genesis.fault : `${CHECKPOINT} cannot be read`} (vanta-audit verify)` })
    return null
  }
  const origin = parseCheckpoint(logs.read(CHECKPOINT)?.toString('utf8') ?? '')?.origin ?? ''
  const signed = publishedOf(logs, origin)
  if (signed !== undefined && 'fault' in signed) troubles.push({ what: 'audit log', detail: signed.fault })
  const tape = logs.open(LINES)
  try {
    const size = signed === undefined || 'fault' in signed ? null : signed.size
    return { world: genesis.world, lines: state.size, root: state.rootHex, signed: size, bytes: tape.size() }
  } finally {
    tape.close()
  }
}

/** How far the groups of each stream are behind; one that cannot be asked is a trouble. */
async function streamsOf(servers: readonly string[], { home, machine, bus }: ActionWorld, troubles: Found): Promise<readonly StreamStatus[]> {
  const files = machine.entries(`${home}/bus`).map(({ name }) => name)
  // To open a stream that does not say how many partitions it has would be to make it.
  const streams = files.filter((name) => name.endsWith('.json')).map((name) => `file:${name.slice(0, -'.json'.length)}`)
  const asked = [...streams, ...servers.map(hurried)].map(async (address): Promise<readonly StreamStatus[]> => {
    try {
      const opened = await bus(address)
      return (await opened.lags()).map((lag) => ({ stream: opened.address, ...behindOf(lag) }))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      troubles.push({ what: `stream ${address.replace(/\?.*$/, '')}`, detail: error.message })
      return []
    }
  })
  return (await Promise.all(asked)).flat()
}

/** Of the reject files and the logs that are JSON lines, the latest errors first. */
function lastErrors({ home, logs, machine }: ActionWorld): readonly ErrorStatus[] {
  const files = [
    ...machine.entries(`${home}/logs/rejects`).filter(({ name }) => name.endsWith('.ndjson')).map((entry) => ({ ...entry, name: `rejects/${entry.name}` })),
    ...machine.entries(`${home}/logs`).filter(({ name }) => name.endsWith('.log')),
  ].filter(({ kind }) => kind === 'file').sort((a: Entry, b: Entry) => b.modifiedMs - a.modifiedMs)
  const errors = files.slice(0, MOST_ERRORS * 4).flatMap(({ name }) => {
    const tape = logs.open(name)
    try {
      return [...errorsIn(lastLines(tape, ERROR_BYTES))].slice(0, MOST_ERRORS)
    } finally {
      tape.close()
    }
  })
  return errors.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, MOST_ERRORS)
}
