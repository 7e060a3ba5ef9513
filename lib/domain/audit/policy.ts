/**
 * Whose signatures are believed: known logs, known witnesses, and how many of them must have cosigned, in the C2SP form
 * (https://c2sp.org/tlog-policy). The file goes from node to node by hand; nothing in a log can change it.
 */
import type { SignedCheckpoint } from './checkpoint.ts'
import { COSIGNATURE, cosignedAt, ED25519, formatVkey, holds, isBy, parseVkey, type Verifier } from './note.ts'

/** So many of the members must have cosigned; a witness is a group of one. */
interface Group {
  readonly threshold: number
  readonly members: readonly (string | Group)[]
}

export interface Policy {
  readonly logs: readonly Verifier[]
  /** By the name that the policy gives them. */
  readonly witnesses: ReadonlyMap<string, Verifier>
  readonly quorum: Group
}

/** Nobody need cosign. */
export const noQuorum: Group = { threshold: 0, members: [] }

/** The policy in this text, or what is wrong with it and on which line. */
export function parsePolicy(text: string): Policy | string {
  const reader = new PolicyReader()
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/[ \t]+/)
    if (words[0] === '' || words[0]?.startsWith('#')) continue
    const fault = reader.read(words)
    if (fault !== undefined) return `line ${index + 1}: ${fault}`
  }
  return reader.policy()
}

class PolicyReader {
  readonly #logs: Verifier[] = []
  readonly #witnesses = new Map<string, Verifier>()
  readonly #groups = new Map<string, string | Group>()
  /** Names that are members of a group: nobody counts twice. */
  readonly #taken = new Set<string>()
  #quorum: Group | undefined

  read([word, ...words]: readonly string[]): string | undefined {
    if (word === 'log' && (words.length === 1 || words.length === 2)) return this.#readLog(words[0] ?? '')
    if (word === 'witness' && (words.length === 2 || words.length === 3)) return this.#readWitness(words[0] ?? '', words[1] ?? '')
    if (word === 'group' && words.length >= 3) return this.#readGroup(words)
    if (word === 'quorum' && words.length === 1) return this.#readQuorum(words[0] ?? '')
    return 'expected log VKEY, witness NAME VKEY, group NAME all|any|COUNT NAME..., or quorum NAME'
  }

  policy(): Policy | string {
    if (this.#quorum === undefined) return 'no quorum line; "quorum none" asks for no witness'
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum }
  }

  #readLog(vkey: string): string | undefined {
    const verifier = parseVkey(vkey)
    if (verifier?.type !== ED25519) return `not the vkey of a log: ${vkey}`
    if (this.#logs.some((log) => formatVkey(log) === vkey)) return `this log is listed twice: ${vkey}`
    this.#logs.push(verifier)
    return undefined
  }

  #readWitness(name: string, vkey: string): string | undefined {
    const verifier = parseVkey(vkey)
    if (verifier?.type !== COSIGNATURE) return `not the vkey of a witness: ${vkey}`
    if ([...this.#witnesses.values()].some(({ key }) => key === verifier.key)) return `this witness is listed twice: ${vkey}`
    const fault = this.#define(name, name)
    if (fault === undefined) this.#witnesses.set(name, verifier)
    return fault
  }

  #readGroup([name = '', count = '', ...names]: readonly string[]): string | undefined {
    const threshold = count === 'all' ? names.length : count === 'any' ? 1 : /^[1-9]\d{0,3}$/.test(count) ? Number(count) : NaN
    if (!(threshold <= names.length)) return `expected all, any or a number from 1 to ${names.length}, got "${count}"`
    const members: (string | Group)[] = []
    for (const member of names) {
      const found = this.#groups.get(member)
      if (found === undefined) return `no witness or group "${member}" is defined before`
      if (this.#taken.has(member)) return `"${member}" is a member already`
      this.#taken.add(member)
      members.push(found)
    }
    return this.#define(name, { threshold, members })
  }

  #readQuorum(name: string): string | undefined {
    if (this.#quorum !== undefined) return 'a second quorum'
    const found = name === 'none' ? noQuorum : this.#groups.get(name)
    if (found === undefined) return `no witness or group "${name}" is defined before`
    this.#quorum = typeof found === 'string' ? { threshold: 1, members: [found] } : found
    return undefined
  }

  #define(name: string, what: string | Group): string | undefined {
    if (name === 'none' || this.#groups.has(name)) return `the name "${name}" is taken`
    this.#groups.set(name, what)
    return undefined
  }
}

export interface Cosigned {
  /** The witness, by the name that the policy gives it. */
  readonly name: string
  /** Seconds since 1970, as the witness says. */
  readonly seconds: number
}

export type Judgement =
  | { readonly accepted: true; readonly log: Verifier; readonly cosigned: readonly Cosigned[] }
  | { readonly accepted: false; readonly fault: string }

/**
 * Whether a checkpoint is signed by its log and cosigned by enough witnesses. A signature of a known key that does not hold refuses
 * the whole; those of unknown keys are passed over.
 */
export function judge({ origin, note }: SignedCheckpoint, policy: Policy): Judgement {
  const logs = policy.logs.filter(({ name }) => name === origin)
  if (logs.length === 0) return { accepted: false, fault: `the policy knows no log ${origin}` }
  const known = [...logs, ...policy.witnesses.values()]
  for (const signature of note.signatures) {
    const signer = known.find((verifier) => isBy(signature, verifier))
    if (signer !== undefined && !holds(note.text, signature, signer)) {
      return { accepted: false, fault: `the signature of ${signer.name} does not hold: what was signed is not what stands there` }
    }
  }
  const log = logs.find((verifier) => note.signatures.some((signature) => isBy(signature, verifier)))
  if (log === undefined) return { accepted: false, fault: `it is not signed with a key of ${origin} that the policy knows` }
  const cosigned = [...policy.witnesses].flatMap(([name, verifier]) => {
    const signature = note.signatures.find((candidate) => isBy(candidate, verifier))
    return signature === undefined ? [] : [{ name, seconds: cosignedAt(signature) ?? 0 }]
  })
  const names = new Set(cosigned.map(({ name }) => name))
  if (isMet(policy.quorum, names)) return { accepted: true, log, cosigned }
  const who = names.size === 0 ? 'no witness that the policy knows' : [...names].join(', ')
  return { accepted: false, fault: `the policy's quorum is not met: cosigned by ${who}` }
}

const isMet = ({ threshold, members }: Group, cosigned: ReadonlySet<string>): boolean =>
  members.filter((member) => (typeof member === 'string' ? cosigned.has(member) : isMet(member, cosigned))).length >= threshold
