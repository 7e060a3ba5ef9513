import { formatInstant, make, millisOf, type Millis, type Vanta } from '#record'
import { action, command, Failure, verbs, type ActionWorld, type Emit, type ValuesOf, type Options } from '#tool'
import { ONE, parseFixed } from '#domain/money/decimal'
import { Activities } from '#domain/execute/activities'
import { COST_OPTIONS, expectedBps, multiplied, type TradingCosts } from '#domain/execute/costs'
import { bookedOf, type Diagnose } from '#domain/execute/dispatch'
import { Executor } from '#domain/execute/executor'
import { parseCents } from '#domain/money/money'
import { allDifferences, type Difference } from '#domain/execute/reconcile'
import { NO_DECISIONS, type Kept } from '#domain/execute/kept'
import { Shelf } from '#domain/execute/shelf'
import { SECTORS_FILE, sectorsIn } from '#domain/vault/sectors'
import { VAULT_FILE, vaultEntries, type Vault } from '#domain/vault/vault'
import type { Broker, RehearsedRequest } from '#port/broker'
import { halted, settingsIn, signatures } from './exec/settings.ts'

/** Where orders go, and with which keys. */
const account = {
  broker: { kind: 'text', default: 'paper', help: 'where orders go: paper (fills at the prices that pass), alpaca, tradier, or ccxt:EXCHANGE' },
  endpoint: { kind: 'text', variable: 'VANTA_ENDPOINT_BROKER', aside: true, help: 'address that stands in for the broker\'s, such as http://127.0.0.1:8080' },
  credentials: { kind: 'path', aside: true, help: 'file with the broker\'s keys, mode 0600 (default: secrets/BROKER in the home)' },
  live: { kind: 'flag', help: 'real money: also needs vaults whose signed settings say mode=live, and no kill switch' },
  currency: { kind: 'text', default: 'USD', help: 'currency of the account\'s cash, which is that of the vaults' },
  timeout: { kind: 'duration', default: '10s', aside: true, help: 'how long the broker has for an answer' },
} as const satisfies Options

const options = {
  ...account,
  dryRun: { kind: 'flag', help: 'send nothing and keep nothing: say every order\'s request as a record, as it would leave, secrets masked' },
  guard: { kind: 'flag', help: 'ask the broker what is held trades at, and act on stops, exits and the switch by that: for who hears nobody else' },
  wait: { kind: 'duration', aside: true, help: 'how long to wait for another executor of this home that is at work (default: not)' },
  poll: { kind: 'duration', aside: true, help: 'after the end of input look at open orders again this often, until they are done (default: not)' },
  pollFor: { kind: 'duration', default: '1m', aside: true, help: 'how long --poll goes on; what is then still open is left to the next run' },
  timeInForce: { kind: 'choice', choices: ['day', 'gtc', 'ioc', 'fok'], default: 'day', help: 'how long an order stands at the broker' },
  ...COST_OPTIONS,
  costMultiple: { kind: 'decimal', default: '1', help: 'so many times all of these costs: commissions, levies, spread, slippage, impact' },
  lot: { kind: 'decimal', default: '1', help: 'smallest step of a quantity' },
  dust: { kind: 'decimal', default: '50', help: 'orders for less money are not sent' },
  maxPriceAge: { kind: 'duration', default: '5d', help: 'older prices do not size an order' },
  orderTtl: { kind: 'duration', default: '3d', help: 'what is not filled by then expires' },
  orderType: { kind: 'choice', choices: ['market', 'limit'], default: 'market', help: 'limit: --collar from the last price, to the tick' },
  collar: { kind: 'decimal', default: '0', help: 'percent by which a price may lie from the close of the day before, which must be known; 0: no bound' },
  whenClosed: { kind: 'choice', choices: ['queue', 'wait'], default: 'queue', help: 'outside the session orders go out, or allocations wait' },
  ordersPerMinute: { kind: 'integer', default: '0', help: 'allocations beyond so many orders wait; 0: none do' },
  warnings: { kind: 'choice', choices: ['venue', 'all', 'none'], default: 'venue', help: 'day trades and wash sales: of real accounts, of paper too' },
} as const satisfies Options
type Account = ValuesOf<typeof account>

