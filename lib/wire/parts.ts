/** A payload as its parts, each of which gives signals or says why it gives none. */
import type { Signal } from '#record'
import type { Reading } from '#port/payload'

export interface Part {
  readonly place: string
  /** Or the reason that there are none. */
  readonly signals: readonly Signal[] | string
}

/** The signals of all parts; a payload without parts is rightly empty, and said to be with `none`. */
export function* signalsOfParts(parts: Iterable<Part>, none: string, reject: Reading['reject']): Generator<Signal> {
  let count = 0
  for (const { place, signals } of parts) {
    count++
    if (typeof signals === 'string') reject(place, signals)
    else yield* signals
  }
  if (count === 0) reject('payload', none)
}
