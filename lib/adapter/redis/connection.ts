/**
 * One connection that outlives restarts of its server, and its place being taken by one of its copies: what was asked is asked again, at the next host of
 * the address, until all were silent for too long.
 */
import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import type { BusAddress, Host } from '#domain/bus/address'
import type { Log } from '#port/log'
import { Failure } from '#port/failure'
import { isDistrust, plainly, tlsFilesOf, type Login } from '../tls.ts'

const RETRY_MS = 50, MOST_RETRY_MS = 1000, ANSWER_MS = 10_000
/** How long a connection that is ended may take to be gone: all that was asked has been answered by then. */
const GOODBYE_MS = 200

export type Reply = string | number | null | readonly Reply[]

/** How many copies of a server must have what was written, and how long they are waited for before another host is asked. */
export interface Copies {
  readonly count: number
  readonly waitMs: number
}

/** Asked was a copy: the primary is elsewhere. */
class IsCopy extends Error {}

export class RedisConnection {
  readonly #hosts: readonly Host[]
  /** Which of the hosts is asked. */
  #turn = 0
  readonly #open: (host: Host) => Redis
  #redis: Redis | undefined
  readonly #name: string
  readonly #log: Log
  readonly #patienceMs: number
  #closedBy: string | undefined

  constructor({ server, patienceMs }: BusAddress, name: string, { secrets, tlsFolder }: Login, log: Log) {
    this.#name = name
    this.#log = log
    this.#patienceMs = patienceMs
    const { hosts = [], tls = false, user } = server ?? {}
    this.#hosts = hosts
    this.#open = ({ host, port }) => new Redis({
      host, port, lazyConnect: true, enableReadyCheck: false, enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => null,
      commandTimeout: Math.min(ANSWER_MS, patienceMs), disconnectTimeout: GOODBYE_MS,
      ...(user !== undefined && { username: user }), ...(secrets['redis_password'] !== undefined && { password: secrets['redis_password'] }),
      ...(tls && { tls: tlsFilesOf('redis', secrets, tlsFolder) }),
    })
  }

  /**
   * Run a script on the server; where its answer is lost, again. With `copies` until that many copies have what it wrote, which only the connection
   * that wrote it can ask for (WAIT).
   */
  async script(text: string, keys: readonly string[], words: readonly (string | number)[], copies?: Copies): Promise<Reply> {
    const sha = createHash('sha1').update(text).digest('hex')
    return this.#again(async (redis) => {
      const reply = await runScript(redis, sha, text, keys, words)
      if (copies !== undefined) await this.#copied(redis, copies)
      return reply
    })
  }

  async command(name: string, words: readonly (string | number)[]): Promise<Reply> {
    return this.#again(async (redis) => (await redis.call(name, ...words.map(String))) as Reply)
  }

  /** Of one host they are waited for again and again, of several the next one may have them. */
  async #copied(redis: Redis, { count, waitMs }: Copies): Promise<void> {
    for (const beganMs = performance.now(); ;) {
      const have = Number(await redis.call('WAIT', String(count), String(waitMs)))
      if (have >= count) return
      const why = `${have} of ${count} copies have what was sent`
      if (this.#hosts.length > 1) throw new Error(why)
      if (performance.now() - beganMs > this.#patienceMs) throw new Failure('upstream', `${this.#name}: ${why} after ${this.#patienceMs / 1000} s`)
    }
  }

  /** A connection to the primary. */
  async #connected(): Promise<Redis> {
    if (this.#redis !== undefined && this.#redis.status !== 'end') return this.#redis
    const host = this.#hosts[this.#turn % this.#hosts.length] ?? { host: '127.0.0.1', port: 6379 }, redis = (this.#redis = this.#open(host))
    // Each command fails by itself, but only the event says why a connection was closed.
    redis.on('error', (error) => (this.#closedBy = error.message))
    await redis.connect()
    // What is read from a copy may lack what was written last.
    if (this.#hosts.length > 1 && !/^role:master\r?$/m.test(await redis.info('replication'))) throw new IsCopy(`${host.host}:${host.port} is a copy`)
    return redis
  }

  async #again(ask: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    const beganMs = performance.now()
    for (let attempt = 0; ; attempt++) {
      try {
        this.#closedBy = undefined
        return await ask(await this.#connected())
      } catch (error) {
        if (error instanceof Failure) throw error
        const said = error instanceof Error ? error.message : String(error), why = said === 'Connection is closed.' ? (this.#closedBy ?? said) : said
        if (isRefusal(why)) throw new Failure('config', `${this.#name}: ${plainly(why)}`, error)
        if (isAnswer(error, why)) throw new Failure('upstream', `${this.#name}: ${why}`, error)
        if (performance.now() - beganMs > this.#patienceMs) {
          throw new Failure('upstream', `${this.#name}: not reached for ${this.#patienceMs / 1000} s: ${why}`, error)
        }
        if (attempt === 0 && !(error instanceof IsCopy)) this.#log.warn(`${this.#name}: ${why}; asking again`)
        this.#redis?.disconnect()
        this.#redis = undefined
        this.#turn++
        await new Promise((resolve) => setTimeout(resolve, Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** Math.min(attempt, 8))))
      }
    }
  }

  close(): void {
    this.#redis?.disconnect()
  }
}

async function runScript(redis: Redis, sha: string, text: string, keys: readonly string[], words: readonly (string | number)[]): Promise<Reply> {
  try {
    return (await redis.evalsha(sha, keys.length, ...keys, ...words)) as Reply
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return (await redis.eval(text, keys.length, ...keys, ...words)) as Reply
  }
}

/** The server knows us not, or not for this. */
const isRefusal = (why: string): boolean => /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password)/i.test(why) || isDistrust(why)
/** It answered, and asking again would change nothing, unless it passes by itself: loading, a fail-over, a full memory. */
const isAnswer = (error: unknown, why: string): boolean =>
  error instanceof Error && error.name === 'ReplyError' && !/LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|UNBLOCKED|OOM|TRYAGAIN|NOREPLICAS/.test(why)
