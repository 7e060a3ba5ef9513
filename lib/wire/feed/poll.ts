/**
 * Asking for feeds that the user named, each on its own host and by its own hints: how long it may be kept (`ttl`), hours in which it does
 * not change, what is unchanged since the last answer, older pages on the same host. One that fails does not hold the others.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Json, type Millis, type Vanta } from '#record'
import type { Clock } from '#port/clock'
import { Failure } from '#port/failure'
import type { Log } from '#port/log'
import type { Answer, Cursor, Http, Service, Validators } from '#port/outside'
import type { Random } from '#port/random'
import { backOffMs } from '#domain/collect/patience'
import { fieldsOf, validatorsIn, validatorState } from '../cursor.ts'
import { contentKey } from '../sec/facts.ts'
import { textOf } from '../text.ts'
import type { Feed } from './model.ts'
import { readFeed } from './read.ts'

/** What polling needs of a collector's world. */
export interface PollWorld {
  readonly clock: Clock
  readonly log: Log
  random(purpose: string): Random
  httpOf(service: Service): Http
  cursor(stream: string): Cursor
  read(answer: Answer): AsyncIterable<Vanta>
  pause(ms: Millis): Promise<void>
}

export interface PollTerms {
  /** The service that hosts are budgeted under: `news`. */
  readonly service: string
  /** Most pages of one feed to go back for what was missed. */
  readonly pages: number
  /** A single round: all are asked whatever their hints, and a failure of one is that of the round. */
  readonly once: boolean
  /** The page after one, where it is not the feed that says so. */
  next?(answer: Answer, page: number): string | undefined
}

/** How one feed stands between two rounds of a process. */
interface Standing {
  readonly http: Http
  dueMs: Millis
  failures: number
}
const standings = new WeakMap<object, Map<string, Standing>>()

/** Polite to any host that is not known better. */
const RATE = { requests: 30, perMs: MINUTE_MS }
const LONGEST_TTL_MS = 24 * HOUR_MS
const LONGEST_BACK_OFF_MS = HOUR_MS
/** So that many nodes with the same list do not ask in step. */
const JITTER_MS = 2 * SECOND_MS
/** Failures of a feed, or of its host; all others end the run. */
const ITS_OWN: ReadonlySet<string> = new Set(['again', 'upstream', 'data', 'refused', 'config'])

/** One round over all feeds. Throws its first failure where by now all of them fail, or (once) any does. */
export async function* pollFeeds(addresses: readonly string[], terms: PollTerms, world: PollWorld): AsyncGenerator<Vanta> {
  const known = standings.get(world) ?? new Map<string, Standing>()
  standings.set(world, known)
  const chance = world.random('feeds')
  const failures: Failure[] = []
  for (const address of addresses) {
    const standing = known.get(address) ?? { http: world.httpOf(hostService(address, terms.service)), dueMs: 0, failures: 0 }
    if (!terms.once && known.has(address)) {
      if (world.clock.now() < standing.dueMs) continue
      await world.pause(chance.next() * JITTER_MS)
    }
    known.set(address, standing)
    try {
      yield* pollFeed(address, standing, terms, world)
      if (standing.failures > 0) world.log.info(`${address}: answers again`)
      standing.failures = 0
    } catch (error) {
      if (!(error instanceof Failure) || !ITS_OWN.has(error.exit)) throw error
      failures.push(error)
      standing.dueMs = world.clock.now() + backOffMs(++standing.failures, chance.next(), LONGEST_BACK_OFF_MS)
      if (standing.failures === 1 && addresses.length > 1) world.log.error(`${error.message}; the other feeds go on`)
    }
  }
  const [first] = failures
  if (first !== undefined && (terms.once || [...known.values()].every((standing) => standing.failures > 0))) throw first
}

