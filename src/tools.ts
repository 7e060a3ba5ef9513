import type { Tool } from '#tool'
/** Every tool by name, loaded when asked for. */
export const TOOLS: { readonly [name: string]: () => Promise<{ readonly default: Tool }> } = {
  'vanta-decay': () => import('./enrich/decay.ts'),
}
