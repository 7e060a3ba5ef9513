/**
 * The risk state of market and system holds convictions back: their log-odds are taken toward zero, never away from it and never past it, by a term
 * of its own. Where all is halted nothing new is said, and what stands is taken back where its evidence no longer carries it.
 */
import { logistic, type Millis, type Risk, type RiskState } from '#record'
import { knownIn, knownOf, type Known } from '../risk/memory.ts'
import type { Weighed } from './conviction.ts'
import { rounded } from './stacker.ts'

/**
 * What is kept of a conviction's log-odds. When volatility doubles, the same edge is worth half as much; stated in advance, and not to be tuned on
 * recorded history.
 */
const KEPT: Readonly<Record<RiskState, number>> = { calm: 1, elevated: 0.75, stressed: 0.5, halted: 0 }

/** How its term begins: it is no evidence for either direction. */
export const RISK_TERM = 'system risk'

export interface Gate {
  readonly state: Exclude<RiskState, 'calm'>
  /** In words, what it is and why. */
  readonly term: string
  /** The `risk` record behind it; undefined where nobody says. */
  readonly record: string | undefined
  /** Whether that record came in the stream. */
  readonly isHeard: boolean
}

/** A conviction with what the gate takes from it. */
export function heldBack(weighed: Weighed, gate: Gate): Weighed {
  const { stacked } = weighed
  const taken = rounded((KEPT[gate.state] - 1) * stacked.logOdds)
  const logOdds = Math.max(0, stacked.logOdds + taken)
  return { ...weighed, stacked: { ...stacked, logOdds, score: logistic(logOdds) }, gate: { ...gate, taken } }
}

type Remembered = { readonly [field: string]: unknown } | string | undefined

/** What is known of the risk state: as it is said in the stream, from memory until then. */
export class RiskGate {
  #known: Known | undefined
  /** Why the memory cannot be used. */
  #fault: string | undefined
  #isHeard = false
  /** It stood when the first decision was made, or was heard since: if it expires, whoever said it has died. Undefined before the first decision. */
  #stood: boolean | undefined
  readonly #required: boolean
  #recall: (() => Remembered) | undefined

  /**
   * `recall`: the file, a text where it cannot be read, undefined where there is none; asked at the first decision, and only where nobody has told by
   * then: whoever tells in the stream may be writing that file at the same time. `required`: silence halts.
   */
  constructor(recall: () => Remembered, required: boolean) {
    this.#recall = recall
    this.#required = required
  }

  #remember(recall: () => Remembered): void {
    this.#recall = undefined
    if (this.#isHeard) return
    const memory = recall(), known = typeof memory === 'object' ? knownIn(memory) : memory
    if (typeof known === 'string') this.#fault = known
    else this.#known = known
  }

  hear(risk: Risk): void {
    this.#known = knownOf(risk)
    this.#fault = undefined
    this.#isHeard = true
    this.#stood = true
  }

  /** Undefined where nothing holds convictions back at that moment. Moments are not before what was heard. */
  at(momentMs: Millis): Gate | undefined {
    if (this.#recall !== undefined) this.#remember(this.#recall)
    if (this.#fault !== undefined) return silence(`its memory cannot be read: ${this.#fault}`)
    const known = this.#known
    this.#stood ??= known !== undefined && momentMs >= known.fromMs && momentMs <= known.untilMs
    if (known === undefined) return this.#required ? silence('nobody says what it is') : undefined
    if (momentMs < known.fromMs) return this.#required ? silence('what is known of it is of a later time') : undefined
    if (momentMs > known.untilMs) return this.#required || this.#stood ? silence('what was said of it last has expired') : undefined
    const { state, because, record } = known
    if (state === 'calm') return undefined
    const why = because.map((name) => name.replaceAll('_', ' ')).join(', ')
    return { state, term: `${RISK_TERM} ${state}: ${why}`, record, isHeard: this.#isHeard }
  }
}

const silence = (why: string): Gate => ({ state: 'halted', term: `${RISK_TERM} halted: ${why}`, record: undefined, isHeard: false })
