import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ONE } from '#domain/money/decimal'
import { actionEntry, termsOf, type Happening, type Terms } from '#domain/money/corporate_action'
import { Ledger, REALISED, type LotMethod } from '#domain/money/ledger'

const A = 'ticker:A', B = 'ticker:B', AT = '2021-01-15T05:00:00.000Z'
const happening = (priceOf: Happening['priceOf'] = () => undefined): Happening =>
  ({ ref: 'action', at: AT, subject: A, priceOf, done: { 'action:x': '2021-01-15' }, due: 'due:x', currency: 'USD' })
const terms = (type: string, facts: { [name: string]: string }): Terms => {
  const read = termsOf(type, facts, (date) => `${date ?? '2021-02-14'}T05:00:00.000Z`)
  assert.ok(read !== undefined)
  return read
}
const buys = fc.array(fc.record({ quantity: fc.bigInt({ min: 1n, max: 999n }), price: fc.bigInt({ min: 1n, max: 90n * ONE }) }), { minLength: 1, maxLength: 8 })
function holding(method: LotMethod, list: readonly { readonly quantity: bigint; readonly price: bigint }[], unit = ONE): Ledger {
  const ledger = new Ledger()
  ledger.open(10n ** 12n, '2021-01-04T15:00:00.000Z', 'vault', method)
  for (const [i, { quantity, price }] of list.entries()) {
    ledger.trade({ ref: `fill${i}`, at: `2021-01-04T15:${String(i).padStart(2, '0')}:00.000Z`, subject: A, side: 'buy', quantity: quantity * unit, price, feeCents: 0n })
  }
  return ledger
}
function happens(ledger: Ledger, what: Terms, priceOf?: Happening['priceOf']): void {
  const entry = actionEntry(ledger, what, happening(priceOf))
  assert.ok(typeof entry !== 'string', String(entry))
  ledger.post(entry)
}
const method = fc.constantFrom<LotMethod>('fifo', 'average'), part = fc.integer({ min: 1, max: 30 })

test('a split: as many shares as the ratio says, the fraction paid out, and not a cent of cost made or lost', () => {
  fc.assert(fc.property(method, buys, part, part, fc.bigInt({ min: 1n, max: 90n * ONE }), (how, list, fresh, old, price) => {
    const ledger = holding(how, list), before = ledger.quantity(A), cost = ledger.costOf(A), cash = ledger.cash, equity = ledger.equityAtCost
    happens(ledger, terms('split', { ratio: `${fresh}:${old}` }), () => price)
    const exact = before * BigInt(fresh), all = exact / BigInt(old), fraction = all % ONE
    assert.equal(ledger.quantity(A), all - fraction)
    const paid = (fraction * ((price * BigInt(old)) / BigInt(fresh))) / 10n ** 14n
    assert.equal(ledger.cash - cash, paid)
    assert.equal(ledger.costOf(A) + (paid - ledger.realised), cost)
    assert.equal(ledger.equityAtCost, equity + ledger.realised)
    if (fraction === 0n) assert.equal(ledger.balance(REALISED), 0n)
  }), { numRuns: 300 })
})

test('whole ratios leave each lot its cost and its day', () => {
  const ledger = holding('fifo', [{ quantity: 3n, price: 10n * ONE }, { quantity: 5n, price: 7n * ONE }])
  happens(ledger, terms('split', { ratio: '4:1' }))
  assert.deepEqual(ledger.lots(A), [
    { id: 'fill0', acquired: '2021-01-04T15:00:00.000Z', quantity: 12n * ONE, costCents: 3000n },
    { id: 'fill1', acquired: '2021-01-04T15:01:00.000Z', quantity: 20n * ONE, costCents: 3500n },
  ])
})

test('a fraction that was held before stays one', () => {
  const ledger = holding('fifo', [{ quantity: 5n, price: 10n * ONE }], ONE / 2n)
  happens(ledger, terms('split', { ratio: '1:3' }))
  assert.equal(ledger.quantity(A), (5n * ONE) / 2n / 3n)
  assert.equal(ledger.costOf(A), 2500n)
})