/** `memory/ledger.json` and `memory/open_orders.json`; the second repeats the open orders of the first for auditors. */
const LEDGER = 'ledger.json', OPEN_ORDERS = 'open_orders.json', TRADE_LOG = 'trade_log.jsonl', ENTRIES = 'ledger.ndjson'

type Heard = Extract<Vanta, { kind: 'allocation' | 'price' | 'bar' | 'control' | 'signal' }>

export const execute = action({
  name: 'vanta-exec',
  summary: 'Turn target fractions into orders and fills under hard limits, and keep the ledger; a kill switch stops it.',
  about: `Allocations are collected until a tick (or the end of input) and become orders at the prices known then; sells go before
buys, and a purchase never takes more cash than there is: what a sale is to pay for waits until that is filled. Every order is
written to logs/trade_log.jsonl and synced before it is sent. What is declined is a refusal record with a code.
memory/vault_overlay.json must say "kill": false at the moment of sending: absent, unreadable or anything else halts, cancels
resting orders and, where nothing was sent, ends with 77.

Closes and volumes that pass are remembered for the next run (memory/ledger.json): what usually trades bounds an order (caps.liquidity). Where it is
not known, real money buys nothing, and paper is not bounded by it.

What a broker does not answer, or not so that it can be read, is neither yes nor no: the order is unknown until the broker itself has told
what became of it, and before anything is sent the books must agree with its cash, positions and orders. Without --live only paper accounts
(and --endpoint on this machine) are reached. Prices and quantities of options are of whole contracts.`,
  options,
  // What passed of each subject before is told by the log where the subject comes into view.
  state: { [LEDGER]: NO_DECISIONS, [OPEN_ORDERS]: [] },
  reads: ['allocation', 'price', 'bar', 'control', 'signal'],
  examples: [
    'vanta-vault init core --cash 100000 >/dev/null && vanta-exec --broker paper </dev/null',
    { run: 'vanta-exec </dev/null', note: 'no overlay, no orders', status: 77 },
    'vanta-vault init core >/dev/null && vanta-exec --broker alpaca --dry-run </dev/null',
  ],
  async open(values, real) {
    const release = await locked(real, values.wait)
    const world = values.dryRun ? withoutTrace(real) : real
    const kept = world.store.read(LEDGER)
    const rehearsed: Vanta[] = []
    const rehearse = (request: RehearsedRequest): void => void rehearsed.push(requestRecord(request, world))
    const executor = await opened(values, world, (kept?.memory ?? {}) as Partial<Kept>, values.dryRun ? rehearse : undefined)
    const keep = keeper(executor, world, kept?.version ?? 0)
    let resumed = !executor.shelf.hasOpenOrders && executor.shelf.untold.length === 0, hasEnded = false
    /** What was wrong: what it was told is decided on all the same, and what may come right waits in the books. */
    let failed: Failure | undefined
    /** Of orders that are not sent only the requests are said. */
    const telling = (emit: Emit): Emit => !values.dryRun ? emit : (record) => {
      for (const request of rehearsed.splice(0)) emit(request)
      if (record.kind !== 'order' && record.kind !== 'entry') emit(record)
    }
    const each = (record: Exclude<Heard, { kind: 'signal' }>, emit: Emit): void | Promise<void> => {
      if (record.kind === 'price' || record.kind === 'bar') return executor.observe(record, emit)
      if (record.kind === 'allocation') executor.want(record)
      else if (record.type === 'tick') return executor.moment(millisOf(record.at), emit).then(() => emit(record))
      emit(record)
    }
    const resume = (nowMs: number, emit: Emit): Promise<void> => {
      resumed = true
      return executor.resume(nowMs, emit)
    }
    const finish = async (emit: Emit): Promise<void> => {
      if (!resumed) await resume(world.clock.now(), emit)
      const unpriced = values.guard ? await executor.quote(world.clock.now(), emit) : undefined
      if (values.guard) await executor.moment(world.clock.now(), emit, 'held')
      else if (executor.waiting || executor.stopsDue(world.clock.now())) await executor.moment(world.clock.now(), emit)
      await watch(executor, values, world, emit)
      const nowMs = world.clock.now(), halt = halted(world)
      if (halt !== undefined) await executor.cancelAll(nowMs, emit)
      const found = await executor.reconcile(nowMs, emit)
      executor.close()
      // Who comes after it in this process reads the books.
      keep()
      hasEnded = true
      for (const request of rehearsed.splice(0)) emit(request)
      if (found.length > 0) failed = disagreement(executor, found, world)
      if (unpriced !== undefined && !values.dryRun) failed ??= new Failure('upstream', unpriced)
      if (halt !== undefined && executor.sent === 0) failed ??= new Failure('refused', `nothing was sent: ${halt.why}`)
    }
    return {
      each(record, emit) {
        if (record.kind === 'signal') {
          if (record.type === 'halt') executor.shelf.tape.halt(record)
          else executor.hear(record)
          return emit(record)
        }
        const tell = telling(emit)
        return resumed ? each(record, tell) : resume(millisOf(record.known_at), tell).then(() => each(record, tell))
      },
      end: (emit) => finish(telling(emit)),
      landed() {
        executor.shelf.landed()
        try {
          keep()
        } finally {
          if (hasEnded) release()
        }
      },
      verdict: () => failed,
    }
  },
})

