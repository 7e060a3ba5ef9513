/** `memory/system_risk.json`: the risk state as it was said last, for whoever starts after that. */
import { isInstant, millisOf, RISK_STATES, SECOND_MS, type Json, type Millis, type Risk, type RiskState } from '#record'

export const SYSTEM_RISK_FILE = 'system_risk.json'

/** What somebody who decides needs to know of it. */
export interface Known {
  readonly state: RiskState
  readonly because: readonly string[]
  readonly fromMs: Millis
  readonly untilMs: Millis
  /** The `risk` record that says it. */
  readonly record: string
}

export function memoryOfRisk({ id, at, state, ttl, because, measures }: Risk): { [field: string]: Json } {
  return { state, as_of: at, ttl, because: [...because], measures: measures.map((one) => ({ ...one })), record: id }
}

export const knownOf = ({ id, at, state, ttl, because }: Risk): Known =>
  ({ state, because, fromMs: millisOf(at), untilMs: millisOf(at) + ttl * SECOND_MS, record: id })

const isState = (value: unknown): value is RiskState => RISK_STATES.some((state) => state === value)
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string')

/** What the file says; a text, why it says nothing. */
export function knownIn(memory: { readonly [field: string]: unknown }): Known | string {
  const { state, as_of: asOf, ttl, because, record } = memory
  if (!isState(state)) return `state: expected one of ${RISK_STATES.join(', ')}`
  if (typeof asOf !== 'string' || !isInstant(asOf)) return 'as_of: expected an instant'
  if (typeof ttl !== 'number' || !Number.isFinite(ttl) || ttl < 0) return 'ttl: expected seconds'
  if (!isTexts(because) || typeof record !== 'string') return 'expected because and record'
  return { state, because, fromMs: millisOf(asOf), untilMs: millisOf(asOf) + ttl * SECOND_MS, record }
}
