/** Telling classes of rows apart: boosted trees over coded fields, stopped and calibrated on rows that come later than those learned from. */
import { logistic } from '#record'
import { UNCALIBRATED, type Line } from '../conviction/stacker.ts'
import type { BoostingTerms, Forest, Until } from './boosted.ts'
import { lossOf, ownBoosting, type Boosting } from './boosting.ts'
import { fitPlatt } from './calibrate.ts'
import { Coder, CODING, learnCoding, learnedTable, type Field, type FieldCode } from './coding.ts'
import { minimise } from './linear.ts'
import { softmax, type Loss } from './loss.ts'
import { Scorer } from './scorer.ts'
import { accuracyOf, areaUnderCurve, calibrationError, logLossOf } from './scores.ts'
import type { Table } from './table.ts'

/** Plain JSON: a model as its file has it. */
export interface Classifier {
  readonly kind: 'classify'
  readonly target: string
  /** Sorted; of two the second is the yes. */
  readonly classes: readonly string[]
  readonly codes: readonly FieldCode[]
  readonly forest: Forest
  /** What the scores are multiplied by, and for two classes what is added, before they are probabilities. */
  readonly calibration: Line
  /** Of a model of directions: what its answers are worth as beliefs. */
  readonly beliefs?: DirectionBelief
}

/** A model of where prices go, which is told features of one definition, and what its calls have shown on rows that came after those it was judged by. */
export interface DirectionBelief {
  /** The definition of its features, in order. */
  readonly features: string
  /** Sessions ahead. */
  readonly horizon: number
  /** Prices known by then may have been learned from: nothing is said of them. */
  readonly known_until: string
  /** Share of rises among all rows that were learned from. */
  readonly base: number
  /** By kind of call; of others nothing was shown. */
  readonly shown: readonly { readonly call: string; readonly p_up: number; readonly uncertainty: number; readonly dates: number }[]
}

export interface LearningTerms extends Pick<BoostingTerms, 'trees' | 'leaves' | 'rate' | 'minRows'> {
  readonly patience: number
  /** Share of the rows, the last ones, half of which say when to stop and the rest of which judge and calibrate. */
  readonly later: number
  /** Names of fields of numbers that the second of two classes may only grow more, or less, likely with. */
  readonly rising: readonly string[]
  readonly falling: readonly string[]
  /** Whether rows that judged are learned from in the end, with as many trees as were best without them. */
  readonly whole: boolean
  /** Of each row: neighbours of one group are never parted into rows to learn from and later ones. */
  readonly groups?: readonly number[]
}
export const LEARNING: LearningTerms = {
  trees: 1000, leaves: 15, rate: 0.05, minRows: 10, patience: 50, later: 0.2, rising: [], falling: [], whole: true,
}

/** By rows that neither the trees nor their number were chosen on. */
export interface Judged {
  readonly rows: number
  readonly accuracy: number
  readonly logLoss: number
  readonly logLossCalibrated: number
  /** Of the second of two classes. */
  readonly auc?: number
  readonly calibrationError?: number
}

export interface Learned {
  readonly model: Classifier
  readonly judged: Judged
  readonly learnedRows: number
  readonly stoppingRows: number
  /** `[k][row]`: calibrated probabilities of the rows that judged, the last ones. */
  readonly said: readonly Float64Array[]
}

/** Throws RangeError where rows of each class are not to be had, or a constraint cannot hold. */
export async function learnClassifier(
  target: string, classes: readonly string[], fields: readonly Field[], labels: readonly number[], terms: LearningTerms,
  weights?: readonly number[], told?: BoostingTerms['told'], engine: Boosting = ownBoosting,
): Promise<Learned> {
  const cut = (share: number): number => {
    let at = Math.round(labels.length * (1 - share))
    while (terms.groups !== undefined && at < labels.length && terms.groups[at] === terms.groups[at - 1]) at++
    return at
  }
  const judgedFrom = cut(terms.later / 2), stopFrom = cut(terms.later)
  if (stopFrom < 2 || stopFrom === judgedFrom || judgedFrom === labels.length) {
    throw new RangeError(`${labels.length} rows are too few to learn from and judge on`)
  }
  const part = (from: number, to: number): readonly Field[] => fields.map((field) => (field.kind === 'number'
    ? { ...field, values: field.values.subarray(from, to) } : { ...field, values: field.values.slice(from, to) }))
  const boosted = async (end: number, more: Pick<Partial<BoostingTerms>, 'trees' | 'until' | 'told'>): Promise<Pick<Classifier, 'codes' | 'forest'>> => {
    const mine = labels.slice(0, end)
    const codes = learnCoding(part(0, end), mine, classes.length)
    const table = learnedTable(part(0, end), codes, mine, classes, CODING)
    const { trees, leaves, rate, minRows } = terms
    const rising = constraintsOf(codes, table.features, classes, terms), weighed = weights === undefined ? {} : { weights: weights.slice(0, end) }
    const forest = await engine.learn({ table, labels: mine, classes: classes.length, trees, leaves, rate, minRows, ...rising, ...weighed, ...more })
    return { codes, forest }
  }
  const coder = new Coder(learnCoding(part(0, stopFrom), labels.slice(0, stopFrom), classes.length), classes)
  const until: Until = { table: coder.table(part(stopFrom, judgedFrom)), labels: labels.slice(stopFrom, judgedFrom), patience: terms.patience }
  const first = await boosted(stopFrom, { until, ...(told !== undefined && { told }) })
  const scores = new Scorer(first.forest).scores(coder.table(part(judgedFrom, labels.length)))
  const truth = labels.slice(judgedFrom)
  const calibration = calibrated(scores, truth, lossOf(classes.length))
  const trees = first.forest.trees[0]?.length ?? 0
  const last = terms.whole && trees > 0 ? await boosted(labels.length, { trees }) : first, said = probabilitiesOf(scores, calibration)
  return {
    model: { kind: 'classify', target, classes, ...last, calibration },
    judged: judge(scores, said, truth), learnedRows: stopFrom, stoppingRows: judgedFrom - stopFrom, said,
  }
}

