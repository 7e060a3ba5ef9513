/**
 * A collector of a service: described by how it reads a payload and how it asks for one. Files, kept payloads, polling, cursors,
 * kept payloads, lag and silence are the same for all and are done here, once.
 */
import { formatInstant, type Millis, type Vanta } from '#record'
import { isDistinct, type Parser, type Payload, type Reading } from '#port/payload'
import type { Log } from '#port/log'
import type { Answer, Cursor, Http, Service } from '#port/outside'
import type { Credentials } from '#port/secrets'
import type { OpenExchange } from '#port/exchange'
import type { Hours } from '#domain/collect/liveness'
import { collector, type Collector, type CollectorWorld, type ToolWorld } from './define.ts'
import { Failure } from '#port/failure'
import type { Options, ValuesOf } from './options.ts'
import { flattened } from './flat.ts'
import { liveRounds } from './live.ts'

/** One thing a collector can read, for `--list-sources`. */
export interface Source {
  readonly name: string
  /** The payloads: formats and what they hold. */
  readonly reads: string
  /** Where it comes from, live; or `files` where it is only read from files. */
  readonly address: string
  readonly limits: string
  readonly terms: string
}

/** How long a stream may be silent, while its market or its people are awake, before silence is a fault. */
export interface Watch {
  readonly hours: Hours
  readonly quietMs: Millis
}

/** What a collector that asks a service is handed. */
export interface LiveWorld extends ToolWorld {
  readonly http: Http
  /** The same for another host, with a budget of its own: for collectors whose addresses the user names. */
  httpOf(service: Service): Http
  /** An exchange in ccxt's vocabulary, asked through the `http` that it is opened with. */
  readonly exchange: OpenExchange
  /** The secrets of this collector's credentials file. Throws Failure `config` where the file or one of the keys is missing. */
  credentials(...keys: readonly string[]): Promise<Credentials>
  /** The same where there is a file, else undefined: for services that can be asked without. */
  optionalCredentials(...keys: readonly string[]): Promise<Credentials | undefined>
  /** Name and e-mail address for the User-Agent (`--contact`); undefined where it was not given. */
  readonly contact: string | undefined
  /** Its `save` is to be awaited between two records: it returns once everything yielded so far has left the process. */
  cursor(stream: string): Cursor
  /** Keep what was answered, and parse it. Several answers, such as a cover page and its table, are read by one parser. */
  read(answers: Answer | readonly Answer[]): AsyncIterable<Vanta>
  /** The same with one parser from call to call, for streams whose messages count on those before. What it holds at the end it keeps to itself. */
  session(): LiveWorld['read']
  /** Resolves after so long; a run that is asked to stop does not return from it. */
  pause(ms: Millis): Promise<void>
}

export interface Feed<O extends Options> {
  readonly name: `vanta-${string}`
  readonly summary: string
  readonly about?: string
  readonly options: O
  readonly examples: Collector['examples']
  readonly service: Service
  readonly sources: readonly Source[]
  readonly watch: Watch
  /** `answers` where files are large and are themselves the record; by default they are kept too. */
  readonly keep?: 'answers'
  /** Pause between polls, or before a stream is opened again (`--every`), such as `1m`. */
  readonly every: string
  /**
   * Pause before the next round where the service has rules of its own for streams that ended: after so many failures in a row (0: the
   * service ended it as agreed), the last of which is given. Undefined: as usual, at least `--every`.
   */
  reconnectMs?(options: ValuesOf<O>, failures: number, failure: Failure | undefined): Millis | undefined
  open(options: ValuesOf<O>, reading: Reading): Parser
  /**
   * One round: ask, yield what `world.read` gives, save the cursor. A stream yields until its service ends it. It may be left at any
   * `await` or `yield` for ever. Absent where only files can be read.
   */
  live?(options: ValuesOf<O> & FeedValues, world: LiveWorld): AsyncIterable<Vanta>
}

