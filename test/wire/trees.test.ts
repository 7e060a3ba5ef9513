/** Models that XGBoost and LightGBM learned (test/wire/trees/theirs.json, made once by both libraries), and what they said of the same rows. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { forestScores, type Forest } from '#domain/learn/boosted'
import { probabilitiesOf } from '#domain/learn/classifier'
import { Failure } from '#port/failure'
import { lightgbmForest } from '#wire/trees/lightgbm'
import { below, xgboostForest } from '#wire/trees/xgboost'

interface Theirs {
  readonly features: readonly string[]
  readonly rows: readonly (readonly (number | null)[])[]
  readonly models: { readonly [name: string]: { readonly model: unknown; readonly probabilities: readonly (number | readonly number[])[] } }
}
const theirs = JSON.parse(readFileSync(join(import.meta.dirname, 'trees', 'theirs.json'), 'utf8')) as Theirs
const rows = theirs.rows.map((row) => row.map((value) => value ?? NaN))

function read(name: string, model: unknown): { readonly forest: Forest; readonly slope: number } {
  return name.startsWith('xgboost') ? { forest: xgboostForest(model, name), slope: 1 } : lightgbmForest(String(model), name)
}

for (const [name, { model, probabilities }] of Object.entries(theirs.models)) {
  test(`${name}: as they say, to a millionth`, () => {
    const { forest, slope } = read(name, model)
    assert.deepEqual(forest.features, theirs.features)
    rows.forEach((row, i) => {
      const said = probabilitiesOf(forestScores(forest, row).map((score) => Float64Array.of(score)), { slope, intercept: 0 })
      const expected = [probabilities[i] ?? NaN].flat()
      const ours = said.length === 2 ? [said[1]?.[0] ?? NaN] : said.map((one) => one[0] ?? NaN)
      assert.equal(ours.length, expected.length)
      ours.forEach((p, k) => assert.ok(Math.abs(p - (expected[k] ?? NaN)) < 1e-6, `row ${i}, class ${k}: ${p}, they say ${expected[k]}`))
    })
  })
}

test('a value of 64 bits is below a threshold of 32 bits as XGBoost has it: once it is of 32 bits itself', () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) })
  fc.assert(fc.property(float, fc.double({ noNaN: true, min: -1e30, max: 1e30 }), fc.integer({ min: -3, max: 3 }), (condition, any, steps) => {
    const threshold = below(condition)
    const near = new Float64Array([threshold]), bits = new BigInt64Array(near.buffer)
    bits[0] = (bits[0] ?? 0n) + BigInt(threshold === 0 ? 0 : steps)
    for (const value of [any, near[0] ?? 0, threshold, condition]) assert.equal(value <= threshold, Math.fround(value) < condition, `${value} against ${condition}`)
  }), { numRuns: 2000 })
})

test('what is not read is refused by name', () => {
  const xgboost = JSON.stringify(theirs.models['xgboost_binary']?.model), lightgbm = String(theirs.models['lightgbm_binary']?.model)
  const refused = (act: () => unknown, words: RegExp): void => assert.throws(act, (error) => error instanceof Failure && error.exit === 'data' && words.test(error.message))
  const changed = (text: string, from: string | RegExp, to: string): string => {
    assert.notEqual(text.replace(from, to), text)
    return text.replace(from, to)
  }
  const xgb = (from: string | RegExp, to: string) => () => xgboostForest(JSON.parse(changed(xgboost, from, to)), 'm.json')
  const lgb = (from: string | RegExp, to: string) => () => lightgbmForest(changed(lightgbm, from, to), 'm.txt')
  refused(xgb('"binary:logistic"', '"reg:squarederror"'), /^m\.json: objective reg:squarederror/)
  refused(xgb('"gbtree"', '"dart"'), /^m\.json: booster dart/)
  refused(xgb('"left_children":[1', '"left_children":[0'), /tree 0: its nodes go in a circle/)
  refused(xgb('"split_type":[0', '"split_type":[1'), /splits by sets/)
  refused(xgb(/"base_score": ?"[^"]*"/, '"base_score":"half"'), /base_score/)
  refused(() => xgboostForest({ learner: {} }, 'm.json'), /field "learner/)
  refused(lgb('objective=binary', 'objective=regression'), /objective "regression"/)
  refused(lgb('num_cat=0', 'num_cat=1'), /splits by sets/)
  refused(lgb('is_linear=0', 'is_linear=1'), /linear/)
  refused(lgb('left_child=', 'left_child=0 '), /circle/)
  refused(lgb(/threshold=\S+/, 'threshold=x'), /threshold are no numbers/)
  refused(lgb(/decision_type=\S+/, 'decision_type=6'), /zeros that count as missing/)
  refused(() => lightgbmForest('hello', 'm.txt'), /no model of LightGBM/)
})
