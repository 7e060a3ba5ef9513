/**
 * The text that fixes a log at one size: a C2SP tlog-checkpoint, origin, number of leaves and root (base64), a line each, then
 * an empty line, after which signature lines may follow (https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note).
 */
import { DIGEST_BYTES, hexOf, type Digest } from './merkle.ts'
import { decoded, parseNote, type Note } from './note.ts'

export interface Checkpoint {
  /** Which log this is; no two logs share an origin. */
  readonly origin: string
  readonly size: number
  readonly root: Digest
}

/** A checkpoint with the signatures it came with, which nobody has checked yet. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note
}

/** A log's origin names its first leaf, so a checkpoint cannot pass for that of another log. */
export const originOf = (firstLeaf: Digest): string => `vanta/audit/${hexOf(firstLeaf).slice(0, 16)}`

/** The text of a checkpoint: what is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'latin1').toString('base64')}\n`
}

/** A checkpoint without signatures: its text and the empty line. */
export const formatCheckpoint = (checkpoint: Checkpoint): string => `${checkpointText(checkpoint)}\n`

/** Undefined where the text is not, byte for byte, what {@link formatCheckpoint} writes. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const checkpoint = parseText(text)
  return checkpoint !== undefined && formatCheckpoint(checkpoint) === text ? checkpoint : undefined
}

/** The signed checkpoint in these bytes, or what is wrong with them. Lines after the third are the log's own affair. */
export function parseSigned(content: Uint8Array | string): SignedCheckpoint | string {
  const note = parseNote(content)
  if (typeof note === 'string') return note
  const checkpoint = parseText(note.text)
  const isWhole = checkpoint !== undefined && note.text.startsWith(checkpointText(checkpoint)) && !note.text.includes('\n\n')
  return isWhole ? { ...checkpoint, note } : 'no checkpoint: expected the lines of origin, size and root'
}

function parseText(text: string): Checkpoint | undefined {
  const [origin = '', size = '', root = ''] = text.split('\n')
  const digest = decoded(root)
  const checkpoint = { origin, size: Number(size), root: digest?.toString('latin1') ?? '' }
  const isSize = Number.isSafeInteger(checkpoint.size) && checkpoint.size >= 0
  return origin === '' || !isSize || digest?.length !== DIGEST_BYTES ? undefined : checkpoint
}
