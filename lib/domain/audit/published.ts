/**
 * A log as others read it: its signed checkpoint and the tiles of its tree, in a folder of its own (https://c2sp.org/tlog-tiles). The
 * tiles are on the disk before the checkpoint that needs them, and nothing is signed but what they lead to. Entries are published only
 * where that is asked for: a witness needs hashes alone, and need not learn what was traded.
 */
import { consistencyProof, DIGEST_BYTES, inclusionProof, type Digest, type RangeRoot } from './merkle.ts'
import { readFully, type Bytes } from './lines.ts'
import { CHECKPOINT, LEAVES } from './files.ts'
import type { Logs } from './logs.ts'
import { checkpointText, parseCheckpoint, parseSigned, type Checkpoint, type SignedCheckpoint } from './checkpoint.ts'
import { formatNote, holds, isBy, type NoteSignature } from './note.ts'
import type { Policy } from './policy.ts'
import { hashesAt, newTiles, rangeRootOfTiles, rootOfTile, TileFault, tilePath, TILE_WIDTH, type ReadTile, type Tile } from './tiles.ts'
import { proves, type LogProof, type WitnessRequest } from './proof.ts'
import type { AuditFault } from './recover.ts'

/** Held by the one who publishes. */
const PUBLISH_LOCK = 'tlog'
const PUBLISH_WAIT_MS = 30_000
/** The published checkpoint, beside `tile/`. */
export const PUBLISHED = 'checkpoint'

/** A log's name without the folders before it: no two logs share one. */
export const nameOfLog = (origin: string): string => origin.slice(origin.lastIndexOf('/') + 1)

/** The folder of a log among the logs. */
export const placeOf = (origin: string): string => `tlog/${nameOfLog(origin)}`

/** The log's last signed checkpoint; undefined where it was never signed. */
export function publishedOf(folder: Logs, origin: string): SignedCheckpoint | AuditFault | undefined {
  const path = `${placeOf(origin)}/${PUBLISHED}`
  const content = folder.read(path)
  const signed = content === undefined ? undefined : parseSigned(content)
  if (typeof signed === 'string') return { exit: 'data', fault: `${path}: ${signed}` }
  if (signed !== undefined && signed.origin !== origin) return { exit: 'data', fault: `${path} is of another log, ${signed.origin}` }
  return signed
}

/** The ranges of a published tree. Throws TileFault where a tile is missing. */
export const publishedRanges = (folder: Logs, { origin, size }: Checkpoint): RangeRoot =>
  rangeRootOfTiles(size, (tile) => folder.read(`${placeOf(origin)}/${tilePath(tile)}`))

export interface Publish {
  readonly folder: Logs
  readonly sign: (text: string) => NoteSignature
}

/** Publish the log as it was last committed: the tiles that are new, then the signed checkpoint, which is returned. */
export function publish({ folder, sign }: Publish): SignedCheckpoint | AuditFault {
  const state = parseCheckpoint(folder.read(CHECKPOINT)?.toString('utf8') ?? '')
  if (state === undefined) return { exit: 'negative', fault: `there is no audit log, or ${CHECKPOINT} is no checkpoint` }
  const release = folder.lock(PUBLISH_LOCK, PUBLISH_WAIT_MS)
  try {
    const before = publishedOf(folder, state.origin)
    if (before !== undefined && 'fault' in before) return before
    if (before !== undefined && before.size > state.size) {
      return { exit: 'refused', fault: `${before.size} lines were signed, and the log has ${state.size}: its end was cut off` }
    }
    const fault = publishTiles(folder, before, state)
    if (fault !== undefined) return fault
    const signed = signedWith(before, state, sign)
    if (signed !== before) folder.replace(`${placeOf(state.origin)}/${PUBLISHED}`, formatNote(signed.note))
    removePartials(folder, before, state)
    return signed
  } finally {
    release()
  }
}

/** What was signed with this key before, with cosignatures that came since, stays as it is. */
function signedWith(before: SignedCheckpoint | undefined, state: Checkpoint, sign: Publish['sign']): SignedCheckpoint {
  const text = checkpointText(state), signature = sign(text)
  const isSame = before?.note.text === text && before.note.signatures.some(({ keyId, name }) => keyId === signature.keyId && name === signature.name)
  return isSame ? before : { ...state, note: { text, signatures: [signature] } }
}

function publishTiles(folder: Logs, before: Checkpoint | undefined, state: Checkpoint): AuditFault | undefined {
  const place = placeOf(state.origin), from = before?.size ?? 0
  const leaves = folder.open(LEAVES)
  try {
    for (const tile of newTiles(from, state.size)) {
      const bytes = tile.level === 0 ? leafTile(leaves, tile) : upperTile((below) => folder.read(`${place}/${tilePath(below)}`), tile)
      folder.replace(`${place}/${tilePath(tile)}`, bytes)
    }
    const ranges = publishedRanges(folder, state)
    if (ranges(0, state.size) !== state.root) {
      return { exit: 'data', fault: `${place}: the tiles do not lead to the root of ${CHECKPOINT}; \`vanta-audit verify\` tells what was changed` }
    }
    if (before !== undefined && ranges(0, before.size) !== before.root) {
      return { exit: 'refused', fault: `the log's first ${before.size} lines are not those that were signed before: its past was rewritten` }
    }
    return undefined
  } catch (error) {
    if (error instanceof TileFault) return { exit: 'data', fault: `${place}/${error.message}` }
    throw error
  } finally {
    leaves.close()
  }
}

