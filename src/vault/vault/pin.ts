import { readNamed } from '#port/folder'
import type { PublicKey } from '#port/keys'
import { keyIdOf } from '#domain/vault/signature'
import { VAULT_LOG } from '#domain/vault/vault'
import { alone, command, Failure } from '#tool'

export default command({
  name: 'vanta-vault pin',
  summary: 'Believe the public keys of vaults that another node signs for: its memory/vault_keys.json, carried by hand.',
  about: [
    'The node that trades believes what these keys have signed, settings and allocations, and nothing else. Pinning is the owner\'s to do, once, and again',
    'after vanta-vault key; compare the ids that are printed with those of vanta-keys list there. Keys that are known stay.',
  ].join(' '),
  operands: 'FILE',
  options: {},
  examples: ['export A=$(mktemp -d) && vanta-vault init core --home $A >/dev/null && vanta-vault pin $A/memory/vault_keys.json | wc -l'],
  act(_, [path, ...more], world) {
    if (path === undefined || more.length > 0) throw new Failure('usage', 'which file? One memory/vault_keys.json, or - for stdin')
    const keys = keysIn(readNamed(world.folder, path).toString('utf8'), path)
    alone(world, VAULT_LOG, () => world.keys.pin(keys))
    for (const { id, owner } of keys) world.print(`${id} ${owner}`)
  },
})

/** Throws Failure `data` where it is no list of keys, or an id is not that of its key. */
function keysIn(text: string, path: string): readonly PublicKey[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const keys: unknown = typeof value === 'object' && value !== null ? (value as { readonly keys?: unknown }).keys : undefined
  if (!Array.isArray(keys) || keys.length === 0) throw new Failure('data', `${path}: expected the keys of vaults, as memory/vault_keys.json has them`)
  return keys.map((one: unknown, i) => {
    const { id, vault, key, since } = (typeof one === 'object' && one !== null ? one : {}) as { readonly [field: string]: unknown }
    const isText = typeof id === 'string' && typeof vault === 'string' && typeof key === 'string' && typeof since === 'string'
    const raw = isText ? Buffer.from(key, 'base64') : Buffer.alloc(0)
    if (!isText || raw.length !== 32) throw new Failure('data', `${path}: keys[${i}]: expected {id, vault, key, since}`)
    if (keyIdOf(raw) !== id) throw new Failure('data', `${path}: keys[${i}]: ${id} is not the id of its key`)
    return { id, owner: vault, key, since }
  })
}
