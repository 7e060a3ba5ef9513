/** How verbs come to a signed checkpoint. */
import { CHECKPOINT } from '#domain/audit/files'
import { parseCheckpoint, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { publish, publishedOf } from '#domain/audit/published'
import { Failure, type ActionWorld } from '#tool'
import { makeNodeKey, nodeOf, type Node } from '#tool/node'

export function sound<T extends object>(result: T | { readonly fault: string; readonly exit: 'data' | 'refused' | 'negative' }): T {
  if ('fault' in result) throw new Failure(result.exit, result.fault)
  return result
}

/** Sign the log as it stands and publish its tree. Throws Failure `negative` where there is no log. */
export function signLog(world: ActionWorld): SignedCheckpoint {
  const { origin } = stateOf(world)
  return sound(publish({ folder: world.logs, sign: nodeFor(origin, world).signLog(origin) }))
}

/** The last signed checkpoint, cosignatures included, where it is of so many lines; else one that is signed now. */
export function signedWith(lines: number, world: ActionWorld): SignedCheckpoint {
  const published = publishedOf(world.logs, stateOf(world).origin)
  if (published !== undefined && sound(published).size >= lines) return sound(published)
  world.log.info('the log is signed as it stands now; witnesses have yet to cosign it')
  return signLog(world)
}

export function stateOf({ logs, home }: Pick<ActionWorld, 'logs' | 'home'>): { readonly origin: string } {
  const state = parseCheckpoint(logs.read(CHECKPOINT)?.toString('utf8') ?? '')
  if (state === undefined) throw new Failure('negative', `there is no audit log in ${home}, or its checkpoint cannot be read`)
  return state
}

/** A node signs from its first checkpoint on: where it has no key yet, it makes one, and says so. */
function nodeFor(origin: string, world: ActionWorld): Node {
  const found = nodeOf(world)
  if (found !== undefined) return found
  const name = `node-${origin.slice(-8)}`
  makeNodeKey(name, world)
  world.log.warn(`made the key of this node, ${name}; vanta-audit key prints its public half`)
  const made = nodeOf(world)
  if (made === undefined) throw new Failure('config', 'the key that was made cannot be read')
  return made
}
