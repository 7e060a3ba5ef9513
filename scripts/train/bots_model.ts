/** How the model of accounts is learned, and judged on rows that it has not seen. */
import { logistic } from '#record'
import { boost, boostedLogOdds, type Boosted } from '#domain/learn/boosted'
import { fitPlatt } from '#domain/learn/calibrate'
import { pick, rowOf, type Table } from '#domain/learn/table'
import type { Line } from '#domain/conviction/stacker'
import { ACCOUNT_FEATURES, accountRow } from '#domain/swarm/accounts'
import { accountsIn } from '#wire/swarm/accounts'

const TERMS = { trees: 250, leaves: 12, rate: 0.05, minRows: 10 }
const FOLDS = 5

export function readAccounts(bytes: Buffer, name: string): { readonly table: Table; readonly labels: number[] } {
  const rows = accountsIn(bytes, name).rows.filter(({ bot }) => bot !== undefined)
  const values = rows.map(({ account }) => accountRow(account))
  const columns = ACCOUNT_FEATURES.map((_, f) => Float64Array.from(values, (row) => row[f] ?? NaN))
  return { table: { rows: rows.length, features: [...ACCOUNT_FEATURES], columns }, labels: rows.map(({ bot }) => bot ?? 0) }
}

export function learnAccounts(table: Table, labels: readonly number[]): { readonly model: Boosted; readonly calibration: Line } {
  return { model: boost(table, labels, TERMS), calibration: fitPlatt(crossScores(table, labels), labels) }
}

function crossScores(table: Table, labels: readonly number[]): number[] {
  const scores = new Array<number>(labels.length).fill(0)
  for (let fold = 0; fold < FOLDS; fold++) {
    const mine: number[] = [], others: number[] = []
    for (let row = 0; row < table.rows; row++) (row % FOLDS === fold ? mine : others).push(row)
    const model = boost(pick(table, others), others.map((row) => labels[row] ?? 0), TERMS)
    for (const row of mine) scores[row] = boostedLogOdds(model, rowOf(table, row))
  }
  return scores
}

/** Probabilities of each fifth by all that was learned, calibration too, from the other four. */
export function crossJudged(table: Table, labels: readonly number[]): number[] {
  const said = new Array<number>(labels.length).fill(0)
  for (let fold = 0; fold < FOLDS; fold++) {
    const mine: number[] = [], others: number[] = []
    for (let row = 0; row < table.rows; row++) (row % FOLDS === fold ? mine : others).push(row)
    const { model, calibration: { slope, intercept } } = learnAccounts(pick(table, others), others.map((row) => labels[row] ?? 0))
    for (const row of mine) said[row] = logistic(slope * boostedLogOdds(model, rowOf(table, row)) + intercept)
  }
  return said
}
