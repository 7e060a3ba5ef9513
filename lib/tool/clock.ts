import { formatInstant, isAfter, millisOf, type Millis, type Vanta } from '#record'
import type { Clock } from '#port/clock'

/** The machine's clock. */
export const wallClock = (): Clock => ({ now: () => Date.now() })

/** Time stands still: `--now`. */
export const fixedClock = (nowMs: Millis): Clock => ({ now: () => nowMs })

export interface StreamClock extends Clock {
  /** Take note of a record that has come by. */
  hear(record: Vanta): void
}

/**
 * Now is the latest `known_at` heard so far: the clock of a replay, `--now stream`. Each tool has one of its own, told of what
 * reaches that tool: a process in a pipe knows no more either.
 */
export function streamClock(): StreamClock {
  const epoch = formatInstant(0)
  let latest = epoch
  let read = epoch
  let nowMs = 0
  return {
    // Most tools hear many records for each time they look at the clock.
    now() {
      if (read !== latest) {
        nowMs = millisOf(latest)
        read = latest
      }
      return nowMs
    },
    hear({ known_at }) {
      if (isAfter(known_at, latest)) latest = known_at
    },
  }
}
