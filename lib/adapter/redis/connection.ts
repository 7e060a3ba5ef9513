/** One connection that outlives restarts of its server: what was asked is asked again, until it was silent for too long. */
import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import type { BusAddress } from '#domain/bus/address'
import type { Log } from '#port/log'
import { Failure } from '#port/failure'
import { isDistrust, plainly, tlsFilesOf, type Login } from '../tls.ts'

/** How long a server may be away. */
const PATIENCE_MS = 60_000
const RETRY_MS = 50, MOST_RETRY_MS = 1000, ANSWER_MS = 10_000
/** How long a connection that is ended may take to be gone: all that was asked has been answered by then. */
const GOODBYE_MS = 200

export type Reply = string | number | null | readonly Reply[]

export class RedisConnection {
  readonly #redis: Redis
  readonly #name: string
  readonly #log: Log
  #closedBy: string | undefined

  constructor({ server }: BusAddress, name: string, { secrets, tlsFolder }: Login, log: Log) {
    this.#name = name
    this.#log = log
    const { host = '127.0.0.1', port = 6379, tls = false, user } = server ?? {}
    this.#redis = new Redis({
      host, port, lazyConnect: true, enableReadyCheck: false, enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => null,
      commandTimeout: ANSWER_MS, disconnectTimeout: GOODBYE_MS,
      ...(user !== undefined && { username: user }), ...(secrets['redis_password'] !== undefined && { password: secrets['redis_password'] }),
      ...(tls && { tls: tlsFilesOf('redis', secrets, tlsFolder) }),
    })
    // Each command fails by itself, but only the event says why a connection was closed.
    this.#redis.on('error', (error) => (this.#closedBy = error.message))
  }

  /** Run a script on the server; where its answer is lost, again. */
  async script(text: string, keys: readonly string[], words: readonly (string | number)[]): Promise<Reply> {
    const sha = createHash('sha1').update(text).digest('hex')
    return this.#again(async () => {
      try {
        return (await this.#redis.evalsha(sha, keys.length, ...keys, ...words)) as Reply
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return (await this.#redis.eval(text, keys.length, ...keys, ...words)) as Reply
      }
    })
  }

  async command(name: string, words: readonly (string | number)[]): Promise<Reply> {
    return this.#again(async () => (await this.#redis.call(name, ...words.map(String))) as Reply)
  }

  async #again(ask: () => Promise<Reply>): Promise<Reply> {
    const beganMs = performance.now()
    for (let attempt = 0; ; attempt++) {
      try {
        this.#closedBy = undefined
        if (this.#redis.status === 'wait' || this.#redis.status === 'end') await this.#redis.connect()
        return await ask()
      } catch (error) {
        if (error instanceof Failure) throw error
        const said = error instanceof Error ? error.message : String(error), why = said === 'Connection is closed.' ? (this.#closedBy ?? said) : said
        if (isRefusal(why)) throw new Failure('config', `${this.#name}: ${plainly(why)}`, error)
        if (isAnswer(error, why)) throw new Failure('upstream', `${this.#name}: ${why}`, error)
        if (performance.now() - beganMs > PATIENCE_MS) throw new Failure('upstream', `${this.#name}: not reached for ${PATIENCE_MS / 1000} s: ${why}`, error)
        if (attempt === 0) this.#log.warn(`${this.#name}: ${why}; asking again`)
        this.#redis.disconnect()
        await new Promise((resolve) => setTimeout(resolve, Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** Math.min(attempt, 8))))
      }
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}

/** The server knows us not, or not for this. */
const isRefusal = (why: string): boolean => /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password)/i.test(why) || isDistrust(why)
/** It answered, and asking again would change nothing, unless it passes by itself: loading, a fail-over, a full memory. */
const isAnswer = (error: unknown, why: string): boolean =>
  error instanceof Error && error.name === 'ReplyError' && !/LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|OOM|TRYAGAIN|NOREPLICAS/.test(why)
