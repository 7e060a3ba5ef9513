import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Classifying, learnClassifier, LEARNING } from '#domain/learn/classifier'
import type { Field } from '#domain/learn/coding'
import { askedOf, kernelExplained, limeExplained, TreeExplaining } from '#domain/learn/explanation'
import { rowOf } from '#domain/learn/table'
import { seededRandom } from '#tool/random'

const CLASSES = ['dear', 'fair', 'cheap'].sort()

async function planted(classes: number) {
  const random = seededRandom('1', 'explained'), cities = ['rome', 'oslo', 'lima', undefined]
  const rows = Array.from({ length: 600 }, () => ({ city: cities[random.integer(4)], size: random.integer(100), age: random.next() }))
  const labels = rows.map(({ city, size, age }) => Math.min(classes - 1, Math.floor(((city === 'rome' ? 1 : 0) + size / 60 + age * random.next()) * 0.9)))
  const fields: Field[] = [
    { name: 'city', kind: 'word', values: rows.map(({ city }) => city) }, { name: 'size', kind: 'number', values: Float64Array.from(rows, ({ size }) => size) },
    { name: 'age', kind: 'number', values: Float64Array.from(rows, ({ age }) => age) },
  ]
  const { model } = await learnClassifier('price', CLASSES.slice(0, classes), fields, labels, { ...LEARNING, trees: 25 })
  return { model, table: new Classifying(model).coder.table(fields) }
}

for (const classes of [2, 3]) {
  test(`trees of ${classes} classes are explained by fields, and what each adds makes up the probability`, async () => {
    const { model, table } = await planted(classes), explaining = new TreeExplaining(model), said = new Classifying(model).probabilities(table)
    for (const row of [0, 1, 2, 3]) {
      const explanations = explaining.explain(rowOf(table, row))
      assert.deepEqual(explanations.map(({ answer }) => answer), classes === 2 ? model.classes.slice(1) : model.classes)
      const odds = explanations.map(({ base, adds }) => Math.exp(Array.from(adds).reduce((sum, value) => sum + value, base)))
      const whole = odds.reduce((sum, one) => sum + one, classes === 2 ? 1 : 0)
      odds.forEach((one, k) => assert.ok(Math.abs(one / whole - (said[k + (classes === 2 ? 1 : 0)]?.[row] ?? NaN)) < 1e-9))
    }
  })
}

test('with all subsets asked, what each field adds is its Shapley value against the background', async () => {
  const { model, table } = await planted(2), asked = askedOf(model), background = [5, 6, 7, 8].map((row) => rowOf(table, row))
  for (const at of [0, 1, 2]) {
    const row = rowOf(table, at)
    const worth = async (known: readonly boolean[]): Promise<number> => {
      const mixed = background.map((other) => other.map((value, f) => (known[asked.fieldOf[f] ?? 0] === true ? row[f] ?? NaN : value)))
      const [answers = []] = await asked.say({ rows: mixed.length, features: asked.features, columns: asked.features.map((_, f) => Float64Array.from(mixed, (one) => one[f] ?? NaN)) })
      return Array.from(answers).reduce((sum, answer) => sum + answer, 0) / mixed.length
    }
    const [explained] = await kernelExplained(asked, row, { background, samples: 100, next: () => assert.fail() })
    for (const [player, share] of [0, 1, 2].entries()) {
      const [a, b] = [0, 1, 2].filter((one) => one !== share) as [number, number]
      const gain = async (...others: number[]): Promise<number> =>
        await worth([0, 1, 2].map((one) => one === share || others.includes(one))) - await worth([0, 1, 2].map((one) => others.includes(one)))
      const value = (2 * await gain() + await gain(a) + await gain(b) + 2 * await gain(a, b)) / 6
      assert.ok(Math.abs(value - (explained?.adds[player] ?? NaN)) < 1e-9)
    }
  }
})

test('the line of LIME goes by the model where the model is nearly one', async () => {
  const { model, table } = await planted(2), random = seededRandom('1', 'lime')
  const background = Array.from({ length: 40 }, (_, row) => rowOf(table, row))
  const [explained] = await limeExplained(askedOf(model), rowOf(table, 3), { background, samples: 2000, next: () => random.next() })
  assert.ok(explained?.line !== undefined && explained.line.fit > 0.2 && explained.line.fit <= 1)
  assert.equal(explained.score, (await askedOf(model).say({ ...table, rows: 4 }))[0]?.[3])
})
