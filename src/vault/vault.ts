import { DAY_MS, formatInstant, make, millisOf, type Json, type Vanta } from '#record'
import { action, alone, command, Failure, verbs, type ActionWorld, type Emit } from '#tool'
import { defaultOverlay, OVERLAY_FILE, temperOf, type Temper } from '#domain/vault/overlay'
import { sealed, sealFault, sealOf } from '#domain/vault/seal'
import { SECTORS_FILE, sectorsIn } from '#domain/vault/sectors'
import { signAllocations } from '#domain/vault/signature'
import { Allocator, type QueueState } from '#domain/vault/allocate'
import { parseCents } from '#domain/money/money'
import {
  METHODS, QUEUE_FILE, readVault, VAULT_FILE, VAULT_LOG, vaultEntries, vaultSettings, withSetting, type Vault,
} from '#domain/vault/vault'
import book from './vault/book.ts'
import { accept, publish } from './vault/carry.ts'
import ledger from './vault/ledger.ts'
import move from './vault/move.ts'
import pin from './vault/pin.ts'

const init = command({
  name: 'vanta-vault init',
  summary: 'Make a vault: capital, currency, bands and caps in memory/vault.json, to be edited there.',
  operands: 'NAME',
  options: {
    cash: { kind: 'decimal', default: '100000', help: 'capital it starts with' },
    currency: { kind: 'text', default: 'USD', help: 'currency of its books' },
    method: { kind: 'choice', choices: METHODS, default: 'banded', help: 'how conviction becomes a fraction of the equity' },
    force: { kind: 'flag', help: 'replace a vault of the same name' },
  },
  examples: ['vanta-vault init core --cash 100000 --currency USD'],
  act({ cash, currency, method, force }, operands, world, emit) {
    const name = onlyName(operands) ?? 'core'
    const capital = parseCents(cash)
    if (capital === undefined || capital <= 0n) {
      throw new Failure('usage', `--cash: expected an amount above zero in whole cents, got "${cash}"`)
    }
    alone(world, VAULT_LOG, () => {
      const standing = vaultEntries(world.store.read(VAULT_FILE)?.memory).find(([known]) => known === name)?.[1]
      if (standing !== undefined && !force) throw new Failure('refused', `vault '${name}' exists; --force replaces it`)
      const seal = sealOf(standing)
      const entry = { ...vaultSettings({ cash: capital, currency, method }), ...(seal !== undefined && { seal: { ...seal } }) }
      if (!world.keys.has(name)) world.keys.create(name, formatInstant(world.clock.now()))
      if (world.store.read(OVERLAY_FILE) === undefined) world.store.write(OVERLAY_FILE, defaultOverlay(), 0)
      keep(name, entry, 'usage', world, emit)
    })
  },
})

const set = command({
  name: 'vanta-vault set',
  summary: 'Change settings of a vault and sign them: PATH=VALUE, such as caps.position=0.05 or stops.loss=0.08.',
  operands: 'NAME PATH=VALUE...',
  options: {},
  examples: ['vanta-vault init core >/dev/null && vanta-vault set core caps.position=0.05 method=kelly stops.trailing=0.10'],
  act(_, [name = '', ...settings], world, emit) {
    if (settings.length === 0) throw new Failure('usage', 'which settings? PATH=VALUE')
    alone(world, VAULT_LOG, () => keep(name, settings.reduce(withOne, entryOf(name, world)), 'usage', world, emit))
  },
})

function withOne(entry: { readonly [field: string]: Json }, setting: string): { readonly [field: string]: Json } {
  if (!setting.includes('=')) throw new Failure('usage', `expected PATH=VALUE, got "${setting}"`)
  const path = setting.slice(0, setting.indexOf('=')), value = setting.slice(setting.indexOf('=') + 1)
  try {
    return withSetting(entry, path, jsonOf(value))
  } catch (error) {
    throw error instanceof RangeError ? new Failure('usage', error.message, error) : error
  }
}