const feedOptions = (name: string, every: string, keep: 'yes' | 'answers') => ({
  from: { kind: 'list', goesOn: true, help: 'recorded payloads, plain or gzip, one or more, instead of asking the service; - is stdin' },
  again: { kind: 'flag', help: 'read the payloads kept in this home again, as of when they were heard' },
  keep: {
    kind: 'choice', choices: ['yes', 'answers', 'no'], default: keep,
    help: 'whether payloads are kept in the home, under logs/raw: all, only what the service answers, or none',
  },
  listSources: { kind: 'flag', help: 'what it can read, with limits and terms' },
  endpoint: {
    kind: 'text', variable: `VANTA_ENDPOINT_${name.replace(/^vanta-/, '').replaceAll('-', '_').toUpperCase()}`,
    help: 'address that stands in for the service, such as http://127.0.0.1:8080',
  },
  once: { kind: 'flag', help: 'one round, then end' },
  every: { kind: 'duration', default: every, help: 'pause between rounds' },
  for: { kind: 'duration', help: 'end after so long' },
  muteAfter: { kind: 'duration', help: 'how long nothing new is no fault, where that is not as usual for the service' },
  credentials: {
    kind: 'path',
    help: `file of secrets, JSON or KEY=value lines, mode 0600 (default: $CREDENTIALS_DIRECTORY/${name}, then secrets/${name} in the home)`,
  },
  contact: { kind: 'text', variable: 'VANTA_CONTACT', help: 'who asks: a name and an e-mail address, for the User-Agent' },
  timeout: { kind: 'duration', default: '30s', help: 'longest time for one answer' },
  maxResponse: { kind: 'integer', default: '67108864', help: 'largest answer accepted, in bytes, unpacked' },
  patience: { kind: 'duration', default: '90s', help: 'longest wait that a service may ask for before the run ends with 75' },
  retries: { kind: 'integer', default: '3', help: 'how often a request is made again after a failure that may pass' },
  socks: { kind: 'text', help: 'SOCKS5 proxy for every connection, names resolved there, such as 127.0.0.1:9050' },
}) as const satisfies Options

export type FeedValues = ValuesOf<ReturnType<typeof feedOptions>>

/** A collector from the description of its service. */
export function feed<const O extends Options>(description: Feed<O>): Collector<O & ReturnType<typeof feedOptions>> & { readonly feed: Feed<O> } {
  const { name, summary, about, examples } = description
  const options = { ...description.options, ...feedOptions(name, description.every, description.keep ?? 'yes') }
  return {
    feed: description,
    ...collector({
      name,
      summary,
      ...(about !== undefined && { about }),
      options,
      examples,
      collect(values, world) {
        const own = values as ValuesOf<O> & FeedValues
        if (own.listSources) return listSources(description.sources, world)
        if (own.from !== undefined) return parseAll(description, own, filesOf(own.from, own.keep === 'yes', name, world), world)
        if (own.again) return parseAll(description, own, keptOf(name, world), world)
        if (description.live === undefined) throw new Failure('usage', '--from is required: this collector reads files only')
        return liveRounds(description, own, world)
      },
    }),
  }
}

function* listSources(sources: readonly Source[], world: CollectorWorld): Iterable<Vanta> {
  for (const { name, reads, address, limits, terms } of sources) {
    world.print(`${name}\n  reads   ${reads}\n  from    ${address}\n  limits  ${limits}\n  terms   ${terms}`)
  }
}

function* filesOf(paths: readonly string[], keep: boolean, tool: string, { folder, clock, outside }: CollectorWorld): Iterable<Payload | Failure> {
  for (const path of paths) {
    const name = path === '-' ? 'stdin' : path
    let bytes: Buffer | undefined
    try {
      bytes = folder.read(path)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      yield error
      continue
    }
    if (bytes === undefined) {
      yield new Failure('data', `${path}: there is no such file`)
      continue
    }
    const heardMs = clock.now()
    const raw = keep ? outside.archive.keep(bytes, { tool, name, heard_at: formatInstant(heardMs) }) : undefined
    yield { name, bytes, heardMs, raw }
  }
}

function* keptOf(tool: string, { outside }: CollectorWorld): Iterable<Payload | Failure> {
  for (const { raw, name, heard_at, url, content_type: contentType } of outside.archive.kept(tool)) {
    const bytes = outside.archive.read(raw)
    if (bytes === undefined) yield new Failure('data', `kept payload ${raw} (${name}) is missing`)
    else yield { name, bytes, heardMs: Date.parse(heard_at), url, contentType, raw }
  }
}

