/**
 * A vault: capital, and the rules that turn conviction into target fractions of its equity. `memory/vault.json` holds all
 * vaults by name, `memory/vault_overlay.json` what overrules them from outside.
 */
import { parseFixed } from '../money/decimal.ts'
import { formatCents, parseCents, type Cents, type Fixed } from '../money/money.ts'

export const VAULT_FILE = 'vault.json'
export const QUEUE_FILE = 'autotrade_queue.json'

export type Method = 'banded' | 'proportional'
export const METHODS = ['banded', 'proportional'] as const

/** Convictions with `from` <= score < `to` (the last band includes 1) get `fraction` of the equity. */
export interface Band {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly fraction: Fixed
}

export interface Vault {
  readonly name: string
  readonly capital: Cents
  readonly currency: string
  readonly method: Method
  /** Ascending, not overlapping. */
  readonly bands: readonly Band[]
  readonly caps: {
    /** Largest fraction of equity in one subject. */
    readonly position: Fixed
    /** Largest sum of fractions. */
    readonly gross: Fixed
    readonly openPositions: number
  }
  readonly allowShort: boolean
  /** A held target moves only by at least `relative` of itself or `absolute` of the equity. */
  readonly minChange: { readonly relative: Fixed; readonly absolute: Fixed }
}

type Field = { readonly [name: string]: unknown }
const isField = (value: unknown): value is Field => typeof value === 'object' && value !== null && !Array.isArray(value)

export interface VaultSettings {
  readonly cash: Cents
  readonly currency: string
  readonly method: Method
}

/** One vault as `vault.json` keeps it, with the bands and caps a new vault starts from. */
export function vaultSettings({ cash, currency, method }: VaultSettings) {
  return {
    capital: formatCents(cash),
    currency,
    method,
    bands: [
      { name: 'low', from: 0.52, to: 0.55, fraction: '0.02' },
      { name: 'middle', from: 0.55, to: 0.6, fraction: '0.04' },
      { name: 'high', from: 0.6, to: 1, fraction: '0.08' },
    ],
    caps: { position: '0.10', gross: '1.00', open_positions: 25 },
    allow_short: false,
    min_change: { relative: '0.25', absolute: '0.005' },
  }
}

/** The whole of `vault.json` with one new vault: what a back-test puts into its simulated store. */
export const defaultVault = (settings: VaultSettings, name = 'core') => ({ vaults: { [name]: vaultSettings(settings) } })

/** The vaults of a `vault.json`, unread; empty where there are none. */
export function vaultEntries(memory: Field | undefined): readonly (readonly [string, unknown])[] {
  return isField(memory?.vaults) ? Object.entries(memory.vaults) : []
}

/** Read one vault from a `vault.json`: the vault, or what is wrong with it (`undefined` where there is none of that name). */
export function readVault(memory: Field | undefined, name: string): Vault | string | undefined {
  const entry = vaultEntries(memory).find(([key]) => key === name)?.[1]
  if (entry === undefined) return undefined
  if (!isField(entry)) return `vault "${name}" is no object`
  const wrong = (field: string, expected: string): string => `vault "${name}": ${field}: expected ${expected}`
  const capital = typeof entry.capital === 'string' ? parseCents(entry.capital) : undefined
  if (capital === undefined || capital <= 0n) return wrong('capital', 'an amount above zero, such as "100000.00"')
  if (typeof entry.currency !== 'string' || !/^[A-Z]{3,5}$/.test(entry.currency)) return wrong('currency', 'a code such as "USD"')
  const method = METHODS.find((known) => known === entry.method)
  if (method === undefined) return wrong('method', METHODS.join(' or '))
  const bands = readBands(entry.bands)
  if (bands === undefined) return wrong('bands', 'ascending {name, from, to, fraction} with 0 <= from < to <= 1')
  const caps = readCaps(entry.caps)
  if (caps === undefined) return wrong('caps', '{position, gross} as decimals above zero and open_positions as a count')
  const change = isField(entry.min_change) ? entry.min_change : {}
  const relative = fraction(change.relative), absolute = fraction(change.absolute)
  if (relative === undefined || absolute === undefined) return wrong('min_change', '{relative, absolute} as decimals')
  return {
    name, capital, currency: entry.currency, method, bands, caps,
    allowShort: entry.allow_short === true, minChange: { relative, absolute },
  }
}

function fraction(value: unknown): Fixed | undefined {
  const fixed = typeof value === 'string' ? parseFixed(value) : undefined
  return fixed === undefined || fixed < 0n ? undefined : fixed
}

function readBands(value: unknown): Band[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const bands: Band[] = []
  let floor = 0
  for (const entry of value) {
    if (!isField(entry)) return undefined
    const { name, from, to } = entry
    const share = fraction(entry.fraction)
    if (typeof name !== 'string' || name === '' || share === undefined) return undefined
    if (typeof from !== 'number' || typeof to !== 'number') return undefined
    if (!(from >= floor && from < to && to <= 1)) return undefined
    bands.push({ name, from, to, fraction: share })
    floor = to
  }
  return bands
}

function readCaps(value: unknown): Vault['caps'] | undefined {
  if (!isField(value)) return undefined
  const position = fraction(value.position), gross = fraction(value.gross)
  const openPositions = value.open_positions
  if (position === undefined || gross === undefined || position === 0n || gross === 0n) return undefined
  if (typeof openPositions !== 'number' || !Number.isSafeInteger(openPositions) || openPositions < 1) return undefined
  return { position, gross, openPositions }
}
