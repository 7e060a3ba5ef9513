import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { hear, leaningOf } from '#domain/reading/polarity'
import { wordsOf } from '#domain/reading/words'
import { openCsv } from '#wire/csv/rows'

const sumsOf = (text: string): readonly number[] => hear(wordsOf(text)).sums
const sumOf = (text: string): number => sumsOf(text).reduce((sum, each) => sum + each, 0)

test('each sentence has its own sum', () => {
  const sums = sumsOf('Very bullish. Nothing here. This will crash.')
  assert.equal(sums.length, 3)
  assert.ok(sums[0]! > 2 && sums[1] === 0 && sums[2]! < -1)
})

test('negation turns and weakens, within its reach and its sentence', () => {
  assert.ok(sumOf('not bullish') < 0)
  assert.ok(Math.abs(sumOf('not bullish')) < sumOf('bullish'))
  assert.ok(sumOf("don't ever buy") < 0)
  assert.ok(sumOf('not that it would ever be anything but bullish') > 0, 'out of reach')
  assert.ok(sumOf('Not now. Bullish') > 0, 'another sentence')
})

test('degrees strengthen and weaken', () => {
  assert.ok(sumOf('extremely bullish') > sumOf('bullish'))
  assert.ok(sumOf('slightly bullish') < sumOf('bullish'))
})

test('pairs are read as one', () => {
  assert.ok(sumOf('short squeeze') > 0 && sumOf('short') < 0)
  assert.ok(sumOf('sell puts') > 0 && sumOf('buy puts') < 0)
  assert.equal(sumOf('a long time'), 0)
})

test('law: a leaning is odd, rises with the sum and stays within -1 and 1', () => {
  const sum = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(fc.property(sum, sum, (a, b) => {
    assert.equal(leaningOf(-a) + 0, -leaningOf(a) + 0)
    assert.ok(Math.abs(leaningOf(a)) <= 1)
    if (a < b) assert.ok(leaningOf(a) <= leaningOf(b))
  }))
})

const labelled = join(process.env['VANTA_SHARED'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../../shared'),
  'data', 'tweets', 'stocktwits_labelled_2020_jan_sep.csv.gz')

test('on messages that people labelled, the sign beats always saying bullish by ten points', {
  skip: existsSync(labelled) ? false : `no ${labelled}: set VANTA_SHARED`,
}, (context) => {
  let all = 0, said = 0, right = 0, bullish = 0
  for (const row of openCsv(gunzipSync(readFileSync(labelled)).toString('utf8'), 'labelled').rows()) {
    const label = row.cell('senti_label') === 'bullish' ? 1 : -1
    const sign = Math.sign(leaningOf(sumOf(row.cell('original'))))
    all++
    if (sign === 0) continue
    said++
    if (label > 0) bullish++
    if (sign === label) right++
  }
  context.diagnostic(`${all} messages, ${said} with an opinion, ${(right / said).toFixed(3)} right, base rate ${(bullish / said).toFixed(3)}`)
  assert.ok(said > 0.7 * all)
  assert.ok(right / said > bullish / said + 0.1)
})