/** One at a time. Who trades and who guards wait for each other, but not once they are told to end. */
async function locked({ logs, outside }: ActionWorld, waitMs: Millis = 0): Promise<() => void> {
  for (let waitedMs = 0; ; waitedMs += LOCK_PAUSE_MS) {
    try {
      return logs.lock(TRADE_LOG)
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'again' || waitedMs >= waitMs || outside.signal.aborted) throw error
      await outside.pause(LOCK_PAUSE_MS, outside.signal).catch(() => undefined)
    }
  }
}
const LOCK_PAUSE_MS = 250

/** After the end of input: look again, sooner where the broker stirs, until nothing is open or the time is up. */
async function watch(executor: Executor, { poll, pollFor }: ValuesOf<typeof options>, { clock, outside }: ActionWorld, emit: Emit): Promise<void> {
  if (poll === undefined) return
  const untilMs = clock.now() + pollFor
  while (executor.shelf.hasOpenOrders && clock.now() < untilMs && !outside.signal.aborted) {
    // Asked to stop, it stops waiting, and ends as after any other run.
    const pause = (ms: number): Promise<void> => outside.pause(ms, outside.signal).catch(() => undefined)
    await executor.stirred(Math.min(poll, Math.max(1, untilMs - clock.now())), pause)
    await executor.moment(clock.now(), emit)
  }
}

/** The home as it is, and nothing written to it. */
function withoutTrace(world: ActionWorld): ActionWorld {
  const { store } = world
  return {
    ...world,
    store: { read: (name) => store.read(name), write: (_name, _memory, basedOn) => basedOn + 1 },
    journal: (name) => ({ append: () => undefined, sync: () => undefined, close: () => undefined, lines: () => world.journal(name).lines() }),
  }
}

function requestRecord(request: RehearsedRequest, { clock, by }: ActionWorld): Vanta {
  const at = formatInstant(clock.now())
  return make('control', { type: 'request', at, known_at: at, source: 'exec/dry-run', by, facts: { ...request, headers: { ...request.headers } } })
}

