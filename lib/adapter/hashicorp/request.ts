/** One question to a HashiCorp Vault over HTTPS, within limits of time and size, asked again where that can help. */
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import { codeOf } from '../file/disk.ts'
import { isDistrust, plainly } from '../tls.ts'

export interface Asked {
  readonly method: 'GET' | 'POST'
  /** From `/v1/` on. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, string>>
  /** Asked twice it may be worth less: again only where it cannot have been heard. */
  readonly once?: true
}

export interface Answered {
  readonly status: number
  /** Undefined where it is no JSON. */
  readonly body: unknown
  /** What it says is wrong, in its words, shortened. */
  readonly errors: string
}

export interface Asking {
  readonly origin: string
  readonly ca: string | undefined
  readonly timeoutMs: Millis
  pause(ms: Millis): Promise<void>
}

const MOST_BYTES = 1 << 20, MOST_WORDS = 200
/** Waits between attempts, unless it is told how long; longer ones end the attempts. */
const PAUSES_MS: readonly Millis[] = [200, 500, 1000, 2000], PATIENCE_MS: Millis = 10_000
/** Too many, being set up, standing by, sealed. */
const LATER: ReadonlySet<number> = new Set([412, 429, 500, 502, 503, 504])

/** What was asked may have had its effect before the answer failed. */
const mayHaveDone = (status: number): boolean => status === 500 || status === 502 || status === 504

interface Heard extends Answered {
  readonly retryAfterMs: Millis | undefined
}

/** Throws Failure: `upstream` where it is out of reach, `config` where it is not believed, `data` where it says too much. */
export async function ask(asked: Asked, asking: Asking): Promise<Answered> {
  for (let attempt = 0; ; attempt++) {
    const pauseMs = PAUSES_MS[attempt]
    let heard: Heard | undefined, waitMs = pauseMs
    try {
      heard = await one(asked, asking)
      if (!LATER.has(heard.status) || /sealed/i.test(heard.errors) || (asked.once === true && mayHaveDone(heard.status))) return heard
      waitMs = heard.retryAfterMs ?? pauseMs
    } catch (error) {
      if (error instanceof Failure) throw error
      const why = error instanceof Error ? error.message : String(error)
      if (isDistrust(why)) throw new Failure('config', `${asking.origin}: ${plainly(why)}`, error)
      const canRepeat = asked.once === undefined || codeOf(error) === 'ECONNREFUSED'
      if (pauseMs === undefined || !canRepeat) throw new Failure('upstream', `${asking.origin}: ${why}`, error)
    }
    if (pauseMs === undefined || waitMs === undefined || waitMs > PATIENCE_MS) {
      if (heard === undefined) throw new Failure('upstream', `${asking.origin}: not reached`)
      return heard
    }
    await asking.pause(waitMs)
  }
}

function one({ method, path, headers, body }: Asked, { origin, ca, timeoutMs }: Asking): Promise<Heard> {
  const content = body === undefined ? undefined : JSON.stringify(body)
  const words = { 'x-vault-request': 'true', accept: 'application/json', ...headers, ...(content !== undefined && { 'content-type': 'application/json' }) }
  const send = origin.startsWith('https:') ? secure : plain
  return new Promise((resolve, reject) => {
    const options = { method, headers: words, agent: false, signal: AbortSignal.timeout(timeoutMs), ...(ca !== undefined && { ca }) } as const
    const sent = send(`${origin}${path}`, options, (answer) => {
      const parts: Buffer[] = []
      let size = 0
      answer.on('data', (part: Buffer) => {
        parts.push(part)
        size += part.length
        if (size > MOST_BYTES) sent.destroy(new Failure('data', `${origin}${path}: more than ${MOST_BYTES} bytes`))
      })
      answer.on('error', reject).on('end', () => {
        const read = jsonIn(Buffer.concat(parts).toString('utf8')), after = Number(answer.headers['retry-after'])
        resolve({ status: answer.statusCode ?? 0, body: read, errors: errorsIn(read), retryAfterMs: after > 0 ? after * 1000 : undefined })
      })
    })
    sent.on('error', reject).end(content)
  })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `{"errors": ["permission denied"]}`. */
function errorsIn(body: unknown): string {
  const errors = fieldOf(body, 'errors'), words = Array.isArray(errors) ? errors.filter((one) => typeof one === 'string') : []
  return words.join('; ').replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, MOST_WORDS)
}

/** What stands under a name of an object; undefined where it is none. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as { readonly [field: string]: unknown })[name] : undefined
