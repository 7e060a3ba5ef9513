import { parseSigned, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { publishEntries } from '#domain/audit/bundles'
import { addCosignatures, growthSince } from '#domain/audit/published'
import { formatNote, parseSignatures, type NoteSignature } from '#domain/audit/note'
import { formatRequest } from '#domain/audit/proof'
import { command, Failure, type ActionWorld } from '#tool'
import { policyOf } from '#tool/node'
import { signLog, sound, stateOf } from './signing.ts'

export default command({
  name: 'vanta-audit checkpoint',
  summary: 'Sign the log as it stands, publish the tiles of its tree, and print the checkpoint.',
  about: [
    'The checkpoint (https://c2sp.org/tlog-checkpoint) and the tiles (https://c2sp.org/tlog-tiles) stand in logs/tlog/LOG, for any client of',
    'such logs to read. A log whose signed past has changed is refused. With --since, what a witness asks for is printed: the proof',
    'that an older checkpoint is the beginning of this one. Where files are named, nothing is signed: the cosignatures in them, of',
    'witnesses that the policy knows, are added to the checkpoint that was published last.',
  ].join(' '),
  operands: '[COSIGNATURES...]',
  options: {
    since: { kind: 'text', help: 'a checkpoint that a witness cosigned, or its size: print the request to the witness' },
    policy: { kind: 'path', help: 'whose cosignatures count (default: audit.policy in the home)' },
    entries: { kind: 'flag', help: 'publish the records too, as entry bundles' },
  },
  examples: [{ run: 'vanta-audit checkpoint --home /nowhere', note: 'there is nothing to sign', status: 1 }],
  act({ since, policy, entries }, cosignatures, world) {
    const { origin } = stateOf(world)
    const signed = cosignatures.length === 0
      ? signLog(world)
      : sound(addCosignatures(world.logs, origin, policyOf(world, policy, origin), cosignatures.flatMap((path) => readSignatures(path, world))))
    if (entries) for (const bundle of publishEntries(world.logs, signed)) world.log.warn(`${bundle}: an entry longer than 65535 bytes has no place in a bundle`)
    world.print((since === undefined ? formatNote(signed.note) : requestSince(since, signed, world)).slice(0, -1))
  },
})

function readSignatures(path: string, { folder }: ActionWorld): readonly NoteSignature[] {
  const content = folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no such file`)
  const signatures = parseSignatures(content.toString('utf8'))
  if (typeof signatures === 'string') throw new Failure('data', `${path}: ${signatures}`)
  return signatures
}

function requestSince(since: string, signed: SignedCheckpoint, { logs, folder }: ActionWorld): string {
  if (/^\d+$/.test(since)) return formatRequest(sound(growthSince(logs, signed, Number(since))))
  const content = folder.bytes(since)
  if (content === undefined) throw new Failure('usage', `${since}: neither a size nor a file`)
  const older = parseSigned(content)
  if (typeof older === 'string') throw new Failure('data', `${since}: ${older}`)
  if (older.origin !== signed.origin) throw new Failure('data', `${since}: is of another log, ${older.origin}`)
  return formatRequest(sound(growthSince(logs, signed, older.size)))
}
