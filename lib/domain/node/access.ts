/**
 * What servers of streams let the user of a node do, from the list of what its role may touch. A reader of a stream may also leave what it could
 * not read in the stream NAME.dead beside it.
 */
import { whichOf } from './capability.ts'
import { CAPABILITIES, userOf, type Role } from './role.ts'

const streamsOf = (role: Role): { readonly read: readonly string[]; readonly write: readonly string[] } => {
  const read = whichOf(CAPABILITIES[role], 'read')
  return { read, write: [...whichOf(CAPABILITIES[role], 'write'), ...read.map((name) => `${name}.dead`)] }
}

/** Whoever opens a stream: scripts are run on its keys, each command in them is held to the same list. */
const OPENING = '+eval +evalsha +hsetnx +hmget'
/** What readers do: find their place, be one of a group, and take nothing out of the stream. */
const READING = `${OPENING} +xread +xreadgroup +xack +xrange +xrevrange +xlen +xpending +xinfo +xgroup|create +zadd +zcard +zrange +zrem +zremrangebyscore ` +
  '+pexpire +get +set +del +exists'
/** What writers do: append, and cut off what every group has done with. */
const WRITING = `${OPENING} +hincrby +xadd +xtrim +xinfo +xpending +exists +xlen +xrange +xrevrange`
const CONNECTING = '+hello +auth +ping +client|setname +client|setinfo +client|id +info +command +select +quit +time +wait +script|load +multi +exec'

/**
 * The line of a Redis ACL file for the user of a node (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/): Redis 7 and
 * later, for its selectors. `passwordHash` is the SHA-256 of the password in hex, so that the file holds no secret.
 *
 * A stream's keys are `{NAME}:meta`, `{NAME}:0`, `{NAME}:GROUP:members` ...
 */
export function redisAclOf(role: Role, passwordHash: string): string {
  const { read, write } = streamsOf(role)
  const keys = (names: readonly string[]): string => names.map((name) => `~{${name}}:*`).join(' ')
  const selectors = [...(read.length === 0 ? [] : [`(${READING} ${keys(read)})`]), ...(write.length === 0 ? [] : [`(${WRITING} ${keys(write)})`])]
  return `user ${userOf(role)} on #${passwordHash} resetchannels -@all ${CONNECTING} ${selectors.join(' ')}`
}

/** One entry of Kafka's access list (https://kafka.apache.org/documentation/#security_authz). */
export interface KafkaAccess {
  readonly principal: string
  readonly resource: 'topic' | 'group'
  readonly name: string
  /** Groups of a node begin with its role. */
  readonly pattern: 'literal' | 'prefixed'
  readonly operations: readonly string[]
}

/** Topics are made once, by whoever sets the server up: a node may not. */
export function kafkaAccessOf(role: Role): readonly KafkaAccess[] {
  const principal = `User:${userOf(role)}`, { read, write } = streamsOf(role)
  const topic = (name: string, operations: readonly string[]): KafkaAccess => ({ principal, resource: 'topic', name, pattern: 'literal', operations })
  return [
    ...read.map((name) => topic(name, ['Read', 'Describe', 'DescribeConfigs'])),
    ...write.map((name) => topic(name, ['Write', 'Describe', 'DescribeConfigs'])),
    { principal, resource: 'group', name: `${role}-`, pattern: 'prefixed', operations: ['Read', 'Describe'] },
  ]
}

/** The words of `kafka-acls.sh` that make one entry. */
export const kafkaAclWords = ({ principal, resource, name, pattern, operations }: KafkaAccess): readonly string[] => [
  '--add', '--allow-principal', principal, `--${resource}`, name, '--resource-pattern-type', pattern, ...operations.flatMap((one) => ['--operation', one]),
]
