import { formatInstant } from '#record'
import { closeLog } from '#domain/audit/chain'
import { parseCheckpoint, parseSigned, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { CHECKPOINT, LOCK, PREDECESSOR } from '#domain/audit/files'
import { AUDIT_WORLDS, genesisRecord } from '#domain/audit/genesis'
import { openAuditLog } from '#domain/audit/log'
import { formatNote, formatVkey, holds } from '#domain/audit/note'
import { updateIndex } from '#domain/audit/index/store'
import { publish } from '#domain/audit/published'
import { command, Failure, type ActionWorld } from '#tool'
import { askingIn } from '#tool/asking'
import { makeNodeKey, nodeOf, type Node } from '#tool/node'

const WAIT_MS = 30_000

export default command({
  name: 'vanta-audit rotate',
  summary: 'Close the log, make the next key of this node, and begin a new log that carries the last checkpoint of the old one.',
  about: [
    'The old log is signed a last time and frozen in logs/archive; the old private key is gone. The first record of the new log carries',
    "the old log's last checkpoint, and vanta-audit verify follows it. The new log has a name and a key of its own: its line, which is",
    'printed on stderr, belongs in the policy of every node. Cut short, it is ended by running it again.',
  ].join(' '),
  options: {},
  examples: [{ run: 'vanta-audit rotate --home /nowhere', note: 'there is nothing to close', status: 1 }],
  act(_options, _operands, world) {
    const { logs, clock, by, log, role } = world
    const before = nodeOf(world)
    const origin = closing(world)
    if (origin === undefined) throw new Failure('negative', `there is no audit log in ${world.home}`)
    if (before === undefined) throw new Failure('config', 'the log was never signed: this node has no key; vanta-audit key NAME makes one')
    const release = logs.lock(LOCK, WAIT_MS)
    let closed
    try {
      closed = closeLog({ folder: logs, sign: before.signLog(origin) }, (last) => turn(last, before, world))
    } finally {
      release()
    }
    if ('fault' in closed) throw new Failure(closed.exit, closed.fault)
    const kind = AUDIT_WORLDS.find((name) => name === closed.world)
    if (kind === undefined) throw new Failure('data', `the log that was closed, ${closed.last.origin}, does not say of which world it was`)
    const opened = openAuditLog({ folder: logs, genesis: genesisRecord({ world: kind, at: formatInstant(clock.now()), by, role }), shareMs: WAIT_MS })
    if ('fault' in opened) throw new Failure(opened.exit, opened.fault)
    opened.log.close()
    const node = nodeOf(world), next = parseCheckpoint(logs.read(CHECKPOINT)?.toString('utf8') ?? '')
    if (node === undefined || next === undefined) throw new Failure('data', 'the new log cannot be read')
    const signed = publish({ folder: logs, sign: node.signLog(next.origin) })
    if ('fault' in signed) throw new Failure(signed.exit, signed.fault)
    // Whoever appends asks what stands in the closed logs.
    updateIndex(logs, askingIn(world))
    log.info(`for the policy of every node: log ${formatVkey(node.logKey(next.origin))}`)
    log.info(`for the policy of every node: witness ${node.name} ${formatVkey(node.witness)}`)
    world.print(formatNote(signed.note).slice(0, -1))
  },
})

/** The log that is to be closed, or whose closing was cut short. */
function closing({ logs }: ActionWorld): string | undefined {
  const pending = logs.read(PREDECESSOR)
  const checkpoint = pending === undefined ? parseCheckpoint(logs.read(CHECKPOINT)?.toString('utf8') ?? '') : parseSigned(pending)
  return typeof checkpoint === 'object' ? checkpoint.origin : undefined
}

/** The next key, unless an attempt before this one made it. */
function turn(last: SignedCheckpoint, node: Node, world: ActionWorld): void {
  if (last.note.signatures.some((signature) => holds(last.note.text, signature, node.logKey(last.origin)))) makeNodeKey(node.name, world)
}
