/** A service's rate budget, shared by every process of a home through its memory. */
import type { Json, Millis } from '#record'
import type { Clock } from '#port/clock'
import { Failure } from '#port/failure'
import type { Service } from '#port/outside'
import type { Memory, Store } from '#port/store'
import { FRESH, grant, rest, type Budget } from '#domain/collect/budget'

export interface SharedBudget {
  /** The moment at which the next request (under a limit of its own) may leave. */
  take(limit: string | undefined): Millis
  /** The service wants peace until then (under that limit). */
  rest(untilMs: Millis, limit: string | undefined): void
}

/** Another process has written in between so often only where something is very wrong. */
const TRIES = 200

export function sharedBudget({ name, rate }: Service, store: Store, clock: Clock): SharedBudget {
  const file = `budget_${name}.json`
  const change = <T>(step: (budget: Budget) => { readonly budget: Budget; readonly result: T }): T => {
    for (let tries = 1; ; tries++) {
      const stored = store.read(file)
      const { budget, result } = step(budgetOf(stored?.memory))
      try {
        store.write(file, { due_ms: budget.dueMs, rest_until_ms: budget.restUntilMs, limits: budget.limits ?? {} }, stored?.version ?? 0)
        return result
      } catch (error) {
        if (!(error instanceof Failure) || error.exit !== 'again' || tries >= TRIES) throw error
      }
    }
  }
  return {
    take: (limit) => change((before) => {
      const { atMs, budget } = grant(before, rate, clock.now(), limit)
      return { budget, result: atMs }
    }),
    rest: (untilMs, limit) => change((before) => ({ budget: rest(before, untilMs, limit), result: undefined })),
  }
}

function budgetOf(memory: Memory | undefined): Budget {
  const { due_ms: dueMs, rest_until_ms: restUntilMs, limits } = memory ?? {}
  return typeof dueMs === 'number' && typeof restUntilMs === 'number' ? { dueMs, restUntilMs, limits: limitsOf(limits) } : FRESH
}

function limitsOf(stored: Json | undefined): Readonly<Record<string, Millis>> {
  if (typeof stored !== 'object' || stored === null) return {}
  return Object.fromEntries(Object.entries(stored).flatMap(([name, untilMs]) => (typeof untilMs === 'number' ? [[name, untilMs]] : [])))
}
