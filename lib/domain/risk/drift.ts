/** Whether what conviction rests on is still what it was: the readings that come in, and what convictions are worth. */

/** Readings by what they say, from wholly bearish to wholly bullish. */
const BINS = 10
/** Sessions that are recent, and those before that they are held against. */
const RECENT = 5
const REFERENCE = 60
/** A stability index of fewer readings on either side is mostly noise: of the order of BINS / n. */
const READINGS_LEAST = 200

/** Readings of one type by session, the latest last, in {@link BINS} bins. */
export class InputDrift {
  readonly #types = new Map<string, number[][]>()

  /** `says`: polarity times how loud it is, from -1 to 1. */
  hear(type: string, says: number): void {
    let sessions = this.#types.get(type)
    if (sessions === undefined) this.#types.set(type, (sessions = [empty()]))
    const bins = sessions.at(-1), bin = Math.max(0, Math.min(BINS - 1, Math.floor(((says + 1) / 2) * BINS)))
    if (bins !== undefined) bins[bin] = (bins[bin] ?? 0) + 1
  }

  /** The session is over: the largest population stability index of any type; undefined where none has readings enough. */
  close(): number | undefined {
    let most: number | undefined
    for (const sessions of this.#types.values()) {
      const recent = summed(sessions.slice(-RECENT)), reference = summed(sessions.slice(0, -RECENT))
      if (recent.total >= READINGS_LEAST && reference.total >= READINGS_LEAST) most = Math.max(most ?? 0, stabilityIndex(reference.bins, recent.bins))
      sessions.push(empty())
      if (sessions.length > RECENT + REFERENCE) sessions.shift()
    }
    return most
  }
}

const empty = (): number[] => new Array<number>(BINS).fill(0)

function summed(sessions: readonly (readonly number[])[]): { readonly bins: readonly number[]; readonly total: number } {
  const bins = empty()
  for (const session of sessions) session.forEach((count, i) => (bins[i] = (bins[i] ?? 0) + count))
  return { bins, total: bins.reduce((sum, count) => sum + count, 0) }
}

/**
 * The population stability index, sum of (q - p) ln(q / p) over bins (Siddiqi, "Credit Risk Scorecards", 2006: below 0.1 nothing to speak of, above
 * 0.25 another population). Half a reading more in every bin, so that an empty one is no infinity.
 */
export function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  const share = (bins: readonly number[], i: number): number =>
    ((bins[i] ?? 0) + 0.5) / (bins.reduce((sum, count) => sum + count, 0) + bins.length / 2)
  return before.reduce((sum, _, i) => sum + (share(now, i) - share(before, i)) * Math.log(share(now, i) / share(before, i)), 0)
}

/** Days of entries that calibration looks back on, and the least that it needs. */
const DAYS_MOST = 60
const DAYS_LEAST = 20

/** How far convictions promise more than comes true. */
export class CalibrationDrift {
  /** By the day of entry, in the order in which the first outcome of it was heard: by outcome, what was promised beyond what came true. */
  readonly #days = new Map<string, Map<string, number>>()

  /** An outcome that is heard again is the same one. */
  hear(day: string, outcome: string, score: number, isHit: boolean): void {
    let outcomes = this.#days.get(day)
    if (outcomes === undefined) this.#days.set(day, (outcomes = new Map()))
    outcomes.set(outcome, score - (isHit ? 1 : 0))
    const [oldest] = this.#days.keys()
    if (this.#days.size > DAYS_MOST && oldest !== undefined) this.#days.delete(oldest)
  }

  /**
   * Standard errors by which promises exceed hits, entries of one day taken as one observation, since they share its market (the cluster-robust error
   * of Liang & Zeger, Biometrika 73, 1986); undefined where there are too few days.
   */
  excess(): number | undefined {
    if (this.#days.size < DAYS_LEAST) return undefined
    let sum = 0, squares = 0
    for (const outcomes of this.#days.values()) {
      let excess = 0
      for (const one of outcomes.values()) excess += one
      sum += excess
      squares += excess * excess
    }
    return squares === 0 ? 0 : sum / Math.sqrt(squares)
  }
}
