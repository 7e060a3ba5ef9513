/** Redis, loaded when a stream of it is opened: the client takes some 25 ms to load. */
import { hostname } from 'node:os'
import { nameOfAddress, type BusAddress } from '#domain/bus/address'
import type { Bus } from '#port/bus'
import type { Log } from '#port/log'
import type { Online } from '#port/online'
import type { Login } from '../tls.ts'

const PING = Buffer.from('PING\r\n')

export async function openRedisBus(address: BusAddress, login: Login, log: Log): Promise<Bus> {
  const [{ redisBus }, { RedisConnection }, { believed, tlsFilesOf }] = await Promise.all([import('./bus.ts'), import('./connection.ts'), import('../tls.ts')])
  const { hosts = [], tls = false } = address.server ?? {}, name = nameOfAddress(address)
  if (tls) for (const host of hosts) await believed(name, host, tlsFilesOf('redis', login.secrets, login.tlsFolder), PING)
  return redisBus(address, { connect: () => new RedisConnection(address, name, login, log), me: `${hostname()}.${process.pid}` })
}

export async function openRedisOnline(address: BusAddress, login: Login, log: Log): Promise<Online> {
  const [{ redisOnline }, { RedisConnection }] = await Promise.all([import('./online.ts'), import('./connection.ts')])
  const place = nameOfAddress(address)
  return redisOnline(new RedisConnection(address, place, login, log), address.stream, place)
}
