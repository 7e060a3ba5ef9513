/**
 * The wire to a venue: one request, one answer, bounded in time and size, to the venue's own addresses only. A question is asked again where
 * the venue was not heard; an order or a cancel never is.
 */
import { setTimeout as pause } from 'node:timers/promises'
import http from 'node:http'
import https from 'node:https'
import { send, unpacked, type Head } from '../http/exchange.ts'
import { originsOf } from '../http/origins.ts'
import type { RehearsedRequest } from '#port/broker'
import { Redaction } from '#domain/secrets/redaction'
import type { Credentials } from '#port/secrets'
import type { Millis } from '#record'

export interface Ask {
  readonly method: string
  /** The venue's true address. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** No answer, or none that is whole: what was asked for may have happened or not. */
export class Unheard extends Error {}

export interface WireTerms {
  readonly venue: string
  readonly origins: readonly string[]
  readonly endpoint: string | undefined
  readonly timeoutMs: Millis
  readonly secrets: Credentials
  /** Told of each request in place of its sending, but for questions that `asks` lets through. */
  readonly rehearse?: ((request: RehearsedRequest) => void) | undefined
  readonly asksInRehearsal?: (ask: Ask) => boolean
}

export interface Wire {
  /** Throws Unheard. Any status is an answer. */
  ask(ask: Ask): Promise<Answer>
}

const MOST_BYTES = 32 * 1024 * 1024
const ATTEMPTS = 3
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 3000

export function openWire(terms: WireTerms): Wire {
  const origins = originsOf(terms.venue, terms.origins, terms.endpoint)
  // A connection that was kept open may be closed by the venue just as an order goes out on it: each has its own.
  const agents = { 'http:': new http.Agent({ keepAlive: false }), 'https:': new https.Agent({ keepAlive: false }) }
  const own = new Redaction()
  own.hide(terms.secrets)
  const once = async ({ method, url, headers, body }: Ask): Promise<Answer> => {
    const signal = AbortSignal.timeout(terms.timeoutMs)
    try {
      const wire = origins.wireOf(url)
      const agent = wire.protocol === 'http:' ? agents['http:'] : agents['https:']
      const head: Head = await send({ url: wire, method, headers: { ...headers, 'accept-encoding': 'gzip' }, body, agent, signal })
      const chunks: Buffer[] = []
      for await (const chunk of unpacked(head, MOST_BYTES)) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString('utf8')
      // What a venue says of a wrong request goes into records: where it repeats our secrets, without them.
      return { status: head.status, headers: head.headers, text: head.status >= 400 ? own.of(text) : text }
    } catch (error) {
      if (signal.aborted) throw new Unheard(`${terms.venue}: no answer within ${terms.timeoutMs} ms`, { cause: error })
      throw new Unheard(`${terms.venue}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return {
    async ask(ask) {
      if (terms.rehearse !== undefined && terms.asksInRehearsal?.(ask) !== true) {
        terms.rehearse(masked({ ...ask, url: origins.wireOf(ask.url).href }, terms.secrets))
        throw new Unheard('nothing is sent in a rehearsal')
      }
      if (ask.method !== 'GET') return once(ask)
      for (let attempt = 1; ; attempt++) {
        const heard = await once(ask).catch((error: unknown) => error)
        const failed = heard instanceof Error
        if (attempt === ATTEMPTS || (!failed && !isPassing(heard as Answer))) {
          if (failed) throw heard
          return heard as Answer
        }
        await pause(failed ? FIRST_PAUSE_MS * 2 ** (attempt - 1) : pauseOf(heard as Answer, attempt))
      }
    },
  }
}

const isPassing = ({ status }: Answer): boolean => status === 429 || status >= 500

function pauseOf({ headers }: Answer, attempt: number): Millis {
  const asked = Number(headers['retry-after']) * 1000
  return Math.min(LONGEST_PAUSE_MS, Number.isFinite(asked) && asked >= 0 ? asked : FIRST_PAUSE_MS * 2 ** (attempt - 1))
}

const SECRET_NAMES = /sign|secret|token|authorization|key/i
const MASK = /\{\w+\}/

/** As it would leave, but for what is secret and what is signed with it. */
function masked({ method, url, headers, body }: Ask, secrets: Credentials): RehearsedRequest {
  const hide = (text: string): string => {
    let shown = text.replace(/\b(signature|sign)=[^&]*/gi, '$1={signature}')
    for (const [name, secret] of Object.entries(secrets)) if (secret !== '') shown = shown.replaceAll(secret, `{${name}}`)
    return shown
  }
  const shown = Object.fromEntries(Object.entries(headers).map(([name, value]) => {
    const hidden = hide(value)
    return [name, SECRET_NAMES.test(name) && !MASK.test(hidden) ? '{secret}' : hidden]
  }))
  return { method, url: hide(url).replace(/%7B(\w+)%7D/g, '{$1}'), headers: shown, ...(body !== undefined && { body: hide(body) }) }
}
