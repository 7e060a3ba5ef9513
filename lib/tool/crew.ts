/** Many runs of one tool at once, each a process with a home of its own. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

export interface Job {
  readonly words: readonly string[]
}

export interface Ended {
  /** As a shell would say it: 128 and more where a signal ended it. */
  readonly status: number
  /** The end of what it said on stderr. */
  readonly said: string
  /** Its home, which is gone once the answer to it has settled. */
  readonly home: string
}

const PREFIX = 'run-', SAID_MOST = 2000

export const cores = availableParallelism

/**
 * Run `tool` once for each job, so many at a time, in the order given; `ended` hears of each as it ends, one at a time. Homes lie below `below`;
 * those of an earlier crew that was killed are cleared away. The first failure of `ended` stops the crew, and is thrown once all have stopped.
 * A process whose crew was killed ends at the next record it says, because nobody listens.
 */
export async function runCrew<J extends Job>(
  tool: string, jobs: readonly J[], terms: { readonly root: string; readonly below: string; readonly atOnce: number }, ended: (job: J, how: Ended) => void,
): Promise<void> {
  const { root, below, atOnce } = terms
  mkdirSync(below, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(below)) if (name.startsWith(PREFIX)) clear(join(below, name))
  const running = new Set<() => void>()
  let next = 0, failure: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined && failure === undefined; job = jobs[next++]) {
      const home = mkdtempSync(join(below, PREFIX))
      try {
        const how = await runOne(join(root, 'bin', tool), job.words, home, running)
        if (failure === undefined) ended(job, how)
      } catch (error) {
        failure ??= { error }
        for (const stop of running) stop()
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

function runOne(program: string, words: readonly string[], home: string, running: Set<() => void>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words, '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] })
    const stop = (): void => void child.kill()
    let said = ''
    running.add(stop)
    child.stdout.resume()
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_MOST)))
    child.once('error', (error) => {
      running.delete(stop)
      reject(error)
    })
    child.once('close', (code, signal) => {
      running.delete(stop)
      resolve({ status: code ?? (signal === null ? 70 : 143), said, home })
    })
  })
}
