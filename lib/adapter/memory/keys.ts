import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { Failure } from '#port/failure'
import type { Keys } from '#port/keys'
import type { Store } from '#port/store'
import { publicKeysIn, publish, signed } from '../file/keys.ts'

/** PKCS 8 of an Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The simulated twin of `fileKeys`: pairs are made from a seed, so that a replay signs the same bytes each time. They protect nothing. */
export function memoryKeys(seed: string, store: Store): Keys {
  const privateKeys = new Map<string, KeyObject>()
  return {
    create(vault, at) {
      const bytes = createHash('sha256').update(`vanta vault ${vault} ${seed}`).digest()
      const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' })
      privateKeys.set(vault, key)
      return publish(store, vault, key, at)
    },
    has: (vault) => privateKeys.has(vault),
    sign(vault, text) {
      const key = privateKeys.get(vault)
      if (key === undefined) throw new Failure('config', `there is no private key of vault ${vault} here`)
      return signed(key, text)
    },
    publicKeys: () => publicKeysIn(store),
  }
}
