/**
 * Ranks the convictions that stand, moment after moment: a conviction is said once and stands until it is said anew or expires.
 */
import {
  make, millisOf, note, type Belief, type Conviction, type Direction, type Millis, type Ranking as RankingRecord, type Signal,
  type Vanta,
} from '#record'
import { Ranking, type Candidate, type RankingOptions } from './ranking.ts'
import { expiryOf } from './standing.ts'

/** A conviction that stands. Values only: once passed on, its record belongs to whoever got it. */
interface Standing extends Candidate {
  readonly direction: Direction
  readonly expiresMs: Millis
  /** The record and the beliefs it alone rests on, as long as they are held back. */
  heldBack: { readonly conviction: Conviction; readonly beliefs: readonly Belief[] } | undefined
  /** Whether a conviction on the subject has been passed on that has not expired since. */
  readonly known: boolean
}

export class StandingRanking {
  readonly #by: string
  readonly #ranking: Ranking<Standing>
  readonly #standing = new Map<string, Standing>()
  /** The order last said. */
  #order = ''

  constructor(options: RankingOptions, by: string) {
    this.#by = by
    this.#ranking = new Ranking(options)
  }

  /**
   * Close a moment: what goes on, in order. Records of other kinds pass as they came. A conviction passes, by rank, as soon as it
   * is among the ranked, and also where an earlier one on its subject has passed: whoever holds to that has to learn of the
   * change. Others are held back together with the beliefs that only they rest on, and pass once they are ranked after all. A
   * `ranking` follows where the order has changed.
   */
  close(records: readonly (Signal | Belief | Conviction)[], moment: string): Vanta[] {
    const momentMs = millisOf(moment)
    for (const [subject, { expiresMs }] of this.#standing) if (expiresMs <= momentMs) this.#standing.delete(subject)
    const news = this.#stand(records)
    const ranked = this.#ranking.rank([...this.#standing.values()].filter(({ expiresMs }) => expiresMs > momentMs))
    const changed = news.filter((one) => one.known && !ranked.includes(one))
    const passing = [...ranked, ...changed].filter((one) => one.heldBack !== undefined)
    const newlyHeld = new Set<Vanta>(news.filter((one) => !passing.includes(one)).flatMap((one) => one.heldBack?.beliefs ?? []))
    const fresh = new Set<Vanta>(records)
    const others = records.filter((record) => record.kind !== 'conviction' && !newlyHeld.has(record))
    const before = passing.flatMap((one) => one.heldBack?.beliefs.filter((belief) => !fresh.has(belief)) ?? [])
    const convictions = passing.map((one) => this.#passed(one, ranked.indexOf(one) + 1))
    return [...others, ...before, ...convictions, ...this.#said(ranked, moment)]
  }

  /** Put the convictions of this moment in the place of earlier ones; of several on one subject the last holds. */
  #stand(records: readonly (Signal | Belief | Conviction)[]): Standing[] {
    const convictions = records.filter((record) => record.kind === 'conviction')
    const uses = new Map<string, number>()
    for (const { parents } of convictions) for (const parent of parents) uses.set(parent, (uses.get(parent) ?? 0) + 1)
    const beliefs = new Map(records.filter((record) => record.kind === 'belief').map((belief) => [belief.id, belief]))
    const news = new Map<string, Standing>()
    for (const conviction of convictions) {
      const { id, subject, direction, conviction_score: score, parents } = conviction
      const own = parents.filter((parent) => uses.get(parent) === 1).map((parent) => beliefs.get(parent))
      const earlier = this.#standing.get(subject)
      const known = earlier !== undefined && (earlier.known || earlier.heldBack === undefined)
      const heldBack = { conviction, beliefs: own.filter((belief) => belief !== undefined) }
      const standing = { identity: subject, subject, id, score, direction, known, expiresMs: expiryOf(conviction), heldBack }
      this.#standing.set(subject, standing)
      news.set(subject, standing)
    }
    return [...news.values()]
  }

  /** `rank` 0: not among the ranked. */
  #passed(standing: Standing, rank: number): Conviction {
    const conviction = standing.heldBack?.conviction
    if (conviction === undefined) throw new RangeError('a conviction is passed on once')
    standing.heldBack = undefined
    return rank === 0 ? conviction : note(conviction, { rank, rank_score: standing.score })
  }

  #said(ranked: readonly Standing[], moment: string): RankingRecord[] {
    const order = ranked.map(({ subject, direction }) => `${subject} ${direction}`).join('\n')
    if (order === this.#order) return []
    this.#order = order
    return [make('ranking', {
      parents: ranked.map((one) => one.id),
      at: moment, known_at: moment, source: 'vanta-rerank', by: this.#by,
      ranked: ranked.map(({ subject, id, direction, score }) => ({ subject, conviction: id, direction, rank_score: score })),
    })]
  }
}