const reconcile = command({
  name: 'vanta-exec reconcile',
  summary: 'Compare the books with the broker\'s cash, positions and orders, as both stand; nothing is written or sent.',
  about: `Every difference is a record, in words on stderr, and the exit status 1; 0 where they agree, 69 where the broker cannot be heard.
Fees, dividends and whatever else moved there without an order, and is booked by the next run, is said as \`activity\` records and taken for booked.
What the account holds beside the vaults was written down when they first met.`,
  options: account,
  examples: ['vanta-vault init core >/dev/null && vanta-exec reconcile'],
  async act(values, _operands, real, emit) {
    const world = withoutTrace(real)
    const shelf = shelfOf(world, settingsIn(world, values.live).vaultOf, (world.store.read(LEDGER)?.memory ?? {}) as Partial<Kept>)
    const broker = await brokerOf(values, world)
    if (broker === undefined) {
      world.log.info('paper lives in the books: there is nobody else to ask')
      return 'done'
    }
    const at = formatInstant(world.clock.now())
    // Before the first order the vaults' capital is all there is of them.
    if (shelf.books.size === 0) for (const [vault] of vaultEntries(world.store.read(VAULT_FILE)?.memory)) shelf.book(vault, at)
    try {
      const heard = await new Activities({ broker, by: world.by, diagnose: () => undefined }, shelf).hear(world.clock.now())
      for (const record of heard) emit(record)
      const found = await allDifferences(shelf, broker, { by: world.by, at }, bookedOf(shelf, 'day').order)
      const deaf = found.find(({ what }) => what === 'unheard')
      if (deaf !== undefined) throw new Failure('upstream', `${broker.name}: ${deaf.theirs}`)
      for (const { what, name, ours, theirs, detail } of found) {
        const facts = { what, name, ours, theirs }
        emit(make('control', { type: 'difference', at, known_at: at, source: `exec/${broker.name}`, by: world.by, facts }))
        world.log.warn(detail)
      }
      return found.length === 0 ? 'done' : 'negative'
    } finally {
      broker.close?.()
    }
  },
})

export default verbs({ name: 'vanta-exec', summary: execute.summary, main: execute, verbs: { reconcile } })

/** What an embedded broker holds was made by our own fills; a venue may be a little ahead of what it has told. */
function disagreement(executor: Executor, found: readonly Difference[], world: ActionWorld): Failure | undefined {
  const what = found.map(({ detail }) => detail).join('; ')
  if (executor.isEmbedded) return new Failure('bug', `the books and the broker disagree: ${what}`)
  if (executor.waiting) return new Failure('again', `allocations wait, because the books and the venue disagree: ${what}`)
  world.log.warn(`the books and the venue disagree: ${what}`)
  return undefined
}

type Rehearse = (request: RehearsedRequest) => void

/** Undefined for paper, which is made of other terms. */
async function brokerOf(values: Account, world: ActionWorld, rehearse?: Rehearse): Promise<Broker | undefined> {
  const { endpoint, credentials, live, currency, timeout } = values
  const [, name, exchange] = /^(?:(paper|alpaca|tradier)|ccxt:([a-z0-9]+))$/.exec(values.broker) ?? []
  if (name === undefined && exchange === undefined) {
    throw new Failure('usage', `--broker: expected paper, alpaca, tradier or ccxt:EXCHANGE, got "${values.broker}"`)
  }
  if (name === 'paper') {
    if (live || endpoint !== undefined) throw new Failure('usage', '--live and --endpoint are for brokers that are asked; paper is not')
    if (rehearse !== undefined) throw new Failure('usage', '--dry-run writes out what would be sent; paper sends nothing')
    return undefined
  }
  if (live) armed(world)
  return world.broker({
    name: name === 'alpaca' || name === 'tradier' ? name : 'ccxt', live, currency, timeoutMs: timeout, ...(exchange !== undefined && { exchange }),
    ...(endpoint !== undefined && { endpoint }), ...(credentials !== undefined && { credentials }), ...(rehearse !== undefined && { rehearse }),
  })
}

/**
 * The second of the three keys to real money; that a vault has signed its mode is checked wherever it is read. The third is the kill switch:
 * with it thrown nothing leaves but cancels, and those must be able to.
 */
function armed(world: ActionWorld): void {
  if (halted(world) !== undefined) return
  const memory = world.store.read(VAULT_FILE)?.memory
  const { vaultOf } = settingsIn(world, false)
  const saysLive = (entry: unknown): boolean => (entry as { readonly mode?: unknown } | null)?.mode === 'live'
  const isLive = vaultEntries(memory).some(([vault, entry]) => saysLive(entry) && vaultOf(vault).mode === 'live')
  if (!isLive) throw new Failure('refused', '--live: no vault is in mode live (vanta-vault set NAME mode=live)')
}

