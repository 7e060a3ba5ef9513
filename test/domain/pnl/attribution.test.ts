import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayOf, type JournalEntry } from '#record'
import { ONE } from '#domain/money/decimal'
import { apportioned } from '#domain/money/entry'
import { centsOf, formatCents } from '#domain/money/money'
import { attributed, DIMENSIONS, profitOfRow, type Credit, type DayPrices, type Dimension } from '#domain/pnl/attribution'
import { histories, played, SUBJECTS } from '../money/histories.ts'

const nobody = (): readonly Credit[] => []
const dimensions = fc.uniqueArray(fc.constantFrom<Dimension>(...DIMENSIONS), { minLength: 1 })
const quotes = fc.array(fc.record({ day: fc.integer({ min: 4, max: 31 }), subject: fc.constantFrom(...SUBJECTS), price: fc.bigInt({ min: 1n, max: 90n * ONE }) }), { maxLength: 12 })

function pricesOf(list: readonly { readonly day: number; readonly subject: string; readonly price: bigint }[]): DayPrices {
  const prices = new Map<string, Map<string, bigint>>()
  for (const { day, subject, price } of list) {
    const name = `2021-01-${String(day).padStart(2, '0')}`
    prices.set(name, (prices.get(name) ?? new Map<string, bigint>()).set(subject, price))
  }
  return prices
}

/** Profit by other means: what the books hold at the end, less what was brought in. */
function gained(entries: readonly JournalEntry[], prices: DayPrices): bigint {
  let sheet = 0n, brought = 0n
  const held = new Map<string, { quantity: bigint; cost: bigint }>()
  for (const { account, amount, quantity } of entries.flatMap(({ postings }) => postings)) {
    const cents = centsOf(amount)
    if (/^(assets|liabilities):/.test(account)) sheet += cents
    if (/^equity:/.test(account)) brought -= cents
    const subject = account.replace('assets:position:', ''), known = held.get(subject) ?? { quantity: 0n, cost: 0n }
    if (quantity !== undefined) held.set(subject, { quantity: known.quantity + BigInt(Math.round(Number(quantity) * 1e8)), cost: known.cost + cents })
  }
  for (const [subject, { quantity, cost }] of held) {
    const price = [...prices].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, of]) => of.get(subject) ?? []).at(-1)
    if (price !== undefined && quantity > 0n) sheet += (quantity * price) / 10n ** 14n - cost
  }
  return sheet - brought
}

test('by whatever it is told apart, the rows add up to what was gained, to the cent', () => {
  fc.assert(fc.property(histories, quotes, dimensions, (history, list, by) => {
    const { entries } = played(history), prices = pricesOf(list)
    const rows = attributed({ by, creditsOf: nobody }, entries, prices)
    assert.equal(formatCents(rows.reduce((sum, row) => sum + profitOfRow(row), 0n)), formatCents(gained(entries, prices)))
  }), { numRuns: 300 })
})

test('each day adds up too: what was gained by its end', () => {
  fc.assert(fc.property(histories, quotes, (history, list) => {
    const { entries } = played(history), prices = pricesOf(list)
    const rows = attributed({ by: ['day', 'band'], creditsOf: nobody }, entries, prices)
    for (const day of new Set(rows.map(({ group }) => group['day'] ?? ''))) {
      const until = rows.filter(({ group }) => (group['day'] ?? '') <= day).reduce((sum, row) => sum + profitOfRow(row), 0n)
      assert.equal(until, gained(entries.filter(({ at }) => dayOf(at) <= day), new Map([...prices].filter(([of]) => of <= day))))
    }
  }), { numRuns: 100 })
})

/** Whom each fill is owed to: made up from its id, from nobody to five, with weights as odd as they come. */
function owedTo(seed: number): (fill: string) => readonly Credit[] {
  return (fill) => Array.from({ length: (Number.parseInt(fill.slice(0, 4), 16) + seed) % 6 }, (_, i) => ({
    persona: seed % 2 === 0 ? 'plain' : 'athena', model: `model${i % 2}`, source: `source${i % 3}`, signal: `${fill.slice(0, 6)}${i}`,
    weight: BigInt(Number.parseInt(fill.slice(4 + i, 8 + i), 16) + 1),
  }))
}

