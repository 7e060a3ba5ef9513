/**
 * What a neural forecaster sees of a series at an origin, and the same for training and serving. Nothing of it rests on a value at or behind
 * the origin. Values are told as distances from the last season at the same phase, in units of how far a season differs from the one before
 * it: so one model serves series of any size and any shape of season, those it has never met too.
 */

export interface WindowTerms {
  /** Steps that the model looks back over, one by one. */
  readonly context: number
  readonly horizon: number
  /** Steps of a season; 1 where there is none. */
  readonly season: number
}

/** Seasons of the same phase that are looked back at. */
const CYCLES = 3
const SHAPE = 1
/** Over how many the profile is taken. */
const PROFILE = 7
/** Within a day, a season has a week around it. */
const WITHIN_A_DAY = new Set([24, 48, 96, 144, 288])
/** Distances beyond this say no more. */
const FARTHEST = 12
/** Ratios likewise. */
const MOST = 1e4
/** So many seasons are long. */
const LONG = 8

export const KNOWN = ['shape of the season', 'season before', 'two before', 'three before', 'week before', 'profile', 'distance', 'seasons ahead'] as const
export const STATIC = ['slope of a season', 'slope of four', 'roughness', 'spread', 'length'] as const

export const weekOf = (season: number): number => (WITHIN_A_DAY.has(season) ? 7 * season : season)

/** Longest look back: what lies further away makes no difference. */
export const reachOf = ({ context, season }: WindowTerms): number =>
  Math.max(context + Math.max(PROFILE * season, weekOf(season)), scaleSpan({ context, season }) + season) + 1

const scaleSpan = ({ context, season }: Pick<WindowTerms, 'context' | 'season'>): number => Math.max(context, 8 * season)

export class Window {
  readonly values: Float64Array
  readonly origin: number
  readonly terms: WindowTerms
  /** Mean of the last season. */
  readonly level: number
  readonly scale: number
  /** Deviation of the values looked back at. */
  readonly #spread: number
  readonly #week: number

  /** At `origin`, when the values before it are known. Throws RangeError where there is none. */
  constructor(values: Float64Array, origin: number, terms: WindowTerms) {
    if (!(origin >= 1 && origin <= values.length)) throw new RangeError(`an origin of ${origin} in a series of ${values.length}`)
    this.values = values
    this.origin = origin
    this.terms = terms
    this.#week = weekOf(terms.season)
    this.level = this.#meanOf(origin - terms.season, origin)
    this.scale = this.#scaleOf()
    this.#spread = this.#spreadOf()
  }

  /** Before the beginning, a series was what it was at first. */
  at(place: number): number {
    return this.values[place < 0 ? 0 : place] ?? NaN
  }

  /** The last season's value at the phase of a place, before or behind the origin. */
  anchor(place: number): number {
    const { season } = this.terms, ahead = (place - this.origin) % season
    return this.at(this.origin - season + (ahead < 0 ? ahead + season : ahead))
  }

  /** The value of a place in units of the model. */
  told(value: number, place: number): number {
    return this.#units(value - this.anchor(place))
  }

  /** From the units of the model to those of the series. */
  value(told: number, place: number): number {
    return this.anchor(place) + this.scale * told
  }

  #units(distance: number): number {
    return clamped(distance / this.scale)
  }

  /** How far a value is from the season before it. */
  change(place: number): number {
    return this.#units(this.at(place) - this.at(place - this.terms.season))
  }

  /** What may be known of a place, before or behind the origin: the latest full seasons before both. */
  known(place: number, into: Float32Array, offset: number): void {
    const { season, horizon } = this.terms, ahead = place - this.origin
    const seasons = ahead < 0 ? 0 : Math.floor(ahead / season)
    const phase = place - season * (seasons + 1)
    into[offset] = clamped((this.anchor(place) - this.level) / this.#spread)
    for (let j = 0; j < CYCLES; j++) into[offset + SHAPE + j] = this.told(this.at(phase - j * season), place)
    const weeks = ahead < 0 ? 0 : Math.floor(ahead / this.#week)
    into[offset + SHAPE + CYCLES] = this.told(this.at(place - this.#week * (weeks + 1)), place)
    let sum = 0
    for (let j = 0; j < PROFILE; j++) sum += this.at(phase - j * season)
    into[offset + SHAPE + CYCLES + 1] = this.told(sum / PROFILE, place)
    into[offset + SHAPE + CYCLES + 2] = Math.max(-1, ahead / horizon)
    into[offset + SHAPE + CYCLES + 3] = Math.min(1, (seasons * season) / horizon)
  }

  /** What holds for the whole window. */
  statics(into: Float32Array, offset: number): void {
    const { season } = this.terms, { origin, scale } = this
    const span = Math.min(origin, scaleSpan(this.terms))
    let rough = 0
    for (let place = origin - span; place < origin; place++) rough += Math.abs(this.at(place) - this.at(place - 1))
    into[offset] = this.#units(this.level - this.#meanOf(origin - 2 * season, origin - season))
    into[offset + 1] = this.#units(this.level - this.#meanOf(origin - 5 * season, origin - 4 * season))
    into[offset + 2] = Math.log(1 + Math.min(MOST, rough / span / scale))
    into[offset + 3] = Math.log(1 + Math.min(MOST, this.#spread / scale))
    into[offset + 4] = Math.log(1 + Math.min(origin, LONG * season) / season) / 4
  }

  #meanOf(from: number, until: number): number {
    let sum = 0
    for (let place = from; place < until; place++) sum += this.at(place)
    return sum / (until - from)
  }

  /** Mean distance of the last seasons from those before them; of a series without any, its size, so that it is not zero. */
  #scaleOf(): number {
    const { season } = this.terms, from = Math.max(1, this.origin - scaleSpan(this.terms))
    let sum = 0
    for (let place = from; place < this.origin; place++) sum += Math.abs(this.at(place) - this.at(place - season))
    const mean = this.origin > from ? sum / (this.origin - from) : 0
    const least = 1e-6 * Math.max(Math.abs(this.level), 1e-6)
    return mean > least ? mean : Math.max(least, Math.abs(this.level) * 1e-3)
  }

  #spreadOf(): number {
    const from = Math.max(0, this.origin - scaleSpan(this.terms)), mean = this.#meanOf(from, this.origin)
    let squares = 0
    for (let place = from; place < this.origin; place++) squares += (this.at(place) - mean) * (this.at(place) - mean)
    return Math.max(this.scale, Math.sqrt(squares / (this.origin - from)))
  }
}

const clamped = (value: number): number => (value > FARTHEST ? FARTHEST : value < -FARTHEST ? -FARTHEST : value)
