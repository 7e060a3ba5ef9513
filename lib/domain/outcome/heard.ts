/** Which outcomes were learned from: they come in the order in which they became known, and what comes again teaches nothing. */
import type { Json, Outcome } from '#record'

export class Heard {
  /** The last moment of outcomes that was learned from, and the ids of those. */
  knownAt: string
  #ids: Set<string>

  constructor(knownAt = '', ids: Iterable<string> = []) {
    this.knownAt = knownAt
    this.#ids = new Set(ids)
  }

  /** Whether it was never learned from; from then on it was. */
  isNew({ id, known_at: knownAt }: Outcome): boolean {
    if (knownAt < this.knownAt || this.#ids.has(id)) return false
    if (knownAt > this.knownAt) {
      this.knownAt = knownAt
      this.#ids = new Set()
    }
    this.#ids.add(id)
    return true
  }

  memory(): { known_at: Json; ids: Json } {
    return { known_at: this.knownAt, ids: [...this.#ids] }
  }
}

/** Throws RangeError on a memory that holds none. */
export function heardIn(memory: { readonly [name: string]: unknown }): Heard {
  const { known_at: knownAt, ids } = memory
  if (typeof knownAt !== 'string' || !Array.isArray(ids)) throw new RangeError('expected known_at and ids')
  return new Heard(knownAt, ids.filter((id): id is string => typeof id === 'string'))
}
