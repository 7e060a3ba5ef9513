/** The desk alone: a book, a vault, prices, and what surrounds them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { millisOf } from '#record'
import { Book } from '#domain/execute/book'
import { plan, type DeskLimits, type Wanted } from '#domain/execute/desk'
import { Tape } from '#domain/execute/tape'
import { Whole } from '#domain/execute/whole'
import { ONE } from '#domain/money/decimal'
import { readVault, vaultSettings, type Vault } from '#domain/vault/vault'

const NOON = '2021-01-15T17:00:00.000Z', nowMs = millisOf(NOON)
const vault = readVault({ vaults: { core: vaultSettings({ cash: 10_000_000n, currency: 'USD', method: 'banded' }) } }, 'core') as Vault
const limits: DeskLimits = {
  lot: ONE, dustCents: 5000n, maxPriceAgeMs: 1000, slippageBps: 0n, feeBps: 0n, whenClosed: 'queue', orderType: 'market', collar: 0n, needsVolume: false,
}
const marks = new Map(['A', 'B'].map((name) => [`ticker:${name}`, { price: '40', knownAt: NOON }] as const))
const wanted = (...names: readonly string[]): Wanted[] => names.map((name) =>
  ({ allocationId: name, subject: `ticker:${name}`, direction: 'up', fraction: ONE / 20n, band: 'high', maker: 'x', expiresMs: nowMs + 1, generation: 0, retry: false }))

/** Lots bought, and codes of what was not. */
function planned(want: readonly Wanted[], power?: bigint, more: Partial<DeskLimits> = {}): readonly [readonly bigint[], readonly string[]] {
  const book = new Book('core', 'USD')
  book.ledger.open(10_000_000n, NOON, 'vault:core')
  const floor = { whole: new Whole([book], undefined, () => undefined, power), sectorOf: () => 'x', tape: new Tape() }
  const { intents, refused } = plan(book, vault, want, marks, { ...limits, ...more }, nowMs, floor)
  return [intents.map(({ quantity }) => quantity / ONE), refused.map(({ code }) => code)]
}

test('a purchase is refused where it must be known how much usually trades, and is not', () => {
  assert.deepEqual(planned(wanted('A'), undefined, { needsVolume: true }), [[], ['LIQUIDITY_CAP']])
  assert.deepEqual(planned(wanted('A')), [[125n], []])
})

test('BUYING_POWER: what the venue says may be spent binds before the cash does, and what is planned is taken off it', () => {
  assert.deepEqual(planned(wanted('A', 'B')), [[125n, 125n], []])
  assert.deepEqual(planned(wanted('A', 'B'), 600_001n), [[125n, 24n], []])
  assert.deepEqual(planned(wanted('A', 'B'), 500_002n), [[125n], ['BUYING_POWER']])
  assert.deepEqual(planned(wanted('A', 'B'), 0n), [[], ['BUYING_POWER', 'BUYING_POWER']])
})
