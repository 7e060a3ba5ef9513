/** Why a fill happened, read off the record: its allocation, the conviction behind that, and the terms of its sum. */
import type { Allocation, Conviction, Fill, Reason } from '#record'
import type { Gathered } from './gather.ts'
import { counted, decimal, horizonText, ordinal, share } from './wording.ts'

export interface Term {
  readonly text: string
  readonly logOdds: number
  readonly evidence: readonly string[]
}

export interface Why {
  /** One sentence. */
  readonly text: string
  readonly terms: readonly Term[]
  /** Log-odds of the conviction: what the terms add up to. */
  readonly logOdds: number | undefined
  readonly allocation: Allocation | undefined
  readonly conviction: Conviction | undefined
}

/** What an allocation's `reason` says, in words. */
export const REASONS: Readonly<Record<string, string>> = {
  entry: 'conviction reached a band of the vault',
  resize: 'conviction moved to another size',
  expired: 'the conviction expired and nobody restated it',
  below_band: 'conviction fell below the lowest band',
  direction: 'conviction turned to a side the vault does not take',
  cap: 'stronger convictions took its room under the caps',
}

/** Fills of one order have the same answer; nothing in the answer is guessed where the log lacks a link. */
export function whyOf(fill: Fill, gathered: Gathered): Why {
  const allocation = gathered.allocationOf(fill)
  if (allocation === undefined) {
    const text = 'The record does not hold the decision behind it.'
    return { text, terms: [], logOdds: undefined, allocation: undefined, conviction: undefined }
  }
  const conviction = allocation.parents.map((id) => gathered.conviction(id)).find((found) => found !== undefined)
  const verb = fill.side === 'buy' ? 'Bought' : 'Sold'
  const because = REASONS[allocation.reason] ?? allocation.reason
  const rest = conviction === undefined ? '' : `: ${statement(conviction)}`
  return {
    text: `${verb} because ${because}${rest}.`,
    terms: (conviction?.reason_vector ?? []).filter(isTelling).map(termOf),
    logOdds: conviction?.log_odds, allocation, conviction,
  }
}

function statement({ direction, conviction_score: score, horizon, log_odds: logOdds, rank }: Conviction): string {
  const place = rank === undefined ? '' : `, ranked ${ordinal(rank)}`
  return `${direction} over ${horizonText(horizon)}, probability ${share(score, 0)} (log-odds ${decimal(logOdds, 2)}${place})`
}

/** A base rate of one half and an identity calibration add nothing. */
const isTelling = ({ log_odds: logOdds, evidence }: Reason): boolean => logOdds !== 0 || evidence.length > 0

const termOf = ({ term, log_odds: logOdds, evidence }: Reason): Term => ({ text: term, logOdds, evidence })

export const evidenceText = ({ evidence }: Term): string => (evidence.length === 0 ? '' : counted(evidence.length, 'record'))