/** Numbers are text where a decimal is meant: only counts, flags, null and lists are taken as JSON. */
function jsonOf(text: string): Json {
  if (!/^(\d+|true|false|null|[[{].*)$/s.test(text) || /^0\d/.test(text)) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const sign = command({
  name: 'vanta-vault sign',
  summary: 'Sign the settings of a vault as memory/vault.json has them now; until then an edit does not count.',
  operands: 'NAME',
  options: {},
  examples: ['vanta-vault init core >/dev/null && vanta-vault sign core'],
  act(_, operands, world, emit) {
    const name = onlyName(operands) ?? ''
    alone(world, VAULT_LOG, () => keep(name, entryOf(name, world), 'config', world, emit))
  },
})

const history = command({
  name: 'vanta-vault history',
  summary: 'Every signed version of the settings of a vault, oldest first.',
  operands: 'NAME',
  options: {},
  examples: ['vanta-vault init core >/dev/null && vanta-vault history core | jq .seal.version'],
  act(_, operands, world) {
    const name = onlyName(operands)
    let found = 0
    for (const line of world.journal(VAULT_LOG).lines()) {
      const record = JSON.parse(line) as { readonly vault?: unknown }
      if (name !== undefined && record.vault !== name) continue
      world.print(line)
      found++
    }
    return found === 0 ? 'negative' : 'done'
  },
})

const key = command({
  name: 'vanta-vault key',
  summary: 'Make a new key pair for a vault: its private half signs from now on, earlier signatures stay valid.',
  operands: 'NAME',
  options: {},
  examples: ['vanta-vault init core >/dev/null && vanta-vault key core'],
  act(_, operands, world) {
    const name = onlyName(operands)
    if (name === undefined) throw new Failure('usage', 'which vault?')
    entryOf(name, world)
    world.print(alone(world, VAULT_LOG, () => world.keys.create(name, formatInstant(world.clock.now()))).id)
  },
})

const show = command({
  name: 'vanta-vault show',
  summary: 'Show a vault, or all of them, one `vault` record each.',
  operands: '[NAME]',
  options: {},
  examples: ['vanta-vault init core --cash 100000 && vanta-vault show core'],
  act(_, operands, world, emit) {
    const only = onlyName(operands)
    const names = vaultEntries(world.store.read(VAULT_FILE)?.memory).map(([name]) => name)
    if (only !== undefined && !names.includes(only)) throw missing(only)
    for (const name of only === undefined ? names : [only]) tell(name, world, emit)
    return names.length === 0 ? 'negative' : 'done'
  },
})

/** Each that fails is one in which another allocator has written. */
const QUEUE_ATTEMPTS = 100

/** The age at which the executor, too, calls a price stale. */
const PRICE_TTL_MS = 5 * DAY_MS

const allocate = action({
  name: 'vanta-vault allocate',
  summary: 'Turn the convictions of each moment into target fractions of the vault: entries, changes and exits.',
  about: 'Vaults may be allocated at the same time, each by one process: a second one for the same vault ends with 75.',
  options: {
    vault: { kind: 'text', default: 'core', help: 'vault that takes the convictions' },
    priced: { kind: 'flag', help: 'enter only subjects of which a price has passed by in the last 5 days' },
  },
  state: { [QUEUE_FILE]: [] },
  reads: ['conviction', 'price', 'bar', 'control'],
  examples: ['vanta-vault init core --cash 100000 >/dev/null && vanta-vault allocate --vault core </dev/null'],
  open({ vault: name, priced }, world) {
    const release = world.logs.lock(`${QUEUE_FILE}-${name}`)
    const allocator = new Allocator(vaultNamed(name, world), world.by, priced ? PRICE_TTL_MS : undefined, {
      temperAt: (nowMs) => temper(name, world, nowMs), sectorOf: sectorsIn(world.store.read(SECTORS_FILE)?.memory),
    })
    const queued = world.store.read(QUEUE_FILE)?.memory
    allocator.restore((vaultEntries(queued).find(([key]) => key === name)?.[1] ?? {}) as QueueState)
    let version = world.store.read(VAULT_FILE)?.version, hasEnded = false, said = ''
    const decide = (nowMs: number, emit: Emit): void => {
      const now = world.store.read(VAULT_FILE)?.version
      if (now !== version) allocator.renew(vaultNamed(name, world))
      version = now
      signAllocations(name, allocator.decide(nowMs), (text) => world.keys.sign(name, text)).forEach((allocation) => emit(allocation))
    }
    return {
      each(record, emit) {
        if (record.kind === 'conviction') allocator.hear(record)
        else if (record.kind !== 'control') allocator.hearPrice(record)
        else if (record.type === 'tick') decide(millisOf(record.at), emit)
        emit(record)
      },
      end(emit) {
        if (allocator.waiting) decide(world.clock.now(), emit)
        hasEnded = true
      },
      // Not before: what was decided and heard by nobody has to be decided again.
      landed() {
        const state = allocator.toState(), text = JSON.stringify(state)
        try {
          if (text !== said) keepQueue(name, state, world)
          said = text
        } finally {
          if (hasEnded) release()
        }
      },
    }
  },
})

/** The vault's part of the queue; allocators of other vaults may be writing theirs at the same time. */
function keepQueue(name: string, state: QueueState, { store }: ActionWorld): void {
  for (let attempt = 1; ; attempt++) {
    const stored = store.read(QUEUE_FILE)
    const vaults = Object.fromEntries(vaultEntries(stored?.memory)) as { [name: string]: Json }
    try {
      return void store.write(QUEUE_FILE, { ...stored?.memory, vaults: { ...vaults, [name]: state } }, stored?.version ?? 0)
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'again' || attempt === QUEUE_ATTEMPTS) throw error
    }
  }
}

/** Read anew for every decision: whoever changed it meant from then on. */
function temper(name: string, { store }: ActionWorld, nowMs: number): Temper {
  try {
    return temperOf(store.read(OVERLAY_FILE)?.memory, name, nowMs)
  } catch (error) {
    if (error instanceof RangeError) throw new Failure('config', `memory/${error.message}`, error)
    throw error
  }
}

/** Signed, checked, kept as a version of its own, and only then in force. */
function keep(name: string, entry: { readonly [field: string]: Json }, exit: 'usage' | 'config', world: ActionWorld, emit: Emit): void {
  const stored = world.store.read(VAULT_FILE)
  const vaults = Object.fromEntries(vaultEntries(stored?.memory)) as { [name: string]: Json }
  const signed = sealed(name, entry, (text) => world.keys.sign(name, text))
  const memory = { ...stored?.memory, vaults: { ...vaults, [name]: signed } }
  const fault = readVault(memory, name)
  if (typeof fault === 'string') throw new Failure(exit, exit === 'config' ? `memory/${VAULT_FILE}: ${fault}` : fault)
  const record = vaultRecord(name, signed, (stored?.version ?? 0) + 1, world)
  const journal = world.journal(VAULT_LOG)
  journal.append(JSON.stringify(record))
  journal.sync()
  world.store.write(VAULT_FILE, memory, stored?.version ?? 0)
  emit(record)
}

function entryOf(name: string, world: ActionWorld): { readonly [field: string]: Json } {
  const entry = vaultEntries(world.store.read(VAULT_FILE)?.memory).find(([key]) => key === name)?.[1]
  if (entry === undefined) throw missing(name)
  return entry as { readonly [field: string]: Json }
}

const missing = (name: string): Failure => new Failure('config', `no vault '${name}': run vanta-vault init ${name}`)

function vaultNamed(name: string, world: ActionWorld): Vault {
  const vault = readVault(world.store.read(VAULT_FILE)?.memory, name)
  if (vault === undefined) throw missing(name)
  if (typeof vault === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${vault}`)
  const keys = world.keys.publicKeys()
  const fault = sealFault(name, entryOf(name, world), (id) => keys.get(id))
  if (fault !== undefined) throw new Failure('config', `memory/${VAULT_FILE}: ${fault}`)
  return vault
}

function onlyName(operands: readonly string[]): string | undefined {
  if (operands.length > 1 || operands.some((name) => !/^[a-z][a-z0-9_-]*$/.test(name))) {
    throw new Failure('usage', 'expected one vault name in small letters, digits, - and _')
  }
  return operands[0]
}

function tell(name: string, world: ActionWorld, emit: Emit): void {
  emit(vaultRecord(name, entryOf(name, world), world.store.read(VAULT_FILE)?.version ?? 0, world))
}

function vaultRecord(name: string, entry: { readonly [field: string]: Json }, version: number, { clock, by }: ActionWorld): Vanta {
  const now = formatInstant(clock.now())
  const settings = entry as ReturnType<typeof vaultSettings>
  return make('vault', { at: now, known_at: now, source: `vault/${name}`, by, vault: name, version, ...settings })
}

export default verbs({
  name: 'vanta-vault',
  summary: 'Vaults: capital, and the rules by which conviction becomes target fractions of it.',
  verbs: { init, show, set, sign, history, key, book, publish, pin, accept, allocate, ledger, move },
})
