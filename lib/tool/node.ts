/** The node: whose key signs its audit log and cosigns those of others, and whose signatures it believes. */
import { formatInstant } from '#record'
import { COSIGNATURE, ED25519, isKeyName, signNote, type NoteSignature, type Verifier } from '#domain/audit/note'
import { noQuorum, parsePolicy, type Policy } from '#domain/audit/policy'
import { Failure } from '#port/failure'
import type { ActionWorld } from './define.ts'

export interface Node {
  readonly name: string
  /** Its key as a witness of other logs. */
  readonly witness: Verifier
  /** Its key as the signer of a log: a log's key bears the log's name. */
  logKey(origin: string): Verifier
  /** Ed25519 over the text, in base64. */
  sign(text: string): string
  /** Sign the text of a checkpoint of that log. */
  signLog(origin: string): (text: string) => NoteSignature
}

type NodeWorld = Pick<ActionWorld, 'nodeKeys' | 'clock'>

/** The node, where it has a key. */
export function nodeOf({ nodeKeys }: Pick<NodeWorld, 'nodeKeys'>): Node | undefined {
  const name = [...nodeKeys.publicKeys().values()].map(({ owner }) => owner).find((owner) => nodeKeys.has(owner))
  if (name === undefined) return undefined
  const { key } = nodeKeys.current(name)
  const sign = (text: string): string => nodeKeys.sign(name, text).signed
  const logKey = (origin: string): Verifier => ({ name: origin, type: ED25519, key })
  return {
    name, sign, logKey,
    witness: { name, type: COSIGNATURE, key },
    signLog: (origin) => (text) => signNote(text, logKey(origin), sign),
  }
}

/** The keys that a log of this node may have been signed with, past ones included. */
export const ownKeys = (origin: string, { nodeKeys }: Pick<NodeWorld, 'nodeKeys'>): readonly Verifier[] =>
  [...nodeKeys.publicKeys().values()].map(({ key }) => ({ name: origin, type: ED25519, key }))

const NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/

/** Make the node's first key pair, or its next. Throws Failure `usage` where the name is none. */
export function makeNodeKey(name: string, { nodeKeys, clock }: NodeWorld): void {
  if (!NAME.test(name) || !isKeyName(name)) throw new Failure('usage', `expected a name like alpha.example: small letters, digits, dots and -, got "${name}"`)
  nodeKeys.create(name, formatInstant(clock.now()))
}

/** Where the policy stands unless it is named. */
export const POLICY_FILE = 'audit.policy'

/**
 * Whose signatures count: those that the policy file says. Without one, only this node's own keys, past ones included, and no witness is
 * asked for. Throws Failure `config` where there is neither.
 */
export function policyOf({ folder, home, nodeKeys }: Pick<ActionWorld, 'folder' | 'home' | 'nodeKeys'>, path: string | undefined, origin: string): Policy {
  const place = path ?? `${home}/${POLICY_FILE}`
  const content = folder.read(place)
  if (content !== undefined) {
    const policy = parsePolicy(content.toString('utf8'))
    if (typeof policy === 'string') throw new Failure('config', `${place}: ${policy}`)
    return policy
  }
  if (path !== undefined) throw new Failure('config', `${path}: there is no such policy`)
  const logs = ownKeys(origin, { nodeKeys })
  if (logs.length === 0) throw new Failure('config', `whose signatures count? There is neither ${place} nor a key of this node; --policy names a policy`)
  return { logs, witnesses: new Map(), quorum: noQuorum }
}
