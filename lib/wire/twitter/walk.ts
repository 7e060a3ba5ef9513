/** From page to page of a search, and along a stream. The world is handed in: nothing here asks or remembers by itself. */
import { MINUTE_MS, SECOND_MS, type Millis, type Vanta } from '#record'
import type { Answer, Cursor, Request } from '#port/outside'
import { fieldsOf } from '../cursor.ts'
import {
  backfillMinutes, before, checkRules, foundIn, heardState, later, reachable, rulesChange, rulesRequest, rulesToChange, searchRequest, searchState,
  stateOfSearch, streamRequest, type SearchState,
} from './ask.ts'
import { LineCutter } from './lines.ts'
import { isTweetId } from './tweet.ts'

export interface Asking {
  readonly bearer: string
  ask(request: Request): Promise<Answer>
  open(request: Request): AsyncIterable<Buffer>
  read(answer: Answer): AsyncIterable<Vanta>
  cursor(stream: string): Cursor
  now(): Millis
}

/** While a stream flows, where it stands is remembered so often. */
const SAVED_EVERY_MS = 5 * SECOND_MS
const LINES = { 'content-type': 'application/x-ndjson; charset=utf-8' }
/** What arrives out of order does so within this. */
const DISORDER_MS = MINUTE_MS

export class Walk {
  readonly #asking: Asking
  readonly #mostPages: number

  constructor(asking: Asking, mostPages: number) {
    this.#asking = asking
    this.#mostPages = mostPages
  }

  /**
   * What is new since the last round, newest first. While pages remain the place is kept, so that the next round goes on there; only then
   * does it start from the newest again. The first round of all goes back no further than `mostPages`.
   */
  async *search(query: string): AsyncGenerator<Vanta> {
    const { ask, read, bearer } = this.#asking
    const cursor = this.#asking.cursor(`search ${query}`)
    let state = searchState(cursor.state)
    const isFirst = state.since === undefined && state.token === undefined
    const seen = new Set<string>()
    for (let pages = 0; pages < this.#mostPages; pages++) {
      const answer = await ask(searchRequest(query, { since: reachable(state.since, this.#asking.now()), token: state.token }, bearer))
      if (answer.status === 400) {
        state = { ...state, token: undefined }
        continue
      }
      const { ids, next, isEmpty } = foundIn(answer.bytes)
      let { newest } = state
      if (!isEmpty) {
        for await (const record of read(answer)) {
          newest = later(newest, idIn(record))
          yield record
        }
      }
      const isNew = ids.length === 0 || ids.some((id) => !seen.has(id))
      for (const id of ids) seen.add(id)
      state = { ...state, newest, token: isNew && next !== state.token ? next : undefined }
      if (state.token === undefined) break
      await cursor.save(stateOfSearch(state))
    }
    if (state.token !== undefined && !isFirst) return
    await cursor.save(stateOfSearch({ since: later(state.since, state.newest), newest: undefined, token: undefined }))
  }

  /** The rules of the stream, made to be these queries. */
  async rules(queries: readonly string[]): Promise<void> {
    const { ask, bearer } = this.#asking
    const { bytes, url } = await ask(rulesRequest(bearer))
    for (const change of rulesToChange(bytes, url, queries)) {
      const answer = await ask(rulesChange(change, bearer))
      checkRules(answer.bytes, answer.url)
    }
  }

  /**
   * One connection, until it ends. Once it stands, what was said while there was none is fetched: by `mostBackfill` minutes of it being sent
   * again, or else by searches from the last that was heard; so a gap loses nothing, and repeats have the same ids.
   */
  async *stream(queries: readonly string[], mostBackfill: number): AsyncGenerator<Vanta> {
    const { read, bearer, now } = this.#asking
    const cursor = this.#asking.cursor('stream')
    const minutes = backfillMinutes(fieldsOf(cursor.state)['at'], now(), mostBackfill)
    const request = streamRequest(minutes, bearer)
    const cutter = new LineCutter()
    let isOpen = false, newest: string | undefined, savedMs = 0
    for await (const chunk of this.#asking.open(request)) {
      if (!isOpen && minutes === 0) for (const query of queries) yield* this.search(query)
      isOpen = true
      const lines = cutter.push(chunk)
      if (lines !== undefined) {
        const answer = { status: 200, url: request.url, headers: LINES, bytes: lines, heardMs: now(), validators: {} }
        for await (const record of read(answer)) {
          newest = later(newest, idIn(record))
          yield record
        }
      }
      if (now() - savedMs < SAVED_EVERY_MS) continue
      savedMs = now()
      await this.#heardTo(queries, newest)
      await cursor.save(heardState(savedMs))
    }
    await this.#heardTo(queries, newest)
  }

  /** Searches after the next gap begin here. */
  async #heardTo(queries: readonly string[], newest: string | undefined): Promise<void> {
    if (newest === undefined) return
    for (const query of queries) {
      const cursor = this.#asking.cursor(`search ${query}`)
      const state: SearchState = searchState(cursor.state)
      const since = later(state.since, before(newest, DISORDER_MS))
      // A search that is not at its end yet has older ones to fetch.
      if (state.token === undefined && since !== state.since) await cursor.save(stateOfSearch({ ...state, since }))
    }
  }
}

/** Of the tweet, or of the version of one, that a record is. */
function idIn(record: Vanta): string | undefined {
  if (record.kind !== 'signal' || !['tweet', 'retweet', 'edit'].includes(record.type)) return undefined
  const version = record.facts?.['as']
  const id = (typeof version === 'string' ? version : record.key).replace(/^twitter:/, '')
  return isTweetId(id) ? id : undefined
}
