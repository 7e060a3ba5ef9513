/**
 * A vault: capital, and the rules that turn conviction into target fractions of its equity. `memory/vault.json` holds all
 * vaults by name, `memory/vault_overlay.json` what overrules them from outside. Fractions are 10^-8 of the equity.
 */
import { parseInstant, type Json, type Millis } from '#record'
import { formatCents, type Cents, type Fixed } from '../money/money.ts'
import { PERSONAS, type PersonaName } from '../conviction/personas.ts'
import { FieldFault, Fields } from './fields.ts'

export const VAULT_FILE = 'vault.json'
export const QUEUE_FILE = 'autotrade_queue.json'
/** Every signed version of settings, as they came into force. */
export const VAULT_LOG = 'vaults.ndjson'

export const METHODS = ['banded', 'proportional', 'kelly'] as const
export type Method = (typeof METHODS)[number]
const MODES = ['paper', 'live'] as const
export const STATES = ['active', 'closing', 'halted'] as const

/** Convictions with `from` <= score < `to` (the last band includes 1) get `fraction` of the equity. */
export interface Band {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly fraction: Fixed
}

export interface Caps {
  /** Largest fraction in one subject. */
  readonly position: Fixed
  /** Largest sum of fractions in one sector, and on the word of one maker. */
  readonly sector: Fixed
  readonly source: Fixed
  /** Largest sum of fractions, and of long less short. */
  readonly gross: Fixed
  readonly net: Fixed
  readonly openPositions: number
  readonly openOrders: number
  /** Most that may be traded in a day, in multiples of the equity. */
  readonly turnover: Fixed
  /** Largest order, as a share of the average daily volume. */
  readonly liquidity: Fixed
}

/** Largest value in one subject, in all, and long less short, in fractions of the equity of all vaults together. */
export type BookCaps = Pick<Caps, 'position' | 'gross' | 'net'>

/** Losses and times at which a position is left, whatever the conviction; undefined: never. */
export interface Stops {
  /** Fall below the average cost. */
  readonly loss: Fixed | undefined
  /** Fall below the highest close since the entry. */
  readonly trailing: Fixed | undefined
  readonly timeMs: Millis | undefined
  /** After a stop the subject is left alone so long. */
  readonly cooldownMs: Millis
}

/** External capital, and what the lender may expect. */
export interface Loan {
  readonly lender: string
  readonly principal: Cents
  /** A year. */
  readonly rate: Fixed
  readonly dueMs: Millis
  /** Of the equity that positions are sized upon: how far below its highest it may fall, and how many times it may be invested. */
  readonly covenants: { readonly drawdown: Fixed; readonly exposure: Fixed }
}

export interface Vault {
  readonly name: string
  readonly capital: Cents
  readonly currency: string
  /** `live` is one of the three keys to real money. */
  readonly mode: (typeof MODES)[number]
  /** `closing`: only exits. `halted`: nothing. */
  readonly state: (typeof STATES)[number]
  readonly method: Method
  /** Ascending, not overlapping. */
  readonly bands: readonly Band[]
  /** Share of the full Kelly fraction, and the evidence that counts as much as none: more shrinks more. */
  readonly kelly: { readonly fraction: Fixed; readonly shrink: number }
  readonly caps: Caps
  readonly allowShort: boolean
  /** A held target moves only by at least `relative` of itself or `absolute` of the equity. */
  readonly minChange: { readonly relative: Fixed; readonly absolute: Fixed }
  readonly stops: Stops
  /** Largest sum of fractions under each persona. */
  readonly leverage: { readonly [name in PersonaName]: Fixed }
  /** Share of realised profit that stays at work; the rest becomes reserve. */
  readonly growth: Fixed
  /** Order in which what was bought is sold. */
  readonly lots: 'fifo' | 'average'
  readonly loan: Loan | undefined
}

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
    mode: 'paper',
    state: 'active',
    method,
    bands: [
      { name: 'low', from: 0.52, to: 0.55, fraction: '0.02' },
      { name: 'middle', from: 0.55, to: 0.6, fraction: '0.04' },
      { name: 'high', from: 0.6, to: 1, fraction: '0.08' },
    ],
    kelly: { fraction: '0.25', shrink: 8 },
    caps: {
      position: '0.10', sector: '1.00', source: '1.00', gross: '1.00', net: '1.00', open_positions: 25, open_orders: 50, turnover: '10.00', liquidity: '0.05',
    },
    allow_short: false,
    min_change: { relative: '0.25', absolute: '0.005' },
    stops: { loss: null, trailing: null, time: null, cooldown: '1d' },
    leverage: { athena: '0.50', apollo: '1.00', ares: '0.50', nemesis: '0.80' },
    compounding: { growth: '1.00' },
    lots: 'fifo',
    loan: null,
  }
}

/** The whole of `vault.json` with one new vault: what a back-test puts into its simulated store. */
export const defaultVault = (settings: VaultSettings, name = 'core') => ({ vaults: { [name]: vaultSettings(settings) } })

type Memory = { readonly [name: string]: unknown }
const isObject = (value: unknown): value is Memory => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The vaults of a `vault.json`, unread; empty where there are none. */
export function vaultEntries(memory: Memory | undefined): readonly (readonly [string, unknown])[] {
  return isObject(memory?.['vaults']) ? Object.entries(memory['vaults']) : []
}

