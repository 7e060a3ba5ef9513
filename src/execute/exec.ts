import { formatInstant, millisOf, type Allocation, type Vanta } from '#record'
import { action, Failure, type ActionWorld, type Emit, type ValuesOf, type Options } from '#tool'
import { parseFixed } from '#domain/money/decimal'
import type { Diagnose, Halt } from '#domain/execute/dispatch'
import { Executor } from '#domain/execute/executor'
import { parseCents } from '#domain/money/money'
import type { Difference } from '#domain/execute/reconcile'
import { Shelf, type Kept } from '#domain/execute/shelf'
import { SignatureCheck, type SignatureFault } from '#domain/vault/signature'
import { haltedBy, OVERLAY_FILE } from '#domain/vault/overlay'
import { sealFault } from '#domain/vault/seal'
import { readVault, VAULT_FILE, vaultEntries, type Vault } from '#domain/vault/vault'

const options = {
  broker: { kind: 'choice', choices: ['paper'], default: 'paper', help: 'where orders go; paper fills at the prices that pass' },
  latency: { kind: 'duration', default: '1s', help: 'paper: an order fills at the first opening print this much later' },
  slippage: { kind: 'decimal', default: '5', help: 'basis points by which the price moves against us' },
  fee: { kind: 'decimal', default: '1', help: 'fee in basis points of the notional' },
  feeMinimum: { kind: 'decimal', default: '0', help: 'smallest fee of one fill' },
  participation: { kind: 'decimal', default: '0.05', help: 'paper: share of the last known volume that one print fills' },
  lot: { kind: 'decimal', default: '1', help: 'smallest step of a quantity' },
  dust: { kind: 'decimal', default: '50', help: 'orders for less money are not sent' },
  maxPriceAge: { kind: 'duration', default: '5d', help: 'older prices do not size an order' },
  orderTtl: { kind: 'duration', default: '3d', help: 'what is not filled by then expires' },
} as const satisfies Options

/** `memory/ledger.json` and `memory/open_orders.json`; the second repeats the open orders of the first for auditors. */
const LEDGER = 'ledger.json', OPEN_ORDERS = 'open_orders.json', TRADE_LOG = 'trade_log.jsonl', ENTRIES = 'ledger.ndjson'

type Heard = Extract<Vanta, { kind: 'allocation' | 'price' | 'bar' | 'control' }>

export default action({
  name: 'vanta-exec',
  summary: 'Turn target fractions into orders and fills under hard limits, and keep the ledger; a kill switch stops it.',
  about: `Allocations are collected until a tick (or the end of input) and become orders at the prices known then; sells go before
buys, and a purchase never takes more cash than there is. Every order is written to logs/trade_log.jsonl and synced before it is
sent. What is declined is a refusal record with a code. memory/vault_overlay.json must say "kill": false at the moment of
sending: absent, unreadable or anything else halts, cancels resting orders and, where nothing was sent, ends with 77.`,
  options,
  reads: ['allocation', 'price', 'bar', 'control'],
  examples: [
    'vanta-vault init core --cash 100000 >/dev/null && vanta-exec --broker paper </dev/null',
    { run: 'vanta-exec </dev/null', note: 'no overlay, no orders', status: 77 },
  ],
  open(values, world) {
    const release = world.logs.lock(TRADE_LOG)
    const kept = world.store.read(LEDGER)
    const executor = opened(values, world, (kept?.memory ?? {}) as Partial<Kept>)
    let resumed = !executor.shelf.hasOpenOrders
    const each = (record: Heard, emit: Emit): void | Promise<void> => {
      if (record.kind === 'price' || record.kind === 'bar') return executor.observe(record, emit)
      if (record.kind === 'allocation') executor.want(record)
      else if (record.type === 'tick') return executor.moment(millisOf(record.at), emit).then(() => emit(record))
      emit(record)
    }
    const resume = (nowMs: number, emit: Emit): Promise<void> => {
      resumed = true
      return executor.resume(nowMs, emit)
    }
    return {
      each(record, emit) {
        return resumed ? each(record, emit) : resume(millisOf(record.known_at), emit).then(() => each(record, emit))
      },
      async end(emit) {
        const nowMs = world.clock.now()
        if (!resumed) await resume(nowMs, emit)
        if (executor.waiting) await executor.moment(nowMs, emit)
        const halt = halted(world)
        if (halt !== undefined) await executor.cancelAll(nowMs, emit)
        const found = await executor.reconcile(nowMs)
        executor.keep()
        // The logs first: what is saved counts their lines.
        executor.shelf.settle()
        try {
          save(executor, world, kept?.version ?? 0)
        } finally {
          release()
        }
        if (found.length > 0) disagree(executor, found, world)
        if (halt !== undefined && executor.sent === 0) throw new Failure('refused', `nothing was sent: ${halt.why}`)
      },
    }
  },
})

