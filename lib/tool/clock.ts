import { millisOf, type Millis, type Vanta } from '#record'
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
  let nowMs = 0
  let heard = ''
  return {
    now: () => nowMs,
    hear({ known_at }) {
      if (known_at === heard) return
      heard = known_at
      nowMs = Math.max(nowMs, millisOf(known_at))
    },
  }
}
