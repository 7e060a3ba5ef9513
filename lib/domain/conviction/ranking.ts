/** Ranks the candidates of one moment after another into a list that does not flicker. */

export interface Candidate {
  /** Who it is from one moment to the next. */
  readonly identity: string
  readonly subject: string
  readonly id: string
  readonly score: number
}

export interface RankingOptions {
  /** How many are ranked, and how many of them of one subject. */
  readonly top: number
  readonly perSubject: number
  /** By how much a newcomer must beat one that was ranked at the last moment. */
  readonly margin: number
}

export class Ranking<C extends Candidate> {
  readonly #options: RankingOptions
  #ranked: ReadonlySet<string> = new Set()

  constructor(options: RankingOptions) {
    this.#options = options
  }

  /**
   * The candidates of a moment in the order of their ranks. Whoever was ranked at the last moment is ahead of a newcomer unless
   * the newcomer's score is higher by more than the margin; equals stand in the order of subject, then id.
   */
  rank(candidates: readonly C[]): C[] {
    const { top, perSubject, margin } = this.#options
    const standing = candidates
      .map((candidate) => ({ candidate, stands: candidate.score + (this.#ranked.has(candidate.identity) ? margin : 0) }))
      .sort((a, b) => b.stands - a.stands || order(a.candidate, b.candidate))
    const ofSubject = new Map<string, number>()
    const ranked: C[] = []
    for (const { candidate } of standing) {
      if (ranked.length >= top) break
      const count = ofSubject.get(candidate.subject) ?? 0
      if (count >= perSubject) continue
      ofSubject.set(candidate.subject, count + 1)
      ranked.push(candidate)
    }
    this.#ranked = new Set(ranked.map((candidate) => candidate.identity))
    return ranked
  }
}

function order(a: Candidate, b: Candidate): number {
  if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