/** One parser over all payloads; a bad one is named, the others are read, and the run ends with 65. */
const parseAll = <O extends Options>(
  feed: Feed<O>, options: ValuesOf<O>, payloads: Iterable<Payload | Failure>, world: CollectorWorld,
): AsyncIterable<Vanta> => flattened(readingsOf(feed, options, payloads, world))

async function* readingsOf<O extends Options>(
  { open }: Feed<O>, options: ValuesOf<O>, payloads: Iterable<Payload | Failure>, world: CollectorWorld,
): AsyncGenerator<Iterable<Vanta>> {
  const rejects = new RowRejects(world.log)
  const parser = open(options, readingOf(world, rejects))
  const given = new Set<string>()
  let failure: Failure | undefined
  let raw: string | undefined
  const fail = (error: unknown): void => {
    if (!(error instanceof Failure)) throw error
    if (failure !== undefined) world.log.error(failure.message)
    failure = error
  }
  const isNew = ({ id }: Vanta): boolean => {
    if (given.has(id)) return false
    given.add(id)
    if (given.size > MOST_GIVEN) given.delete(first(given) ?? '')
    return true
  }
  function* guarded(records: Iterable<Vanta>): Iterable<Vanta> {
    const isFresh = isDistinct(records) ? () => true : isNew
    try {
      for (const record of records) if (isFresh(record)) yield stamped(record, raw)
    } catch (error) {
      fail(error)
    }
  }
  async function* each(read: () => Iterable<Vanta> | AsyncIterable<Vanta>): AsyncGenerator<Iterable<Vanta>> {
    try {
      const records = read()
      if (isSync(records)) return yield guarded(records)
      for await (const record of records) if (isNew(record)) yield [stamped(record, raw)]
    } catch (error) {
      fail(error)
    }
  }
  for (const payload of payloads) {
    if (payload instanceof Failure) {
      fail(payload)
      continue
    }
    raw = payload.raw
    rejects.at(payload.name)
    yield* each(() => parser.read(payload))
  }
  yield* each(() => parser.end?.() ?? [])
  rejects.sum()
  if (failure !== undefined) throw failure
}

/** What a parser is handed of the world. */
export function readingOf({ by, log, folder }: CollectorWorld, { add: reject }: RowRejects): Reading {
  return {
    by, log, reject,
    file(path) {
      const bytes = folder.read(path)
      if (bytes === undefined) throw new Failure('data', `${path}: there is no such file`)
      return bytes
    },
  }
}

const isSync = (records: Iterable<Vanta> | AsyncIterable<Vanta>): records is Iterable<Vanta> => Symbol.iterator in records

/** Ids that are remembered so that payloads which overlap give each record once. */
const MOST_GIVEN = 1_000_000
const first = (ids: ReadonlySet<string>): string | undefined => ids.values().next().value

/** The payload a record was read from is noted on it, unless it names its own: how it was heard, no part of what it says. */
export function stamped<R extends Vanta>(record: R, raw: string | undefined): R {
  return raw === undefined || record.raw !== undefined ? record : Object.assign(record, { raw })
}

/** So many rows of one payload are named for one reason; of the others only the number is told. */
const NAMED = 3

/** Parts of payloads that gave no signal: named, counted by reason. */
export class RowRejects {
  readonly #log: Log
  #name = ''
  #byReason = new Map<string, number>()

  constructor(log: Log) {
    this.#log = log
  }

  /** The payload that is read from now on. */
  at(name: string): void {
    this.sum()
    this.#name = name
  }

  /** The payload that is read from now on, one of many of a stream: what was named before is not named again. */
  goOn(name: string): void {
    this.#name = name
  }

  readonly add = (place: string, why: string): void => {
    const count = (this.#byReason.get(why) ?? 0) + 1
    this.#byReason.set(why, count)
    if (count <= NAMED) this.#log.warn(`${this.#name}: ${place}: ${why}`)
  }

  /** Say how many there were of what was named only in part. */
  sum(): void {
    for (const [why, count] of this.#byReason) {
      if (count > NAMED) this.#log.warn(`${this.#name}: ${count} parts left out: ${why}`, { left_out: count })
    }
    this.#byReason.clear()
  }
}
