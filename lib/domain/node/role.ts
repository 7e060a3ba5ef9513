/** The three nodes, and what each may touch: the one list that the runner, the OS users, the units and the servers of streams enforce. */
import { covers, lacking, type Capability } from './capability.ts'
import { needsOf } from './needs.ts'

export const ROLES = ['alpha', 'markets', 'executor'] as const
export type Role = (typeof ROLES)[number]

export const isRole = (text: unknown): text is Role => ROLES.some((role) => role === text)

/** What goes from node to node, in the order of the loop. Each carries the whole lineage of what it is named for. */
export const STREAMS = ['signals', 'readings', 'convictions', 'settings', 'allocations', 'fills'] as const

/** What stays in the home of a node, in a file: what a guarding executor did, until the server of streams can be told. */
const OWN_STREAMS = ['guarded'] as const
export type StreamName = (typeof STREAMS)[number] | (typeof OWN_STREAMS)[number]
export const STREAM_NAMES: readonly StreamName[] = [...STREAMS, ...OWN_STREAMS]

/** Whether a stream stands in the home, wherever those between the nodes are. */
export const isOwn = (stream: string): boolean => OWN_STREAMS.some((own) => own === stream)

/** What every node does: its own audit log, with a key of its own, and being a witness of the others'. */
const EVERY: readonly Capability[] = [
  'keys:node', 'secret:bus', 'memory:witness.json', 'memory:slot_*', 'logs:audit*', 'logs:tlog', 'logs:archive', 'logs:witness_refused.ndjson',
  'logs:slots.ndjson', 'logs:rotated', 'logs:vanta-daily.log', 'logs:vanta-daily-runtime.log', 'logs:graph.ndjson', 'logs:rejects',
  'logs:alarms.log', 'memory:assistant.json', 'logs:assistant.ndjson', 'memory:tracker.json', 'logs:tracker.ndjson',
]

export const CAPABILITIES: { readonly [role in Role]: readonly Capability[] } = {
  // Decides: signs what convictions come to, and keeps the books of what became of it. Reaches nobody but the server of streams.
  alpha: [
    ...EVERY, 'read:convictions', 'read:fills', 'write:settings', 'write:allocations', 'ask:features', 'secret:s3', 'keys:vault',
    'memory:vault.json', 'memory:vault_keys.json',
    'memory:vault_overlay.json', 'memory:autotrade_queue.json', 'memory:pnl_summary.json',
    'logs:vaults.ndjson', 'logs:overlay.ndjson', 'logs:pnl.ndjson', 'logs:reflection_digest.log',
  ],
  // Listens and thinks: the only node that asks services.
  markets: [
    ...EVERY, 'service:*', 'secret:vanta-*', 'secret:s3', 'read:signals', 'write:signals', 'read:readings', 'write:readings', 'read:convictions',
    'write:convictions', 'memory:cursor_*', 'memory:budget_*', 'memory:system_risk.json', 'memory:reliability.json', 'memory:calibration.json',
    'memory:leaderboard.json', 'memory:overlap.json', 'logs:raw', 'features', 'serve:features', 'ask:features',
  ],
  // Trades: the only node that has a broker, and no key that allocations could be signed with.
  executor: [
    ...EVERY, 'broker', 'secret:alpaca', 'secret:tradier', 'secret:binance', 'secret:kraken', 'secret:okx', 'read:settings', 'read:allocations',
    'write:fills', 'read:guarded', 'write:guarded', 'memory:vault.json', 'memory:vault_keys.json', 'logs:vaults.ndjson',
    'memory:ledger.json', 'memory:open_orders.json', 'memory:vault_overlay.json', 'memory:pnl_summary.json', 'logs:trade_log.jsonl',
    'logs:ledger.ndjson', 'logs:executor_diagnostics.log', 'logs:overlay.ndjson', 'logs:pnl.ndjson', 'logs:reflection_digest.log',
  ],
}

/** The stream beside another for lines that could not be read. */
export const deadOf = (stream: string): string => `${stream}.dead`

/** What it takes to read a stream: NAME.PART belongs to NAME. */
export const reading = (stream: string): Capability => `read:${rootOf(stream)}`

/** What it takes to write to a stream; either is enough. Whoever reads one may leave beside it what could not be read. */
export const writing = (stream: string): readonly Capability[] =>
  [`write:${rootOf(stream)}`, ...(stream === deadOf(rootOf(stream)) ? [reading(stream)] : [])]

const rootOf = (stream: string): string => stream.replace(/\..*$/s, '')

/** Whether a node of that role may do what the capability says. */
export const allows = (role: Role, wanted: Capability): boolean => covers(CAPABILITIES[role], wanted)

/** What a tool or verb needs and a node of that role does not have; undefined where the table does not know the tool: then no node may run it. */
export function lacks(role: Role, act: string): readonly Capability[] | undefined {
  const needs = needsOf(act)
  return needs === undefined ? undefined : lacking(CAPABILITIES[role], needs)
}

/** The nodes that may run a tool or verb. */
export const rolesOf = (act: string): readonly Role[] => ROLES.filter((role) => lacks(role, act)?.length === 0)

/** The user and group of the operating system, of Redis and of Kafka that a node runs as. */
export const userOf = (role: Role): string => `vanta-${role}`