async function opened(values: ValuesOf<typeof options>, world: ActionWorld, kept: Partial<Kept>, rehearse: Rehearse | undefined): Promise<Executor> {
  const lot = fixed(values.lot, '--lot'), participation = fixed(values.participation, '--participation')
  if (lot === 0n) throw new Failure('usage', '--lot: expected a number above zero')
  const costs = costsOf(values)
  const broker = await brokerOf(values, world, rehearse) ?? await world.broker({
    name: 'paper', latencyMs: values.latency, costs, participation, lot,
  })
  const { maxPriceAge: maxPriceAgeMs, whenClosed, orderType, ordersPerMinute } = values
  const collar = fixed(values.collar, '--collar') / 100n
  const limits = {
    lot, dustCents: cents(values.dust, '--dust'), maxPriceAgeMs, ...expectedBps(costs, participation), whenClosed, orderType, collar, needsVolume: values.live,
  }
  const settings = settingsIn(world, values.live), { vaultOf } = settings
  const parts = {
    broker, by: world.by, limits, clock: () => world.clock.now(),
    orderTtlMs: values.orderTtl, timeInForce: values.timeInForce, halted: () => halted(world),
    diagnose: diagnosing(world), signatureFault: signatures(world),
    ordersPerMinute, settings, sectorOf: sectorsIn(world.store.read(SECTORS_FILE)?.memory),
    warns: values.warnings === 'all' || (values.warnings === 'venue' && broker.embedded === undefined),
  }
  return new Executor(parts, shelfOf(world, vaultOf, kept))
}

function costsOf(values: ValuesOf<typeof options>): TradingCosts {
  const spreadBps = fixed(values.spread, '--spread')
  const costs = {
    feeBps: fixed(values.fee, '--fee'), feePerShare: fixed(values.feePerShare, '--fee-per-share'), feeMinimum: cents(values.feeMinimum, '--fee-minimum'),
    saleBps: fixed(values.saleFee, '--sale-fee'), salePerShare: fixed(values.saleFeePerShare, '--sale-fee-per-share'),
    saleMost: cents(values.saleFeeMost, '--sale-fee-most'),
    // Who says that there is no spread means none.
    spreadBps, spreadTicks: spreadBps === 0n ? 0n : ONE,
    slippageBps: fixed(values.slippage, '--slippage'), impactBps: fixed(values.impact, '--impact'),
  }
  return multiplied(costs, fixed(values.costMultiple, '--cost-multiple'))
}

function shelfOf(world: ActionWorld, vaultOf: (name: string) => Vault, kept: Partial<Kept>): Shelf {
  try {
    const shelf = new Shelf({ trades: world.journal(TRADE_LOG), entries: world.journal(ENTRIES), by: world.by }, vaultOf, kept)
    shelf.finish()
    return shelf
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause
    throw new Failure('data', `memory/${LEDGER}: ${cause.message}`, cause)
  }
}

/** Writes the books as they stand, and open orders beside them for auditors, where either is news; the logs first, whose lines they count. */
function keeper(executor: Executor, { store, clock }: ActionWorld, version: number): () => void {
  let books = '', orders = '', basedOn = version
  return () => {
    executor.keep(clock.now())
    executor.shelf.settle()
    const state = executor.shelf.toState(), vaults = Object.fromEntries(Object.entries(state.vaults).map(([vault, { orders: open }]) => [vault, open]))
    const text = JSON.stringify(state), open = JSON.stringify(vaults)
    if (text !== books) basedOn = store.write(LEDGER, state, basedOn)
    if (open !== orders) store.write(OPEN_ORDERS, { vaults }, store.read(OPEN_ORDERS)?.version ?? 0)
    books = text
    orders = open
  }
}

/** `logs/executor_diagnostics.log`: what was asked of the venue and what it said, for people. */
function diagnosing({ journal, clock }: ActionWorld): Diagnose {
  return (event, fields) => journal('executor_diagnostics.log').append(JSON.stringify({ at: formatInstant(clock.now()), event, ...fields }))
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
