/** The registry of runs, as the tools use it: found, held against tampering before anything runs, and added to under its lock. */
import type { Summary } from '#record'
import { sha256Of } from '#record/sha256'
import { Failure, type ActionWorld } from '#tool'
import { deflated, register, RUNS, runsOf, trialsOf, type RunDraft } from '#domain/backtest/registry'
import { sharpeEstimateOf } from '#domain/backtest/certainty'

const WAIT_MS = 50, WAITS = 600

export interface Counting {
  /** Count the run that a summary is of; what the registry makes of it. */
  count(summary: Summary, settings: { readonly [name: string]: string }, data: RunDraft['data']): Promise<NonNullable<Summary['trials']>>
}

/** Throws Failure `data` where the registry was cut or changed. */
export function counted(folder: string | undefined, world: ActionWorld): Counting {
  const logs = folder === undefined ? world.logs : world.logsIn(folder)
  const place = folder ?? `${world.home}/logs`
  sound(place, () => runsOf(logs))
  return {
    async count(summary, settings, data) {
      const release = await held(() => logs.lock(RUNS), world)
      try {
        const { from, to, at, known_at, by, source, significance, sharpe_n: days } = summary
        const code = codeOf(world)
        const registered = sound(place, () => register(logs, {
          at, known_at, by, source, from, to, settings, data, ...(code !== undefined && { code }),
          summary: summary.id, audit_root: summary.audit_root, return: summary.return, max_drawdown: summary.max_drawdown, trades: summary.trades,
          sharpe_per_day: significance?.sharpe_per_day ?? null, days,
        }))
        return deflated(trialsOf(registered.run, registered.runs), registered, sharpeEstimateOf(significance))
      } finally {
        release()
      }
    },
  }
}

/** The program as one hash; undefined where it runs from its sources. */
export function codeOf({ folder, root }: ActionWorld): string | undefined {
  const bundle = folder.bytes(`${root}/dist/vanta-backtest.cjs`)
  return bundle === undefined ? undefined : sha256Of(bundle)
}

/** Throws Failure `data` where the registry does not hold what was counted. */
export function sound<T>(place: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Failure('data', `the registry of runs in ${place} does not hold what was counted: ${error.message}`, error)
  }
}

/** Sweeps run many at once: each waits for its turn. */
async function held(lock: () => () => void, { outside }: ActionWorld): Promise<() => void> {
  for (let waits = 0; ; waits++) {
    try {
      return lock()
    } catch (error) {
      if (!(error instanceof Failure && error.exit === 'again') || waits === WAITS) throw error
      await outside.pause(WAIT_MS, outside.signal)
    }
  }
}