function constraintsOf(
  codes: readonly FieldCode[], features: readonly string[], classes: readonly string[], { rising, falling }: LearningTerms,
): { readonly rising?: number[] } {
  if (rising.length + falling.length === 0) return {}
  if (classes.length !== 2) throw new RangeError(`what rises or falls is one of two classes; here are ${classes.length}`)
  for (const name of [...rising, ...falling]) {
    if (!codes.some((code) => code.kind === 'number' && code.name === name)) throw new RangeError(`no field of numbers "${name}" to rise or fall with`)
    if (rising.includes(name) && falling.includes(name)) throw new RangeError(`field "${name}" cannot both rise and fall`)
  }
  return { rising: features.map((name) => (rising.includes(name) ? 1 : falling.includes(name) ? -1 : 0)) }
}

/** Two classes by Platt's line; more by one temperature for all (Guo et al., "On calibration of modern neural networks", ICML 2017). */
function calibrated(scores: readonly Float64Array[], labels: readonly number[], loss: Loss): Line {
  const [score] = scores
  // A line that falls would turn the answers round: whoever learned nothing had better say so in the card.
  const sound = (line: Line): Line => (line.slope > 0 ? line : UNCALIBRATED)
  if (scores.length === 1 && score !== undefined) return new Set(labels).size === 2 ? sound(fitPlatt(score, labels)) : UNCALIBRATED
  const slope = Float64Array.of(1)
  minimise((at, gradient) => {
    const times = at[0] ?? 1
    const heated = scores.map((one) => one.map((value) => value * times))
    const share = new Float64Array(scores.length)
    let sum = 0
    gradient.fill(0)
    labels.forEach((label, row) => {
      sum += loss.of(heated, row, label)
      softmax(heated, row, share)
      scores.forEach((one, k) => (gradient[0] = (gradient[0] ?? 0) + ((share[k] ?? 0) - (k === label ? 1 : 0)) * (one[row] ?? 0)))
    })
    return sum
  }, slope, 100, 1e-9)
  return sound({ slope: slope[0] ?? 1, intercept: 0 })
}

/** `[k][row]`: the probability of class k. */
export function probabilitiesOf(scores: readonly Float64Array[], { slope, intercept }: Line): Float64Array[] {
  const [score] = scores
  if (scores.length === 1 && score !== undefined) {
    const yes = score.map((value) => logistic(slope * value + intercept))
    return [score.map((value) => logistic(-slope * value - intercept)), yes]
  }
  const heated = scores.map((one) => one.map((value) => value * slope)), said = scores.map((one) => new Float64Array(one.length))
  const share = new Float64Array(scores.length)
  for (let row = 0; row < (score?.length ?? 0); row++) {
    softmax(heated, row, share)
    said.forEach((one, k) => (one[row] = share[k] ?? 0))
  }
  return said
}

function judge(scores: readonly Float64Array[], said: readonly Float64Array[], labels: readonly number[]): Judged {
  const raw = probabilitiesOf(scores, UNCALIBRATED)
  const best = labels.map((_, row) => said.reduce((most, one, k) => ((one[row] ?? 0) > (said[most]?.[row] ?? 0) ? k : most), 0))
  const lossOf = (one: readonly Float64Array[]): number => logLossOf(labels.map((label, row) => one[label]?.[row] ?? 0), labels.map(() => 1))
  const judged = { rows: labels.length, accuracy: accuracyOf(best, labels), logLoss: lossOf(raw), logLossCalibrated: lossOf(said) }
  const [, yes] = said
  if (said.length !== 2 || yes === undefined) return judged
  const auc = areaUnderCurve(yes, labels)
  return { ...judged, ...(auc !== undefined && { auc }), calibrationError: calibrationError(yes, labels) }
}

/** A classifier at work. */
export class Classifying {
  readonly coder: Coder
  readonly #model: Classifier
  readonly #scorer: Scorer

  constructor(model: Classifier) {
    this.coder = new Coder(model.codes, model.classes)
    this.#model = model
    this.#scorer = new Scorer(model.forest)
  }

  /** `[k][row]`: the probability of class k. */
  probabilities(table: Table): Float64Array[] {
    return probabilitiesOf(this.#scorer.scores(table), this.#model.calibration)
  }
}
