/**
 * A proof that a record was logged, in one text that needs nothing else but the public keys of those who signed
 * (https://c2sp.org/tlog-proof): the entry's index, the hashes from its leaf to the root, and the signed checkpoint. Ours carry the
 * entry itself as the format's extra data: it counts only because its hash leads to the root.
 */
import { DIGEST_BYTES, isIncluded, leafHash, type Digest } from './merkle.ts'
import { parseSigned, type SignedCheckpoint } from './checkpoint.ts'
import { decoded, formatNote } from './note.ts'

export interface LogProof {
  readonly entry: Buffer | undefined
  /** From 0. */
  readonly index: number
  /** From the leaf's sibling up. */
  readonly path: readonly Digest[]
  readonly checkpoint: SignedCheckpoint
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
/** A path is as long as the tree is high. */
const MOST_HASHES = 63

const base64Of = (digest: Digest): string => Buffer.from(digest, 'latin1').toString('base64')

export function formatProof({ entry, index, path, checkpoint }: LogProof): string {
  const extra = entry === undefined ? [] : [`extra ${entry.toString('base64')}`]
  return [FIRST_LINE, ...extra, `index ${index}`, ...path.map(base64Of), '', formatNote(checkpoint.note)].join('\n')
}

/** The proof in this text, or what is wrong with it. */
export function parseProof(content: Uint8Array | string): LogProof | string {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
  const end = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split('\n')
  if (end < 0 || first !== FIRST_LINE) return `expected ${FIRST_LINE} on the first line, and a checkpoint after an empty line`
  const entry = lines[0]?.startsWith('extra ') ? decoded(lines.shift()?.slice('extra '.length) ?? '') : null
  if (entry === undefined) return 'the extra data is not base64'
  const index = countIn(lines.shift(), 'index')
  if (index === undefined) return 'expected "index" and a number'
  const path = parseHashes(lines)
  if (path === undefined) return 'expected a path of hashes in base64'
  const checkpoint = parseSigned(text.slice(end + 2))
  return typeof checkpoint === 'string' ? `its checkpoint: ${checkpoint}` : { entry: entry ?? undefined, index, path, checkpoint }
}

/** The number on a line such as `index 12` or `old 12`. */
function countIn(line: string | undefined, word: string): number | undefined {
  const count = Number(/^\S+ (0|[1-9]\d{0,15})$/.exec(line ?? '')?.[1])
  return line?.startsWith(`${word} `) && Number.isSafeInteger(count) ? count : undefined
}

/** Hashes in base64, a line each; undefined where a line is none, or there are more than any tree asks for. */
function parseHashes(lines: readonly string[]): readonly Digest[] | undefined {
  const hashes = lines.map(decoded)
  if (hashes.length > MOST_HASHES || hashes.some((bytes) => bytes?.length !== DIGEST_BYTES)) return undefined
  return hashes.map((bytes) => bytes?.toString('latin1') ?? '')
}

/** Whether the path leads from the entry to the checkpoint's root. Who signed the checkpoint is another question. */
export const proves = ({ index, path, checkpoint }: LogProof, entry: Uint8Array): boolean =>
  isIncluded(leafHash(entry), index, checkpoint.size, path, checkpoint.root)

/**
 * What a log hands to a witness (https://c2sp.org/tlog-witness, the body of add-checkpoint): how much of it the witness has seen, why
 * that is the beginning of the new tree, and the new checkpoint.
 */
export interface WitnessRequest {
  readonly old: number
  readonly path: readonly Digest[]
  readonly checkpoint: SignedCheckpoint
}

export const formatRequest = ({ old, path, checkpoint }: WitnessRequest): string =>
  [`old ${old}`, ...path.map(base64Of), '', formatNote(checkpoint.note)].join('\n')

/** The request in this text, or what is wrong with it. */
export function parseRequest(content: Uint8Array | string): WitnessRequest | string {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
  const end = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split('\n')
  const old = countIn(first, 'old'), path = parseHashes(lines)
  if (end < 0 || old === undefined || path === undefined) return 'expected "old" and a size, hashes in base64, an empty line and a checkpoint'
  const checkpoint = parseSigned(text.slice(end + 2))
  return typeof checkpoint === 'string' ? `its checkpoint: ${checkpoint}` : { old, path, checkpoint }
}
