/** The services that collectors listen to, and what a collector keeps of them. */
import type { Json, Millis } from '#record'
import type { OpenExchange } from './exchange.ts'
import type { KeptSecrets } from './secrets.ts'
import type { Store } from './store.ts'

/** How one service wants to be asked, and where it may be reached. */
export interface Service {
  /** Short name: `sec`, `reddit`. The rate budget is shared under it by all processes of a home. */
  readonly name: string
  /**
   * Origins that may be asked, such as `https://www.sec.gov`; requests and redirects to any other are refused. `--endpoint`
   * stands in for every one of them.
   */
  readonly origins: readonly string[]
  /** At most so many requests in so long, over all processes of the home. */
  readonly rate: { readonly requests: number; readonly perMs: Millis }
  /** The User-Agent must name a contact: without one the service refuses, so we do not ask, but of an endpoint on this machine's loopback. */
  readonly needsContact?: true
  /** Reached through a SOCKS proxy only: without one nothing leaves, but to an endpoint on this machine's loopback. */
  readonly needsSocks?: true
}

export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

export interface Request {
  /** The service's true address (on one of its origins), without secrets. */
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** On the wire only: never in messages, archives or logs. */
  readonly secret?: Secret
  /**
   * One of several limits that the service counts by itself, such as that of a route: what its answers say of their limit holds for
   * requests under this name alone, unless they call it global.
   */
  readonly limit?: string
  /** Of an earlier answer: makes the request conditional. */
  readonly validators?: Validators | undefined
  /** Statuses besides 200..299 and 304 that are an answer and no failure. */
  readonly accepts?: readonly number[]
}

/** Added to the address, the headers or the body. */
export interface Secret {
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Fills `{name}` in the path of the address, which stands so everywhere else. */
  readonly path?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  /** Where it came from after redirects, without secrets. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Decompressed; empty where nothing has changed (304). */
  readonly bytes: Buffer
  readonly heardMs: Millis
  readonly validators: Validators
}

/**
 * Polite, bounded requests. Every method obeys the service's budget and its answers (Retry-After, the usual rate headers), retries what is
 * worth it with jittered back-off, and throws Failure: `again` where the service says to come later, `upstream` where it is out
 * of reach, `config` on 401 and 403, `refused` for an origin that is not the service's, `data` for an answer too large or torn.
 */
export interface Http {
  get(request: Request): Promise<Answer>
  /** A body that goes on: chunks as they come, until the service ends it. Silence for `quietMs` ends it with Failure `upstream`. */
  stream(request: Request, quietMs: Millis): AsyncIterable<Buffer>
  /**
   * A WebSocket: `hello` is sent after each opening. Ends when the service closes; silence for `quietMs` (pings do not count as
   * speech) ends it with Failure `upstream`.
   */
  socket(request: Request, options: SocketOptions): AsyncIterable<Heard>
}

export interface SocketOptions {
  readonly hello?: readonly string[]
  readonly quietMs: Millis
}
/** One message of a socket, and a way to answer. */
export interface Heard {
  readonly bytes: Buffer
  readonly heardMs: Millis
  send(text: string): void
  /** Say something again every so often, until the socket ends: heartbeats, for services that want them. A later one takes its place. */
  beat(everyMs: Millis, text: () => string): void
  /** End the stream from this side. */
  close(): void
}

/** What a stream of a collector remembers between runs. */
export interface Cursor {
  /** As it was last saved; undefined at the first run. */
  readonly state: Json | undefined
  /** Remember, once every record yielded so far has left the process: a crash in between repeats, and never loses. */
  save(state: Json): Promise<void>
}

/** One payload that was kept. */
export interface Kept {
  /** First 40 hex digits of the SHA-256 of the bytes. */
  readonly raw: string
  readonly tool: string
  readonly name: string
  readonly heard_at: string
  readonly url?: string
  readonly content_type?: string
  readonly bytes: number
}

/** Payloads as they came, compressed, by content id. */
export interface Archive {
  keep(bytes: Buffer, about: Omit<Kept, 'raw' | 'bytes'>): string
  read(raw: string): Buffer | undefined
  /** Every keeping of one tool, oldest first. */
  kept(tool: string): Iterable<Kept>
}

/** What every collector may ask of the world beyond its own process. */
export interface Outside {
  /** Its first request throws Failure `usage` where the endpoint is no address, `config` where a contact is needed and missing. */
  http(terms: HttpTerms): Http
  /** Exchanges in ccxt's vocabulary; every request of theirs goes through the `http` they are opened with. */
  readonly exchange: OpenExchange
  /** Secrets of one tool: from `file`, or where they are kept; undefined where there are none. Fails as `Secrets.read` does. */
  secrets(tool: string, file: string | undefined): Promise<KeptSecrets | undefined>
  readonly archive: Archive
  /** Memory of collectors: cursors and budgets. */
  readonly store: Store
  /** Resolves once all that was written so far has left the process; throws Stopped where its reader has gone. */
  flushed(): Promise<void>
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal
  /** Throws Stopped where the run is to stop before the time is over. */
  pause(ms: Millis, signal: AbortSignal): Promise<void>
}

export interface HttpTerms {
  readonly service: Service
  readonly endpoint: string | undefined
  readonly contact: string | undefined
  readonly timeoutMs: Millis
  readonly maxBytes: number
  readonly patienceMs: Millis
  /** Further attempts after a failure that may pass. */
  readonly retries: number
  /** HOST:PORT of a SOCKS5 proxy that every connection goes through, and that resolves every name. */
  readonly socks: string | undefined
  /** Aborted when the run is to stop, or has lasted as long as it should. */
  readonly signal: AbortSignal
}
