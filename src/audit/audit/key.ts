import { CHECKPOINT } from '#domain/audit/files'
import { parseCheckpoint } from '#domain/audit/checkpoint'
import { formatVkey } from '#domain/audit/note'
import { command, Failure } from '#tool'
import { makeNodeKey, nodeOf } from '#tool/node'

export default command({
  name: 'vanta-audit key',
  summary: 'Make the key pair of this node, if it has none, and print its public half as lines of a policy.',
  about: [
    'One Ed25519 pair signs the audit log of the node and cosigns the logs of others. The private half is secrets/node_NAME.key, for its',
    'owner only; public halves are printed as C2SP vkeys, under the name of the log and of the witness. Put the lines of all nodes',
    'and a quorum into a file, audit.policy in each home: it says whose signatures count (https://c2sp.org/tlog-policy).',
  ].join(' '),
  operands: '[NAME]',
  options: {},
  examples: ['vanta-audit key alpha.example'],
  act(_options, [name, ...more], world) {
    if (more.length > 0) throw new Failure('usage', 'expected one name')
    const before = nodeOf(world)
    if (before === undefined && name === undefined) throw new Failure('config', 'this node has no key; vanta-audit key NAME makes one')
    if (before !== undefined && name !== undefined && name !== before.name) {
      throw new Failure('refused', `this node is ${before.name}, and one node has one key; vanta-audit rotate makes the next`)
    }
    if (before === undefined && name !== undefined) makeNodeKey(name, world)
    const node = nodeOf(world)
    if (node === undefined) throw new Failure('config', 'the key that was made cannot be read')
    const checkpoint = parseCheckpoint(world.logs.read(CHECKPOINT)?.toString('utf8') ?? '')
    if (checkpoint === undefined) world.log.info('there is no audit log yet; its line comes once there is')
    else world.print(`log ${formatVkey(node.logKey(checkpoint.origin))}`)
    world.print(`witness ${node.name} ${formatVkey(node.witness)}`)
  },
})