function leafTile(leaves: Bytes, { index, width }: Tile): Buffer {
  const bytes = Buffer.alloc(width * DIGEST_BYTES)
  if (readFully(leaves, index * TILE_WIDTH * DIGEST_BYTES, bytes) < bytes.length) throw new TileFault(`${LEAVES} is cut off`)
  return bytes
}

/** A tile above: the root of each whole tile below it. */
export function upperTile(read: ReadTile, { level, index, width }: Tile): Buffer {
  const roots: Digest[] = []
  for (let i = index * TILE_WIDTH; roots.length < width; i++) {
    const below: Tile = { level: level - 1, index: i, width: TILE_WIDTH }
    const bytes = read(below)
    if (bytes?.length !== TILE_WIDTH * DIGEST_BYTES) throw new TileFault(`${tilePath(below)} is missing or cut off`)
    roots.push(rootOfTile(bytes))
  }
  return Buffer.from(roots.join(''), 'latin1')
}

/** Partial tiles go once the whole one is there: whoever holds an older checkpoint reads that instead. */
function removePartials(folder: Logs, before: Checkpoint | undefined, { origin, size }: Checkpoint): void {
  const old = before?.size ?? 0
  for (let level = 0; hashesAt(level, old) > 0; level++) {
    const index = Math.floor(hashesAt(level, old) / TILE_WIDTH)
    if (hashesAt(level, size) < (index + 1) * TILE_WIDTH) continue
    const partials = `${placeOf(origin)}/${tilePath({ level, index, width: TILE_WIDTH })}.p`
    for (const name of folder.list(partials)) folder.remove(`${partials}/${name}`)
  }
}

/** Proof that the entry stands at that index (from 0) of the log, under one of its signed checkpoints. */
export function proveEntry(folder: Logs, checkpoint: SignedCheckpoint, index: number, entry: Buffer): LogProof | AuditFault {
  const published = publishedOf(folder, checkpoint.origin)
  if (published === undefined) return { exit: 'data', fault: `${placeOf(checkpoint.origin)}/${PUBLISHED} is missing` }
  if ('fault' in published) return published
  if (index >= checkpoint.size) {
    const fault = `the record was logged after the checkpoint of ${checkpoint.size} lines; \`vanta-audit checkpoint\` makes one that covers it`
    return { exit: 'negative', fault }
  }
  if (published.size < checkpoint.size) return { exit: 'data', fault: `the checkpoint is of ${checkpoint.size} lines, only ${published.size} are published` }
  try {
    const proof = { entry, index, path: inclusionProof(index, checkpoint.size, publishedRanges(folder, published)), checkpoint }
    if (proves(proof, entry)) return proof
    return { exit: 'data', fault: `the tiles in ${placeOf(checkpoint.origin)} do not lead from line ${index + 1} to the checkpoint's root` }
  } catch (error) {
    if (error instanceof TileFault) return { exit: 'data', fault: `${placeOf(checkpoint.origin)}/${error.message}` }
    throw error
  }
}

/** What a witness asks for that has seen the first `old` lines: proof that they are the beginning of the checkpoint's. */
export function growthSince(folder: Logs, checkpoint: SignedCheckpoint, old: number): WitnessRequest | AuditFault {
  if (old > checkpoint.size) return { exit: 'refused', fault: `${old} lines are more than the log has: ${checkpoint.size}` }
  try {
    return { old, path: consistencyProof(old, checkpoint.size, publishedRanges(folder, checkpoint)), checkpoint }
  } catch (error) {
    if (error instanceof TileFault) return { exit: 'data', fault: `${placeOf(checkpoint.origin)}/${error.message}` }
    throw error
  }
}

/** Add cosignatures to the published checkpoint. All must be of witnesses that the policy knows, and hold over it. */
export function addCosignatures(folder: Logs, origin: string, { witnesses }: Policy, added: readonly NoteSignature[]): SignedCheckpoint | AuditFault {
  const release = folder.lock(PUBLISH_LOCK, PUBLISH_WAIT_MS)
  try {
    const published = publishedOf(folder, origin)
    if (published === undefined) return { exit: 'negative', fault: 'no checkpoint is published yet; `vanta-audit checkpoint` signs one' }
    if ('fault' in published) return published
    const { text } = published.note
    let { signatures } = published.note
    for (const signature of added) {
      const witness = [...witnesses.values()].find((verifier) => isBy(signature, verifier))
      if (witness === undefined) return { exit: 'refused', fault: `the policy knows no witness ${signature.name} with key ${signature.keyId}` }
      if (!holds(text, signature, witness)) {
        return { exit: 'refused', fault: `the cosignature of ${signature.name} is not over the published checkpoint of ${published.size} lines` }
      }
      signatures = [...signatures.filter((known) => !isBy(known, witness)), signature]
    }
    const signed = { ...published, note: { text, signatures } }
    folder.replace(`${placeOf(origin)}/${PUBLISHED}`, formatNote(signed.note))
    return signed
  } finally {
    release()
  }
}
