/** Every tool by stage of the loop and name, loaded when asked for. The folder of its source is its stage. */
import { Failure, type Tool } from '#tool'

type Loader = () => Promise<{ readonly default: Tool }>

const STAGES: { readonly [stage: string]: { readonly [tool: string]: Loader } } = {
  collect: {
    'vanta-bars': () => import('./collect/bars.ts'),
    'vanta-calendar': () => import('./collect/calendar.ts'),
    'vanta-crypto': () => import('./collect/crypto.ts'),
    'vanta-darknet': () => import('./collect/darknet.ts'),
    'vanta-darkpool': () => import('./collect/darkpool.ts'),
    'vanta-discord': () => import('./collect/discord.ts'),
    'vanta-fred': () => import('./collect/fred.ts'),
    'vanta-news': () => import('./collect/news.ts'),
    'vanta-options': () => import('./collect/options.ts'),
    'vanta-orderbook': () => import('./collect/orderbook.ts'),
    'vanta-reddit': () => import('./collect/reddit.ts'),
    'vanta-replay': () => import('./collect/replay.ts'),
    'vanta-sec': () => import('./collect/sec.ts'),
    'vanta-substack': () => import('./collect/substack.ts'),
    'vanta-telegram': () => import('./collect/telegram.ts'),
    'vanta-twitter': () => import('./collect/twitter.ts'),
    'vanta-whales': () => import('./collect/whales.ts'),
  },
  bus: {
    'vanta-beam': () => import('./bus/beam.ts'),
    'vanta-router': () => import('./bus/router.ts'),
  },
  enrich: {
    'vanta-align': () => import('./enrich/align.ts'),
    'vanta-decay': () => import('./enrich/decay.ts'),
    'vanta-dedup': () => import('./enrich/dedup.ts'),
    'vanta-normalize': () => import('./enrich/normalize.ts'),
    'vanta-overlap': () => import('./enrich/overlap.ts'),
    'vanta-swarm': () => import('./enrich/swarm.ts'),
  },
  resolve: {
    'vanta-chain': () => import('./resolve/chain.ts'),
    'vanta-graph': () => import('./resolve/graph.ts'),
    'vanta-insiders': () => import('./resolve/insiders.ts'),
    'vanta-resolve': () => import('./resolve/resolve.ts'),
  },
  features: {
    'vanta-features': () => import('./features/features.ts'),
  },
  model: {
    'vanta-anomaly': () => import('./model/anomaly.ts'),
    'vanta-backtest': () => import('./model/backtest.ts'),
    'vanta-classify': () => import('./model/classify.ts'),
    'vanta-forecast': () => import('./model/forecast.ts'),
    'vanta-momentum': () => import('./model/momentum.ts'),
    'vanta-train': () => import('./model/train.ts'),
  },
  conviction: {
    'vanta-risk': () => import('./conviction/risk.ts'),
    'vanta-synthesize': () => import('./conviction/synthesize.ts'),
    'vanta-rerank': () => import('./conviction/rerank.ts'),
    'vanta-track': () => import('./conviction/track.ts'),
    'vanta-reinforce': () => import('./conviction/reinforce.ts'),
    'vanta-explain': () => import('./conviction/explain.ts'),
    'vanta-leaderboard': () => import('./conviction/leaderboard.ts'),
  },
  vault: {
    'vanta-overlay': () => import('./vault/overlay.ts'),
    'vanta-vault': () => import('./vault/vault.ts'),
  },
  execute: {
    'vanta-exec': () => import('./execute/exec.ts'),
    'vanta-exit': () => import('./execute/exit.ts'),
  },
  audit: {
    'vanta-audit': () => import('./audit/audit.ts'),
    'vanta-pnl': () => import('./audit/pnl.ts'),
    'vanta-summary': () => import('./audit/summary.ts'),
  },
  dream: {},
  operate: {
    'vanta-orchestrator': () => import('./operate/orchestrator.ts'),
    'vanta': () => import('./operate/vanta.ts'),
    'vanta-diagnostics': () => import('./operate/diagnostics.ts'),
    'vanta-keys': () => import('./operate/keys.ts'),
    'vanta-tracker': () => import('./operate/tracker.ts'),
    'vanta-assistant': () => import('./operate/assistant.ts'),
  },
}

const loaders: ReadonlyMap<string, Loader> = new Map(Object.values(STAGES).flatMap((tools) => Object.entries(tools)))

/** Every stage, in the order of the loop. */
export const stageNames: readonly string[] = Object.keys(STAGES)

const stages: ReadonlyMap<string, string> = new Map(
  Object.entries(STAGES).flatMap(([stage, tools]) => Object.keys(tools).map((tool) => [tool, stage] as const)),
)

/** The stage of a tool; nothing is loaded for it. */
export const stageOf = (tool: string): string | undefined => stages.get(tool)

export const toolNames: readonly string[] = [...loaders.keys()]

export async function findTool(name: string): Promise<Tool | undefined> {
  return (await loaders.get(name)?.())?.default
}

/** By full or short name (`decay`). Throws Failure `usage` where there is none. */
export async function loadTool(name: string): Promise<Tool> {
  const tool = (await findTool(name)) ?? (await findTool(`vanta-${name}`))
  if (tool === undefined) throw new Failure('usage', `no tool "${name}"; \`vanta list\` lists them`)
  return tool
}

/** In the order of the loop. */
export async function allTools(): Promise<readonly Tool[]> {
  return Promise.all(toolNames.map(loadTool))
}

/** Stages that have tools, in the order of the loop. */
export async function toolsByStage(): Promise<readonly (readonly [stage: string, tools: readonly Tool[]])[]> {
  const stages = Object.entries(STAGES).filter(([, tools]) => Object.keys(tools).length > 0)
  return Promise.all(stages.map(async ([stage, tools]) => [stage, await Promise.all(Object.keys(tools).map(loadTool))] as const))
}
