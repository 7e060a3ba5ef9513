/**
 * What a service tells systemd (sd_notify(3)): that it is ready, and that it is alive. Node has no datagram sockets of the file system;
 * systemd-notify(1) has.
 */
import { spawn } from 'node:child_process'

const PROGRAM = 'systemd-notify'

export interface Notify {
  /** Everything is open: what a unit of `Type=notify` waits for. From then on it is told by itself, as often as it wants to be, that the process turns. */
  ready(): void
  /** No more is told. */
  end(): void
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Undefined where systemd does not wait for word of this very process: tools that it starts are not the service. `failed` hears, once, that nothing
 * can be told.
 */
export function systemdNotify(environment: Environment, pid: number, failed: (why: string) => void): Notify | undefined {
  if (environment['NOTIFY_SOCKET'] === undefined || environment['WATCHDOG_PID'] !== String(pid)) return undefined
  const intervalMs = Number(environment['WATCHDOG_USEC']) / 1000 / 3
  let timer: NodeJS.Timeout | undefined, hasFailed = false
  const fail = (why: string): void => {
    if (!hasFailed) failed(why)
    hasFailed = true
  }
  function tell(...words: readonly string[]): void {
    const child = spawn(PROGRAM, words, { stdio: 'ignore' })
    child.once('error', ({ message }) => fail(message))
    child.once('exit', (code) => void (code !== 0 && fail(`${PROGRAM} ended with ${code ?? 'a signal'}`)))
    child.unref()
  }
  return {
    ready() {
      tell('--ready', 'WATCHDOG=1')
      if (intervalMs > 0) timer = setInterval(() => tell('WATCHDOG=1'), intervalMs).unref()
    },
    end: () => clearInterval(timer),
  }
}
