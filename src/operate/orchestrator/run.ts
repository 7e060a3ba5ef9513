/** One run of a job: a process of its own, for its slot. */
import { formatInstant, type Millis } from '#record'
import { environmentOf, startChild, type Child, type Ended } from '#tool/child'
import type { ActionWorld } from '#tool'
import type { BusKind } from '#domain/bus/address'
import { commandOf, type Job } from '#domain/node/job'

/** Between being asked to end and being made to: an executor finishes the order in hand. */
export const GRACE_MS = 60_000

/** Paths of the command are from Vanta's root; the slot is in VANTA_SLOT too, for tools of others. */
export function start(job: Job, bus: BusKind, slotMs: Millis | undefined, once: boolean, { root, home }: ActionWorld): Child {
  const slot = slotMs === undefined ? undefined : formatInstant(slotMs)
  const [tool = '', ...words] = commandOf(job, bus, { once, ...(slot !== undefined && { slot }) })
  return startChild(`${root}/bin/${tool}`, words, { cwd: root, env: environmentOf(home, slot === undefined ? {} : { VANTA_SLOT: slot }) })
}

/** How it ended; stopped where the time is up, or the run of the orchestrator is. */
export async function endOf(child: Child, timeoutMs: Millis | undefined, { outside }: ActionWorld): Promise<Ended> {
  const { signal } = outside, over = new AbortController()
  const stop = (): void => child.stop(GRACE_MS)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  if (timeoutMs !== undefined) void outside.pause(timeoutMs, over.signal).then(stop, () => undefined)
  try {
    return await child.ended
  } finally {
    over.abort()
    signal.removeEventListener('abort', stop)
  }
}

/** The last line of what was said. */
export const lastLine = (said: string): string => said.trimEnd().split('\n').findLast((line) => !/^Try '/.test(line)) ?? ''