/** Read one vault from a `vault.json`: the vault, or what is wrong with it (`undefined` where there is none of that name). */
export function readVault(memory: Memory | undefined, name: string): Vault | string | undefined {
  const entry = vaultEntries(memory).find(([key]) => key === name)?.[1]
  if (entry === undefined) return undefined
  try {
    return vaultOf(name, new Fields(entry, `vault "${name}"`))
  } catch (error) {
    if (error instanceof FieldFault) return error.message
    throw error
  }
}

/** Whose key signs the caps over all vaults: no vault can have the name. */
export const BOOK = '_book'

/** `book` of a `vault.json` that says there are no caps over all vaults. */
export const BOOK_OFF = { off: true } as const

/** `book` of a `vault.json`, caps over all vaults together: undefined where there are none, or what is wrong with them. */
export function readBookCaps(memory: Memory | undefined): BookCaps | string | undefined {
  const entry = memory?.['book']
  if (entry === undefined || (isObject(entry) && entry['off'] === true)) return undefined
  try {
    const caps = new Fields(entry, 'book')
    return { position: caps.fraction('position', 1n), gross: caps.fraction('gross', 1n), net: caps.fraction('net', 1n) }
  } catch (error) {
    if (error instanceof FieldFault) return error.message
    throw error
  }
}

/** What is absent is as a new vault has it. */
function vaultOf(name: string, all: Fields): Vault {
  const standard = new Fields(vaultSettings({ cash: 1n, currency: 'USD', method: 'banded' }), '')
  const fields = all.or(standard)
  const kelly = fields.under('kelly'), change = fields.under('min_change'), stops = fields.under('stops'), leverage = fields.under('leverage')
  return {
    name,
    capital: all.cents('capital', { above: 0n, example: '100000.00' }),
    currency: all.pattern('currency', /^[A-Z]{3,5}$/, 'a code such as "USD"'),
    mode: fields.oneOf('mode', MODES),
    state: fields.oneOf('state', STATES),
    method: all.oneOf('method', METHODS),
    bands: bandsOf(all),
    kelly: { fraction: kelly.fraction('fraction'), shrink: kelly.number('shrink', 0) },
    caps: capsOf(fields.under('caps')),
    allowShort: fields.flag('allow_short'),
    minChange: { relative: change.fraction('relative'), absolute: change.fraction('absolute') },
    stops: {
      loss: stops.optional('loss', (of) => of.fraction('loss')), trailing: stops.optional('trailing', (of) => of.fraction('trailing')),
      timeMs: stops.optional('time', (of) => of.duration('time')), cooldownMs: stops.duration('cooldown'),
    },
    leverage: Object.fromEntries(PERSONAS.map((persona) => [persona, leverage.fraction(persona)])) as { [name in PersonaName]: Fixed },
    growth: fields.under('compounding').fraction('growth'),
    lots: fields.oneOf('lots', ['fifo', 'average']),
    loan: fields.optional('loan', (of) => loanOf(of.under('loan'))),
  }
}

function bandsOf(fields: Fields): readonly Band[] {
  const expected = 'ascending {name, from, to, fraction} with 0 <= from < to <= 1'
  const bands = fields.list('bands', expected).map((band) => ({
    name: band.text('name'), from: band.number('from', 0), to: band.number('to', 0), fraction: band.fraction('fraction'),
  }))
  let floor = 0
  for (const { from, to } of bands) {
    if (from < floor || to <= from || to > 1) throw fields.fault('bands', expected)
    floor = to
  }
  if (bands.length === 0) throw fields.fault('bands', expected)
  return bands
}

const capsOf = (fields: Fields): Caps => ({
  position: fields.fraction('position', 1n), sector: fields.fraction('sector', 1n), source: fields.fraction('source', 1n),
  gross: fields.fraction('gross', 1n), net: fields.fraction('net', 1n), openPositions: fields.count('open_positions'), openOrders: fields.count('open_orders'),
  turnover: fields.fraction('turnover', 1n), liquidity: fields.fraction('liquidity', 1n),
})

function loanOf(fields: Fields): Loan {
  const covenants = fields.under('covenants')
  const dueMs = parseInstant(fields.text('due'))
  if (dueMs === undefined) throw fields.fault('due', 'an instant like "2027-01-15T00:00:00Z"')
  return {
    lender: fields.text('lender'), principal: fields.cents('principal', { above: 0n, example: '50000.00' }), rate: fields.fraction('rate'), dueMs,
    covenants: { drawdown: covenants.fraction('drawdown', 1n), exposure: covenants.fraction('exposure', 1n) },
  }
}

/** A setting by its path, `caps.position`, in a vault's entry; the entry with it changed. Throws RangeError where there is no such setting. */
export function withSetting(entry: { readonly [name: string]: Json }, path: string, value: Json): { readonly [name: string]: Json } {
  const [name = '', ...rest] = path.split('.')
  const standard = vaultSettings({ cash: 1n, currency: 'USD', method: 'banded' }) as { readonly [name: string]: Json }
  if (!(name in standard) && !(name in entry)) throw new RangeError(`a vault has no setting "${name}"`)
  if (rest.length === 0) return { ...entry, [name]: value }
  const inner = entry[name] ?? standard[name]
  const below = isObject(inner) ? (inner as { readonly [name: string]: Json }) : {}
  const [field = ''] = rest
  return { ...entry, [name]: { ...below, [field]: rest.length === 1 ? value : withSetting(below, rest.join('.'), value) } }
}
