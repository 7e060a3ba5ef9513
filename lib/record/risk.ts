/** The state of market and system at a moment, which holds convictions back. */
import { integer, list, literal, number, object, oneOf, optional, orNull, text } from './shape.ts'
import { envelope } from './terms.ts'

/** From the calmest to the worst. */
export const RISK_STATES = ['calm', 'elevated', 'stressed', 'halted'] as const

const state = oneOf(...RISK_STATES)

/** Its parents are the latest bar of the benchmark, and what else it names. */
export const risk = object({
  kind: literal('risk'),
  ...envelope,
  state,
  /** Seconds it stands after `at`: whoever has heard nothing since takes it for halted. */
  ttl: integer(0),
  /** What was looked at. `value` is null where it cannot be told yet; `state` is what it calls for by itself. */
  measures: list(object({ name: text, value: orNull(number()), state, detail: optional(text) })),
  /** Since when it is that state, by the measures that call for it, or called for it within the least dwell. */
  because: list(text),
})
