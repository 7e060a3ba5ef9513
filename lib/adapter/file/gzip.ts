import { gunzipSync } from 'node:zlib'
import { Failure } from '#port/failure'
import { codeOf } from './disk.ts'

/** The most that one file may hold, packed or unpacked. */
export const MAX_BYTES = 2 ** 31 - 1

/** The content, unpacked where its first bytes are gzip's (RFC 1952, section 2.3.1). */
export function unpacked(path: string, content: Buffer): Buffer {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content
  try {
    return gunzipSync(content, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    throw new Failure('data', `${path}: ${faultOf(error)}`, error)
  }
}

function faultOf(error: unknown): string {
  const code = codeOf(error)
  if (code === 'Z_BUF_ERROR') return 'gzip ends too early: the file is cut off'
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'unpacks to more than 2 GiB'
  return `not valid gzip: ${error instanceof Error ? error.message : String(error)}`
}
