/**
 * Adult (who earns more than 50,000 USD) as `vanta-train classify` learns it, defaults throughout: `npm run bench:models adult`. Each fifth of the
 * learning rows is judged by a model of the other four, which is a fifth less to learn from than its published rivals had; where VANTA_ADULT_TEST names
 * the file of the published test rows, those are judged by a model of all learning rows. Nothing was tuned on test rows.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Classifying, learnClassifier, LEARNING } from '#domain/learn/classifier'
import type { Field } from '#domain/learn/coding'
import { accuracyOf, areaUnderCurve, calibrationError, logLossOf } from '#domain/learn/scores'
import { fieldsIn } from '#wire/fields'
import type { Asked, Part, Rival, Score } from '../../scripts/reason/score.ts'

const TARGET = 'income', CLASSES = ['<=50K', '>50K'], FOLDS = 5
/** YDF's gradient boosted trees with default settings on the published test rows (PUBLISHED.md), and what is asked for at least. */
const PUBLISHED = { accuracy: 0.874399, auc: 0.929207, logLoss: 0.27768 }, LEAST = { accuracy: 0.868, auc: 0.923 }

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

async function judge(learned: Rows, asked: Rows): Promise<Float64Array> {
  const classifying = new Classifying((await learnClassifier(TARGET, CLASSES, learned.fields, learned.labels, LEARNING)).model)
  return classifying.probabilities(classifying.coder.table(asked.fields))[1] ?? new Float64Array(0)
}

/** All figures of one set of rows. `truth` is 1 for the second class. */
function scoresOf(split: string, said: ArrayLike<number>, truth: readonly number[]): Score[] {
  const of = { part: 'classify', set: 'adult', split, rows: truth.length }
  return [
    { ...of, metric: `accuracy (at least ${LEAST.accuracy})`, ours: accuracyOf(Array.from(said, (p) => (p > 0.5 ? 1 : 0)), truth), rivals: [rival('accuracy')] },
    { ...of, metric: `area under the curve (at least ${LEAST.auc})`, ours: areaUnderCurve(said, truth) ?? NaN, rivals: [rival('auc')] },
    { ...of, metric: 'log loss', ours: logLossOf(said, truth), rivals: [rival('logLoss')] },
    { ...of, metric: 'calibration error', ours: calibrationError(said, truth), rivals: [] },
  ]
}

const rival = (metric: keyof typeof PUBLISHED): Rival => ({ name: 'YDF, published test rows', value: PUBLISHED[metric], how: 'published' })

async function measure(data: string, { quick }: Asked): Promise<readonly Score[]> {
  const rows = rowsOf(join(data, 'bench/gbdt/adult_train.csv.gz')), test = process.env['VANTA_ADULT_TEST']
  if (test !== undefined) {
    const asked = rowsOf(test)
    return scoresOf('published test rows', await judge(rows, asked), asked.labels)
  }
  const folds = quick ? 1 : FOLDS, asked = only(rows, (row) => row % FOLDS < folds)
  const said = new Float64Array(asked.labels.length)
  for (let fold = 0; fold < folds; fold++) {
    const mine = await judge(only(rows, (row) => row % FOLDS !== fold), only(rows, (row) => row % FOLDS === fold))
    mine.forEach((p, i) => (said[i * folds + fold] = p))
  }
  return scoresOf('fifths of the learning rows', said, asked.labels)
}

export default { name: 'adult', needs: ['bench/gbdt/adult_train.csv.gz'], measure } satisfies Part
