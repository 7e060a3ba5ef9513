/** Learning from labelled pairs which records are one, and saying so of others as a probability. */
import { boost, boostedLogOdds, type Boosted } from '../learn/boosted.ts'
import { fitIsotonic, isotonicAt, type Isotonic } from '../learn/calibrate.ts'
import { bestThreshold } from '../learn/scores.ts'
import { pick, type Table } from '../learn/table.ts'
import { compare, featuresOf } from './compare.ts'
import { corpusOf, prepare, type Corpus, type Fields } from './corpus.ts'

export interface RecordPair {
  readonly left: Fields
  readonly right: Fields
}
export interface LabelledPair extends RecordPair {
  /** 1 where the two are one, else 0. */
  readonly match: number
}

export interface Matcher {
  readonly corpus: Corpus
  readonly model: Boosted
  /** From the model's log-odds to a probability. */
  readonly calibration: Isotonic
  /** Log-odds from which on a pair is called a match: best F1 where it was chosen. */
  readonly threshold: number
}

const FOLDS = 5

/**
 * Trees over the likenesses of the fields. Calibration and threshold come from pairs that the model has not seen: the `valid` ones, else each fifth
 * of the training pairs as judged by a model of the other four. Throws RangeError where `train` lacks matches or non-matches.
 */
export function trainMatcher(train: readonly LabelledPair[], valid?: readonly LabelledPair[]): Matcher {
  const corpus = corpusOf(train.flatMap(({ left, right }) => [left, right]))
  const table = tableOfPairs(train, corpus)
  const labels = train.map(({ match }) => match)
  const model = boost(table, labels)
  const unseen = valid !== undefined && valid.length > 0
    ? { scores: logOddsOfPairs({ corpus, model }, valid), labels: valid.map(({ match }) => match) }
    : { scores: crossScores(table, labels), labels }
  return { corpus, model, calibration: fitIsotonic(unseen.scores, unseen.labels), threshold: bestThreshold(unseen.scores, unseen.labels).threshold }
}

function crossScores(table: Table, labels: readonly number[]): number[] {
  const scores = new Array<number>(labels.length).fill(0)
  for (let fold = 0; fold < FOLDS; fold++) {
    const mine: number[] = [], others: number[] = []
    for (let row = 0; row < table.rows; row++) (row % FOLDS === fold ? mine : others).push(row)
    const model = boost(pick(table, others), others.map((row) => labels[row] ?? 0))
    for (const row of mine) scores[row] = boostedLogOdds(model, table.columns.map((column) => column[row] ?? NaN))
  }
  return scores
}

function tableOfPairs(pairs: readonly RecordPair[], corpus: Corpus): Table {
  const rows = pairs.map((pair) => rowOf(pair, corpus))
  const features = featuresOf(corpus)
  return { rows: rows.length, features, columns: features.map((_, f) => Float64Array.from(rows, (row) => row[f] ?? NaN)) }
}

const rowOf = ({ left, right }: RecordPair, corpus: Corpus): Float64Array =>
  compare(prepare(left, corpus.fields), prepare(right, corpus.fields), corpus)

const logOddsOfPairs = ({ corpus, model }: Pick<Matcher, 'corpus' | 'model'>, pairs: readonly RecordPair[]): number[] =>
  pairs.map((pair) => boostedLogOdds(model, rowOf(pair, corpus)))

export interface Verdict {
  readonly probability: number
  readonly isMatch: boolean
}

export function judge(matcher: Matcher, pairs: readonly RecordPair[]): Verdict[] {
  return logOddsOfPairs(matcher, pairs).map((logOdds) =>
    ({ probability: isotonicAt(matcher.calibration, logOdds), isMatch: logOdds >= matcher.threshold }))
}
