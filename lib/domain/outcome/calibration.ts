/**
 * What convictions said and what came true, by horizon, kept as counts (`memory/calibration.json`), and the map from the one to the other that
 * `vanta-synthesize` applies at moments after the last outcome in it.
 */
import { millisOf, logistic, logit, type Json, type Millis, type Outcome } from '#record'
import { rounded, UNCALIBRATED, type Calibration } from '../conviction/stacker.ts'
import { fitIsotonic, fitLine } from '../learn/calibrate.ts'
import { Heard, heardIn } from './heard.ts'

export const CALIBRATION_FILE = 'calibration.json'
export const METHODS = ['identity', 'platt', 'isotonic'] as const
export type Method = (typeof METHODS)[number]

/** What was said within a bin, and how much of it rose: outcomes that overlap count for a share each. */
interface Bin {
  n: number
  rises: number
  /** Sum of what was said, so that the mean of the bin is exact. */
  said: number
}
const BIN = 0.02, FARTHEST = 6

/** Fewer outcomes that do not overlap than that of a horizon calibrate nothing. */
export const LEAST_OUTCOMES = 100
/** How far a line is thought to be from the identity before any outcome, one standard deviation; the outcomes that a step of an isotonic map starts with. */
const PRIOR = { slope: 0.5, intercept: 0.2 } as const
const PRIOR_OUTCOMES = 10

export class CalibrationCounts {
  readonly heard: Heard
  readonly #horizons: Map<string, Map<number, Bin>>

  constructor(heard: Heard = new Heard(), horizons = new Map<string, Map<number, Bin>>()) {
    this.heard = heard
    this.#horizons = horizons
  }

  /** False where it was learned from before, says nothing or comes from a record that did not say what it had been before calibration. */
  learn(outcome: Outcome): boolean {
    const { horizon, move, uncalibrated } = outcome
    if (!this.heard.isNew(outcome) || move === 0 || uncalibrated === undefined) return false
    const share = 1 / (Number.parseInt(horizon, 10) || 1)
    const said = Math.max(-FARTHEST, Math.min(FARTHEST, uncalibrated))
    let bins = this.#horizons.get(horizon)
    if (bins === undefined) this.#horizons.set(horizon, (bins = new Map()))
    const place = Math.floor(said / BIN)
    const bin = bins.get(place) ?? { n: 0, rises: 0, said: 0 }
    bins.set(place, { n: bin.n + share, rises: bin.rises + (move > 0 ? share : 0), said: bin.said + share * said })
    return true
  }

