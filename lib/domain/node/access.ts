/**
 * What servers of streams let the user of a node do, from the list of what its role may touch. Streams NAME.PART belong to the stream NAME: what
 * a router parts it into, and NAME.dead, where a reader leaves what it could not read.
 */
import { whichOf } from './capability.ts'
import { CAPABILITIES, deadOf, isOwn, isRole, ROLES, userOf, type Role } from './role.ts'

/** Those that stand on a server. */
function streamsOf(role: Role): { readonly read: readonly string[]; readonly write: readonly string[] } {
  const [read = [], write = []] = (['read', 'write'] as const).map((sort) => whichOf(CAPABILITIES[role], sort).filter((name) => !isOwn(name)))
  return { read, write }
}

/** Scripts are run on the keys of a stream; each command in them is held to the same list. */
const OPENING = '+eval +evalsha +hsetnx +hmget +exists +xinfo +xlen +xpending +xrange +xrevrange'
/** Readers find their place and are one of a group; nothing is taken out of a stream by them, or put in. */
const READING = `${OPENING} +xread +xreadgroup +xack +xgroup|create`
/** Who is in a group, and which partitions are whose. */
const SHARING = '+zadd +zcard +zrange +zrem +zremrangebyscore +pexpire +get +set +del'
/** Writers append, and cut off what every group has done with. */
const WRITING = `${OPENING} +hincrby +hset +xadd +xtrim`
/** Features that are served stand under `vanta-features:{NAME}:`; new ones are gathered there and take the place of the old. */
const ASKING = '+get +hget +hkeys'
const SERVING = `${ASKING} +eval +evalsha +hset +expire +persist +rename +set +del +exists`
const CONNECTING = '+hello +auth +ping +client|setname +client|id +info +command +select +quit +time +wait +script|load'

/**
 * The line of a Redis ACL file for the user of a node (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/): Redis 7 and
 * later, for its selectors. `passwordHash` is the SHA-256 of the password in hex, so that the file holds no secret.
 *
 * A stream's keys are `{NAME}:meta`, `{NAME}:0`, `{NAME}:GROUP:members`, `{NAME}:GROUP:lease:0`.
 */
export function redisAclOf(role: Role, passwordHash: string): string {
  const { read, write } = streamsOf(role)
  const selector = (commands: string, names: readonly string[], ends: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`(${commands} ${names.flatMap((name) => ends.map((end) => `~{${name}}:${end}`)).join(' ')})`]
  const online = (commands: string, names: readonly string[]): readonly string[] => names.map((name) => `(${commands} ~vanta-features:{${name}}:*)`)
  const whole = (names: readonly string[]): readonly string[] => names.flatMap((name) => [name, `${name}.*`])
  return [
    `user ${userOf(role)} on #${passwordHash} resetchannels -@all ${CONNECTING}`,
    ...selector(READING, whole(read), ['*']), ...selector(SHARING, whole(read), ['*:members', '*:lease:*']),
    ...selector(WRITING, [...whole(write), ...read.map(deadOf)], ['*']),
    ...online(ASKING, whichOf(CAPABILITIES[role], 'ask')), ...online(SERVING, whichOf(CAPABILITIES[role], 'serve')),
  ].join(' ')
}

/**
 * Beside the nodes' lines: nobody enters without a name. That user keeps its rights nevertheless, because Redis (7.0 among others) reads its append-only file
 * as that user, and leaves out, without a word, what scripts wrote and it may not (https://github.com/redis/redis/issues/14541): a server that starts
 * again would have lost every line of every stream.
 */
export const REDIS_DEFAULT_USER = 'user default off ~* &* +@all'

/** The file that `aclfile` of a Redis server names: who its users are, and nobody else. By role the SHA-256 of the node's password in hex. */
export const redisUsersOf = (hashes: PasswordHashes): string => `${[REDIS_DEFAULT_USER, ...ROLES.map((role) => redisAclOf(role, hashes[role]))].join('\n')}\n`

export type PasswordHashes = { readonly [role in Role]: string }

/**
 * The hashes in a text of `ROLE HASH` lines, or in such a file of users, as it was written or as a server has saved it since (ACL SAVE). What is wrong
 * with it, where not every role has one: who was switched off at the server is not let in again unsaid.
 */
export function passwordHashesIn(text: string): PasswordHashes | string {
  const found = new Map<string, string>()
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, role, hash] = /^(?:vanta-)?(\w+) #?([0-9a-f]{64})$/.exec(line) ?? []
    const [, user, state, rules = ''] = /^user (?:vanta-)?(\w+) (on|off) ([^(]*)/.exec(line) ?? []
    if (role !== undefined && hash !== undefined) found.set(role, hash)
    if (!isRole(user)) continue
    if (state === 'off') return `${user} is switched off there: --redis-users tells its new password`
    const hashes = [...rules.matchAll(/#([0-9a-f]{64})(?![^ ])/g)].flatMap(([, one]) => one ?? [])
    if (hashes.length > 1) return `${user} has several passwords there: --redis-users tells the one that counts`
    for (const one of hashes) found.set(user, one)
  }
  const [alpha, markets, executor] = ROLES.map((role) => found.get(role))
  if (alpha === undefined || markets === undefined || executor === undefined) {
    return `no SHA-256 of the password of ${ROLES.filter((role) => !found.has(role)).join(', ')}: expected lines like "alpha HEX"`
  }
  return new Set([alpha, markets, executor]).size < ROLES.length ? 'two nodes have one password' : { alpha, markets, executor }
}

/** One entry of Kafka's access list (https://kafka.apache.org/documentation/#security_authz). */
export interface KafkaAccess {
  readonly principal: string
  readonly resource: 'topic' | 'group'
  readonly name: string
  /** `prefixed`: all that begin so. Groups of a node begin with its role. */
  readonly pattern: 'literal' | 'prefixed'
  readonly operations: readonly string[]
}

/** Kafka reads only for groups: what is read for nobody is read for one that begins so, by a name that nobody else has, and goes with its reader. */
export const KAFKA_REPLAYS = 'vanta-replay-'

/** Topics are made once, by whoever sets the server up: a node may not. */
export function kafkaAccessOf(role: Role): readonly KafkaAccess[] {
  const principal = `User:${userOf(role)}`, { read, write } = streamsOf(role)
  const topics = (name: string, operation: string): readonly KafkaAccess[] => (['literal', 'prefixed'] as const).map((pattern) =>
    ({ principal, resource: 'topic', name: pattern === 'literal' ? name : `${name}.`, pattern, operations: [operation, 'Describe', 'DescribeConfigs'] }))
  return [
    ...read.flatMap((name) => topics(name, 'Read')), ...write.flatMap((name) => topics(name, 'Write')),
    ...read.flatMap((name) => topics(deadOf(name), 'Write').slice(0, 1)),
    { principal, resource: 'group', name: `${role}-`, pattern: 'prefixed', operations: ['Read', 'Describe'] },
    { principal, resource: 'group', name: KAFKA_REPLAYS, pattern: 'prefixed', operations: ['Read', 'Delete'] },
  ]
}

/** The words of `kafka-acls.sh` that make one entry. */
export const kafkaAclWords = ({ principal, resource, name, pattern, operations }: KafkaAccess): readonly string[] => [
  '--add', '--allow-principal', principal, `--${resource}`, name, '--resource-pattern-type', pattern, ...operations.flatMap((one) => ['--operation', one]),
]
