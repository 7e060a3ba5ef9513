/** SHA-256 of what comes in parts. */
import { createHash } from 'node:crypto'

export interface Sum {
  update(bytes: Uint8Array): void
  hex(): string
}

export function createSum(): Sum {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
