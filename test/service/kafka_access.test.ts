/** What a Kafka broker lets the nodes do, told by their certificates, on the access list that follows from the table: their own streams, and nothing else. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import kafkajs, { type Admin } from 'kafkajs'
import { openKafkaBus } from '#adapter/kafka/lazy'
import { parseBusAddress } from '#domain/bus/address'
import { kafkaAccessOf, type KafkaAccess } from '#domain/node/access'
import { ROLES, STREAMS, allows, deadOf, userOf, type Role } from '#domain/node/role'
import type { Bus } from '#port/bus'
import { holdsNodesToTheTable, refusedWith } from './access.suite.ts'
import { authority } from './certificates.ts'
import { kafkaBroker } from './kafka.ts'
import { needed } from '../needed.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs
const silent = (): void => undefined, quiet = { debug: silent, info: silent, warn: silent, error: silent }
const ADMIN = 'broker'

const own = authority(), server = own.issue(ADMIN, ['--names', 'localhost,127.0.0.1', '--use', 'both'])
const nodes = new Map(ROLES.map((role) => [role, own.issue(userOf(role))] as const))
const broker = await kafkaBroker({ file: server.file, ca: server.ca, admin: ADMIN }), skip = broker.skip ?? needed('java') ?? false

function adminWith({ file, ca }: { readonly file: string; readonly ca: string }): Admin {
  const pem = readFileSync(file)
  const ssl = { ca: [readFileSync(ca)], key: pem, cert: pem, servername: 'localhost' }
  return new kafkajs.Kafka({ brokers: [`localhost:${broker.port}`], ssl, logLevel: kafkajs.logLevel.NOTHING }).admin()
}

const OPERATIONS: Readonly<Record<string, number>> = {
  Read: AclOperationTypes.READ, Write: AclOperationTypes.WRITE, Describe: AclOperationTypes.DESCRIBE, DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Delete: AclOperationTypes.DELETE,
}
const entriesOf = ({ principal, resource, name, pattern, operations }: KafkaAccess): Parameters<Admin['createAcls']>[0]['acl'] => operations.map((operation) => ({
  resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP, resourceName: name, principal, host: '*',
  resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED, operation: OPERATIONS[operation] ?? assert.fail(operation),
  permissionType: AclPermissionTypes.ALLOW,
}))

const open = (role: Role, stream: string): Promise<Bus> => openKafkaBus(
  parseBusAddress(`kafkas://localhost:${broker.port}/${stream}?partitions=1`), { secrets: {}, tlsFolder: nodes.get(role)?.folder ?? '' }, quiet,
)

const refused = refusedWith(/not authorized|authorization failed|no broker lets this user into the group/i)

async function used(role: Role, stream: string, way: 'read' | 'write' | 'replay', group = `${role}-test`): Promise<void> {
  const bus = await open(role, stream)
  try {
    if (way === 'write') return await bus.append([{ key: 'k', line: `{"by":"${role}"}` }])
    if (way === 'replay') {
      let count = 0
      for await (const batches of bus.replay('beginning', 'now')) count += batches.length
      return assert.ok(count > 0)
    }
    const member = await bus.join(group, 'beginning')
    let batches = await member.next(0)
    for (let tries = 0; batches.length === 0 && tries < 50; tries++) batches = await member.next(200)
    assert.ok(batches.length > 0)
    await member.done(batches)
    assert.ok((await bus.lags()).some((lag) => lag.group === group))
    await member.leave()
  } finally {
    await bus.close()
  }
}

test('every node reads and writes the streams of its role by the broker\'s list, and no others', { skip }, async () => {
  const admin = adminWith(server)
  await admin.connect()
  try {
    const topics = [...STREAMS, 'others'].flatMap((stream) => [stream, deadOf(stream)])
    await admin.createTopics({ waitForLeaders: true, topics: topics.map((topic) => ({ topic, numPartitions: 1 })) })
    await admin.createAcls({ acl: ROLES.flatMap(kafkaAccessOf).flatMap(entriesOf) })
  } finally {
    await admin.disconnect()
  }
  await holdsNodesToTheTable(used, refused)
  for (const role of ROLES) {
    const stream = STREAMS.find((one) => allows(role, `read:${one}`)) ?? assert.fail(role)
    assert.equal(await refused(() => used(role, stream, 'replay')), undefined, `${role} replays ${stream}`)
    assert.equal(await refused(() => used(role, deadOf(stream), 'write')), undefined, `${role} leaves what it could not read`)
    const another = ROLES.find((one) => one !== role) ?? assert.fail(role)
    assert.ok(await refused(() => used(role, stream, 'read', `${another}-test`)) !== undefined, `${role} in the place of ${another}`)
  }
})

test('a node takes nothing out of a stream, makes none, and changes no list', { skip }, async () => {
  for (const role of ROLES) {
    const node = nodes.get(role) ?? assert.fail(role), admin = adminWith(node), topic = STREAMS.find((one) => allows(role, `write:${one}`)) ?? assert.fail(role)
    await admin.connect()
    const acts: readonly (() => Promise<unknown>)[] = [
      async () => (await admin.fetchTopicOffsets(topic), admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] })),
      () => admin.deleteTopics({ topics: [topic] }),
      () => admin.createTopics({ topics: [{ topic: `${topic}.more`, numPartitions: 1 }] }),
      () => admin.createTopics({ topics: [{ topic: `of-${role}`, numPartitions: 1 }] }),
      () => admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '1' }] }] }),
      () => admin.createAcls({ acl: entriesOf({ principal: `User:${userOf(role)}`, resource: 'topic', name: 'others', pattern: 'literal', operations: ['Read'] }) }),
    ]
    try {
      for (const [nth, act] of acts.entries()) {
        const why = await act().then(() => 'it was let', (error: unknown) => [error, ...(error instanceof kafkajs.KafkaJSAggregateError ? error.errors : [])].join(' '))
        assert.match(why, /not authorized|authorization failed|Error while deleting records/i, `${role}: act ${nth}`)
      }
    } finally {
      await admin.disconnect()
    }
  }
  const admin = adminWith(server)
  await admin.connect()
  try {
    const topics = await admin.listTopics()
    for (const stream of STREAMS) assert.ok(topics.includes(stream))
    assert.ok(!topics.some((topic) => topic.endsWith('.more') || topic.startsWith('of-')))
    for (const stream of STREAMS.filter((one) => ROLES.some((role) => allows(role, `write:${one}`)))) {
      assert.equal((await admin.fetchTopicOffsets(stream))[0]?.low, '0')
    }
  } finally {
    await admin.disconnect()
  }
})
