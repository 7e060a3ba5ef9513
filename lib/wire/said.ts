/** When something was said, from what a payload states of it, as far as that can be believed. */
import { DAY_MS, formatInstant, type Millis } from '#record'

export interface Statement {
  /** When it was first said; undefined where the payload proves no instant. */
  readonly postedMs: Millis | undefined
  /** When its words were last changed, if they were. */
  readonly editedMs?: Millis | undefined
  /** The time as it is stated, where it proves no instant. */
  readonly stated?: string | undefined
  readonly heardMs: Millis
  /** Whether everyone could read it from the moment on that it states. */
  readonly isPublic?: boolean
}

export interface Moments {
  /** When these words were put there: the last change of them, or else when they were first said. */
  readonly at: string
  readonly known_at: string
  /** What is to be known of `at`: `posted` where it is a later change; `at_is: heard` with the stated time where none can be believed. */
  readonly facts: { readonly posted?: string; readonly stated_time?: string; readonly at_is?: 'heard' }
}

/** No service that we read is older (1990); a clock may run ahead by a day, no more. */
const EARLIEST_MS = 631_152_000_000

export function momentsOf({ postedMs, editedMs, stated, heardMs, isPublic = false }: Statement): Moments {
  const isBelievable = (ms: Millis | undefined): ms is Millis => ms !== undefined && ms >= EARLIEST_MS && ms <= heardMs + DAY_MS
  const posted = isBelievable(postedMs) ? formatInstant(postedMs) : undefined
  const unproven = stated ?? (postedMs === undefined || posted !== undefined ? undefined : asStated(postedMs))
  const statedTime = posted === undefined && unproven !== undefined ? { stated_time: unproven } : {}
  const atMs = isBelievable(editedMs) ? editedMs : isBelievable(postedMs) ? postedMs : undefined
  if (atMs === undefined) return { at: formatInstant(heardMs), known_at: formatInstant(heardMs), facts: { at_is: 'heard', ...statedTime } }
  const at = formatInstant(atMs)
  const isEdit = posted !== undefined && posted !== at
  return { at, known_at: isPublic ? at : formatInstant(Math.max(atMs, heardMs)), facts: { ...(isEdit && { posted }), ...statedTime } }
}

/** The last instant that a date can be. */
const LATEST_MS = 8_640_000_000_000_000

const asStated = (ms: Millis): string => (Math.abs(ms) <= LATEST_MS ? formatInstant(ms) : String(ms))

/** Facts without those that are missing or say nothing. */
export function present(facts: { readonly [name: string]: unknown }): { [name: string]: unknown } {
  const said: { [name: string]: unknown } = {}
  for (const name in facts) {
    const fact = facts[name]
    if (fact === undefined || fact === null || fact === '' || (Array.isArray(fact) && fact.length === 0)) continue
    said[name] = fact
  }
  return said
}
