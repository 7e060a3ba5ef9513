import { parseSigned, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { formatProof } from '#domain/audit/proof'
import { proveEntry } from '#domain/audit/published'
import { partAt, partsOf, signedOf, type Part } from '#domain/audit/whole'
import { command, Failure, type ActionWorld } from '#tool'
import { lineWith, prefixIn } from '#tool/asking'
import { sound } from './signing.ts'

export default command({
  name: 'vanta-audit prove',
  summary: 'Print a proof that a record was logged, which verifies offline: the record, its place, and the signed checkpoint.',
  about: [
    'The proof (https://c2sp.org/tlog-proof) rests on the checkpoint that was published last, cosignatures included; --checkpoint names an',
    'older one. In a log that was closed it rests on the last, which the next log carries; the proof names its log. It is read from a few',
    'tiles, however long the log. vanta-audit verify --proof, or any client of such logs, checks it.',
  ].join(' '),
  operands: 'RECORD_ID',
  options: { checkpoint: { kind: 'path', help: 'prove it under this signed checkpoint of the log' } },
  examples: [{ run: 'vanta-audit prove 3f2a9c --home /nowhere', note: 'the beginning of an id will do', status: 1 }],
  act({ checkpoint: path }, operands, world) {
    const found = lineWith(prefixIn(operands), world), { logs } = world
    const part = partAt(partsOf(logs).parts, found.line)
    if (part === undefined) throw new Failure('data', `line ${found.line + 1} is of no log`)
    const proof = proveEntry(logs, checkpointOf(path, part, world), found.line - part.from, found.bytes)
    if ('fault' in proof) throw new Failure(proof.exit, proof.fault)
    world.print(formatProof(proof).slice(0, -1))
  },
})

function checkpointOf(path: string | undefined, part: Part, world: ActionWorld): SignedCheckpoint {
  if (path === undefined) return sound(signedOf(part, world.logs))
  const content = world.folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no such file`)
  const signed = parseSigned(content)
  if (typeof signed === 'string') throw new Failure('data', `${path}: ${signed}`)
  if (signed.origin !== part.origin) throw new Failure('data', `${path}: is of another log, ${signed.origin}; the record stands in ${part.origin}`)
  return signed
}
