/** A pair of keys as certificates are made with: the public one in DER, and what signs with the other. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { SignBytes } from '#domain/certificate/x509'

export interface Pair {
  readonly publicKey: Buffer
  readonly sign: SignBytes
}

export function pair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { publicKey: publicKey.export({ format: 'der', type: 'spki' }), sign: (bytes) => sign('sha256', bytes, privateKey) }
}
