/** Another tool as a process of its own, whose output nobody reads; the end of what it says on stderr is kept. */
import { spawn } from 'node:child_process'

export interface Ended {
  /** As a shell would say it: 128 and more where a signal ended it. */
  readonly status: number
  /** The end of what it said on stderr. */
  readonly said: string
}

export interface Child {
  /** Rejects where it cannot be started. */
  readonly ended: Promise<Ended>
  /** Ask it to end (SIGTERM); after `patienceMs` it is made to. */
  stop(patienceMs?: number): void
}

const SAID_MOST = 2000
/** Numbers of signals (signal(7)) that end processes in practice. */
const SIGNALS: { readonly [name: string]: number } = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 }

export function startChild(program: string, words: readonly string[], around: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Child {
  const child = spawn(program, [...words], { ...around, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = '', kill: NodeJS.Timeout | undefined
  child.stdout.resume()
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_MOST)))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(kill)
      resolve({ status: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0), said })
    })
  })
  return {
    ended,
    stop(patienceMs) {
      child.kill()
      if (patienceMs !== undefined) kill ??= setTimeout(() => void child.kill('SIGKILL'), patienceMs)
    },
  }
}

/** What a child of this home is told: where it is, and nothing that was meant for its parent alone. */
export const environmentOf = (home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({ ...process.env, VANTA_HOME: home, ...more })
