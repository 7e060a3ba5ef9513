/**
 * Matching without a single label: how often fields agree among the same and among different records is learned from the pairs themselves
 * (Fellegi and Sunter, "A theory for record linkage", JASA 64, 1969; by expectation and maximisation after Winkler, 1988).
 */
import { logistic } from '#record'
import { rounded } from '../conviction/stacker.ts'
import type { Corpus, Prepared, Value } from './corpus.ts'
import { editLikeness, jaroWinkler, mongeElkan } from './likeness.ts'

/** How far the values of a field agree: 0 not at all .. 3 wholly; undefined where either is missing. */
export type Level = 0 | 1 | 2 | 3
export type Agreement = readonly (Level | undefined)[]

export function agreementOf(a: Prepared, b: Prepared, { kinds }: Corpus): Agreement {
  return kinds.map((kind, f) => {
    const left = a.values[f], right = b.values[f]
    if (left === undefined || right === undefined || left.plain === '' || right.plain === '') return undefined
    return levelOf(likenessOf(left, right, kind))
  })
}

function likenessOf(a: Value, b: Value, kind: Corpus['kinds'][number]): number {
  if (a.plain === b.plain) return 1
  if (kind === 'number') {
    const most = Math.max(Math.abs(a.number), Math.abs(b.number))
    return most === 0 ? 0 : Math.min(0.95, 1 - Math.abs(a.number - b.number) / most)
  }
  if (kind === 'code') return editLikeness(a.plain, b.plain)
  return Math.max(jaroWinkler(a.plain, b.plain), mongeElkan(a.tokens, b.tokens) * 0.97)
}

const levelOf = (likeness: number): Level => (likeness === 1 ? 3 : likeness >= 0.85 ? 2 : likeness >= 0.7 ? 1 : 0)

export interface Linkage {
  /** Log-odds that two records of these agreements are one, before any prior: by field and level. */
  readonly weights: readonly (readonly number[])[]
  /** Log-odds of a candidate pair before anything is compared. */
  readonly prior: number
}

const ROUNDS = 60
/** What is thought to have been seen already, so that a handful of records learns nothing absurd: agreements by level, among same and different. */
const SEEN_SAME: readonly number[] = [0.5, 0.5, 1, 8]
const SEEN_DIFFERENT: readonly number[] = [8, 1.3, 0.4, 0.3]
const SMOOTH = 0.5

/**
 * `pairs` are the candidates, of which about `expectedMatches` are one; `strangers`, pairs drawn at random, say where to start. Candidates that are
 * not one agree more than strangers do, having been chosen for what they share: so both sides are learned from the candidates. Deterministic.
 */
export function learnLinkage(pairs: readonly Agreement[], strangers: readonly Agreement[], fields: number, expectedMatches: number): Linkage {
  const among = (rows: readonly Agreement[], seen: readonly number[], share: (row: number) => number): number[][] =>
    Array.from({ length: fields }, (_, f) => {
      const counts = [...seen]
      rows.forEach((row, i) => {
        const level = row[f]
        if (level !== undefined) counts[level] = (counts[level] ?? 0) + share(i)
      })
      const all = counts.reduce((sum, count) => sum + count, 0)
      return counts.map((count) => count / all)
    })
  let prior = Math.log(expectedMatches / Math.max(1, pairs.length - expectedMatches))
  let weights = weightsOf(among([], SEEN_SAME, () => 0), among(strangers, SEEN_DIFFERENT, () => 1))
  for (let round = 0; round < ROUNDS; round++) {
    const shares = pairs.map((pair) => logistic(logOddsOf({ weights, prior }, pair)))
    const matches = shares.reduce((sum, share) => sum + share, 0)
    prior = Math.log((matches + SMOOTH) / (pairs.length - matches + SMOOTH))
    weights = weightsOf(among(pairs, SEEN_SAME, (i) => shares[i] ?? 0), among(pairs, SEEN_DIFFERENT, (i) => 1 - (shares[i] ?? 0)))
  }
  return { weights, prior: rounded(prior) }
}

const weightsOf = (same: readonly (readonly number[])[], different: readonly (readonly number[])[]): number[][] =>
  same.map((levels, f) => levels.map((share, level) => rounded(Math.log(share / (different[f]?.[level] ?? 1)))))

/** Log-odds that the two are one. */
export function logOddsOf({ weights, prior }: Linkage, agreement: Agreement): number {
  let sum = prior
  agreement.forEach((level, f) => {
    if (level !== undefined) sum += weights[f]?.[level] ?? 0
  })
  return sum
}
