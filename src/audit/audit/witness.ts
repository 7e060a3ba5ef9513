import { formatInstant } from '#record'
import { parseSigned } from '#domain/audit/checkpoint'
import { cosignNote, formatNote, formatSignature } from '#domain/audit/note'
import { parseRequest } from '#domain/audit/proof'
import { PUBLISHED } from '#domain/audit/published'
import { rangeRootOfTiles, tilePath } from '#domain/audit/tiles'
import { lastCosigned, weigh, withCosigned, type Evidence, type WitnessMemory } from '#domain/audit/witness'
import type { SignedCheckpoint } from '#domain/audit/checkpoint'
import { command, Failure, type ActionWorld } from '#tool'
import { nodeOf, policyOf } from '#tool/node'

const WITNESS_FILE = 'witness.json', REFUSED_FILE = 'witness_refused.ndjson'

export default command({
  name: 'vanta-audit witness',
  summary: "Cosign another node's checkpoint, once it is shown that its log has only grown; a rewritten past is refused and named.",
  about: [
    'What is weighed is a published log (a folder with a checkpoint and tiles), or the text that vanta-audit checkpoint --since prints.',
    'The last checkpoint cosigned of each log stands in memory/witness.json, before the cosignature is printed. What was refused is kept',
    'in logs/witness_refused.ndjson: two signed checkpoints that disagree prove that their signer tells two stories.',
  ].join(' '),
  operands: 'FOLDER|FILE|-',
  options: { policy: { kind: 'path', help: 'which logs are known (default: audit.policy in the home)' } },
  examples: [{ run: 'vanta-audit witness /nowhere --home /nowhere', note: 'a witness needs a key', status: 78 }],
  act({ policy }, [path, ...more], world) {
    if (path === undefined || more.length > 0) throw new Failure('usage', 'expected the folder of a published log, or a file with a checkpoint')
    const node = nodeOf(world)
    if (node === undefined) throw new Failure('config', 'a witness needs a key; vanta-audit key NAME makes one')
    const { offered, evidence } = offerIn(path, world)
    const stored = world.store.read(WITNESS_FILE)
    const known = lastCosigned(stored?.memory['cosigned'], offered.origin)
    if (typeof known === 'string') throw new Failure('data', `memory/${WITNESS_FILE}: ${known}`)
    const verdict = weigh(offered, known, policyOf(world, policy, offered.origin).logs, evidence)
    if ('unproved' in verdict) throw new Failure('data', `${path}: ${verdict.unproved}`)
    if ('refused' in verdict) {
      keepRefused(verdict.kind, offered, known, world)
      throw new Failure('refused', verdict.refused)
    }
    const signature = cosignNote(offered.note.text, Math.floor(world.clock.now() / 1000), node.witness, (text) => node.sign(text))
    const cosigned = withCosigned((stored?.memory['cosigned'] ?? {}) as WitnessMemory, offered)
    world.store.write(WITNESS_FILE, { ...stored?.memory, cosigned: { ...cosigned } }, stored?.version ?? 0)
    world.print(formatSignature(signature).slice(0, -1))
  },
})

interface Offer {
  readonly offered: SignedCheckpoint
  readonly evidence: Evidence
}

function offerIn(path: string, { folder }: ActionWorld): Offer {
  const published = path === '-' ? undefined : folder.bytes(`${path}/${PUBLISHED}`)
  if (published !== undefined) {
    const offered = sound(parseSigned(published), `${path}/${PUBLISHED}`)
    return { offered, evidence: { ranges: rangeRootOfTiles(offered.size, (tile) => folder.bytes(`${path}/${tilePath(tile)}`)) } }
  }
  const content = folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no published log and no such file`)
  if (!content.subarray(0, 4).equals(Buffer.from('old '))) return { offered: sound(parseSigned(content), path), evidence: { old: 0, path: [] } }
  const request = sound(parseRequest(content), path)
  return { offered: request.checkpoint, evidence: request }
}

function sound<T extends object>(parsed: T | string, path: string): T {
  if (typeof parsed === 'string') throw new Failure('data', `${path}: ${parsed}`)
  return parsed
}

/** Evidence outlives the refusal. */
function keepRefused(kind: string, offered: SignedCheckpoint, known: SignedCheckpoint | undefined, { clock, journal }: ActionWorld): void {
  const before = known === undefined ? null : formatNote(known.note)
  const kept = journal(REFUSED_FILE)
  kept.append(JSON.stringify({ at: formatInstant(clock.now()), refused: kind, offered: formatNote(offered.note), known: before }))
  kept.sync()
}
