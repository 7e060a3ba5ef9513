import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { onnxInference } from '#adapter/onnx/lazy'
import { Classifying, type Classifier } from '#domain/learn/classifier'
import { boostForest } from '#domain/learn/boosted'
import { classifierOnnx, float32Below } from '#domain/learn/forest_onnx'
import { LOGISTIC, softmaxLoss } from '#domain/learn/loss'
import { tableOf, type Table } from '#domain/learn/table'
import { encodeModel } from '#domain/onnx/encode'
import { float32 } from '#domain/onnx/model'
import { seededRandom } from '#tool/random'

const FEATURES = ['a', 'b', 'c', 'd']

function planted(classes: number): { readonly model: Classifier; readonly table: Table } {
  const random = seededRandom('1', `onnx ${classes}`)
  // Halves, whole numbers and fractions of 32 bits, so that many values stand right at a threshold; a tenth is missing.
  const value = (f: number): number | undefined => (random.next() < 0.1 ? undefined
    : [Math.fround(random.next() * 3), random.integer(9), random.integer(20) / 2 - 5, Math.fround(0.1 * random.integer(30))][f])
  const rows = Array.from({ length: 3000 }, () => Object.fromEntries(FEATURES.map((name, f) => [name, value(f)])))
  const labels = rows.map(({ a = 1, b = 4, c = 0 }) => Math.min(classes - 1, Math.max(0, Math.floor(a + b / 4 + c / 5 + random.next() - 1))))
  const table = tableOf(rows, FEATURES)
  const forest = boostForest(table, labels, classes === 2 ? LOGISTIC : softmaxLoss(classes), { trees: 120, leaves: 31 })
  const names = Array.from({ length: classes }, (_, k) => `class ${k}`)
  const model: Classifier = {
    kind: 'classify', target: 'k', classes: names, codes: FEATURES.map((name) => ({ name, kind: 'number' })), forest,
    calibration: { slope: 0.9, intercept: classes === 2 ? 0.1 : 0 },
  }
  return { model, table }
}

for (const classes of [2, 3, 5]) {
  test(`${classes} classes: the runtime says what we say, to a millionth`, async () => {
    const { model, table } = planted(classes)
    const session = await onnxInference.open({ name: 'forest', bytes: encodeModel(classifierOnnx(model)), sha256: 'own' })
    const x = float32([table.rows, 4], Array.from({ length: table.rows * 4 }, (_, i) => table.columns[i % 4]?.[Math.floor(i / 4)] ?? NaN))
    const { probability, label } = await session.run({ x })
    await session.close()
    const ours = new Classifying(model).probabilities(table)
    let most = 0, others = 0
    for (let row = 0; row < table.rows; row++) {
      ours.forEach((one, k) => (most = Math.max(most, Math.abs((one[row] ?? 0) - Number(probability?.data[row * classes + k])))))
      const best = ours.reduce((top, one, k) => ((one[row] ?? 0) > (ours[top]?.[row] ?? 0) ? k : top), 0)
      if (Number(label?.data[row]) !== best && Math.abs((ours[best]?.[row] ?? 0) - (ours[Number(label?.data[row])]?.[row] ?? 0)) > 1e-6) others++
    }
    assert.ok(most < 1e-6, `max |dp| ${most}`)
    assert.equal(others, 0)
  })
}

test('the number of 32 bits at or below: none lies between', () => {
  const after = (value: number): number => {
    const bits = new Int32Array(1), float = new Float32Array(bits.buffer)
    float[0] = value
    bits[0] = value === 0 ? 1 : (bits[0] ?? 0) + (value > 0 ? 1 : -1)
    return float[0]
  }
  const near = fc.float({ noNaN: true, noDefaultInfinity: true })
  fc.assert(fc.property(fc.oneof(fc.double({ noNaN: true, min: -3e38, max: 3e38 }), near), (value) => {
    const below = float32Below(value)
    assert.equal(Math.fround(below), below)
    assert.ok(below <= value && after(below) > value, `${below} for ${value}`)
  }), { numRuns: 1000 })
})
