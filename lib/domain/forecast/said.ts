/** When a belief is said again: once it is another, and once a horizon has passed; nothing is said until there is something to say or to take back. */
export class Said {
  readonly #said = new Map<string, { readonly bucket: string; readonly session: number; readonly logOdds: number }>()
  readonly #horizon: number

  /** Sessions over which a belief is meant to hold. */
  constructor(horizon: number) {
    this.#horizon = horizon
  }

  /** Whether this is to be said now; what is due counts as said. */
  isDue(key: string, bucket: string, session: number, logOdds: number): boolean {
    const said = this.#said.get(key)
    if (said === undefined ? logOdds === 0 : said.bucket === bucket && session - said.session < this.#horizon) return false
    if (said !== undefined && said.logOdds === 0 && logOdds === 0) return false
    this.#said.set(key, { bucket, session, logOdds })
    return true
  }
}