  get horizons(): readonly string[] {
    return [...this.#horizons.keys()].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
  }

  /** Outcomes of a horizon that do not overlap. */
  count(horizon: string): number {
    return this.#bins(horizon).reduce((sum, { n }) => sum + n, 0)
  }

  /** The map by a method; undefined where there is too little to go by, or it is to stay as it is. */
  fitted(horizon: string, method: Method): Calibration | undefined {
    const bins = this.#bins(horizon)
    if (method === 'identity' || this.count(horizon) < LEAST_OUTCOMES) return undefined
    const said = bins.map((bin) => bin.said / bin.n), rises = bins.map((bin) => bin.rises / bin.n), weights = bins.map(({ n }) => n)
    if (method === 'platt') {
      const { slope, intercept } = fitLine(said, rises, weights, PRIOR)
      return { slope: Math.max(0, rounded(slope)), intercept: rounded(intercept) }
    }
    const pools = apart(fitIsotonic(said, rises, weights).pools)
    // Each step draws on what it would have said by itself, so that a handful of outcomes makes no certainty; a rising map stays one.
    let floor = -Infinity
    const says = pools.map(({ score, probability, weight }) => {
      floor = Math.max(floor, (probability * weight + logistic(score) * PRIOR_OUTCOMES) / (weight + PRIOR_OUTCOMES))
      return rounded(logit(floor))
    })
    return { at: pools.map(({ score }) => rounded(score)), says }
  }

  /** As kept in memory, with the map that is to be applied. */
  memory(method: Method): { [field: string]: Json } {
    const horizons = Object.fromEntries(this.horizons.map((horizon): [string, Json] => {
      const map = this.fitted(horizon, method)
      const bins = [...this.#horizons.get(horizon) ?? []].sort((a, b) => a[0] - b[0]).map(([place, { n, rises, said }]) => [place, n, rises, said])
      const told = map === undefined ? null : 'at' in map ? { at: [...map.at], says: [...map.says] } : { ...map }
      return [horizon, { n: rounded(this.count(horizon)), map: told, bins }]
    }))
    return { method, ...this.heard.memory(), horizons }
  }

  #bins(horizon: string): readonly Bin[] {
    return [...this.#horizons.get(horizon) ?? []].sort((a, b) => a[0] - b[0]).map(([, bin]) => bin)
  }
}

type Pool = ReturnType<typeof fitIsotonic>['pools'][number]

/** Steps that all but coincide are one, so that the map never leaps. */
function apart(pools: readonly Pool[]): Pool[] {
  const kept: Pool[] = []
  for (const pool of pools) {
    const last = kept.at(-1)
    if (last === undefined || pool.score - last.score >= BIN / 2) kept.push(pool)
    else {
      const weight = last.weight + pool.weight
      const mean = (a: number, b: number): number => (a * last.weight + b * pool.weight) / weight
      kept[kept.length - 1] = { score: mean(last.score, pool.score), probability: mean(last.probability, pool.probability), weight }
    }
  }
  return kept
}

export interface LearnedCalibration {
  readonly method: Method
  readonly counts: CalibrationCounts
  readonly maps: ReadonlyMap<string, { readonly map: Calibration; readonly n: number }>
}

type Members = { readonly [name: string]: unknown }
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber)

/** Throws RangeError, with the place, on a memory that is none of ours. */
export function calibrationIn(memory: Members): LearnedCalibration {
  const method = METHODS.find((name) => name === memory['method'])
  if (method === undefined || !isMembers(memory['horizons'])) throw new RangeError(`expected horizons and a method, one of ${METHODS.join(', ')}`)
  const maps = new Map<string, { map: Calibration; n: number }>()
  const kept = new Map<string, Map<number, Bin>>()
  for (const [horizon, each] of Object.entries(memory['horizons'])) {
    const place = `horizons.${horizon}`
    if (!isMembers(each) || !isNumber(each['n']) || !Array.isArray(each['bins'])) throw new RangeError(`${place}: expected n, map and bins`)
    kept.set(horizon, new Map(each['bins'].map((bin: unknown, i) => {
      const [at, n, rises, said] = isNumbers(bin) && bin.length === 4 ? bin : []
      if (at === undefined || n === undefined || rises === undefined || said === undefined || !(n > 0)) {
        throw new RangeError(`${place}.bins.${i}: expected four numbers`)
      }
      return [at, { n, rises, said }]
    })))
    if (each['map'] !== null) maps.set(horizon, { map: mapIn(each['map'], `${place}.map`), n: each['n'] })
  }
  return { method, counts: new CalibrationCounts(heardIn(memory), kept), maps }
}

function mapIn(value: unknown, place: string): Calibration {
  const { slope, intercept, at, says } = isMembers(value) ? value : {}
  if (isNumber(slope) && isNumber(intercept) && slope >= 0) return { slope, intercept }
  const rising = (list: readonly number[], least: number): boolean => list.every((one, i) => i === 0 || one - (list[i - 1] ?? 0) >= least)
  if (isNumbers(at) && isNumbers(says) && at.length > 0 && at.length === says.length && rising(at, Number.MIN_VALUE) && rising(says, 0)) return { at, says }
  throw new RangeError(`${place}: expected slope and intercept, or what it says at rising places`)
}

/** What is applied to a conviction over a horizon at a moment: only what rests on outcomes that were known by then. */
export function calibrationAt({ counts, maps, method }: LearnedCalibration, horizon: string, momentMs: Millis): Fitted {
  const fitted = maps.get(horizon)
  if (fitted === undefined || millisOf(counts.heard.knownAt) > momentMs) return AS_IT_IS
  return { map: fitted.map, fitted: `${method}, ${Math.round(fitted.n)} outcomes over ${horizon} known by ${counts.heard.knownAt}` }
}

export interface Fitted {
  readonly map: Calibration
  /** From what, in words; undefined for a map that nobody fitted. */
  readonly fitted: string | undefined
}
export const AS_IT_IS: Fitted = { map: UNCALIBRATED, fitted: undefined }
