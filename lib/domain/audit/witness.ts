/**
 * A witness signs that it saw a log grow: of each log it remembers the last checkpoint it cosigned, and cosigns a later one only where
 * that is shown to be the beginning of it (https://c2sp.org/tlog-witness). A log that rewrites its past, or tells two stories, finds
 * nobody to sign the second.
 */
import type { SignedCheckpoint } from './checkpoint.ts'
import { parseSigned, type Checkpoint } from './checkpoint.ts'
import { formatNote, holds, isBy, type Verifier } from './note.ts'
import { isConsistent, consistencyProof, EMPTY_ROOT, type Digest, type RangeRoot } from './merkle.ts'
import { TileFault } from './tiles.ts'

/** How the witness may learn that one tree is the beginning of another: by a proof from one size, or from the tiles. */
export type Evidence =
  | { readonly old: number; readonly path: readonly Digest[] }
  | { readonly ranges: RangeRoot }

export type Verdict =
  | { readonly cosign: SignedCheckpoint }
  | { readonly refused: string; readonly kind: 'unknown' | 'unsigned' | 'stale' | 'fork' | 'rewritten' }
  | { readonly unproved: string }

/** Whether to cosign. `known` is what was cosigned last of this log, `logs` are the logs that the policy lists. */
export function weigh(offered: SignedCheckpoint, known: SignedCheckpoint | undefined, logs: readonly Verifier[], evidence: Evidence): Verdict {
  const { origin, size, root, note } = offered
  const signers = logs.filter(({ name }) => name === origin)
  if (signers.length === 0) return { kind: 'unknown', refused: `the policy knows no log ${origin}` }
  const claimed = note.signatures.filter((signature) => signers.some((signer) => isBy(signature, signer)))
  if (claimed.length === 0 || !claimed.every((signature) => signers.some((signer) => holds(note.text, signature, signer)))) {
    return { kind: 'unsigned', refused: `the checkpoint is not signed by ${origin}: no signature of a key that the policy knows holds` }
  }
  const last: Checkpoint = known ?? { origin, size: 0, root: EMPTY_ROOT }
  if (size === last.size) {
    if (root === last.root) return { cosign: offered }
    return { kind: 'fork', refused: `FORK: ${origin} has signed two histories of ${size} lines; the one cosigned before has another root` }
  }
  if (size < last.size) {
    return { kind: 'stale', refused: `${origin} offers ${size} lines, and ${last.size} were cosigned before: its end was cut off, or the checkpoint is old` }
  }
  return weighGrowth(offered, last, evidence)
}

function weighGrowth(offered: SignedCheckpoint, last: Checkpoint, evidence: Evidence): Verdict {
  const rewritten = `REWRITTEN PAST: the first ${last.size} of the ${offered.size} lines of ${offered.origin} are not the ones that were cosigned before`
  try {
    if ('ranges' in evidence) {
      // Tiles that do not lead to the signed root are the carrier's fault, not the log's word.
      if (evidence.ranges(0, offered.size) !== offered.root) return { unproved: 'the tiles do not lead to the root of the checkpoint' }
      const path = consistencyProof(last.size, offered.size, evidence.ranges)
      return isConsistent(last.size, last.root, offered.size, offered.root, path) ? { cosign: offered } : { kind: 'rewritten', refused: rewritten }
    }
    if (evidence.old !== last.size) return { unproved: `the last checkpoint cosigned is of ${last.size} lines, the proof goes out from ${evidence.old}` }
    const isShown = isConsistent(last.size, last.root, offered.size, offered.root, evidence.path)
    return isShown ? { cosign: offered } : { kind: 'rewritten', refused: `${rewritten}, or the proof is not of them` }
  } catch (error) {
    if (error instanceof TileFault) return { unproved: error.message }
    throw error
  }
}

/** The last checkpoint of each log that was cosigned, by origin, as notes. */
export interface WitnessMemory {
  readonly [origin: string]: string
}

/** What was cosigned last of a log, or what is wrong with the memory of it. */
export function lastCosigned(memory: unknown, origin: string): SignedCheckpoint | string | undefined {
  if (memory === undefined) return undefined
  if (typeof memory !== 'object' || memory === null) return 'expected checkpoints by origin'
  const note = Object.entries(memory).find(([name]) => name === origin)?.[1]
  if (note === undefined) return undefined
  const signed = typeof note === 'string' ? parseSigned(note) : 'expected the text of a checkpoint'
  if (typeof signed === 'string') return `${origin}: ${signed}`
  return signed.origin === origin ? signed : `${origin}: the checkpoint is of ${signed.origin}`
}

/** The memory after cosigning. */
export const withCosigned = (memory: WitnessMemory, { origin, note }: SignedCheckpoint): WitnessMemory =>
  ({ ...memory, [origin]: formatNote(note) })
