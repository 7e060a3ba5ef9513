import { logistic, logit } from '#record'

/**
 * How far two things that have to do with one another move together, by what links them. Stated in advance, and cautious: what a relation is worth
 * is for outcomes to show, not for a table. Log-odds that both rise or both fall over the horizon of a belief.
 */
const COUPLINGS: Readonly<Record<string, number>> = {
  /** One thing under two names, or one claim in two wrappings. */
  same_as: 6, listed_as: 6, share_class: 4, wraps: 4, quoted_in: 4, same_owner: 4,
  /** Stocks of one industry: pairwise correlation of daily returns is some 0.3 to 0.5, that is agreement two times in three. */
  peer: 0.6,
  /** One insider of two companies: what is known of one says next to nothing of the other. */
  insider_of: 0.3, manages: 0.3,
}

/** 0 for a relation that says nothing of direction. */
const couplingOf = (relation: string): number => (Object.hasOwn(COUPLINGS, relation) ? COUPLINGS[relation] : undefined) ?? 0

/** The same where the link itself is only probable: with the rest of the probability both go their own ways. */
export function couplingGiven(relation: string, probability: number): number {
  const agree = logistic(couplingOf(relation))
  const mixed = 0.5 + probability * (agree - 0.5)
  return logit(mixed)
}
