/** One client of a Kafka cluster, and what its failures mean. */
import kafkajs, { type Kafka as KafkaClient, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { nameOfAddress, withBrackets, type BusAddress } from '#domain/bus/address'
import type { Log } from '#port/log'
import type { Credentials } from '#port/secrets'
import { Failure } from '#port/failure'
import { believed, isDistrust, plainly, tlsFilesOf, type Login } from '../tls.ts'

const ANSWER_MS = 30_000
/** A request for the versions of requests, the first that a client may make (https://kafka.apache.org/protocol): size, key 18, version 0, number, name. */
const API_VERSIONS = Buffer.concat([Buffer.from('0000000f00120000000000000005', 'hex'), Buffer.from('vanta')])

/** Throws Failure `config` where the server is not believed, or does not believe us: the client's own attempts would go on for a minute. */
export async function kafkaClient(address: BusAddress, { secrets, tlsFolder }: Login, log: Log): Promise<KafkaClient> {
  const { hosts = [], tls = false, user } = address.server ?? {}, name = nameOfAddress(address)
  const ssl = tls ? tlsFilesOf('kafka', secrets, tlsFolder) : undefined
  if (ssl !== undefined) for (const host of hosts) await believed(name, host, ssl, API_VERSIONS)
  const settings: KafkaConfig = {
    clientId: 'vanta', brokers: hosts.map(({ host, port }) => `${withBrackets(host)}:${port}`), requestTimeout: ANSWER_MS, connectionTimeout: 5000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 8 },
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

/** How long a broker may be away, or a partition without a leader; it is asked again so long apart. */
const PATIENCE_MS = 60_000, APART_MS = 250

/** Whether asking again may do: the client gives up on a connection that is refused at once, and on others after some tries. */
function passes(error: unknown): boolean {
  if (error instanceof kafkajs.KafkaJSAggregateError) return error.errors.every(passes)
  if (!(error instanceof kafkajs.KafkaJSError)) return false
  // What is not to be tried again is often only what was tried too often.
  if (error.cause !== undefined) return passes(error.cause)
  return error.retriable && !isRefusal(error.message)
}

/** The broker knows us not, or not for this. */
const isRefusal = (why: string): boolean => /SASL|authenticat|authoriz/i.test(why) || isDistrust(why)

/** Of a call about several things the message says only that some failed. */
function reasonOf(error: unknown): string {
  if (error instanceof kafkajs.KafkaJSAggregateError) return [...new Set(error.errors.map(reasonOf))].join('; ')
  const why = error instanceof Error ? error.message : String(error)
  // What each broker said to it is lost to us; a group that is not on the user's access list is what it mostly was.
  return /find group coordinator/.test(why) ? 'no broker lets this user into the group, or says which of them keeps it' : why
}

/** What a call came to, in our words. */
export async function asking<T>(name: string, ask: () => Promise<T>): Promise<T> {
  for (const beganMs = performance.now(); ;) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Failure) throw error
      if (passes(error) && performance.now() - beganMs < PATIENCE_MS) {
        await new Promise((resolve) => setTimeout(resolve, APART_MS))
        continue
      }
      const why = reasonOf(error)
      throw new Failure(isRefusal(why) ? 'config' : 'upstream', `${name}: ${plainly(why)}`, error)
    }
  }
}
