/** What a home says of the node it is of, for whoever tells about it; what the node may do is seen to by the runner. */
import { nodeIn, NODE_FILE, type NodeSettings } from '#domain/node/home'
import { allows, STREAMS } from '#domain/node/role'
import { Failure } from '#port/failure'
import type { ActionWorld } from './define.ts'

/** Undefined on a single machine. Throws Failure `config` where it cannot be read. */
export function nodeSettings({ folder, home }: Pick<ActionWorld, 'folder' | 'home'>): NodeSettings | undefined {
  const content = folder.read(`${home}/${NODE_FILE}`), node = content === undefined ? undefined : nodeIn(content.toString('utf8'))
  if (typeof node === 'string') throw new Failure('config', `${home}/${NODE_FILE}: ${node}`)
  return node
}

/** Addresses of what the node reads on a server of streams; none where streams are files: to open one is to make it. */
export function streamsOfNode(world: Pick<ActionWorld, 'folder' | 'home'>): readonly string[] {
  const node = nodeSettings(world)
  return node === undefined || node.bus === 'file' ? [] : STREAMS.filter((name) => allows(node.role, `read:${name}`)).map((name) => `${node.bus}:${name}`)
}
