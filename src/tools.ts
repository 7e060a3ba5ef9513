/** Every tool by name, loaded when asked for. The folder of its source is its stage of the loop. */
import { Failure, type Tool } from '#tool'

type Loader = () => Promise<{ readonly default: Tool }>

const TOOLS: { readonly [name: string]: Loader } = {
  'vanta': () => import('./operate/vanta.ts'),
  'vanta-audit': () => import('./audit/audit.ts'),
  'vanta-backtest': () => import('./model/backtest.ts'),
  'vanta-bars': () => import('./collect/bars.ts'),
  'vanta-decay': () => import('./enrich/decay.ts'),
  'vanta-dedup': () => import('./enrich/dedup.ts'),
  'vanta-exec': () => import('./execute/exec.ts'),
  'vanta-normalize': () => import('./enrich/normalize.ts'),
  'vanta-pnl': () => import('./audit/pnl.ts'),
  'vanta-reddit': () => import('./collect/reddit.ts'),
  'vanta-replay': () => import('./collect/replay.ts'),
  'vanta-rerank': () => import('./conviction/rerank.ts'),
  'vanta-sec': () => import('./collect/sec.ts'),
  'vanta-summary': () => import('./audit/summary.ts'),
  'vanta-synthesize': () => import('./conviction/synthesize.ts'),
  'vanta-vault': () => import('./vault/vault.ts'),
}

export const toolNames: readonly string[] = Object.keys(TOOLS)

export async function findTool(name: string): Promise<Tool | undefined> {
  return (await TOOLS[name]?.())?.default
}

/** By full or short name (`decay`). Throws Failure `usage` where there is none. */
export async function loadTool(name: string): Promise<Tool> {
  const tool = (await findTool(name)) ?? (await findTool(`vanta-${name}`))
  if (tool === undefined) throw new Failure('usage', `no tool "${name}"; \`vanta list\` lists them`)
  return tool
}

export async function allTools(): Promise<readonly Tool[]> {
  return Promise.all(toolNames.map(loadTool))
}
