import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ONE } from '#domain/money/decimal'
import { CAPITAL, CASH, FEES, Ledger, REALISED, type Entry } from '#domain/money/ledger'
import { costCents, proceedsCents } from '#domain/money/money'

const CAPITAL_CENTS = 5_000_000n

interface Step {
  readonly side: 'buy' | 'sell'
  readonly subject: string
  readonly quantity: bigint
  readonly price: bigint
  readonly feeCents: bigint
}
const steps = fc.array(fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  subject: fc.constantFrom('ticker:A', 'ticker:B', 'ticker:C'),
  quantity: fc.bigInt({ min: -1n, max: 300n * ONE }),
  price: fc.bigInt({ min: 0n, max: 90n * ONE }),
  feeCents: fc.bigInt({ min: -1n, max: 500n }),
}), { maxLength: 40 })

/** Every trade that the ledger takes; those it refuses must leave it as it was. */
function play(list: readonly Step[]): { ledger: Ledger; entries: Entry[]; taken: Step[] } {
  const ledger = new Ledger()
  const entries = [ledger.open(CAPITAL_CENTS, 't0', 'capital')]
  const taken: Step[] = []
  list.forEach((step, i) => {
    const before = JSON.stringify(ledger.toState())
    try {
      entries.push(ledger.trade({ ...step, ref: `fill ${i}`, at: `t${String(i).padStart(3, '0')}` }))
      taken.push(step)
    } catch (error) {
      assert.ok(error instanceof RangeError)
      assert.equal(JSON.stringify(ledger.toState()), before)
    }
  })
  return { ledger, entries, taken }
}

test('every entry balances, and the balances are the sum of the journal', () => {
  fc.assert(fc.property(steps, (list) => {
    const { ledger, entries } = play(list)
    const sums = new Map<string, bigint>()
    for (const { postings } of entries) {
      assert.equal(postings.reduce((sum, { amountCents }) => sum + amountCents, 0n), 0n)
      for (const { account, amountCents } of postings) sums.set(account, (sums.get(account) ?? 0n) + amountCents)
    }
    for (const [account, sum] of sums) assert.equal(ledger.balance(account), sum, account)
  }))
})

test('equity at cost is capital + realised - fees is what the assets hold; cash is never negative', () => {
  fc.assert(fc.property(steps, (list) => {
    const { ledger } = play(list)
    let assets = 0n
    for (const [account, cents] of ledger.balances()) if (account.startsWith('assets:')) assets += cents
    assert.equal(ledger.equityAtCost, assets)
    assert.equal(assets, ledger.capital + ledger.realised - ledger.fees)
    assert.ok(ledger.cash >= 0n)
  }))
})

test('a position is the sum of its fills, and never negative', () => {
  fc.assert(fc.property(steps, (list) => {
    const { ledger, taken } = play(list)
    for (const subject of ['ticker:A', 'ticker:B', 'ticker:C']) {
      const sum = taken.filter((step) => step.subject === subject)
        .reduce((total, { side, quantity }) => total + (side === 'buy' ? quantity : -quantity), 0n)
      assert.equal(ledger.quantity(subject), sum)
      assert.ok(sum >= 0n)
      if (sum === 0n) assert.equal(ledger.costOf(subject), 0n)
    }
  }))
})

test('realised gains are those of first in, first out, share by share', () => {
  const whole = fc.array(fc.record({
    side: fc.constantFrom('buy' as const, 'buy' as const, 'sell' as const),
    subject: fc.constant('ticker:A'), quantity: fc.integer({ min: 1, max: 12 }).map((n) => BigInt(n) * ONE),
    price: fc.integer({ min: 1, max: 9000 }).map((cents) => BigInt(cents) * (ONE / 100n)), feeCents: fc.constant(0n),
  }), { maxLength: 30 })
  fc.assert(fc.property(whole, (list) => {
    const { ledger, taken } = play(list)
    // At prices in whole cents and whole shares nothing rounds, so that a queue of single shares is the whole truth.
    const queue: bigint[] = []
    let realised = 0n
    for (const { side, quantity, price } of taken) {
      const cents = price / (ONE / 100n)
      for (let share = 0n; share < quantity / ONE; share++) {
        if (side === 'buy') queue.push(cents)
        else realised += cents - (queue.shift() ?? 0n)
      }
    }
    assert.equal(ledger.realised, realised)
    assert.equal(ledger.costOf('ticker:A'), queue.reduce((sum, cents) => sum + cents, 0n))
  }))
})

test('rounding is never in our favour, and never more than a cent a trade', () => {
  fc.assert(fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 11n }), (quantity, price) => {
    const cost = costCents(quantity, price), proceeds = proceedsCents(quantity, price)
    const exact = quantity * price
    assert.ok(cost * 10n ** 14n >= exact && (cost - 1n) * 10n ** 14n < exact)
    assert.ok(proceeds * 10n ** 14n <= exact && (proceeds + 1n) * 10n ** 14n > exact)
  }))
})

test('state comes back as it was, and a state that does not add up is refused', () => {
  fc.assert(fc.property(steps, (list) => {
    const { ledger } = play(list)
    const state = ledger.toState()
    assert.deepEqual(Ledger.fromState(state).toState(), state)
    const balances = { ...state.balances, [CASH]: '-1.00' }
    assert.throws(() => Ledger.fromState({ ...state, balances }), RangeError)
  }))
})

test('a purchase and a sale, written out', () => {
  const ledger = new Ledger()
  ledger.open(100_000n, 't', 'capital')
  const trade = { ref: 'r', at: 't', subject: 'ticker:A', feeCents: 5n }
  ledger.trade({ ...trade, side: 'buy', quantity: 3n * ONE, price: 10n * ONE })
  ledger.trade({ ...trade, side: 'sell', quantity: ONE, price: 12n * ONE })
  assert.deepEqual(
    [CASH, CAPITAL, REALISED, FEES, 'assets:position:ticker:A'].map((account) => ledger.balance(account)), [98_190n, -100_000n, -200n, 10n, 2000n],
  )
  assert.equal(ledger.equityAt(() => 11n * ONE), 98_190n + 2200n)
})
