/**
 * A rate budget that several processes draw on, as a number that each of them moves on: the generic cell rate algorithm
 * (ITU-T I.371, annex A). A request is granted a moment, not merely counted, so that waiting processes do not all wake at once.
 */
import type { Millis } from '#record'

export interface Rate {
  readonly requests: number
  readonly perMs: Millis
}

/** What is shared: when the next request would be due if all came evenly, and until when the service wants peace. */
export interface Budget {
  readonly dueMs: Millis
  readonly restUntilMs: Millis
  /** The same for single limits of the service, by name. */
  readonly limits?: Readonly<Record<string, Millis>>
}

export const FRESH: Budget = { dueMs: 0, restUntilMs: 0 }

/** No service asks for longer; anything beyond is a clock that was set back. */
const LONGEST_REST_MS = 24 * 3_600_000

/**
 * A moment for one request, and the budget after it. Half the requests of a window may come at once; the rest are spread so that no
 * window of `perMs`, wherever it begins, holds more than `requests`: with a burst b and a step T it holds at most perMs / T + b - 1.
 */
export function grant(
  budget: Budget, { requests, perMs }: Rate, nowMs: Millis, limit?: string,
): { readonly atMs: Millis; readonly budget: Budget } {
  const burst = Math.max(1, Math.floor(requests / 2))
  const stepMs = perMs / (requests - burst + 1)
  const slackMs = (burst - 1) * stepMs
  const clockWasSetBack = budget.dueMs > nowMs + perMs + LONGEST_REST_MS
  const dueMs = clockWasSetBack ? nowMs : budget.dueMs
  const restUntilMs = budget.restUntilMs > nowMs + LONGEST_REST_MS ? 0 : budget.restUntilMs
  const limits = Object.fromEntries(Object.entries(budget.limits ?? {}).filter(([, untilMs]) => untilMs > nowMs && untilMs <= nowMs + LONGEST_REST_MS))
  const limitMs = limit === undefined ? 0 : (limits[limit] ?? 0)
  const atMs = Math.ceil(Math.max(nowMs, dueMs - slackMs, restUntilMs, limitMs))
  return { atMs, budget: { dueMs: Math.max(dueMs, atMs) + stepMs, restUntilMs, ...(Object.keys(limits).length > 0 && { limits }) } }
}

/** The service asked for peace until a moment, from everyone or (with `limit`) from one kind of request. */
export function rest(budget: Budget, untilMs: Millis, limit?: string): Budget {
  if (limit === undefined) return { ...budget, restUntilMs: Math.max(budget.restUntilMs, untilMs) }
  return { ...budget, limits: { ...budget.limits, [limit]: Math.max(budget.limits?.[limit] ?? 0, untilMs) } }
}