/** Throws Failure `usage` where it is no address. A host is asked under both schemes, but never less securely than named. */
function hostService(address: string, service: string): Service {
  const url = parseAddress(address)
  if (url === undefined) throw new Failure('usage', `expected an address like https://example.com/feed, got "${address}"`)
  const origins = url.protocol === 'http:' ? [url.origin, url.origin.replace('http:', 'https:')] : [url.origin]
  return { name: `${service}_${url.host.replace(/[^a-z0-9.-]/gi, '_')}`, origins, rate: RATE }
}

export function parseAddress(address: string): URL | undefined {
  try {
    const url = new URL(address)
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined
  } catch {
    return undefined
  }
}

async function* pollFeed(address: string, standing: Standing, terms: PollTerms, world: PollWorld): AsyncGenerator<Vanta> {
  const cursor = world.cursor(address)
  const { validators, keys: before } = stateOf(cursor.state)
  const first = await standing.http.get({ url: address, headers: { accept: ACCEPT }, validators })
  const hints = first.status === 304 ? undefined : hintsIn(first)
  standing.dueMs = dueAfter(hints, first.heardMs)
  if (first.status === 304) return
  const keys = new Set<string>()
  let answer = first
  for (let page = 1; ; page++) {
    let known = 0, fresh = 0
    for await (const record of world.read(answer)) {
      const key = record.kind === 'signal' ? contentKey(record.key) : record.id
      if (before.has(key)) known++
      else if (!keys.has(key)) fresh++
      keys.add(key)
      // What states no moment of its own is said once: heard again, it would seem to have happened again.
      if (!before.has(key) || !isUndated(record)) yield record
    }
    const url = page >= terms.pages || known > 0 || fresh === 0 ? undefined : nextPage(answer, page, terms, world.log)
    if (url === undefined) break
    answer = await standing.http.get({ url, headers: { accept: ACCEPT } })
  }
  await cursor.save(stateAfter(first.validators, before, keys))
}

const ACCEPT = 'application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.8, */*;q=0.1'

/** What a feed says of itself; undefined where the answer is none. */
function hintsIn({ bytes, headers, url }: Answer): Feed | undefined {
  try {
    return readFeed(textOf(bytes, headers['content-type']), url)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** A little before its time is over, so that rounds of the same length do not miss every other. */
function dueAfter(hints: Feed | undefined, heardMs: Millis): Millis {
  const ttlMs = Math.min((hints?.ttlMinutes ?? 0) * MINUTE_MS, LONGEST_TTL_MS)
  let dueMs = heardMs + 0.9 * ttlMs
  const skipped = new Set(hints?.skipHours)
  for (let hours = 0; skipped.has(new Date(dueMs).getUTCHours()) && hours < 24; hours++) dueMs = Math.floor(dueMs / HOUR_MS + 1) * HOUR_MS
  return dueMs
}

function nextPage(answer: Answer, page: number, terms: PollTerms, log: Log): string | undefined {
  const stated = terms.next === undefined ? hintsIn(answer)?.next : terms.next(answer, page)
  if (stated === undefined) return undefined
  const here = new URL(answer.url)
  const next = URL.canParse(stated, here.href) ? new URL(stated, here) : undefined
  if (next?.host === here.host && next.href !== here.href) return next.href
  if (next?.host !== here.host) log.warn(`${answer.url}: its next page is on another host, and is not asked for`)
  return undefined
}

const isUndated = (record: Vanta): boolean =>
  record.kind === 'signal' && (record.facts?.['dated'] === 'hearing' || record.facts?.['dated'] === 'feed')

/** Keys of so many entries are remembered of each feed. */
const REMEMBERED = 1000

interface State {
  readonly validators: Validators
  readonly keys: ReadonlySet<string>
}

function stateOf(state: Json | undefined): State {
  const { keys } = fieldsOf(state)
  return { validators: validatorsIn(state), keys: new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []) }
}

/** The newest last, so that the oldest are forgotten first. */
function stateAfter(validators: Validators, before: ReadonlySet<string>, keys: ReadonlySet<string>): Json {
  const kept = [...[...before].filter((key) => !keys.has(key)), ...keys].slice(-REMEMBERED)
  return { ...validatorState(validators), keys: kept }
}
