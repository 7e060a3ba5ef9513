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
  /** By how much one that was ranked at the last moment must beat another that stood before it, to stand before it now. */
  readonly overtake: number
  /** How many of one sector are ranked; of what has none any number. */
  readonly perSector?: number | undefined
  readonly sectorOf?: ((subject: string) => string | undefined) | undefined
}

export class Ranking<C extends Candidate> {
  readonly #options: RankingOptions
  /** Places at the last moment. */
  #ranked: ReadonlyMap<string, number> = new Map()

  constructor(options: RankingOptions) {
    this.#options = options
  }

  /**
   * The candidates of a moment in the order of their ranks. Whoever was ranked at the last moment is ahead of a newcomer unless
   * the newcomer's score is higher by more than the margin, and those who were keep their order until one beats the one before it by enough. Equals who are
   * new stand in the order of subject, then id.
   */
  rank(candidates: readonly C[]): C[] {
    const { top, perSubject, margin, perSector = Infinity, sectorOf } = this.#options
    const standing = candidates
      .map((candidate) => ({ candidate, stands: candidate.score + (this.#ranked.has(candidate.identity) ? margin : 0) }))
      .sort((a, b) => b.stands - a.stands || order(a.candidate, b.candidate))
    const ofSubject = new Map<string, number>(), ofSector = new Map<string, number>()
    const ranked: C[] = []
    for (const { candidate } of standing) {
      if (ranked.length >= top) break
      const count = ofSubject.get(candidate.subject) ?? 0
      if (count >= perSubject) continue
      const sector = sectorOf?.(candidate.subject), held = sector === undefined ? 0 : ofSector.get(sector) ?? 0
      if (held >= perSector) continue
      ofSubject.set(candidate.subject, count + 1)
      if (sector !== undefined) ofSector.set(sector, held + 1)
      ranked.push(candidate)
    }
    const ordered = this.#ordered(ranked)
    this.#ranked = new Map(ordered.map((candidate, i) => [candidate.identity, i] as const))
    return ordered
  }

  /** Those who stood as they stood, but for who overtakes; each newcomer behind the last of them that it does not beat by the margin. */
  #ordered(ranked: readonly C[]): C[] {
    const { margin, overtake } = this.#options
    const placeOf = (candidate: C): number => this.#ranked.get(candidate.identity) ?? Infinity
    const order = ranked.filter((candidate) => placeOf(candidate) < Infinity).sort((a, b) => placeOf(a) - placeOf(b))
    for (let moved = true; moved;) {
      moved = false
      for (let i = 1; i < order.length; i++) {
        const [ahead, behind] = [order[i - 1], order[i]]
        if (ahead === undefined || behind === undefined || behind.score <= ahead.score + overtake) continue
        order[i - 1] = behind
        order[i] = ahead
        moved = true
      }
    }
    const newcomers = ranked.filter((candidate) => placeOf(candidate) === Infinity)
    let from = 0
    for (const newcomer of newcomers) {
      let place = order.length
      while (place > from && newcomer.score > (order[place - 1]?.score ?? Infinity) + margin) place--
      order.splice(place, 0, newcomer)
      from = place + 1
    }
    return order
  }
}

function order(a: Candidate, b: Candidate): number {
  if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
