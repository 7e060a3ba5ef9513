/** Requests to one service: within its budget, patient with its answers, bounded, and never off its hosts. */
import type http from 'node:http'
import { AnswerFailure, Failure, Stopped } from '#port/failure'
import type { Answer, Http, HttpTerms, Request, Validators } from '#port/outside'
import type { Clock } from '#port/clock'
import type { Log } from '#port/log'
import type { Random } from '#port/random'
import type { Store } from '#port/store'
import { backOffMs, exhaustedMs, isGlobal, retryAfterMs, toldRetryMs } from '#domain/collect/patience'
import type { Millis } from '#record'
import { sharedBudget, type SharedBudget } from './budget.ts'
import { BadBody, send, unpacked, Unreachable, type Head } from './exchange.ts'
import { isLoopback, originsOf, type Origins } from './origins.ts'
import { withoutSecrets, withSecrets } from './secret.ts'
import { openSocket } from './socket.ts'

/** What the adapter needs of its own surroundings. */
export interface Around {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly store: Store
  readonly version: string
  pause(ms: Millis, signal: AbortSignal): Promise<void>
}

const MOST_REDIRECTS = 5
/** Of an error body that is quoted to the user. */
const QUOTED = 200
/** Longest error body that is searched for when to come again. */
const MOST_TOLD = 10_000

/** Throws Failure `config` where the service wants to know who asks and no contact was given; a stand-in on this machine knows. */
export function politeHttp(terms: HttpTerms, around: Around): Http {
  if (terms.service.needsContact === true && terms.contact === undefined && !isLoopback(terms.endpoint)) {
    throw new Failure('config', `${terms.service.name} refuses requests that do not say who asks: --contact "Name name@example.com" (or VANTA_CONTACT)`)
  }
  if (terms.service.needsSocks === true && terms.socks === undefined && !isLoopback(terms.endpoint)) {
    throw new Failure('config', `${terms.service.name} is reached through a SOCKS proxy only: --socks HOST:PORT, such as 127.0.0.1:9050 for Tor`)
  }
  const origins = originsOf(terms.service.name, terms.service.origins, terms.endpoint)
  const budget = sharedBudget(terms.service, around.store, around.clock)
  return new PoliteHttp(terms, around, origins, budget)
}

class PoliteHttp implements Http {
  readonly #terms: HttpTerms
  readonly #around: Around
  readonly #origins: Origins
  readonly #budget: SharedBudget
  #agent: Promise<http.Agent | undefined> | undefined

  constructor(terms: HttpTerms, around: Around, origins: Origins, budget: SharedBudget) {
    this.#terms = terms
    this.#around = around
    this.#origins = origins
    this.#budget = budget
  }