/** What an embedded broker holds was made by our own fills; a venue may be a little ahead of what it has told. */
function disagree(executor: Executor, found: readonly Difference[], world: ActionWorld): void {
  const what = found.map(({ detail }) => detail).join('; ')
  if (executor.isEmbedded) throw new Failure('bug', `the books and the broker disagree: ${what}`)
  if (executor.waiting) throw new Failure('again', `allocations wait, because the books and the venue disagree: ${what}`)
  world.log.warn(`the books and the venue disagree: ${what}`)
}

function opened(values: ValuesOf<typeof options>, world: ActionWorld, kept: Partial<Kept>): Executor {
  const slippageBps = fixed(values.slippage, '--slippage'), feeBps = fixed(values.fee, '--fee'), lot = fixed(values.lot, '--lot')
  const participation = fixed(values.participation, '--participation')
  if (lot === 0n) throw new Failure('usage', '--lot: expected a number above zero')
  const broker = world.broker({
    name: 'paper', latencyMs: values.latency, slippageBps, feeBps, participation, lot,
    feeMinimum: cents(values.feeMinimum, '--fee-minimum'),
  })
  const limits = { lot, dustCents: cents(values.dust, '--dust'), maxPriceAgeMs: values.maxPriceAge, slippageBps, feeBps }
  const vaultOf = vaults(world)
  const parts = {
    broker, by: world.by, limits, orderTtlMs: values.orderTtl, halted: () => halted(world), vaultOf,
    diagnose: diagnosing(world), signatureFault: signatures(world),
  }
  try {
    return new Executor(parts, new Shelf({ trades: world.journal(TRADE_LOG), entries: world.journal(ENTRIES), by: world.by }, vaultOf, kept))
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause
    throw new Failure('data', `memory/${LEDGER}: ${cause.message}`, cause)
  }
}

function save(executor: Executor, world: ActionWorld, basedOn: number): void {
  const state = executor.shelf.toState()
  world.store.write(LEDGER, state, basedOn)
  const vaults = Object.fromEntries(Object.entries(state.vaults).map(([vault, { orders }]) => [vault, orders]))
  world.store.write(OPEN_ORDERS, { vaults }, world.store.read(OPEN_ORDERS)?.version ?? 0)
}

function halted(world: ActionWorld): Halt | undefined {
  try {
    return haltedBy(world.store.read(OVERLAY_FILE)?.memory)
  } catch {
    // What cannot be read cannot permit anything.
    return haltedBy(undefined)
  }
}

/** `logs/executor_diagnostics.log`: what was asked of the venue and what it said, for people. */
function diagnosing({ journal, clock }: ActionWorld): Diagnose {
  return (event, fields) => journal('executor_diagnostics.log').append(JSON.stringify({ at: formatInstant(clock.now()), event, ...fields }))
}

/** Public keys are read once a run; this node holds no other. */
function signatures({ keys }: ActionWorld): (allocation: Allocation) => SignatureFault | undefined {
  const known = keys.publicKeys()
  const check = new SignatureCheck((id) => known.get(id))
  return (allocation) => check.fault(allocation)
}

/** Vaults by name, each read once a run. */
function vaults(world: ActionWorld): (name: string) => Vault {
  const known = new Map<string, Vault>(), keys = world.keys.publicKeys()
  return (name) => {
    const vault = known.get(name) ?? readVault(world.store.read(VAULT_FILE)?.memory, name)
    if (vault === undefined) throw new Failure('config', `no vault '${name}': run vanta-vault init ${name}`)
    if (typeof vault === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${vault}`)
    const entry = vaultEntries(world.store.read(VAULT_FILE)?.memory).find(([key]) => key === name)?.[1]
    const fault = sealFault(name, entry, (id) => keys.get(id))
    if (fault !== undefined) throw new Failure('config', `memory/${VAULT_FILE}: ${fault}`)
    known.set(name, vault)
    return vault
  }
}

function fixed(text: string, flag: string): bigint {
  const value = parseFixed(text)
  if (value === undefined || value < 0n) throw new Failure('usage', `${flag}: expected a number of at least 0`)
  return value
}

function cents(text: string, flag: string): bigint {
  const value = parseCents(text)
  if (value === undefined || value < 0n) throw new Failure('usage', `${flag}: expected an amount of at least 0 in whole cents`)
  return value
}
