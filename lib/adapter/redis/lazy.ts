/** Redis, loaded when a stream of it is opened: the client takes some 25 ms to load. */
import { hostname } from 'node:os'
import { nameOfAddress, type BusAddress } from '#domain/bus/address'
import type { Bus } from '#port/bus'
import type { Log } from '#port/log'
import type { Credentials } from '#port/secrets'

export async function openRedisBus(address: BusAddress, secrets: Credentials, log: Log): Promise<Bus> {
  const [{ redisBus }, { RedisConnection }] = await Promise.all([import('./bus.ts'), import('./connection.ts')])
  return redisBus(address, { connect: () => new RedisConnection(address, nameOfAddress(address), secrets, log), me: `${hostname()}.${process.pid}` })
}
