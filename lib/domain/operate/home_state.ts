/** What a home holds, in a few lines: for the operator who asks `vanta status`. */
import type { Json } from '#record'

type Memory = { readonly [field: string]: Json | undefined }

export interface HomeState {
  readonly home: string
  /** Memory files by name. */
  readonly memory: ReadonlyMap<string, { readonly version: number; readonly memory: Memory }>
  readonly audit: { readonly size: number; readonly rootHex: string; readonly world: string } | undefined
  /** Why nothing would be sent now; undefined where orders may go. */
  readonly halted: string | undefined
}

const LABEL_WIDTH = 16
const line = (label: string, text: string): string => `${label.padEnd(LABEL_WIDTH)}${text}`

export function statusLines({ home, memory, audit, halted }: HomeState): string[] {
  const versions = [...memory].map(([name, { version }]) => `${name} v${version}`)
  return [
    line('home', home),
    line('audit log', auditText(audit)),
    line('orders', halted === undefined ? 'may be sent' : `halted: ${halted}`),
    ...vaultLines(memory.get('vault.json')?.memory),
    ...equityLines(memory.get('pnl_summary.json')?.memory),
    line('memory', versions.length === 0 ? 'empty' : versions.join(', ')),
  ]
}

function auditText(audit: HomeState['audit']): string {
  if (audit === undefined) return 'none'
  return `${audit.size} lines of a ${audit.world} record, root ${audit.rootHex.slice(0, 16)}... (vanta-audit verify)`
}

function vaultLines(memory: Memory | undefined): string[] {
  const vaults = memory?.['vaults']
  if (!isMemory(vaults)) return [line('vaults', 'none (vanta-vault init core)')]
  return Object.entries(vaults).map(([name, vault]) =>
    line(`vault ${name}`, isMemory(vault) ? `capital ${String(vault['capital'])} ${String(vault['currency'])}, ${String(vault['method'])}` : 'unreadable'))
}

function equityLines(pnl: Memory | undefined): string[] {
  const positions = pnl?.['open_positions']
  if (pnl === undefined || typeof pnl['equity_end'] !== 'string') return []
  const open = Array.isArray(positions) ? `, ${positions.length} positions open` : ''
  return [line('equity', `${pnl['equity_end']} ${String(pnl['currency'])} as of ${String(pnl['as_of'])}${open}`)]
}

const isMemory = (value: Json | undefined): value is Memory => typeof value === 'object' && value !== null && !Array.isArray(value)
