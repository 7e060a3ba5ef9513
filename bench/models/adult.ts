/**
 * Adult (who earns more than 50,000 USD) by `vanta-train classify` as it stands, defaults throughout: `node --import tsx bench/models/adult.ts [TEST.csv]`.
 * With a file of test rows it learns from all rows there are to learn from and is judged on that file. Without one each fifth of the learning rows is
 * judged by a model of the other four, which is a fifth less to learn from. Nothing was tuned on test rows.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Classifying, learnClassifier, LEARNING } from '#domain/learn/classifier'
import type { Field } from '#domain/learn/coding'
import { accuracyOf, areaUnderCurve, calibrationError, logLossOf } from '#domain/learn/scores'
import { fieldsIn } from '#wire/fields'
import { benchFolder } from './lib/shared.ts'

const TARGET = 'income', CLASSES = ['<=50K', '>50K'], FOLDS = 5
/** YDF's gradient boosted trees with default settings on the published test rows (PUBLISHED.md), and what is asked for at least. */
const PUBLISHED = { accuracy: 0.874399, auc: 0.929207, logLoss: 0.27768 }, LEAST = { accuracy: 0.868, auc: 0.923 }

const folder = benchFolder('gbdt')
if (folder === undefined) process.exit(0)

interface Rows {
  readonly fields: readonly Field[]
  readonly labels: readonly number[]
}

function rowsOf(path: string): Rows {
  const bytes = readFileSync(path)
  const { fields } = fieldsIn(path.endsWith('.gz') ? gunzipSync(bytes) : bytes, path)
  const target = fields.find(({ name }) => name === TARGET)
  if (target?.kind !== 'word') throw new Error(`${path}: no ${TARGET}`)
  return { fields: fields.filter((field) => field !== target), labels: target.values.map((value) => CLASSES.indexOf(value ?? '')) }
}

const only = ({ fields, labels }: Rows, keep: (row: number) => boolean): Rows => ({
  fields: fields.map((field) => (field.kind === 'number' ? { ...field, values: field.values.filter((_, row) => keep(row)) }
    : { ...field, values: field.values.filter((_, row) => keep(row)) })),
  labels: labels.filter((_, row) => keep(row)),
})

function judge(learned: Rows, asked: Rows): Float64Array {
  const classifying = new Classifying(learnClassifier(TARGET, CLASSES, learned.fields, learned.labels, LEARNING).model)
  return classifying.probabilities(classifying.coder.table(asked.fields))[1] ?? new Float64Array(0)
}

function say(name: string, said: ArrayLike<number>, labels: readonly number[]): void {
  const accuracy = accuracyOf(Array.from(said, (p) => (p > 0.5 ? 1 : 0)), labels), auc = areaUnderCurve(said, labels) ?? NaN
  console.log(`${name.padEnd(34)} ${accuracy.toFixed(4)}    ${auc.toFixed(4)}  ${logLossOf(said, labels).toFixed(4)}      ${calibrationError(said, labels).toFixed(4)}`)
}

const rows = rowsOf(join(folder, 'adult_train.csv.gz')), [test] = process.argv.slice(2)
console.log('adult                              accuracy  AUC     log loss    calibration error')
console.log(`at least                           ${LEAST.accuracy.toFixed(4)}    ${LEAST.auc.toFixed(4)}`)
console.log(`published (YDF, test rows)         ${PUBLISHED.accuracy.toFixed(4)}    ${PUBLISHED.auc.toFixed(4)}  ${PUBLISHED.logLoss.toFixed(4)}`)
if (test !== undefined) {
  const asked = rowsOf(test)
  say(`vanta, ${asked.labels.length} test rows`, judge(rows, asked), asked.labels)
} else {
  const said = new Float64Array(rows.labels.length), aucs: number[] = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const mine = judge(only(rows, (row) => row % FOLDS !== fold), only(rows, (row) => row % FOLDS === fold))
    mine.forEach((p, i) => (said[i * FOLDS + fold] = p))
    aucs.push(areaUnderCurve(mine, rows.labels.filter((_, row) => row % FOLDS === fold)) ?? NaN)
  }
  say(`vanta, fifths of ${rows.labels.length} rows`, said, rows.labels)
  console.log(`AUC of each fifth: ${aucs.map((auc) => auc.toFixed(4)).join(' ')}`)
}
