/**
 * The text that fixes a log at one size: a C2SP tlog-checkpoint, origin, number of leaves and root (base64), a line each, then
 * an empty line, after which signature lines may follow (https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note).
 */
import { DIGEST_BYTES, hexOf, type Digest } from './merkle.ts'

export interface Checkpoint {
  /** Which log this is; no two logs share an origin. */
  readonly origin: string
  readonly size: number
  readonly root: Digest
}

/** A log's origin names its first leaf, so a checkpoint cannot pass for that of another log. */
export const originOf = (firstLeaf: Digest): string => `vanta/audit/${hexOf(firstLeaf).slice(0, 16)}`

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'latin1').toString('base64')}\n\n`
}

/** Undefined where the text is not, byte for byte, what {@link formatCheckpoint} writes. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', root = ''] = text.split('\n')
  const digest = Buffer.from(root, 'base64')
  const checkpoint = { origin, size: Number(size), root: digest.toString('latin1') }
  if (origin === '' || !Number.isSafeInteger(checkpoint.size) || digest.length !== DIGEST_BYTES) return undefined
  return formatCheckpoint(checkpoint) === text ? checkpoint : undefined
}
