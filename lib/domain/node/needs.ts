/** What each tool and verb cannot do its work without: from it follows which nodes may run it. */
import type { Capability } from './capability.ts'

/** A collector: its services, its place in them, the budget that all processes of the home share, and the payloads it keeps. */
const collects = (name: string): readonly Capability[] => [`service:${name}`, `memory:cursor_${name}.json`, 'memory:budget_*', 'logs:raw']

const NOTHING: readonly Capability[] = []
const OVERLAY: readonly Capability[] = ['memory:vault_overlay.json', 'logs:overlay.ndjson']
const SETTINGS: readonly Capability[] = ['keys:vault', 'memory:vault.json', 'logs:vaults.ndjson']
const GRAPH: readonly Capability[] = ['logs:graph.ndjson']

const PNL: readonly Capability[] = ['memory:pnl_summary.json', 'logs:pnl.ndjson']
/** What plays history over leaves its books and logs in the place of what is there. */
const WHOLE_HOME: readonly Capability[] = ['memory:*', 'logs:*']

/** By the full name of the tool, or of the tool and its verb. */
const NEEDS: { readonly [act: string]: readonly Capability[] } = {
  ...Object.fromEntries([
    'bars', 'calendar', 'crypto', 'darknet', 'darkpool', 'discord', 'fred', 'news', 'options', 'orderbook', 'reddit', 'sec', 'substack', 'telegram',
    'twitter', 'whales',
  ].map((name) => [`vanta-${name}`, collects(name)])),
  'vanta-replay': NOTHING,
  'vanta-beam': NOTHING,
  'vanta-router': NOTHING,
  'vanta-align': NOTHING,
  'vanta-decay': NOTHING,
  'vanta-dedup': NOTHING,
  'vanta-normalize': NOTHING,
  'vanta-overlap': ['memory:overlap.json'],
  'vanta-swarm': NOTHING,
  'vanta-swarm accounts': NOTHING,
  'vanta-chain': NOTHING,
  'vanta-graph update': GRAPH,
  'vanta-graph neighbours': GRAPH,
  'vanta-graph communities': GRAPH,
  'vanta-graph centrality': GRAPH,
  'vanta-graph embed': GRAPH,
  'vanta-graph features': NOTHING,
  'vanta-graph join': NOTHING,
  'vanta-graph import': GRAPH,
  'vanta-graph export': GRAPH,
  'vanta-insiders': NOTHING,
  'vanta-resolve': NOTHING,
  'vanta-resolve pairs': NOTHING,
  'vanta-resolve dedupe': NOTHING,
  'vanta-resolve link': NOTHING,
  'vanta-anomaly': NOTHING,
  'vanta-backtest': WHOLE_HOME,
  'vanta-backtest sweep': WHOLE_HOME,
  'vanta-classify': NOTHING,
  'vanta-forecast': NOTHING,
  'vanta-momentum': NOTHING,
  'vanta-train all': NOTHING,
  'vanta-train classify': NOTHING,
  'vanta-train direction': NOTHING,
  'vanta-train forecast': NOTHING,
  'vanta-train import': NOTHING,
  'vanta-train list': NOTHING,
  'vanta-risk': ['memory:system_risk.json'],
  'vanta-synthesize': NOTHING,
  'vanta-rerank': NOTHING,
  'vanta-track': NOTHING,
  'vanta-reinforce': ['memory:reliability.json', 'memory:calibration.json'],
  'vanta-explain': NOTHING,
  'vanta-explain rows': NOTHING,
  'vanta-leaderboard': ['memory:leaderboard.json'],
  'vanta-overlay flip': OVERLAY,
  'vanta-overlay persona': OVERLAY,
  'vanta-overlay revert': OVERLAY,
  'vanta-overlay kill': OVERLAY,
  'vanta-overlay revive': OVERLAY,
  'vanta-overlay maintenance': OVERLAY,
  'vanta-overlay orders-disabled': OVERLAY,
  'vanta-overlay calls-disabled': OVERLAY,
  'vanta-overlay show': NOTHING,
  'vanta-vault init': [...SETTINGS, 'memory:vault_overlay.json'],
  'vanta-vault set': SETTINGS,
  'vanta-vault sign': SETTINGS,
  'vanta-vault book': SETTINGS,
  'vanta-vault key': ['keys:vault'],
  'vanta-vault show': NOTHING,
  'vanta-vault history': NOTHING,
  'vanta-vault allocate': ['keys:vault', 'memory:autotrade_queue.json'],
  'vanta-vault ledger': NOTHING,
  'vanta-vault move': ['memory:ledger.json', 'logs:trade_log.jsonl', 'logs:ledger.ndjson'],
  'vanta-exec': ['broker', 'memory:ledger.json', 'memory:open_orders.json', 'logs:trade_log.jsonl', 'logs:ledger.ndjson', 'logs:executor_diagnostics.log'],
  'vanta-exec reconcile': ['broker'],
  'vanta-exit': NOTHING,
  'vanta-audit append': ['logs:audit.jsonl'],
  'vanta-audit verify': NOTHING,
  'vanta-audit checkpoint': ['keys:node', 'logs:tlog'],
  'vanta-audit prove': NOTHING,
  'vanta-audit witness': ['keys:node', 'memory:witness.json', 'logs:witness_refused.ndjson'],
  'vanta-audit key': ['keys:node'],
  'vanta-audit rotate': ['keys:node', 'logs:audit.jsonl', 'logs:archive'],
  'vanta-audit lineage': ['logs:audit.index'],
  'vanta-audit index': ['logs:audit.index'],
  'vanta-audit export': NOTHING,
  'vanta-audit bundle': NOTHING,
  'vanta-audit replay': NOTHING,
  'vanta-keys init': ['keys:node'],
  'vanta-keys issue': ['keys:node'],
  'vanta-keys rotate': ['keys:node'],
  'vanta-keys revoke': ['keys:node'],
  'vanta-keys list': NOTHING,
  'vanta-keys check': NOTHING,
  'vanta-pnl': PNL,
  'vanta-summary': ['logs:reflection_digest.log', ...PNL],
  'vanta list': NOTHING,
  'vanta help': NOTHING,
  'vanta fuse': NOTHING,
  'vanta pipe': NOTHING,
  'vanta config': NOTHING,
  'vanta home': NOTHING,
  'vanta status': NOTHING,
  'vanta metrics': NOTHING,
  'vanta backup': NOTHING,
  'vanta restore': NOTHING,
  'vanta schema': NOTHING,
  'vanta man': NOTHING,
  'vanta completion': NOTHING,
  'vanta-diagnostics': NOTHING,
}

/** Undefined for a tool or verb that is not in the table. */
export const needsOf = (act: string): readonly Capability[] | undefined => (Object.hasOwn(NEEDS, act) ? NEEDS[act] : undefined)

/** Every tool and verb of the table. */
export const actNames: readonly string[] = Object.keys(NEEDS)
