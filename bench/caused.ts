/**
 * Which signal a conviction was given cause by: the last reading of its subject since the moment of decision before it. What is said at a moment on a
 * subject of which nothing was heard since the one before has another cause: time, that makes evidence fade.
 */
export class Caused {
  readonly #enteredMs = new Map<string, number>()
  /** By subject: when the signal went in that was read last, and after how many moments. */
  readonly #last = new Map<string, { readonly enteredMs: number; readonly moments: number }>()
  #moments = 0

  /** A raw signal went in. */
  enters(id: string, atMs: number): void {
    this.#enteredMs.set(id, atMs)
  }

  /** A record came out. For a conviction, when the signal went in that gave cause for it; undefined where none did. */
  leaves(record: { readonly kind: string; readonly id: string; readonly type?: string; readonly subject?: string; readonly parents: readonly string[] }): number | undefined {
    const { kind, id, subject, parents } = record
    if (kind === 'control' && record.type === 'tick') this.#moments++
    if (subject === undefined) return undefined
    if (kind === 'signal') {
      const enteredMs = this.#enteredMs.get(id) ?? Math.max(...parents.map((parent) => this.#enteredMs.get(parent) ?? -Infinity))
      const last = this.#last.get(subject)
      if (last === undefined || enteredMs >= last.enteredMs) this.#last.set(subject, { enteredMs, moments: this.#moments })
      return undefined
    }
    const last = kind === 'conviction' ? this.#last.get(subject) : undefined
    return last?.moments === this.#moments ? last.enteredMs : undefined
  }
}
