/**
 * What a maker of forecasts has shown so far: how often prices rose after it had said so, beside how often they rose anyway. Its calls are sorted into a few
 * buckets (strongly up, weakly down ...), and each bucket has a record of its own.
 */

/** Dates that count as if they had shown nothing. */
const PRIOR_DATES = 20
/** With fewer dates nothing is shown. */
const DATES_LEAST = 12

export interface Shown {
  /** Of a rise, 0.5 where nothing was shown: the least that the record bears out. */
  readonly pUp: number
  /** Standard error of the share that the record rests on; 0.5 where there is none. */
  readonly uncertainty: number
  /** Dates of the record. */
  readonly dates: number
}

const NOTHING: Shown = { pUp: 0.5, uncertainty: 0.5, dates: 0 }

/**
 * One observation a date: calls of one date are about one market, and hang together. Dates are to be so far apart that what is judged does not overlap.
 */
export class Skill {
  readonly #buckets = new Map<string, { dates: number; mean: number; squares: number }>()

  /** Of one date and bucket: by how much the share of rises after its calls was above the share to be expected anyway, from -1 to 1. */
  add(bucket: string, excess: number): void {
    let known = this.#buckets.get(bucket)
    if (known === undefined) this.#buckets.set(bucket, (known = { dates: 0, mean: 0, squares: 0 }))
    known.dates++
    const off = excess - known.mean
    known.mean += off / known.dates
    known.squares += off * (excess - known.mean)
  }

  /**
   * The mean excess, drawn towards nothing as by {@link PRIOR_DATES} more dates, less one standard error: near a half for whoever is lucky, and for whoever is
   * new.
   */
  of(bucket: string): Shown {
    const known = this.#buckets.get(bucket)
    if (known === undefined || known.dates < DATES_LEAST) return { ...NOTHING, dates: known?.dates ?? 0 }
    const { dates, mean, squares } = known
    const uncertainty = Math.sqrt(squares / (dates - 1) / dates)
    const drawn = (mean * dates) / (dates + PRIOR_DATES)
    const borne = Math.sign(drawn) * Math.max(0, Math.abs(drawn) - uncertainty)
    return { pUp: Math.min(0.99, Math.max(0.01, 0.5 + borne)), uncertainty, dates }
  }
}
