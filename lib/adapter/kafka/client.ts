/** One client of a Kafka cluster, and what its failures mean. */
import kafkajs, { type Kafka as KafkaClient, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { nameOfAddress, type BusAddress } from '#domain/bus/address'
import type { Log } from '#port/log'
import type { Credentials } from '#port/secrets'
import { Failure } from '#port/failure'
import { believed, isDistrust, plainly, tlsFilesOf, type Login } from '../tls.ts'

const ANSWER_MS = 30_000
/** A request for the versions of requests, the first that a client may make (https://kafka.apache.org/protocol): size, key 18, version 0, number, name. */
const API_VERSIONS = Buffer.concat([Buffer.from('0000000f00120000000000000005', 'hex'), Buffer.from('vanta')])

/** Throws Failure `config` where the server is not believed, or does not believe us: the client's own attempts would go on for a minute. */
export async function kafkaClient(address: BusAddress, { secrets, tlsFolder }: Login, log: Log): Promise<KafkaClient> {
  const { host = '127.0.0.1', port = 9092, tls = false, user } = address.server ?? {}, name = nameOfAddress(address)
  const ssl = tls ? tlsFilesOf('kafka', secrets, tlsFolder) : undefined
  if (ssl !== undefined) await believed(name, { host, port }, ssl, API_VERSIONS)
  const settings: KafkaConfig = {
    clientId: 'vanta', brokers: [`${host.includes(':') ? `[${host}]` : host}:${port}`], requestTimeout: ANSWER_MS, connectionTimeout: 5000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 30 },
    logCreator: () => ({ label, log: { message, error } }) => log.debug(`${name}: ${label}: ${message}${error === undefined ? '' : `: ${String(error)}`}`),
    ...(ssl !== undefined && { ssl }), ...(user !== undefined && { sasl: saslOf(user, secrets, name) }),
  }
  return new kafkajs.Kafka(settings)
}

function saslOf(username: string, secrets: Credentials, name: string): SASLOptions {
  const password = secrets['kafka_password'], mechanism = secrets['kafka_mechanism'] ?? 'scram-sha-512'
  if (password === undefined) throw new Failure('config', `${name}: kafka_password is missing in secrets/bus`)
  if (mechanism === 'plain' || mechanism === 'scram-sha-256' || mechanism === 'scram-sha-512') return { mechanism, username, password } as SASLOptions
  throw new Failure('config', `secrets/bus: kafka_mechanism: expected plain, scram-sha-256 or scram-sha-512`)
}

/** What passes by itself, such as a partition that is just being given a leader, is asked again so often, so long apart. */
const ATTEMPTS = 20, APART_MS = 250

/** What a call came to, in our words. */
export async function asking<T>(name: string, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Failure) throw error
      if (error instanceof kafkajs.KafkaJSProtocolError && error.retriable && attempt < ATTEMPTS) {
        await new Promise((resolve) => setTimeout(resolve, APART_MS))
        continue
      }
      const why = error instanceof Error ? error.message : String(error)
      throw new Failure(/SASL|authenticat|authoriz/i.test(why) || isDistrust(why) ? 'config' : 'upstream', `${name}: ${plainly(why)}`, error)
    }
  }
}
