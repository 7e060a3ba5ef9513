/** A Kafka broker of the test's own (KRaft, one node), from the jars in VANTA_KAFKA_JARS; tests say so where there are none. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { needed } from '../needed.ts'
import { freePort, reachable } from './redis.ts'

export interface KafkaBroker {
  readonly skip: string | undefined
  readonly port: number
  /** As a power cut would end it. */
  kill(): Promise<void>
  start(): Promise<void>
}

/** Of a broker that lets in only who shows a certificate: its own, whom it trusts. Lists of revoked ones are fetched from where certificates say. */
export interface BrokerTls {
  readonly file: string
  readonly ca: string
  /** By the name in a certificate, who may do everything; all others only what is on the access list. Without it everybody may. */
  readonly admin?: string
}

const noBroker = (skip: string | undefined): KafkaBroker => ({ skip, port: 0, kill: async () => undefined, start: async () => undefined })
const REVOCATION = ['-Dcom.sun.net.ssl.checkRevocation=true', '-Dcom.sun.security.enableCRLDP=true']

export async function kafkaBroker(tls?: BrokerTls): Promise<KafkaBroker> {
  const jars = process.env['VANTA_KAFKA_JARS'] ?? '', required = (process.env['VANTA_REQUIRE'] ?? '').split(',').includes('kafka')
  const missing = needed('java') ?? (existsSync(jars) ? undefined : 'VANTA_KAFKA_JARS names no folder of jars')
  if (missing !== undefined && !required) return noBroker(missing)
  const [port, controller] = [await freePort(), await freePort()], folder = mkdtempSync(join(tmpdir(), 'vanta-kafka-'))
  const protocol = tls === undefined ? 'PLAINTEXT' : 'SSL', settings = join(folder, 'server.properties')
  writeFileSync(settings, Object.entries({
    'process.roles': 'broker,controller', 'node.id': 1, 'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `${protocol}://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`, 'advertised.listeners': `${protocol}://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER', 'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL',
    'inter.broker.listener.name': protocol, 'log.dirs': join(folder, 'data'), 'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1, 'offsets.topic.num.partitions': 4, 'group.initial.rebalance.delay.ms': 0,
    'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1,
    ...(tls !== undefined && {
      'ssl.keystore.type': 'PEM', 'ssl.keystore.location': tls.file, 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': tls.ca, 'ssl.client.auth': 'required',
      'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/',
    }),
    // The broker is a client of the controller's, which asks nobody who they are here.
    ...(tls?.admin !== undefined && {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'super.users': `User:ANONYMOUS;User:${tls.admin}`,
    }),
  }).map(([name, value]) => `${name}=${value}\n`).join(''))
  const classPath = join(jars, '*')
  execFileSync('java', ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', settings], { stdio: 'ignore' })
  let child: ChildProcess | undefined
  const broker: KafkaBroker = {
    skip: undefined, port,
    async kill() {
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child?.kill('SIGKILL')
      await ended
    },
    async start() {
      child = spawn('java', ['-Xmx512m', ...REVOCATION, '-cp', classPath, 'kafka.Kafka', settings], { stdio: 'ignore' })
      await reachable(port, 120_000)
    },
  }
  after(() => child?.kill('SIGKILL'))
  await broker.start()
  return broker
}

