/** The rounds of a collector that asks its service: cursors, what was already said, lag, silence and failures, for all alike. */
import { formatInstant, make, millisOf, type Health, type Json, type Millis, type Vanta } from '#record'
import { Failure, Stopped } from '#port/failure'
import type { Answer, Cursor, Http, Service } from '#port/outside'
import type { Memory } from '#port/store'
import type { Parser } from '#port/payload'
import { backOffMs } from '#domain/collect/patience'
import { stateAt, type StreamState } from '#domain/collect/liveness'
import type { CollectorWorld } from './define.ts'
import { readingOf, RowRejects, stamped, type Feed, type FeedValues, type LiveWorld, type Watch } from './feed.ts'
import type { Options, ValuesOf } from './options.ts'
import { redaction } from './redaction.ts'

/** Records whose ids are remembered from run to run, so that what a service says again is not said again. */
const REMEMBERED = 4096
/** Digits of an id that are remembered: 64 bits. */
const ID_DIGITS = 16
/** Health is said at least so often. */
const HEALTH_EVERY_MS = 60_000
/** Failures that pass: the next round may do better. */
const PASSING: ReadonlySet<string> = new Set(['again', 'upstream', 'data'])

export async function* liveRounds<O extends Options>(feed: Feed<O>, values: ValuesOf<O> & FeedValues, world: CollectorWorld): AsyncIterable<Vanta> {
  const signal = values.for === undefined ? world.outside.signal : AbortSignal.any([world.outside.signal, AbortSignal.timeout(values.for)])
  const memory = new CollectorMemory(feed.name, world)
  const watch = { ...feed.watch, ...(values.muteAfter !== undefined && { quietMs: values.muteAfter }) }
  const health = new HealthBook(feed.service.name, watch, memory, world)
  const rounds = roundsOf(feed, values, world, memory, signal)
  const jitter = world.random('rounds')
  try {
    for (let failures = 0; ;) {
      let failure: Failure | undefined
      try {
        for await (const record of ticking(rounds(), health.everyMs)) {
          if (record !== undefined) {
            failures = 0
            health.hear(record)
            yield record
          }
          yield* health.now(false)
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        failure = error
      }
      // A wrong word says nothing of the service.
      if (failure?.exit === 'usage') throw failure
      yield* health.now(true, failure)
      await memory.remember()
      if (failure !== undefined && (values.once || !PASSING.has(failure.exit))) throw failure
      if (values.once) return
      if (failure !== undefined) world.log.warn(failure.message)
      failures = failure === undefined ? 0 : failures + 1
      const usualMs = Math.max(values.every, failures === 0 ? 0 : backOffMs(failures, jitter.next(), 10 * 60_000))
      await world.outside.pause(feed.reconnectMs?.(values, failures, failure) ?? usualMs, signal)
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
}

/**
 * The records as they come, and undefined whenever none has come for so long: a stream that is open and says nothing must be noticed
 * while it says nothing.
 */
async function* ticking<T>(items: AsyncIterable<T>, everyMs: Millis): AsyncIterable<T | undefined> {
  const iterator = items[Symbol.asyncIterator]()
  let next: Promise<IteratorResult<T>> | undefined
  try {
    for (;;) {
      next ??= iterator.next()
      const { waiting, stop } = timer(everyMs)
      const first = await Promise.race([next, waiting]).finally(stop)
      if (first !== undefined) next = undefined
      if (first?.done === true) return
      yield first?.value
    }
  } finally {
    // While it is asked for more it ends by the signal of the run; to wait for that here would be to wait for ever.
    if (next === undefined) await iterator.return?.()
    else next.catch(() => undefined)
  }
}

/** Resolves after so long, unless it is stopped. */
function timer(ms: Millis): { readonly waiting: Promise<undefined>; stop(): void } {
  let id: NodeJS.Timeout | undefined
  const waiting = new Promise<undefined>((resolve) => (id = setTimeout(() => resolve(undefined), ms)))
  return { waiting, stop: () => clearTimeout(id) }
}

/** One round after another of `live`, each record at most once. */
function roundsOf<O extends Options>(
  feed: Feed<O>, values: ValuesOf<O> & FeedValues, world: CollectorWorld, memory: CollectorMemory, signal: AbortSignal,
): () => AsyncIterable<Vanta> {
  const { live, service } = feed
  if (live === undefined) throw new Failure('usage', '--from is required: this collector reads files only')
  const { outside, clock, log, random, by } = world
  const httpOf = (service: Service): Http => outside.http({
    service, endpoint: values.endpoint, contact: values.contact, timeoutMs: values.timeout, maxBytes: values.maxResponse,
    patienceMs: values.patience, retries: values.retries, socks: values.socks, signal,
  })
  const optionalCredentials: LiveWorld['optionalCredentials'] = async (...keys) => {
    const found = await outside.secrets(feed.name, values.credentials)
    if (found === undefined) return undefined
    const missing = keys.filter((key) => (found.secrets[key] ?? '') === '')
    if (missing.length > 0) throw new Failure('config', `${found.place}: lacks ${missing.join(', ')}`)
    return found.secrets
  }
  const liveWorld: LiveWorld = {
    clock, log, random, by, http: httpOf(service), httpOf, exchange: outside.exchange, contact: values.contact, optionalCredentials,
    async credentials(...keys) {
      const secrets = await optionalCredentials(...keys)
      if (secrets !== undefined) return secrets
      throw new Failure('config', `it needs a file of secrets with ${keys.join(', ')}: --credentials FILE, mode 0600`)
    },
    cursor: (stream) => memory.cursor(stream),
    read: (answers) => readAnswers(feed, values, world, answers),
    session: () => session(feed, values, world),
    pause: (ms) => outside.pause(ms, signal),
  }
  return async function* () {
    for await (const record of live(values, liveWorld)) {
      if (memory.isNew(record)) yield record
    }
  }
}

async function* readAnswers<O extends Options>(
  feed: Feed<O>, values: ValuesOf<O> & FeedValues, world: CollectorWorld, answers: Answer | readonly Answer[],
): AsyncIterable<Vanta> {
  const rejects = new RowRejects(world.log)
  const parser = feed.open(values, readingOf(world, rejects))
  let raw: string | undefined
  for (const answer of listed(answers)) {
    rejects.at(answer.url)
    raw = yield* parsed(feed, values, world, answer, parser)
  }
  for (const record of parser.end?.() ?? []) yield stamped(record, raw)
  rejects.sum()
}

function session<O extends Options>(feed: Feed<O>, values: ValuesOf<O> & FeedValues, world: CollectorWorld): LiveWorld['read'] {
  const rejects = new RowRejects(world.log)
  const parser = feed.open(values, readingOf(world, rejects))
  return async function* (answers) {
    for (const answer of listed(answers)) {
      rejects.goOn(answer.url)
      yield* parsed(feed, values, world, answer, parser)
    }
  }
}

const listed = (answers: Answer | readonly Answer[]): readonly Answer[] => (Array.isArray(answers) ? (answers as readonly Answer[]) : [answers as Answer])

/** What one answer says; returns the id under which it is kept. */
async function* parsed<O extends Options>(
  { name: tool }: Feed<O>, { keep }: FeedValues, world: CollectorWorld, { bytes, url, headers, heardMs }: Answer, parser: Parser,
): AsyncGenerator<Vanta, string | undefined> {
  const contentType = headers['content-type']
  const about = { tool, name: url, url, heard_at: formatInstant(heardMs), ...(contentType !== undefined && { content_type: contentType }) }
  const raw = keep !== 'no' ? world.outside.archive.keep(bytes, about) : undefined
  try {
    for await (const record of parser.read({ name: url, bytes, heardMs, contentType, url, raw })) yield stamped(record, raw)
  } catch (error) {
    if (!(error instanceof Failure) || raw === undefined) throw error
    throw new Failure(error.exit, `${error.message} (kept as ${raw})`, error)
  }
  return raw
}

/** What a collector remembers in the home: cursors by stream, ids said last, when each stream was last heard. */
class CollectorMemory {
  readonly #file: string
  readonly #world: CollectorWorld
  readonly #states = new Map<string, Json>()
  readonly #changed = new Set<string>()
  /** Said, and remembered from the next saving on. */
  readonly #said = new Set<string>()
  readonly heard: Map<string, { readonly heardMs: Millis; readonly state: StreamState }>

  constructor(tool: string, world: CollectorWorld) {
    this.#file = `cursor_${tool.replace(/^vanta-/, '')}.json`
    this.#world = world
    const memory = world.outside.store.read(this.#file)?.memory
    for (const [stream, state] of Object.entries(fieldsOf(memory?.['streams']))) this.#states.set(stream, state)
    for (const id of Array.isArray(memory?.['said']) ? memory['said'] : []) if (typeof id === 'string') this.#said.add(id)
    this.heard = new Map(Object.entries(fieldsOf(memory?.['heard'])).flatMap(([stream, value]) => {
      const { at, state } = fieldsOf(value)
      const heardMs = typeof at === 'string' ? Date.parse(at) : NaN
      return Number.isNaN(heardMs) ? [] : [[stream, { heardMs, state: state === 'mute' || state === 'down' ? state : 'live' }]]
    }))
  }

  isNew({ id }: Vanta): boolean {
    const short = id.slice(0, ID_DIGITS)
    // Heard again, it counts as the latest: what a service goes on saying must not be forgotten for it.
    const isKnown = this.#said.delete(short)
    this.#said.add(short)
    if (isKnown) return false
    if (this.#said.size > 2 * REMEMBERED) this.#forget()
    return true
  }

  /** The oldest ones: a set keeps its order. */
  #forget(): void {
    for (const id of this.#said) {
      if (this.#said.size <= REMEMBERED) return
      this.#said.delete(id)
    }
  }

  cursor(stream: string): Cursor {
    const states = this.#states
    return {
      get state() {
        return states.get(stream)
      },
      save: async (state) => {
        states.set(stream, state)
        this.#changed.add(stream)
        await this.remember()
      },
    }
  }

  /** Write it down, once all that was yielded has left the process. */
  async remember(): Promise<void> {
    await this.#world.outside.flushed()
    this.#forget()
    const { store } = this.#world.outside
    for (let tries = 1; ; tries++) {
      const stored = store.read(this.#file)
      try {
        store.write(this.#file, this.#memory(stored?.memory), stored?.version ?? 0)
        this.#changed.clear()
        return
      } catch (error) {
        if (!(error instanceof Failure) || error.exit !== 'again' || tries >= 20) throw error
      }
    }
  }

  /** Streams that another process of this tool moved on stay as it left them. */
  #memory(stored: Memory | undefined): Memory {
    const streams = { ...fieldsOf(stored?.['streams']), ...Object.fromEntries([...this.#changed].map((stream) => [stream, this.#states.get(stream) ?? null])) }
    const heard = Object.fromEntries([...this.heard].map(([stream, { heardMs, state }]) => [stream, { at: formatInstant(heardMs), state }]))
    return { streams, heard, said: [...this.#said] }
  }
}

const fieldsOf = (value: Json | undefined): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}

interface Since {
  records: number
  newestMs: Millis | undefined
  newestHeardMs: Millis
}

/** How the collector's streams fare, as records. */
class HealthBook {
  /** Of the service: the stream of all its streams. */
  readonly #name: string
  readonly #watch: Watch
  readonly #memory: CollectorMemory
  readonly #world: CollectorWorld
  #since: Since = { records: 0, newestMs: undefined, newestHeardMs: 0 }
  #saidMs: Millis
  /** A stream has spoken that was not live. */
  #hasRecovered = false

  constructor(name: string, watch: Watch, memory: CollectorMemory, world: CollectorWorld) {
    this.#name = name
    this.#watch = watch
    this.#memory = memory
    this.#world = world
    this.#saidMs = world.clock.now()
    if (!memory.heard.has(name)) memory.heard.set(name, { heardMs: this.#saidMs, state: 'live' })
  }

  /** While a stream flows, and while it does not, its health is said so often. */
  get everyMs(): Millis {
    return Math.min(HEALTH_EVERY_MS, this.#watch.quietMs)
  }

  /** A new record: its stream speaks. */
  hear({ source, at, known_at: knownAt }: Vanta): void {
    const heardMs = this.#world.clock.now(), atMs = millisOf(at)
    this.#since.records++
    if (this.#since.newestMs === undefined || atMs > this.#since.newestMs) {
      this.#since.newestMs = atMs
      this.#since.newestHeardMs = Math.max(heardMs, millisOf(knownAt))
    }
    for (const stream of new Set([this.#name, source])) {
      const state = this.#memory.heard.get(stream)?.state ?? 'live'
      if (state !== 'live') this.#hasRecovered = true
      this.#memory.heard.set(stream, { heardMs, state })
    }
  }

  /** At the end of a round, or (within one) when it is time again, or when a stream speaks that did not. */
  *now(roundIsOver: boolean, failure?: Failure): Iterable<Health> {
    const nowMs = this.#world.clock.now()
    if (!roundIsOver && !this.#hasRecovered && nowMs - this.#saidMs < this.everyMs) return
    this.#saidMs = nowMs
    this.#hasRecovered = false
    const name = this.#name
    for (const [stream, { heardMs, state }] of this.#memory.heard) {
      const next: StreamState = failure !== undefined && stream === name ? 'down' : stateAt(heardMs, nowMs, this.#watch)
      if (next !== state) this.#memory.heard.set(stream, { heardMs, state: next })
      const down = next === 'down' && failure !== undefined ? redaction.of(failure.message) : undefined
      const detail = next === 'mute' ? `connected, but nothing new since ${formatInstant(heardMs)}` : down
      if (next !== state && next === 'mute') this.#world.log.error(`${stream}: ${detail ?? ''}`)
      if (stream !== name && next === state) continue
      yield this.#record(stream, next, nowMs, stream === name ? this.#since : undefined, detail)
    }
    this.#since = { records: 0, newestMs: undefined, newestHeardMs: 0 }
  }

  #record(stream: string, state: StreamState, nowMs: Millis, since: Since | undefined, detail: string | undefined): Health {
    const at = formatInstant(nowMs)
    const lagMs = since?.newestMs === undefined ? null : Math.max(0, since.newestHeardMs - since.newestMs)
    return make('health', {
      at, known_at: at, source: this.#name, by: this.#world.by, stream, state, records: since?.records ?? 0, lag_ms: lagMs,
      ...(detail !== undefined && { detail }),
    })
  }
}
