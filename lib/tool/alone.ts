import type { Logs } from '#port/logs'

/** How long a command waits for others that change the same: each is done once its lines are on disk. */
const PATIENCE_MS = 5000

/**
 * Change settings with nobody between: what is read is what the change is based on, and the log of changes says them in the order in which they came
 * into force, and no other. Throws Failure `again` where another process keeps at it.
 */
export function alone<T>({ logs }: { readonly logs: Logs }, log: string, work: () => T): T {
  const release = logs.lock(log, PATIENCE_MS)
  try {
    return work()
  } finally {
    release()
  }
}
