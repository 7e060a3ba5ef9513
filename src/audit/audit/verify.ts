import { verifyChain } from '#domain/audit/chain'
import { parseSigned } from '#domain/audit/checkpoint'
import { holds } from '#domain/audit/note'
import { judge } from '#domain/audit/policy'
import { parseProof, proves, type LogProof } from '#domain/audit/proof'
import type { Anchor } from '#domain/audit/verify'
import { check, formatInstant } from '#record'
import { command, Failure, type ActionWorld, type Answer } from '#tool'
import { ownKeys, policyOf } from '#tool/node'

export default command({
  name: 'vanta-audit verify',
  summary: 'Say whether the audit log is as it was written, or a proof holds; if not, what was changed (exit 1).',
  about: [
    'Every line is hashed again and held against the leaves, the checkpoint, and what was signed and published; so are the logs that this one',
    'goes on from. With --since, also against a checkpoint kept elsewhere: its log must be the beginning of this one. With --proof no',
    'log is needed: whether the record in the proof (or the one of --record) leads to the checkpoint, signed and',
    "cosigned as the policy asks; without a policy file, only this node's own signature counts.",
  ].join(' '),
  options: {
    since: { kind: 'path', help: 'a signed checkpoint of this log, from before' },
    proof: { kind: 'path', help: 'check this .tlog-proof instead of the log (- is stdin)' },
    record: { kind: 'path', help: 'with --proof: a file with the line that it must be of' },
    policy: { kind: 'path', help: 'whose signatures count (default: audit.policy in the home)' },
  },
  examples: [{ run: 'vanta-audit verify --home /nowhere', note: 'no log is no intact log', status: 1 }],
  act({ since, proof, record, policy }, _operands, world) {
    if (proof !== undefined && since !== undefined) throw new Failure('usage', '--proof needs no log, --since is about one: use one of them')
    if (proof === undefined && record !== undefined) throw new Failure('usage', '--record goes with --proof')
    return proof === undefined ? verifyLog(since, policy, world) : verifyProof(proof, record, policy, world)
  },
})

function verifyLog(since: string | undefined, policy: string | undefined, world: ActionWorld): Answer {
  const { logs, print } = world
  const before = since === undefined ? undefined : sinceIn(since, policy, world)
  const links = verifyChain(logs, { keys: (origin) => ownKeys(origin, world), anchors: before === undefined ? [] : [before] })
  if (typeof links === 'string') {
    print(`NOT INTACT: ${links}`)
    return 'negative'
  }
  for (const [nth, { size, signed, rootHex, origin }] of links.entries()) {
    const part = signed === undefined ? '' : `, the first ${signed} of them signed`
    print(`${nth === 0 ? 'intact' : `before it, ${origin}`}: ${size} lines${part}, root ${rootHex}`)
  }
  const held = links.find(({ origin }) => origin === before?.origin)
  if (before !== undefined && held !== undefined) print(`consistent: the ${before.size} lines of ${since} are the first of ${held.size}`)
  return 'done'
}

/** A checkpoint that its log did not sign says nothing: that its witnesses signed it is no matter here. */
function sinceIn(path: string, policy: string | undefined, world: ActionWorld): Anchor {
  const content = world.folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no such file`)
  const signed = parseSigned(content)
  if (typeof signed === 'string') throw new Failure('data', `${path}: ${signed}`)
  const keys = [...ownKeys(signed.origin, world), ...policyOf(world, policy, signed.origin).logs]
  const { text, signatures } = signed.note
  if (!keys.some((key) => key.name === signed.origin && signatures.some((signature) => holds(text, signature, key)))) {
    throw new Failure('data', `${path}: not signed by ${signed.origin} with a key that is known here`)
  }
  return { ...signed, name: path }
}

function verifyProof(path: string, recordPath: string | undefined, policyPath: string | undefined, world: ActionWorld): Answer {
  const { folder, print } = world
  const content = folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no such file`)
  const proof = parseProof(content)
  if (typeof proof === 'string') throw new Failure('data', `${path}: ${proof}`)
  const fault = faultOf(proof, recordPath, policyPath, world)
  if (typeof fault === 'string') print(`NOT PROVED: ${fault}`)
  else for (const line of fault) print(line)
  return typeof fault === 'string' ? 'negative' : 'done'
}

/** What is wrong with a proof, or what it proves, in lines. */
function faultOf(proof: LogProof, recordPath: string | undefined, policyPath: string | undefined, world: ActionWorld): string | readonly string[] {
  const { checkpoint, index } = proof
  const entry = recordPath === undefined ? proof.entry : lineIn(recordPath, world)
  if (entry === undefined) throw new Failure('usage', 'the proof does not hold its record; --record names a file with it')
  if (proof.entry !== undefined && !proof.entry.equals(entry)) return `the proof is of another record, ${nameOf(proof.entry)}, than ${recordPath}`
  if (!proves(proof, entry)) return `${nameOf(entry)} does not lead to the root of the checkpoint: the record or the proof was changed`
  const policy = policyOf(world, policyPath, checkpoint.origin)
  const judged = judge(checkpoint, policy)
  if (!judged.accepted) return judged.fault
  const seen = judged.cosigned.map(({ name, seconds }) => `, cosigned by ${name} at ${momentOf(seconds)}`)
  return [`proved: ${nameOf(entry)} is line ${index + 1} of ${checkpoint.size} of ${checkpoint.origin}, signed by it${seen.join('')}`]
}

/** The last second that JavaScript can date. A witness's clock may say anything. */
const LAST_SECOND = 8.64e12

const momentOf = (seconds: number): string => (seconds > LAST_SECOND ? `second ${seconds}` : formatInstant(seconds * 1000).replace('.000Z', 'Z'))

/** The one line of a file, without its newline. */
function lineIn(path: string, { folder }: ActionWorld): Buffer {
  const content = folder.bytes(path)
  if (content === undefined) throw new Failure('usage', `${path}: there is no such file`)
  const line = content.at(-1) === 10 ? content.subarray(0, -1) : content
  if (line.includes(10)) throw new Failure('usage', `${path}: expected one line, as it stands in the log`)
  return line
}

function nameOf(entry: Buffer): string {
  try {
    const checked = check(JSON.parse(entry.toString('utf8')))
    return 'record' in checked ? `${checked.record.kind} ${checked.record.id}` : 'an entry that is no record'
  } catch {
    return 'an entry that is no record'
  }
}
