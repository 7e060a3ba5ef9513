import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { optionCondition } from '#domain/market/option_condition'
import { aggressor, blockSort, isIntermarket, isVoid, sweepsAmong, type SweepPrint } from '#domain/market/sweep'

let count = 0
const print = (more: Partial<SweepPrint>): SweepPrint => ({
  id: `p${++count}`, contract: 'X', exchange: 'CBOE', atMs: 1000, order: '', side: 'buy', contracts: 10, conditions: ['auto'], ...more,
})
const RUN = [print({ exchange: 'A', atMs: 1000 }), print({ exchange: 'B', atMs: 1050 }), print({ exchange: 'C', atMs: 1100, conditions: ['isoi'] })]

test('three exchanges in quick succession, one contract, one side', () => {
  assert.deepEqual(sweepsAmong(RUN), [RUN])
  assert.deepEqual(sweepsAmong([...RUN].reverse()), [RUN], 'in order of time')
})

test('what is none', () => {
  const [a, b, c] = RUN as [SweepPrint, SweepPrint, SweepPrint]
  assert.deepEqual(sweepsAmong([a, b]), [], 'two exchanges')
  assert.deepEqual(sweepsAmong([a, b, { ...c, exchange: 'A' }]), [], 'the same exchange again')
  assert.deepEqual(sweepsAmong([a, b, { ...c, atMs: 1151 }]), [], 'a pause of more than 100 ms')
  assert.deepEqual(sweepsAmong([a, b, { ...c, side: 'sell' }]), [], 'another side')
  assert.deepEqual(sweepsAmong([a, b, { ...c, side: undefined }]), [], 'an unknown side')
  assert.deepEqual(sweepsAmong([a, b, { ...c, contract: 'Y' }]), [], 'another contract')
  assert.deepEqual(sweepsAmong([a, b, { ...c, exchange: undefined }]), [], 'nobody knows where')
  assert.deepEqual(sweepsAmong(RUN.map((each) => ({ ...each, contracts: 3 }))), [], 'nine contracts')
  for (const condition of ['mlet', '233', 'e', 'canc', 'LATE', 'slcn', 'tlat']) assert.deepEqual(sweepsAmong([a, b, { ...c, conditions: [condition] }]), [], condition)
})

test('a run ends after a second, and the next begins', () => {
  const long = Array.from({ length: 24 }, (_, i) => print({ exchange: `E${i}`, atMs: 1000 + i * 90 }))
  assert.deepEqual(sweepsAmong(long).map((run) => run.length), [12, 12])
})

test('where no quotes are told, no side is: the prints still make one run', () => {
  const run = RUN.map((each) => ({ ...each, side: undefined }))
  assert.deepEqual(sweepsAmong(run), [run])
})

test('conditions by letter, name and number', () => {
  for (const code of ['S', 'isoi', 'ISOI', '219']) assert.equal(optionCondition(code)?.sort, 'sweep', code)
  assert.equal(optionCondition('s')?.sort, 'stock_option', 'small letters are others')
  assert.equal(optionCondition('Q'), undefined)
  assert.equal(optionCondition(''), undefined)
  assert.ok(isIntermarket({ conditions: ['b'] }))
  assert.ok(isVoid(['201']) && isVoid(['A']) && !isVoid(['I']))
})

test('the side is told by the quote at the print, and only by it', () => {
  assert.equal(aggressor(0.43, 0.41, 0.43), 'buy')
  assert.equal(aggressor(0.5, 0.41, 0.43), 'buy')
  assert.equal(aggressor(0.41, 0.41, 0.43), 'sell')
  assert.equal(aggressor(0.42, 0.41, 0.43), undefined)
  assert.equal(aggressor(0.42, 0.43, 0.43), undefined, 'locked')
  assert.equal(aggressor(0.42, 0.44, 0.43), undefined, 'crossed')
  assert.equal(aggressor(0.42, undefined, 0.42), undefined)
})

test('blocks by size or by premium', () => {
  assert.equal(blockSort(500, 100, ['auto']), 'regular')
  assert.equal(blockSort(499, 249_999.99, []), undefined)
  assert.equal(blockSort(1, 250_000, ['e']), 'floor')
  assert.equal(blockSort(600, undefined, ['mlat']), 'multi_leg')
  assert.equal(blockSort(600, 1e6, ['isoi']), undefined, 'a leg of a sweep')
  assert.equal(blockSort(600, 1e6, ['canc']), undefined)
})

test('neither the order of the prints nor their grouping in time changes the sweeps', () => {
  const some = fc.array(fc.record({ contract: fc.constantFrom('X', 'Y'), exchange: fc.constantFrom('A', 'B', 'C', 'D'), atMs: fc.integer(
    { min: 0, max: 3000 },
  ), side: fc.constantFrom('buy' as const, 'sell' as const, undefined) }), { maxLength: 60 })
    .map((rows) => rows.map((row, i) => print({ ...row, id: `id${i}` })))
  fc.assert(fc.property(some.chain(
    (prints) => fc.tuple(fc.constant(prints), fc.shuffledSubarray(prints, { minLength: prints.length })),
  ), ([prints, shuffled]) => {
    const ids = (of: readonly SweepPrint[]): unknown => sweepsAmong(of).map((run) => run.map(({ id }) => id).join()).sort()
    assert.deepEqual(ids(shuffled), ids(prints))
    for (const run of sweepsAmong(prints)) {
      assert.ok(new Set(run.map(({ exchange }) => exchange)).size >= 3)
      assert.ok((run.at(-1)?.atMs ?? 0) - (run[0]?.atMs ?? 0) <= 1000)
    }
  }))
})