test('a reverse split of less than one share pays all of it out; without a price it is worth nothing', () => {
  for (const [price, paid] of [[2n * ONE, 600n], [undefined, 0n]] as const) {
    const ledger = holding('fifo', [{ quantity: 3n, price: 10n * ONE }]), cash = ledger.cash
    happens(ledger, terms('split', { ratio: '1:10' }), () => price)
    assert.equal(ledger.positions, 0)
    assert.equal(ledger.cash - cash, paid)
    assert.equal(ledger.realised, paid - 3000n)
  }
})

test('under a new symbol all is as it was', () => {
  fc.assert(fc.property(method, buys, (how, list) => {
    const ledger = holding(how, list), lots = ledger.lots(A), cost = ledger.costOf(A)
    happens(ledger, terms('symbol_change', { old_symbol: 'A', new_symbol: 'B' }))
    assert.deepEqual(ledger.lots(B), lots)
    assert.equal(ledger.costOf(B), cost)
    assert.equal(ledger.positions, 1)
    assert.equal(ledger.realised, 0n)
  }))
})

test('a dividend is owed from the ex date, paid later, rounded down', () => {
  const ledger = holding('fifo', [{ quantity: 7n, price: 10n * ONE }]), cash = ledger.cash, equity = ledger.equityAtCost
  happens(ledger, terms('dividend', { form: 'cash', cash: '0.125', payable_date: '2021-02-01' }))
  assert.equal(ledger.cash, cash)
  assert.equal(ledger.equityAtCost - equity, 87n)
  assert.equal(ledger.mark('due:x'), '2021-02-01T05:00:00.000Z 0.87 action ticker:A')
  assert.equal(actionEntry(ledger, terms('dividend', { form: 'cash', cash: '0.125', currency: 'CAD' }), happening()), 'a dividend in CAD, books in USD')
})

test('mergers: for cash, for shares, for both; cash comes off the cost before it is a gain', () => {
  const forCash = holding('fifo', [{ quantity: 10n, price: 10n * ONE }])
  happens(forCash, terms('merger', { form: 'cash', cash: '12.5' }))
  assert.deepEqual([forCash.positions, forCash.realised], [0, 2500n])
  const forShares = holding('fifo', [{ quantity: 10n, price: 10n * ONE }])
  happens(forShares, terms('merger', { ratio: '1:2', acquirer_symbol: 'B' }))
  assert.deepEqual([forShares.quantity(B), forShares.costOf(B), forShares.realised], [5n * ONE, 10_000n, 0n])
  for (const [cash, cost, realised] of [['4', 6000n, 0n], ['11', 0n, 1000n]] as const) {
    const forBoth = holding('fifo', [{ quantity: 10n, price: 10n * ONE }])
    happens(forBoth, terms('merger', { ratio: '1:2', acquirer_symbol: 'B', cash }))
    assert.deepEqual([forBoth.costOf(B), forBoth.realised], [cost, realised])
  }
})

test('a spin-off adds shares at no cost; worthless shares are a loss', () => {
  const ledger = holding('fifo', [{ quantity: 10n, price: 10n * ONE }])
  happens(ledger, terms('spin_off', { ratio: '1:4', new_symbol: 'B' }), () => 8n * ONE)
  assert.deepEqual([ledger.quantity(A), ledger.costOf(A), ledger.quantity(B), ledger.costOf(B), ledger.realised], [10n * ONE, 10_000n, 2n * ONE, 0n, 400n])
  happens(ledger, terms('delisting', { form: 'worthless' }))
  assert.equal(ledger.realised, 400n - 10_000n)
})

test('what is not settled is said to be unclear, and changes nothing', () => {
  const ledger = holding('fifo', [{ quantity: 10n, price: 10n * ONE }])
  const cases: [string, { [name: string]: string }][] = [
    ['split', {}], ['split', { ratio: '0:1' }], ['split', { ratio: '2:1', form: 'unit' }], ['dividend', { form: 'stock' }], ['dividend', { cash: '0.123456789' }],
    ['merger', { form: 'stock', ratio: '1:2' }], ['merger', { cash: '3' }], ['spin_off', { ratio: '1:2' }], ['symbol_change', {}], ['redemption', {}],
  ]
  for (const [type, facts] of cases) assert.equal(typeof actionEntry(ledger, terms(type, facts), happening()), 'string', type)
  assert.equal(termsOf('rights', {}, String), undefined)
  assert.equal(termsOf('delisting', { name: 'Corp' }, String), undefined)
})
