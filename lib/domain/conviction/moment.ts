/** The records of one moment of decision, and which of them are ranked. */
import { note, logistic, type Belief, type Conviction, type Reason, type Signal } from '#record'
import { strengthOf } from './evidence.ts'
import { priorOfMaker, priorOfReading, UNKNOWN_RELIABILITY, UNSTATED_MAGNITUDE } from './priors.ts'
import { Ranking, type Candidate, type RankingOptions } from './ranking.ts'
import { rounded } from './stacker.ts'

/** What may be ranked, from the raw to the digested. */
export const RANKABLE = ['signal', 'belief', 'conviction'] as const
export type Rankable = (typeof RANKABLE)[number]
type Ranked = Signal | Belief | Conviction

/** The most digested kind there is. */
export const mostDigested = (records: readonly Ranked[]): Rankable =>
  RANKABLE.findLast((kind) => records.some((record) => record.kind === kind)) ?? 'conviction'

interface Entry extends Candidate {
  readonly record: Ranked
  /** Undefined for a conviction, which has its own. */
  readonly reasons: readonly Reason[] | undefined
}

export class MomentRanking {
  readonly #ranking: Ranking<Entry>

  constructor(options: RankingOptions) {
    this.#ranking = new Ranking(options)
  }

  /**
   * Rank the records of one kind. What comes out, in this order: records of less digested kinds as they came, then the ranked
   * ones by rank, then more digested kinds. What was dropped takes along the beliefs that stood for it alone; where signals are
   * ranked, raw ones, which have no subject, are dropped too.
   */
  rank(records: readonly Ranked[], ranks: Rankable): Ranked[] {
    const candidates = records.filter((record) => record.kind === ranks)
    const ranked = this.#ranking.rank(candidates.map(entryOf).filter((entry) => entry !== undefined))
    const orphans = orphansOf(candidates, ranked)
    const others = records.filter((record) => record.kind !== ranks && !orphans.has(record.id))
    const noted = ranked.map(({ record, score, reasons }, i) =>
      note(record, { rank: i + 1, rank_score: score, ...(reasons !== undefined && { reason_vector: reasons.map(plain) }) }))
    const below = (record: Ranked): boolean => RANKABLE.indexOf(record.kind) < RANKABLE.indexOf(ranks)
    return [...others.filter(below), ...noted, ...others.filter((record) => !below(record))]
  }
}

const plain = ({ term, log_odds, evidence }: Reason) => ({ term, log_odds, evidence })

/** Beliefs that only convictions dropped rest on. */
function orphansOf(candidates: readonly Ranked[], ranked: readonly Entry[]): ReadonlySet<string> {
  const orphans = new Set<string>()
  const kept = new Set(ranked.map((entry) => entry.id))
  const convictions = candidates.filter((record) => record.kind === 'conviction')
  for (const { id, parents } of convictions) if (!kept.has(id)) for (const parent of parents) orphans.add(parent)
  for (const { id, parents } of convictions) if (kept.has(id)) for (const parent of parents) orphans.delete(parent)
  return orphans
}

/** Scores are all probabilities that the stated direction holds, so that one margin suits every kind. */
function entryOf(record: Ranked): Entry | undefined {
  const { id } = record
  switch (record.kind) {
    case 'conviction':
      return { record, id, identity: record.subject, subject: record.subject, score: record.conviction_score, reasons: undefined }
    case 'belief':
      return beliefEntry(record)
    case 'signal':
      return signalEntry(record)
  }
}

function beliefEntry(record: Belief): Entry {
  const { id, subject, maker, parents } = record
  const reliability = priorOfMaker(maker)?.reliability ?? UNKNOWN_RELIABILITY
  const logOdds = rounded(record.log_odds * (record.weight ?? 1) * reliability)
  const evidence = parents.length > 0 ? parents : [id]
  const reasons = [{ term: `${maker}: a belief, ${record.direction}`, log_odds: logOdds, evidence }]
  return { record, id, identity: `${subject} ${maker}`, subject, score: logistic(logOdds), reasons }
}

/** A reading by the log-odds that it lends its direction; of a kind no maker reads, a signal ranks by magnitude last of all. */
function signalEntry(record: Signal): Entry | undefined {
  const { id, subject, type, polarity = 0, magnitude = UNSTATED_MAGNITUDE, weight = 1, author } = record
  if (subject === undefined) return undefined
  const prior = priorOfReading(type)
  const strength = prior === undefined ? 0 : Math.abs(strengthOf(prior, polarity, magnitude)) * prior.reliability
  const logOdds = rounded(strength * weight)
  const leaning = polarity > 0 ? 'up' : polarity < 0 ? 'down' : 'neutral'
  const whose = author === undefined ? '' : `, by ${author}`
  const term = `${prior?.maker ?? record.source}: ${type} of ${subject}, ${leaning}${whose}`
  const reasons = [{ term, log_odds: logOdds, evidence: [id] }]
  return { record, id, identity: `${record.key} ${subject}`, subject, score: logistic(logOdds), reasons }
}
