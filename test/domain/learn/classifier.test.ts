import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Classifying, learnClassifier, LEARNING } from '#domain/learn/classifier'
import { classifierIn } from '#domain/learn/classifier_shape'
import { Coder, CODING, learnCoding, learnedTable, type Field } from '#domain/learn/coding'
import { areaUnderCurve } from '#domain/learn/scores'
import { Failure } from '#port/failure'
import { seededRandom } from '#tool/random'
import { fieldsIn } from '#wire/fields'

const word = fc.option(fc.constantFrom('a', 'b', 'c', 'rare'), { nil: undefined })
const told = fc.array(fc.record({ word, label: fc.nat(2) }), { minLength: 10, maxLength: 60 })

test('a word is read by rows of other folds: what a row itself was changes nothing of it', () => {
  fc.assert(fc.property(told, fc.nat(59), (rows, at) => {
    const row = at % rows.length
    const fields: Field[] = [{ name: 'w', kind: 'word', values: rows.map((one) => one.word) }]
    const labels = rows.map(({ label }) => label), other = labels.map((label, i) => (i === row ? (label + 1) % 3 : label))
    const codes = learnCoding(fields, labels, 3), classes = ['x', 'y', 'z']
    const [one, two] = [labels, other].map((of) => learnedTable(fields, codes, of, classes).columns.slice(0, 3).map((column) => column[row]))
    assert.deepEqual(one, two)
  }))
})

test('a word says the share of its rows, drawn to that of all; whole columns and single rows are read alike', () => {
  fc.assert(fc.property(told, (rows) => {
    const fields: Field[] = [{ name: 'w', kind: 'word', values: rows.map((one) => one.word) }, { name: 'n', kind: 'number', values: Float64Array.from(rows.keys()) }]
    const labels = rows.map(({ label }) => Math.min(label, 1))
    const [code] = learnCoding(fields, labels, 2), codes = learnCoding(fields, labels, 2)
    const all = labels.reduce((sum, label) => sum + label, 0) / labels.length
    if (code?.kind !== 'word') return assert.fail()
    code.words.forEach((known, w) => {
      const mine = rows.flatMap((one, i) => (one.word === known ? [labels[i] ?? 0] : []))
      assert.ok(mine.length >= CODING.minRows)
      const share = (mine.reduce((sum, label) => sum + label, 0) + CODING.drawn * all) / (mine.length + CODING.drawn)
      assert.ok(Math.abs((code.shares[0]?.[w] ?? NaN) - share) < 1e-8)
    })
    const coder = new Coder(codes, ['no', 'yes']), table = coder.table(fields)
    const single = coder.features.map(() => new Float64Array(1))
    rows.forEach((row, i) => {
      coder.put(single, 0, (_, f) => (f === 0 ? row.word : i))
      assert.deepEqual(single.map(([value]) => value), table.columns.map((column) => column[i]))
    })
    coder.put(single, 0, () => 'never met')
    assert.ok(Number.isNaN(single[0]?.[0]))
  }))
})

test('words and numbers with holes are learned from, and a model survives its file', async () => {
  const random = seededRandom('1', 'rows')
  const cities = ['rome', 'oslo', 'lima', 'bonn'], odds: Readonly<Record<string, number>> = { rome: 2, oslo: -2, lima: 0.5, bonn: -0.5 }
  const rows = Array.from({ length: 3000 }, () => ({ city: cities[random.integer(4)] ?? '', age: 20 + random.integer(50), hole: random.next() < 0.2 }))
  const labels = rows.map(({ city, age }) => (random.next() < 1 / (1 + Math.exp(-(odds[city] ?? 0) - (age - 45) / 10)) ? 1 : 0))
  const fields: Field[] = [
    { name: 'city', kind: 'word', values: rows.map(({ city }) => city) },
    { name: 'age', kind: 'number', values: Float64Array.from(rows, ({ age, hole }) => (hole ? NaN : age)) },
  ]
  const { model, judged } = await learnClassifier('buys', ['no', 'yes'], fields, labels, { ...LEARNING, rising: ['age'] })
  assert.ok((judged.auc ?? 0) > 0.8 && (judged.calibrationError ?? 1) < 0.08, JSON.stringify(judged))
  const read = classifierIn(JSON.parse(JSON.stringify(model)))
  if ('fault' in read) return assert.fail(read.fault)
  const classifying = new Classifying(read.model), table = classifying.coder.table(fields)
  const [no, yes] = classifying.probabilities(table)
  if (no === undefined || yes === undefined) return assert.fail()
  yes.forEach((p, row) => assert.ok(Math.abs(p + (no[row] ?? 0) - 1) < 1e-12))
  assert.ok((areaUnderCurve(yes, labels) ?? 0) > 0.8)
  const older = classifying.probabilities(classifying.coder.table([{ name: 'city', kind: 'word', values: ages.map(() => 'rome') }, { name: 'age', kind: 'number', values: Float64Array.from(ages) }]))[1]
  older?.forEach((p, i) => assert.ok(i === 0 || p >= (older[i - 1] ?? 1)))
  await assert.rejects(() => learnClassifier('buys', ['no', 'yes'], fields, labels, { ...LEARNING, rising: ['city'] }), RangeError)
  await assert.rejects(() => learnClassifier('buys', ['no', 'yes'], fields.map((field) => ({ ...field, values: field.values.slice(0, 3) }) as Field), [0, 1, 0], LEARNING), RangeError)
})
const ages = Array.from({ length: 50 }, (_, i) => 20 + i)

test('a file that would lead a walk astray is refused', async () => {
  const fields: Field[] = [{ name: 'n', kind: 'number', values: Float64Array.from({ length: 200 }, (_, i) => i) }]
  const { model } = await learnClassifier('k', ['a', 'b'], fields, Array.from({ length: 200 }, (_, i) => (i % 7 < 3 ? 1 : 0)), { ...LEARNING, trees: 3 })
  const text = JSON.stringify(model)
  assert.ok('model' in classifierIn(JSON.parse(text)))
  for (const [from, to] of [['"left":[1', '"left":[0'], ['"feature":[0', '"feature":[9'], ['"classes":["a","b"]', '"classes":["a"]'], ['"value":[0', '"value":['], ['"kind":"number"', '"kind":"word"']] as const) {
    assert.ok(text.includes(from), from)
    assert.ok('fault' in classifierIn(JSON.parse(text.replace(from, to).replace(',,', ',').replace('[,', '['))), from)
  }
})

test('CSV and JSON lines say the same', () => {
  const csv = fieldsIn(Buffer.from('age,city,k\n39,rome,x\n?,"o, slo",y\n4e1,,x\n'), 'a.csv')
  const lines = fieldsIn(Buffer.from('{"age":39,"city":"rome","k":"x"}\n{"city":"o, slo","k":"y","age":null}\n\n{"age":"40","k":"x"}\n'), 'a.ndjson')
  assert.deepEqual(csv, lines)
  assert.equal(csv.fields[0]?.kind, 'number')
  for (const [text, place] of [['a\n1\n2,3\n', 'x:3'], ['{"a":1}\n[2]\n', 'x:2'], ['{"a":{}}\n', 'x:1'], ['a,b\n', 'x: no rows'], ['{"a"\n', 'x:1']] as const) {
    assert.throws(() => fieldsIn(Buffer.from(text), 'x'), (error) => error instanceof Failure && error.exit === 'data' && error.message.startsWith(place), text)
  }
})