  async get(request: Request): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const limit = AbortSignal.any([this.#terms.signal, AbortSignal.timeout(this.#terms.timeoutMs)])
      try {
        return await this.#once(request, limit)
      } catch (error) {
        if (this.#terms.signal.aborted) throw new Stopped()
        const again = error instanceof Later ? error.afterMs : error instanceof Unreachable ? undefined : NEVER
        if (again === NEVER) throw error instanceof BadBody ? new Failure('data', `${this.#name(request)}: ${error.message}`, error) : error
        const waitMs = again ?? backOffMs(attempt, this.#around.random.next())
        const why = limit.aborted && !(error instanceof Later) ? `no answer within ${this.#terms.timeoutMs} ms` : (error as Error).message
        if (attempt > this.#terms.retries || waitMs > this.#terms.patienceMs) throw this.#gaveUp(request, why, error, waitMs)
        this.#around.log.debug(`${this.#name(request)}: ${why}; again in ${waitMs} ms`)
        await this.#around.pause(waitMs, this.#terms.signal)
      }
    }
  }

  #gaveUp(request: Request, why: string, error: unknown, waitMs: Millis): Failure {
    const limited = error instanceof Later && error.limited
    const soon = limited ? `; it may be asked again in ${Math.ceil(waitMs / 1000)} s` : ''
    const exit = limited ? 'again' : 'upstream', message = `${this.#name(request)}: ${why}${soon}`
    return error instanceof Later ? new AnswerFailure(exit, message, error.status, error) : new Failure(exit, message, error)
  }

  async #once(request: Request, signal: AbortSignal): Promise<Answer> {
    const { head, url } = await this.#head(request, signal)
    const chunks: Buffer[] = []
    try {
      for await (const chunk of unpacked(head, this.#terms.maxBytes)) chunks.push(chunk)
    } catch (error) {
      // An error's body that cannot be read is still that error.
      if (isAnswer(head.status, request) || !(error instanceof BadBody)) throw error
    }
    const bytes = Buffer.concat(chunks)
    const heardMs = this.#around.clock.now()
    this.#obey(request, head, bytes, heardMs)
    if (!isAnswer(head.status, request)) throw this.#failure(request, head, bytes, heardMs)
    const { etag, 'last-modified': lastModified } = head.headers
    const validators: Validators = { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
    return { status: head.status, url, headers: head.headers, bytes: head.status === 304 ? Buffer.alloc(0) : bytes, heardMs, validators }
  }

  /** Ask, and follow redirects that stay with the service. */
  async #head(request: Request, signal: AbortSignal): Promise<{ readonly head: Head; readonly url: string }> {
    let url = request.url
    let { method = 'GET', body = undefined } = { method: request.method, body: request.secret?.body ?? request.body }
    for (let hops = 0; ; hops++) {
      const wire = withSecrets(this.#origins.wireOf(url), request.secret)
      await this.#granted(request)
      const head = await send({ url: wire, method, headers: this.#headers(request), body, agent: await this.#connections(), signal })
      const { location } = head.headers
      if (![301, 302, 303, 307, 308].includes(head.status) || location === undefined) return { head, url }
      head.body.resume()
      if (hops >= MOST_REDIRECTS) throw new Failure('upstream', `${this.#name(request)}: redirected more than ${MOST_REDIRECTS} times`)
      url = this.#origins.redirected(url, withoutSecrets(location, request.secret))
      if (head.status === 303 || (head.status < 303 && method === 'POST')) {
        method = 'GET'
        body = undefined
      }
    }
  }

  async #granted({ limit }: Request): Promise<void> {
    const waitMs = this.#budget.take(limit) - this.#around.clock.now()
    if (waitMs <= 0) return
    if (waitMs > this.#terms.patienceMs) {
      const seconds = Math.ceil(waitMs / 1000)
      throw new Failure('again', `${this.#terms.service.name}: its rate budget is used up for ${seconds} s (another process of this home may share it)`)
    }
    await this.#around.pause(waitMs, this.#terms.signal)
  }

  /** What the service says of its limits holds for every process of the home. */
  #obey({ limit }: Request, head: Head, bytes: Buffer, nowMs: Millis): void {
    const restMs = head.status === 429 || head.status === 503 ? comeAgainMs(head, bytes, nowMs) : exhaustedMs(head.headers, nowMs)
    if (restMs !== undefined && restMs > 0) this.#budget.rest(nowMs + restMs, isGlobal(head.headers) ? undefined : limit)
  }

  #failure(request: Request, head: Head, bytes: Buffer, nowMs: Millis): Error {
    const { status, headers } = head
    const said = withoutSecrets(excerptOf(bytes, headers['content-type']), request.secret)
    const what = `HTTP ${status}${said === '' ? '' : `: ${said}`}`
    if (status === 429 || status === 503) return new Later(what, status, comeAgainMs(head, bytes, nowMs))
    if (status >= 500 || status === 408 || status === 425) return new Later(what, status, undefined)
    if (status === 401 || status === 403) {
      return new AnswerFailure('config', `${this.#name(request)}: ${what}; it does not accept who asks: see --credentials and --contact`, status)
    }
    return new AnswerFailure('upstream', `${this.#name(request)}: ${what}`, status)
  }

  #headers({ headers = {}, secret, validators }: Request): Record<string, string> {
    // Who asks a hidden service is nobody's business.
    const contact = this.#terms.service.needsSocks === true ? undefined : this.#terms.contact
    return {
      'user-agent': `vanta/${this.#around.version}${contact === undefined ? '' : ` (${contact})`}`,
      'accept-encoding': 'gzip, deflate, br',
      ...headers,
      ...(validators?.etag !== undefined && { 'if-none-match': validators.etag }),
      ...(validators?.lastModified !== undefined && { 'if-modified-since': validators.lastModified }),
      ...secret?.headers,
    }
  }

  #connections(): Promise<http.Agent | undefined> {
    return (this.#agent ??= agentOf(this.#terms.socks))
  }

  #name({ url }: Request): string {
    return url
  }

  async *stream(request: Request, quietMs: Millis): AsyncGenerator<Buffer> {
    const opening = AbortSignal.any([this.#terms.signal, AbortSignal.timeout(this.#terms.timeoutMs)])
    // The limit on opening must not end a body that goes on for hours.
    const open = new AbortController()
    const forward = (): void => open.abort()
    opening.addEventListener('abort', forward)
    try {
      const { head } = await this.#head(request, open.signal)
      opening.removeEventListener('abort', forward)
      this.#terms.signal.addEventListener('abort', forward)
      if (!isAnswer(head.status, request)) {
        const chunks: Buffer[] = []
        for await (const chunk of unpacked(head, this.#terms.maxBytes)) chunks.push(chunk)
        const nowMs = this.#around.clock.now(), bytes = Buffer.concat(chunks)
        this.#obey(request, head, bytes, nowMs)
        const failure = this.#failure(request, head, bytes, nowMs)
        throw failure instanceof Later ? this.#gaveUp(request, failure.message, failure, failure.afterMs ?? 0) : failure
      }
      yield* this.#spoken(request, unpacked(head, Infinity), quietMs, open)
    } catch (error) {
      if (this.#terms.signal.aborted) throw new Stopped()
      if (error instanceof Unreachable) throw new Failure('upstream', `${this.#name(request)}: ${error.message}`, error)
      throw error
    } finally {
      this.#terms.signal.removeEventListener('abort', forward)
      open.abort()
    }
  }

  async *#spoken(request: Request, chunks: AsyncIterable<Buffer>, quietMs: Millis, open: AbortController): AsyncGenerator<Buffer> {
    let silent = false
    const startWatch = (): NodeJS.Timeout => setTimeout(() => {
      silent = true
      open.abort()
    }, quietMs)
    let watch = startWatch()
    try {
      for await (const chunk of chunks) {
        clearTimeout(watch)
        yield chunk
        watch = startWatch()
      }
    } catch (error) {
      if (silent) throw new Failure('upstream', `${this.#name(request)}: connected, but silent for ${quietMs} ms`, error)
      throw error
    } finally {
      clearTimeout(watch)
    }
  }

  socket: Http['socket'] = (request, options) => openSocket({
    url: withSecrets(this.#origins.wireOf(request.url), request.secret),
    name: this.#name(request),
    headers: this.#headers(request),
    granted: () => this.#granted(request),
    agent: () => this.#connections(),
    timeoutMs: this.#terms.timeoutMs,
    maxBytes: this.#terms.maxBytes,
    signal: this.#terms.signal,
    now: () => this.#around.clock.now(),
  }, options)
}

const NEVER = Symbol('never')

/** By the headers, or where a service tells it in the body alone. */
const comeAgainMs = ({ headers }: Head, bytes: Buffer, nowMs: Millis): Millis | undefined =>
  retryAfterMs(headers, nowMs) ?? toldRetryMs(bytes.toString('utf8', 0, MOST_TOLD)) ?? exhaustedMs(headers, nowMs)

/** The service could not answer now; `afterMs` where it says when to come again. */
class Later extends Error {
  readonly status: number
  readonly afterMs: Millis | undefined
  constructor(message: string, status: number, afterMs: Millis | undefined) {
    super(message)
    this.status = status
    this.afterMs = afterMs
  }

  /** It could, but has had enough of us. */
  get limited(): boolean {
    return this.status === 429
  }
}

const isAnswer = (status: number, { accepts }: Request): boolean =>
  (status >= 200 && status < 300) || status === 304 || accepts?.includes(status) === true

/** A little of what an error says, on one line; nothing of a page or of bytes that are no text. */
function excerptOf(bytes: Buffer, type = ''): string {
  const text = bytes.toString('utf8', 0, 2000).trim()
  if (text === '' || text.startsWith('<') || /html|octet/.test(type) || text.includes('\ufffd')) return ''
  // Fetched text is data: no control character of it reaches a terminal.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').slice(0, QUOTED)
}

/** Other kinds of proxy would be taken for a host to look up. */
const SOCKS = /^(?:socks5h?:\/\/)?((?:[^@/\s]*@)?(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5})$/i

/** One pool of connections; through a SOCKS5 proxy where one is named, which then also resolves the names. */
async function agentOf(socks: string | undefined): Promise<http.Agent | undefined> {
  if (socks === undefined) return undefined
  const address = SOCKS.exec(socks)?.[1]
  if (address === undefined) throw new Failure('usage', '--socks: expected HOST:PORT of a SOCKS5 proxy, such as 127.0.0.1:9050')
  const { SocksProxyAgent } = await import('socks-proxy-agent')
  return new SocksProxyAgent(`socks5h://${address}`)
}
