/** Kafka, loaded when a stream of it is opened: the client takes some 80 ms to load. */
import { randomUUID } from 'node:crypto'
import type { BusAddress } from '#domain/bus/address'
import type { Bus } from '#port/bus'
import type { Log } from '#port/log'
import type { Login } from '../tls.ts'

export async function openKafkaBus(address: BusAddress, login: Login, log: Log): Promise<Bus> {
  const [{ kafkaBus }, { kafkaClient }] = await Promise.all([import('./bus.ts'), import('./client.ts')])
  return kafkaBus(address, await kafkaClient(address, login, log), log, randomUUID)
}
