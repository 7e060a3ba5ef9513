import assert from 'node:assert/strict'
import { test } from 'node:test'
import { correctionOf, counts, letterConditions, maskConditions, numberConditions } from '#domain/market/sale_condition'

const names = (conditions: readonly { readonly name: string }[] | undefined): string[] | undefined => conditions?.map(({ name }) => name)

test('letters of the tapes', () => {
  assert.deepEqual(names(letterConditions('4 B')), ['derivatively_priced', 'average_price_or_bunched'])
  assert.deepEqual(names(letterConditions('FTI')), ['intermarket_sweep', 'extended_hours', 'odd_lot'])
  assert.deepEqual(names(letterConditions('7 V')), ['qualified_contingent', 'contingent'])
  assert.deepEqual(names(letterConditions('P')), ['prior_reference_price'])
  assert.deepEqual(names(letterConditions('   ')), [])
  assert.deepEqual(names(letterConditions('?_')), [])
})

test("Polygon's numbers", () => {
  assert.deepEqual(names(numberConditions(['2', '10', '22', '52', '53'])), [
    'average_price', 'derivatively_priced', 'prior_reference_price', 'contingent', 'qualified_contingent',
  ])
  assert.deepEqual(names(numberConditions(['999', 'constructor'])), [])
})

test("AlgoSeek's bits", () => {
  assert.deepEqual(names(maskConditions('20100200')), ['derivatively_priced', 'average_price', 'trade_through_exempt'])
  assert.deepEqual(names(maskConditions('80000001')), ['regular', 'odd_lot'])
  assert.deepEqual(names(maskConditions('0')), [])
  assert.equal(maskConditions('xyz'), undefined)
  assert.equal(maskConditions('1ffffffff'), undefined)
})

test('corrections, and what counts', () => {
  assert.equal(correctionOf('0'), undefined)
  assert.equal(correctionOf('00'), undefined)
  assert.equal(correctionOf('01'), 'corrected_later')
  assert.equal(correctionOf('12'), 'correction')
  assert.equal(correctionOf(undefined), undefined)
  assert.ok(counts([], undefined) && counts([], 'correction'))
  assert.ok(!counts([], 'corrected_later') && !counts([], 'cancelled_later') && !counts([], 'cancel'))
  assert.ok(!counts(letterConditions('Q'), undefined), 'the official open was told as prints before')
})
