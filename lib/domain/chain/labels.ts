/** Who stands behind an address: models/labels.json, made by scripts/chain_tables.mjs from public labels, and what the user adds. */
import table from '../../../models/labels.json' with { type: 'json' }
import { canonicalAddress } from './address.ts'

export interface Label {
  readonly name: string
  /** `exchange`, `bridge`, `mev-bot` ...; undefined where only a name is known. */
  readonly kind?: string | undefined
  /** The exchange whose wallet it is, in lower case. */
  readonly exchange?: string | undefined
  /** Where the label comes from. */
  readonly source: string
}

export interface LabelEntry {
  readonly address: string
  readonly label: Label
  /** Undefined where the label holds on every chain. */
  readonly chain?: string | undefined
}

export interface Labels {
  of(chain: string, address: string): Label | undefined
}

const { source, chains } = table as { readonly source: string; readonly chains: { readonly [chain: string]: string } }
const built = new Map<string, ReadonlyMap<string, string>>()

/** Rows are `address|kind|exchange|name`, one a line. */
function rowsOf(chain: string): ReadonlyMap<string, string> {
  let rows = built.get(chain)
  if (rows === undefined) {
    rows = new Map((chains[chain] ?? '').split('\n').map((row) => [row.slice(0, row.indexOf('|')), row]))
    built.set(chain, rows)
  }
  return rows
}

function builtIn(chain: string, address: string): Label | undefined {
  const row = rowsOf(chain).get(address)
  if (row === undefined) return undefined
  const [, kind = '', exchange = '', ...name] = row.split('|')
  return { name: name.join('|'), ...(kind !== '' && { kind }), ...(exchange !== '' && { exchange }), source }
}

/** The user's labels come before the built-in ones. */
export function labelsWith(entries: readonly LabelEntry[]): Labels {
  const own = new Map(entries.map(({ chain, address, label }) => [`${chain ?? ''} ${canonicalAddress(address)}`, label]))
  return { of: (chain, address) => own.get(`${chain} ${address}`) ?? own.get(` ${address}`) ?? builtIn(chain, address) }
}

/** What labels say of a transfer's direction. An address without a label is not known to be no exchange's: the flow is as far as labels tell. */
export function flowOf(from: Label | undefined, to: Label | undefined): { readonly flow: string; readonly exchange: string } | undefined {
  const source = from?.exchange, target = to?.exchange
  if (source !== undefined && target !== undefined) {
    return { flow: source === target ? 'exchange_internal' : 'exchange_to_exchange', exchange: source === target ? source : `${source}>${target}` }
  }
  if (target !== undefined) return { flow: 'exchange_inflow', exchange: target }
  return source === undefined ? undefined : { flow: 'exchange_outflow', exchange: source }
}
