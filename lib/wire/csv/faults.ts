/** Bad rows are named and left out; a file full of them must not drown what else there is to read. */
import type { Log } from '#port/log'
import type { Reading } from '#port/payload'

/** How many faults of one file are named one by one. */
const NAMED = 10

export interface Faults {
  /** Say what is wrong at a place, `FILE:LINE`. */
  at(line: number, message: string): void
  /** Say what is wrong with the file as a whole. */
  note(message: string): void
  /** The count, once the file has been read. */
  done(read: number): void
}

export function faultsOf(log: Log, name: string): Faults {
  let count = 0
  return {
    at(line, message) {
      if (++count <= NAMED) log.warn(`${name}:${line}: ${message}`)
    },
    note(message) {
      log.warn(`${name}: ${message}`)
    },
    done(read) {
      if (count > 0) log.warn(`${name}: ${count} rows left out, ${read} read`, { left_out: count, read })
    },
  }
}

/** Faults as parts of a payload that gave no signal. */
export const rejected = ({ reject, log }: Reading, name: string): Faults => ({
  at: (line, message) => reject(`line ${line}`, message),
  note: (message) => log.warn(`${name}: ${message}`),
  done: () => undefined,
})
