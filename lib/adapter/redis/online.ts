/**
 * Features served from Redis: a hash of lines by entity, and a word about all of it. New lines are gathered under a name that nobody reads, and take the
 * place of the old ones in one step.
 */
import { randomUUID } from 'node:crypto'
import { readAbout } from '#domain/features/tail'
import { Failure } from '#port/failure'
import type { Online, OnlineAbout } from '#port/online'
import type { RedisConnection } from './connection.ts'

/** Lines are sent together up to so many characters. */
const SENT_AT_ONCE = 1 << 20
/** Lines that were never put in place are dropped by the server. */
const ABANDONED_S = 3600

/**
 * KEYS: new lines, lines, about. ARGV: about, how many lines were sent. Asked again because its answer was lost it finds the new lines in place, told by
 * what is said about them, and leaves them there; 0 where they are nowhere.
 */
const PUT_IN_PLACE = `
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('PERSIST', KEYS[1])
  redis.call('RENAME', KEYS[1], KEYS[2])
elseif ARGV[2] == '0' then
  redis.call('DEL', KEYS[2])
elseif redis.call('GET', KEYS[3]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[3], ARGV[1])
return 1`

export function redisOnline(redis: RedisConnection, name: string, place: string): Online {
  // One hash tag: all of it on one node of a cluster.
  const key = (part: string): string => `vanta-features:{${name}}:${part}`
  const text = (reply: unknown): string | undefined => (typeof reply === 'string' ? reply : undefined)
  return {
    place,
    async about() {
      const said = text(await redis.command('GET', [key('about')]))
      return said === undefined ? undefined : aboutOf(said, place)
    },
    read: async (entity) => text(await redis.command('HGET', [key('lines'), entity])),
    async replace(about, lines) {
      const fresh = key(`new:${randomUUID()}`)
      let words: string[] = [], size = 0, sent = 0
      const send = async (): Promise<void> => {
        if (words.length === 0) return
        await redis.command('HSET', [fresh, ...words])
        await redis.command('EXPIRE', [fresh, ABANDONED_S])
        words = []
        size = 0
      }
      for (const [entity, line] of lines) {
        words.push(entity, line)
        sent++
        size += entity.length + line.length
        if (size >= SENT_AT_ONCE) await send()
      }
      await send()
      const placed = await redis.script(PUT_IN_PLACE, [fresh, key('lines'), key('about')], [JSON.stringify(about), sent])
      if (placed !== 1) throw new Failure('upstream', `${place}: the server has lost what was sent; the old features stand`)
    },
    async entities() {
      const reply = await redis.command('HKEYS', [key('lines')])
      return Array.isArray(reply) ? reply.map(String).sort() : []
    },
    close: () => redis.close(),
  }
}

function aboutOf(text: string, place: string): OnlineAbout {
  try {
    return readAbout(text)
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `${place}: what stands there is of no feature store: ${error.message}`, error) : error
  }
}