test('shared among models, sources and raw signals by whatever weights, every cut adds up to what was gained, to the cent', () => {
  fc.assert(fc.property(histories, quotes, dimensions, fc.nat(5), (history, list, by, seed) => {
    const { entries } = played(history), prices = pricesOf(list)
    const rows = attributed({ by, creditsOf: owedTo(seed) }, entries, prices)
    assert.equal(formatCents(rows.reduce((sum, row) => sum + profitOfRow(row), 0n)), formatCents(gained(entries, prices)))
    for (const { measures } of rows) for (const cents of Object.values(measures)) assert.equal(typeof cents, 'bigint')
  }), { numRuns: 300 })
})

test('every measure of a cut adds up too: fees, dividends, interest, realised and on paper', () => {
  fc.assert(fc.property(histories, quotes, dimensions, fc.nat(5), (history, list, by, seed) => {
    const { entries } = played(history), prices = pricesOf(list)
    const sums = (dimensions: readonly Dimension[]): Record<string, bigint> => {
      const total: Record<string, bigint> = {}
      for (const { measures } of attributed({ by: dimensions, creditsOf: owedTo(seed) }, entries, prices)) {
        for (const [measure, cents] of Object.entries(measures)) total[measure] = (total[measure] ?? 0n) + cents
      }
      return total
    }
    assert.deepEqual(sums(by), sums(['day']))
    const booked = (account: string): bigint => entries.flatMap(({ postings }) => postings).reduce((sum, posting) => sum + (posting.account === account ? centsOf(posting.amount) : 0n), 0n)
    const { fees = 0n, dividends = 0n, realised = 0n, interest = 0n } = sums(by)
    assert.deepEqual([fees, dividends, realised, interest].map(String), [
      booked('expenses:fees'), -booked('income:dividends'), -booked('income:realised'), -booked('expenses:interest') - booked('income:interest'),
    ].map(String))
  }), { numRuns: 200 })
})

test('finer rows add up to coarser ones among models and signals', () => {
  fc.assert(fc.property(histories, quotes, fc.nat(5), (history, list, seed) => {
    const { entries } = played(history), prices = pricesOf(list)
    const sums = (by: readonly Dimension[]): ReadonlyMap<string, bigint> => {
      const found = new Map<string, bigint>()
      for (const row of attributed({ by, creditsOf: owedTo(seed) }, entries, prices)) {
        const model = row.group['model'] ?? ''
        found.set(model, (found.get(model) ?? 0n) + profitOfRow(row))
      }
      return found
    }
    const coarse = sums(['model']), fine = sums(['signal', 'model', 'day', 'source'])
    for (const model of new Set([...coarse.keys(), ...fine.keys()])) assert.equal(coarse.get(model) ?? 0n, fine.get(model) ?? 0n, model)
  }), { numRuns: 100 })
})

test('finer rows add up to coarser ones', () => {
  fc.assert(fc.property(histories, quotes, (history, list) => {
    const { entries } = played(history), prices = pricesOf(list)
    const sums = (by: readonly Dimension[]): Map<string, bigint> => {
      const sums = new Map<string, bigint>()
      for (const row of attributed({ by, creditsOf: nobody }, entries, prices)) {
        const band = row.group['band'] ?? ''
        sums.set(band, (sums.get(band) ?? 0n) + profitOfRow(row))
      }
      return sums
    }
    const coarse = sums(['band']), fine = sums(['lot', 'band', 'subject'])
    for (const band of new Set([...coarse.keys(), ...fine.keys()])) assert.equal(coarse.get(band) ?? 0n, fine.get(band) ?? 0n, band)
  }), { numRuns: 100 })
})

test('largest remainders: the parts add up, and none is off by a cent or more', () => {
  fc.assert(fc.property(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.array(fc.bigInt({ min: 0n, max: 10n ** 10n }), { minLength: 1, maxLength: 8 }), (total, weights) => {
    const parts = apportioned(total, weights), whole = weights.reduce((sum, weight) => sum + weight, 0n)
    assert.equal(parts.reduce((sum, part) => sum + part, 0n), total)
    if (whole === 0n) return
    for (const [i, part] of parts.entries()) {
      const off = part * whole - total * (weights[i] ?? 0n)
      assert.ok(off < whole && -off < whole)
    }
  }))
})
