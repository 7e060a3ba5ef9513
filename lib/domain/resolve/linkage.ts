/** Matching whole files without labels: the records of two files, or of one that holds some twice. */
import { candidatesOf } from './blocking.ts'
import { clusterOf, type Clusters, type Pair } from './cluster.ts'
import { corpusOf, prepare, type Fields, type Prepared } from './corpus.ts'
import { agreementOf, learnLinkage, logOddsOf, type Agreement } from './fellegi_sunter.ts'

/** Candidates looked at for each record. */
const CANDIDATES = 5
/** Pairs for learning how often strangers agree. */
const STRANGERS = 20_000

/** A large prime: strides through the other file that look like chance, and are the same each time. */
const STRIDE = 7919

export interface LinkTerms {
  /** A record of either file may be linked more than once. */
  readonly many: boolean
  /** Log-odds from which on two are linked. */
  readonly threshold: number
}

/** The pairs that are one, surest first. */
export function link(left: readonly Fields[], right: readonly Fields[], { many, threshold }: LinkTerms): readonly Pair[] {
  const corpus = corpusOf([...left, ...right])
  const prepared = { left: left.map((record) => prepare(record, corpus.fields)), right: right.map((record) => prepare(record, corpus.fields)) }
  const candidates = candidatesOf(prepared.left, prepared.right, CANDIDATES)
  const strangers = strangersOf(prepared.left, prepared.right).map(([a, b]) => agreementOf(a, b, corpus))
  const agreements = candidates.map((one) => agreementBetween(prepared.left[one.left], prepared.right[one.right], corpus))
  const linkage = learnLinkage(agreements, strangers, corpus.fields.length, Math.min(left.length, right.length) / 2)
  const pairs = candidates.map((one, i): Pair => ({ ...one, logOdds: logOddsOf(linkage, agreements[i] ?? []) }))
    .filter(({ logOdds }) => logOdds >= threshold)
    .sort((a, b) => b.logOdds - a.logOdds || a.left - b.left || a.right - b.right)
  if (many) return pairs
  const taken = { left: new Set<number>(), right: new Set<number>() }
  return pairs.filter((pair) => {
    if (taken.left.has(pair.left) || taken.right.has(pair.right)) return false
    taken.left.add(pair.left)
    taken.right.add(pair.right)
    return true
  })
}

/** Which records of one file are one. */
export function dedupe(records: readonly Fields[]): Clusters {
  const corpus = corpusOf(records)
  const prepared = records.map((record) => prepare(record, corpus.fields))
  const candidates = candidatesOf(prepared, undefined, CANDIDATES)
  const strangers = strangersOf(prepared, prepared).map(([a, b]) => agreementOf(a, b, corpus))
  const agreements = candidates.map((one) => agreementBetween(prepared[one.left], prepared[one.right], corpus))
  const linkage = learnLinkage(agreements, strangers, corpus.fields.length, records.length / 4)
  return clusterOf(records.length, candidates.map((one, i) => ({ ...one, logOdds: logOddsOf(linkage, agreements[i] ?? []) })))
}

function agreementBetween(a: Prepared | undefined, b: Prepared | undefined, corpus: Parameters<typeof agreementOf>[2]): Agreement {
  if (a === undefined || b === undefined) throw new RangeError('a candidate beyond the records')
  return agreementOf(a, b, corpus)
}

function strangersOf(left: readonly Prepared[], right: readonly Prepared[]): (readonly [Prepared, Prepared])[] {
  const pairs: (readonly [Prepared, Prepared])[] = []
  for (let i = 0; i < Math.min(STRANGERS, left.length * 4) && right.length > 1; i++) {
    const a = left[i % left.length], b = right[(i * STRIDE + 13) % right.length]
    if (a !== undefined && b !== undefined && a !== b) pairs.push([a, b])
  }
  return pairs
}
