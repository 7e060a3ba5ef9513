/** Many runs of one tool at once, each a process with a home of its own. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { startChild, type Child, type Ended } from './child.ts'

export interface Job {
  readonly words: readonly string[]
}

export interface EndedAtHome extends Ended {
  /** Its home, which is gone once the answer to it has settled. */
  readonly home: string
}

const PREFIX = 'run-'

export const cores = availableParallelism

/**
 * Run `tool` once for each job, so many at a time, in the order given; `ended` hears of each as it ends, one at a time. Homes lie below `below`;
 * those of an earlier crew that was killed are cleared away. The first failure of `ended` stops the crew, and is thrown once all have stopped.
 * A process whose crew was killed ends at the next record it says, because nobody listens.
 */
export async function runCrew<J extends Job>(
  tool: string, jobs: readonly J[], terms: { readonly root: string; readonly below: string; readonly atOnce: number },
  ended: (job: J, how: EndedAtHome) => void,
): Promise<void> {
  const { root, below, atOnce } = terms
  mkdirSync(below, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(below)) if (name.startsWith(PREFIX)) clear(join(below, name))
  const running = new Set<Child>()
  let next = 0, failure: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined && failure === undefined; job = jobs[next++]) {
      const home = mkdtempSync(join(below, PREFIX))
      try {
        const child = startChild(join(root, 'bin', tool), [...job.words, '--home', home])
        running.add(child)
        const how = await child.ended.finally(() => running.delete(child))
        if (failure === undefined) ended(job, { ...how, home })
      } catch (error) {
        failure ??= { error }
        for (const child of running) child.stop()
      } finally {
        clear(home)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, jobs.length)) }, worker))
  if (failure !== undefined) throw failure.error
}

/** What a run that was killed left may still be written to by processes that outlived it: then the next run takes it away. */
function clear(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  } catch {
    return
  }
}
