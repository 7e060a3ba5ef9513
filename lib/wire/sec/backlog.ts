/** What a stream of filings remembers between runs: how far it has come, what it did there, and what has to be tried again. Pure. */
import { formatInstant, parseInstant, type Json, type Millis } from '#record'
import type { Validators } from '#port/outside'

/** A filing to be fetched: the CIKs of its parties, any of which names its folder. */
export interface Wanted {
  readonly accession: string
  readonly acceptedMs: Millis
  readonly ciks: readonly string[]
}

interface Pending extends Wanted {
  readonly tries: number
}

/** A filing that cannot be read is tried so often, in as many rounds. */
const MOST_TRIES = 3
const MOST_PENDING = 1000

export class Backlog {
  readonly #overlapMs: Millis
  readonly #done: Map<string, Millis>
  readonly #pending: Map<string, Pending>
  #newestMs: Millis | undefined
  /** Of the first page, once all that it led to is done. */
  validators: Validators | undefined

  /** Filings accepted so long before the newest one may still turn up: they are told apart by their accession numbers. */
  constructor(state: Json | undefined, overlapMs: Millis) {
    const { newest, done, pending, etag, last_modified: lastModified } = members(state)
    this.#overlapMs = overlapMs
    this.#newestMs = typeof newest === 'string' ? parseInstant(newest) : undefined
    this.#done = new Map(Object.entries(members(done)).flatMap(([accession, at]) => entry(accession, at)))
    this.#pending = new Map(Object.entries(members(pending)).flatMap(([accession, value]) => {
      const { at, tries, ciks } = members(value)
      const acceptedMs = typeof at === 'string' ? parseInstant(at) : undefined
      if (acceptedMs === undefined || !Array.isArray(ciks)) return []
      const parties = ciks.filter((cik): cik is string => typeof cik === 'string')
      return [[accession, { accession, acceptedMs, ciks: parties, tries: typeof tries === 'number' ? tries : 0 }]]
    }))
    this.validators = typeof etag === 'string' || typeof lastModified === 'string'
      ? { ...(typeof etag === 'string' && { etag }), ...(typeof lastModified === 'string' && { lastModified }) }
      : undefined
  }

  /** Older filings have been read, or never will be. Undefined at the first run. */
  get horizonMs(): Millis | undefined {
    return this.#newestMs === undefined ? undefined : this.#newestMs - this.#overlapMs
  }

  isNew({ accession, acceptedMs }: Pick<Wanted, 'accession' | 'acceptedMs'>): boolean {
    if (this.#done.has(accession) || this.#pending.has(accession)) return false
    return this.horizonMs === undefined || acceptedMs >= this.horizonMs
  }

  /** What went wrong in earlier rounds, oldest first. */
  get pending(): readonly Wanted[] {
    return [...this.#pending.values()].sort((a, b) => a.acceptedMs - b.acceptedMs)
  }

  /** Filings are done oldest first, so that all before the newest have been. */
  do({ accession, acceptedMs }: Wanted): void {
    this.#pending.delete(accession)
    this.#moveOn(accession, acceptedMs)
  }

  /** True where it will be tried again. */
  fail(wanted: Wanted): boolean {
    const tries = (this.#pending.get(wanted.accession)?.tries ?? 0) + 1
    const again = tries < MOST_TRIES && (this.#pending.size < MOST_PENDING || this.#pending.has(wanted.accession))
    if (again) this.#pending.set(wanted.accession, { ...wanted, tries })
    else this.#pending.delete(wanted.accession)
    this.#moveOn(wanted.accession, wanted.acceptedMs)
    return again
  }

  #moveOn(accession: string, acceptedMs: Millis): void {
    this.validators = undefined
    this.#newestMs = Math.max(this.#newestMs ?? acceptedMs, acceptedMs)
    this.#done.set(accession, acceptedMs)
    const horizonMs = this.#newestMs - this.#overlapMs
    for (const [each, atMs] of this.#done) if (atMs < horizonMs) this.#done.delete(each)
  }

  get state(): Json {
    const { etag, lastModified } = this.validators ?? {}
    return {
      ...(this.#newestMs !== undefined && { newest: formatInstant(this.#newestMs) }),
      done: Object.fromEntries([...this.#done].map(([accession, atMs]) => [accession, formatInstant(atMs)])),
      pending: Object.fromEntries(this.pending.map(({ accession, acceptedMs, ciks }) =>
        [accession, { at: formatInstant(acceptedMs), tries: this.#pending.get(accession)?.tries ?? 0, ciks: [...ciks] }])),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { last_modified: lastModified }),
    }
  }
}

const members = (value: Json | undefined): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}

function entry(accession: string, at: Json): [string, Millis][] {
  const atMs = typeof at === 'string' ? parseInstant(at) : undefined
  return atMs === undefined ? [] : [[accession, atMs]]
}
