/** A small world for the money tools: memory only, and records made to measure. */
import { formatInstant, make, millisOf, type Allocation, type Bar, type Control, type Price, type Vanta } from '#record'
import type { ActionWorld, Emit, Stage } from '#tool'
import { memoryMachine } from '#adapter/memory/machine'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryLogs } from '#adapter/memory/logs'
import { memoryStore, type MemoryStore } from '#adapter/memory/store'
import { PaperBroker } from '#adapter/paper/broker'
import type { TradingCosts } from '#domain/execute/costs'
import type { Broker, BrokerTerms } from '#port/broker'
import { defaultOverlay } from '#domain/vault/overlay'
import { sealed } from '#domain/vault/seal'
import { vaultSettings } from '#domain/vault/vault'
import type { Journal } from '#port/journal'
import { memoryKeys } from '#adapter/memory/keys'
import { signAllocations } from '#domain/vault/signature'
import { memoryOutside } from '#adapter/memory/outside'
import { Failure } from '#port/failure'

export interface Bench extends ActionWorld {
  readonly store: MemoryStore
  /** The process is gone: its locks are anyone's. */
  die(): void
  nowMs: number
}

async function broker(terms: BrokerTerms): Promise<Broker> {
  if (terms.name !== 'paper') throw new Error('no venue in this world')
  return new PaperBroker(terms)
}

export function bench(cash = 10_000_000n): Bench {
  const journals = new Map<string, Journal>()
  const store = memoryStore({ 'vault_overlay.json': defaultOverlay() })
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const none = (): never => {
    throw new Error('no such thing in this world')
  }
  const keys = memoryKeys('1', store)
  for (const vault of ['core', 'spare']) keys.create(vault, '2021-01-01T00:00:00.000Z')
  const entry = sealed('core', vaultSettings({ cash, currency: 'USD', method: 'banded' }), (text) => keys.sign('core', text))
  store.write('vault.json', { vaults: { core: entry } }, 0)
  const held = new Set<string>()
  const logs = { ...memoryLogs(), lock }
  function lock(name: string): () => void {
    if (held.has(name)) throw new Failure('again', `${name}: held`)
    held.add(name)
    return () => void held.delete(name)
  }
  const world: Bench = {
    die: () => held.clear(),
    nowMs: millisOf('2021-01-15T23:00:00.000Z'),
    clock: { now: () => world.nowMs },
    log: quiet, by: 'vanta-test/0', past: () => [], random: none, outside: memoryOutside(), store, keys, nodeKeys: keys, machine: memoryMachine(), serve: () => Promise.reject(new Error('nobody listens')), alarm: () => Promise.reject(new Error('nobody waits')), home: '/home', root: '/root', print: none, progress: none,
    folder: { read: none, bytes: none, list: none, write: none }, logs, logsIn: none, objects: none, online: none, hear: () => undefined, as: none, simulate: none, stopwatch: none, certificateKeys: { certify: none, certificates: none, sign: none }, inference: { open: none }, prophet: { fit: none }, xgboost: { learn: none }, bus: none, broker,
    journal(name) {
      const journal = journals.get(name) ?? memoryJournal()
      journals.set(name, journal)
      return journal
    },
  }
  return world
}

/** Trading that costs nothing. */
export const FREE: TradingCosts = {
  feeBps: 0n, feePerShare: 0n, feeMinimum: 0n, saleBps: 0n, salePerShare: 0n, saleMost: 0n, spreadBps: 0n, spreadTicks: 0n, slippageBps: 0n, impactBps: 0n,
}

/** The values that a tool's defaults give, with those named replaced; of costs, slippage and a fee by the notional alone. */
export const execValues = {
  broker: 'paper', latency: 1000, slippage: '5', fee: '1', feeMinimum: '0', participation: '0.05', feePerShare: '0', saleFee: '0',
  saleFeePerShare: '0', saleFeeMost: '0', spread: '0', impact: '0', costMultiple: '1', lot: '1', dust: '50',
  maxPriceAge: 5 * 86_400_000, orderTtl: 3 * 86_400_000, timeInForce: 'day', poll: undefined, pollFor: 60_000, dryRun: false, guard: false, wait: undefined,
  endpoint: undefined, credentials: undefined, live: false, currency: 'USD', timeout: 10_000,
  orderType: 'market', collar: '0', whenClosed: 'queue', ordersPerMinute: 0, warnings: 'venue',
} as const

/** Feed records one by one and return all that comes out, `end` included. */
export async function drive(opened: Stage<never> | Promise<Stage<never>>, records: readonly Vanta[], end = true): Promise<Vanta[]> {
  const out: Vanta[] = []
  const emit = (record: Vanta): void => void out.push(record)
  const open = (await opened) as Stage
  for (const record of records) await open.each(record, emit)
  if (end) await ended(open, emit)
  return out
}

/** Whoever reads hears a record once, however often it is told. */
export function onceInto(out: Vanta[]): Emit {
  const heard = new Set<string>()
  return (record) => {
    if (!heard.has(record.id)) out.push(record)
    heard.add(record.id)
  }
}

/** The end of input, after which everything emitted has left. */
export async function ended(stage: Pick<Stage, 'end' | 'landed' | 'verdict'>, emit: Emit): Promise<void> {
  await stage.end?.(emit)
  await stage.landed?.()
  const failure = stage.verdict?.()
  if (failure !== undefined) throw failure
}

const stamp = (at: string, knownAt = at) => ({ at, known_at: knownAt, source: 'test', by: 'test/0' })

export const tick = (at: string): Control => make('control', { ...stamp(at), type: 'tick' })

export function openPrint(ticker: string, at: string, price: string, priorVolume: string | null = '1000000'): Price {
  return make('price', {
    ...stamp(at), subject: `ticker:${ticker}`, type: 'open', price, span: '1h', basis: 'split_adjusted',
    ...(priorVolume !== null && { prior_volume: priorVolume }),
  })
}

export function hourBar(ticker: string, at: string, open: string, close: string, volume = '1000000'): Bar {
  const end = formatInstant(millisOf(at) + 3_600_000)
  return make('bar', { ...stamp(at, end), subject: `ticker:${ticker}`, span: '1h', open, high: open, low: close, close, volume, basis: 'split_adjusted' })
}

/** Pairs are made from the seed and the vault alone: those of every bench. */
const pairs = memoryKeys('1', memoryStore())

export function target(ticker: string, at: string, fraction: string, more: Partial<Allocation> = {}): Allocation {
  const draft = {
    ...stamp(at), vault: 'core', subject: `ticker:${ticker}`, direction: 'up' as const, fraction, band: 'high', reason: 'entry', maker: 'chatter',
    expires_at: formatInstant(millisOf(at) + 5 * 86_400_000),
  }
  const allocation = make('allocation', { ...draft, ...more })
  const { vault } = allocation
  if (!pairs.has(vault)) pairs.create(vault, at)
  signAllocations(vault, [allocation], (text) => pairs.sign(vault, text))
  return allocation
}
