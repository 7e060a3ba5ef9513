/** SHA-256 (FIPS 180-4), in hex: of content that is told from other content by it. */
import { hash } from 'node:crypto'

export const sha256Of = (content: Uint8Array | string): string => hash('sha256', content, 'hex')
