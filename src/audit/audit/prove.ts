import { CHECKPOINT } from '#domain/audit/files'
import { parseCheckpoint, parseSigned, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { formatProof } from '#domain/audit/proof'
import { proveEntry, publishedOf } from '#domain/audit/published'
import { command, Failure, type ActionWorld } from '#tool'
import { lineWith, prefixIn } from '#tool/asking'

export default command({
  name: 'vanta-audit prove',
  summary: 'Print a proof that a record was logged, which verifies offline: the record, its place, and the signed checkpoint.',
  about: [
    'The proof (https://c2sp.org/tlog-proof) rests on the checkpoint that was published last, cosignatures included; --checkpoint names an',
    'older one. It is read from a few tiles, however long the log. vanta-audit verify --proof, or any client of such logs, checks it.',
  ].join(' '),
  operands: 'RECORD_ID',
  options: { checkpoint: { kind: 'path', help: 'prove it under this signed checkpoint of the log' } },
  examples: [{ run: 'vanta-audit prove 3f2a9c --home /nowhere', note: 'the beginning of an id will do', status: 1 }],
  act({ checkpoint: path }, operands, world) {
    const found = lineWith(prefixIn(operands), world), { logs } = world
    const proof = proveEntry(logs, checkpointOf(path, world), found.line, found.bytes)
    if ('fault' in proof) throw new Failure(proof.exit, proof.fault)
    world.print(formatProof(proof).slice(0, -1))
  },
})

function checkpointOf(path: string | undefined, { logs, folder }: ActionWorld): SignedCheckpoint {
  const state = parseCheckpoint(logs.read(CHECKPOINT)?.toString('utf8') ?? '')
  if (state === undefined) throw new Failure('data', `logs/${CHECKPOINT} is missing or no checkpoint`)
  if (path === undefined) {
    const published = publishedOf(logs, state.origin)
    if (published === undefined) throw new Failure('negative', 'the log was never signed; vanta-audit checkpoint signs it')
    if ('fault' in published) throw new Failure(published.exit, published.fault)
    return published
  }
  const content = folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no such file`)
  const signed = parseSigned(content)
  if (typeof signed === 'string') throw new Failure('data', `${path}: ${signed}`)
  if (signed.origin !== state.origin) throw new Failure('data', `${path}: is of another log, ${signed.origin}`)
  return signed
}
