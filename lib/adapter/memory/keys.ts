import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { Failure } from '#port/failure'
import type { KeyRole, Keys } from '#port/keys'
import type { Store } from '#port/store'
import { currentOf, note, publicKeysIn, publish, signed } from '../file/keys.ts'

/** PKCS 8 of an Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The simulated twin of `fileKeys`: pairs are made from a seed, so that a replay signs the same bytes each time. They protect nothing. */
export function memoryKeys(seed: string, store: Store, role: KeyRole = 'vault'): Keys {
  const privateKeys = new Map<string, KeyObject>()
  const privateKey = (owner: string): KeyObject => {
    const key = privateKeys.get(owner)
    if (key === undefined) throw new Failure('config', `there is no private key of ${role} ${owner} here`)
    return key
  }
  return {
    create(owner, at) {
      const again = privateKeys.has(owner) ? ` ${publicKeysIn(store, role).size}` : ''
      const bytes = createHash('sha256').update(`vanta ${role} ${owner} ${seed}${again}`).digest()
      const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' })
      privateKeys.set(owner, key)
      return publish(store, role, owner, key, at)
    },
    has: (owner) => privateKeys.has(owner),
    current: (owner) => currentOf(privateKey(owner), store, role),
    sign: (owner, text) => signed(privateKey(owner), text),
    pin: (keys) => note(store, role, keys),
    publicKeys: () => publicKeysIn(store, role),
  }
}
