import type { Millis } from '#record'

/** The only source of "now": the machine's clock, a fixed moment (`--now`), or the stream's own time in a replay. */
export interface Clock {
  now(): Millis
}
