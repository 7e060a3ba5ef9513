/** From conviction to journalled intent, in one process: allocate, sign, check, write down, hand to a broker that says yes. */
import { mkdtempSync, openSync, writeSync, fdatasyncSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatInstant, make, millisOf, type Conviction, type Price } from '#record'
import { fileJournal } from '#adapter/file/journal'
import type { Journal } from '#port/journal'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryStore } from '#adapter/memory/store'
import { ONE } from '#domain/money/decimal'
import type { Broker } from '#domain/execute/broker'
import { Executor } from '#domain/execute/executor'
import { Shelf } from '#domain/execute/shelf'
import { Allocator } from '#domain/vault/allocate'
import { SignatureCheck, signAllocations } from '#domain/vault/signature'
import { defaultVault, readVault } from '#domain/vault/vault'

const [mode = 'memory', size = '1000', moments = '10'] = process.argv.slice(2)
const perMoment = Number(size)
const START_MS = millisOf('2026-01-05T15:00:00.000Z')
const cpuMs = (): number => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000

/** The floor of the durable way: the same number of syncs, one a moment or one an intent, of nothing but bytes. */
if (mode === 'fsync') {
  const file = openSync(join(mkdtempSync(join(tmpdir(), 'vanta-bench-')), 'log'), 'a')
  const line = Buffer.alloc(450, 120)
  const startMs = performance.now()
  for (let i = 0; i < perMoment; i++) {
    writeSync(file, line)
    fdatasyncSync(file)
  }
  console.log(JSON.stringify({ intents: perMoment, wallMs: performance.now() - startMs, cpuMs: 0 }))
  closeSync(file)
  process.exit(0)
}

/** Takes lines as a disk would, and keeps none of them. */
function counting(): Journal {
  let bytes = 0
  return { append: (line) => void (bytes += line.length), sync: () => undefined, lines: () => [], close: () => undefined }
}

const settings = readVault(defaultVault({ cash: 10_000_000_000n, currency: 'USD', method: 'banded' }), 'core')
if (typeof settings !== 'object') throw new Error(String(settings))
const vault = { ...settings, bands: [{ name: 'all', from: 0.5, to: 1, fraction: ONE / 100_000n }], caps: { ...settings.caps, openPositions: 1_000_000, openOrders: 1_000_000 } }
const keys = memoryKeys('1', memoryStore())
keys.create('core', formatInstant(START_MS))
const known = keys.publicKeys()
const check = new SignatureCheck((id) => known.get(id))
const yes: Broker = {
  name: 'yes', rules: { idempotent: true, settleMs: 0, centsPerFill: 0n }, submit: () => ({ outcome: 'accepted' }), cancel: () => 'requested', look: () => ({ look: 'unknown', why: '' }),
  openOrders: () => ({ told: [] }), fills: () => ({ told: { fills: [], mark: undefined } }), account: () => ({ unknown: '' }),
  embedded: { fund: () => undefined, revive: () => undefined, observe: () => [], expire: () => undefined },
}
/** CPU from a moment's first conviction to its intents being written down: what comes after is between us and the venue. */
let toJournalMs = 0, momentCpuMs = 0, written = false

/** Books and desk as at the beginning: what is measured is the way of new convictions, not the upkeep of orders that stand. */
function opened(): { readonly shelf: Shelf; readonly executor: Executor } {
  const journal = mode === 'durable' ? fileJournal(join(mkdtempSync(join(tmpdir(), 'vanta-bench-')), 'trade_log.jsonl')) : counting()
  const { sync } = journal
  journal.sync = () => {
    sync()
    if (!written) toJournalMs += cpuMs() - momentCpuMs
    written = true
  }
  const shelf = new Shelf({ trades: journal, by: 'bench/1' }, () => vault, {})
  const executor = new Executor({
    broker: yes, by: 'bench/1', clock: () => START_MS, orderTtlMs: 86_400_000, timeInForce: 'day', halted: () => undefined, diagnose: () => undefined,
    settings: { vaultOf: () => vault, bookCaps: undefined, renew: () => undefined },
    signatureFault: (allocation) => check.fault(allocation),
    limits: {
      lot: ONE, dustCents: 0n, maxPriceAgeMs: 86_400_000, slippageBps: 0n, feeBps: 0n, whenClosed: 'queue', orderType: 'market', collar: 0n, needsVolume: false,
    },
    ordersPerMinute: 0, warns: false, sectorOf: () => 'unknown',
  }, shelf)
  return { shelf, executor }
}

const convictions: Conviction[][] = Array.from({ length: Number(moments) }, (_, m) => Array.from({ length: perMoment }, (_, i) => {
  const at = formatInstant(START_MS + m * 60_000)
  return make('conviction', {
    at, known_at: at, source: 'bench', by: 'bench/1', signal_id: '0'.repeat(40), subject: `ticker:${m}.${i}`, direction: 'up', conviction_score: 1 / (1 + Math.exp(-0.4)),
    log_odds: 0.4, reason_vector: [{ term: 'bench', log_odds: 0.4, evidence: [] }], contributing_models: ['bench'], horizon: '5d', ttl: 432_000, routing_tags: [],
  })
}))
const marksOf = (list: readonly Conviction[]): Price[] => list.map(({ subject }) => make('price', {
  at: formatInstant(START_MS), known_at: formatInstant(START_MS), source: 'bench', by: 'bench/1', subject, type: 'last', price: '10.00', span: '1m', basis: 'as_traded',
}))
const marks = convictions.map(marksOf)

let intents = 0
const emit = (): void => undefined
const startCpuMs = cpuMs(), startMs = performance.now()
for (const [m, list] of convictions.entries()) {
  const nowMs = START_MS + m * 60_000
  const { shelf, executor } = opened()
  for (const mark of marks[m] ?? []) shelf.mark(mark)
  momentCpuMs = cpuMs()
  written = false
  const allocator = new Allocator(vault, 'bench/1')
  for (const one of list) allocator.hear(one)
  const allocations = signAllocations('core', allocator.decide(nowMs), (text) => keys.sign('core', text))
  for (const allocation of allocations) executor.want(allocation)
  await executor.moment(nowMs, emit)
  shelf.sync()
  if (executor.sent !== allocations.length) throw new Error(`${executor.sent} of ${allocations.length} sent`)
  intents += allocations.length
}
console.log(JSON.stringify({ intents, wallMs: performance.now() - startMs, cpuMs: cpuMs() - startCpuMs, toJournalMs }))
