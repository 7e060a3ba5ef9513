/**
 * Who asked for an order: a vault signs the allocations of a moment together, as the root of a Merkle tree over what each of them says
 * (RFC 6962 hashes), and every allocation carries its own path to that root. So each is proved by itself, and a thousand cost one signature.
 */
import { createPublicKey, verify as verifySignature, type KeyObject } from 'node:crypto'
import { sha256Of } from '#record/sha256'
import { said, type Allocation } from '#record'
import { digestOf, hexOf, leafHash, nodeHash, provedTree, type Digest } from '../audit/merkle.ts'

/** A public key as the executor knows it. */
export interface KnownKey {
  /** The vault. */
  readonly owner: string
  /** 32 bytes in base64. */
  readonly key: string
}
type Sign = (text: string) => { readonly key: string; readonly signed: string }

/** What is signed: a line that says what it is, so that no signature can stand for anything else. */
const statement = (vault: string, root: Digest): string => `vanta allocations\n${vault}\n${hexOf(root)}\n`

const leafOf = (allocation: Allocation): Digest => leafHash(Buffer.from(said(allocation)))

/** Sign allocations of one vault, made at one moment; they are signed in place and returned. */
export function signAllocations(vault: string, allocations: readonly Allocation[], sign: Sign): readonly Allocation[] {
  if (allocations.length === 0) return allocations
  const { root, proofs } = provedTree(allocations.map(leafOf))
  const { key, signed } = sign(statement(vault, root))
  for (const [index, allocation] of allocations.entries()) {
    allocation.signature = { key, signed, index, size: allocations.length, path: (proofs[index] ?? []).map(hexOf) }
  }
  return allocations
}

export type SignatureFault = { readonly code: 'UNSIGNED' | 'BAD_SIGNATURE'; readonly detail: string }

/** Checks signatures against the public keys of vaults. */
export class SignatureCheck {
  readonly #keys: (id: string) => KnownKey | undefined
  /** Of the tree that was seen last: allocations of one moment share most of their paths. */
  #climbed: { readonly signed: string; readonly steps: Steps } = { signed: '', steps: new Map() }

  constructor(keys: (id: string) => KnownKey | undefined) {
    this.#keys = keys
  }

  /** Why an allocation is not to be acted on, or undefined where its vault has signed what it says. */
  fault(allocation: Allocation): SignatureFault | undefined {
    const { signature, vault } = allocation
    if (signature === undefined) return { code: 'UNSIGNED', detail: 'the allocation is not signed' }
    const known = this.#keys(signature.key)
    if (known === undefined) return { code: 'BAD_SIGNATURE', detail: `no key ${signature.key} is known` }
    if (known.owner !== vault) return { code: 'BAD_SIGNATURE', detail: `key ${signature.key} is that of vault ${known.owner}` }
    if (this.#climbed.signed !== signature.signed) this.#climbed = { signed: signature.signed, steps: new Map() }
    const root = rootOf(leafOf(allocation), signature, this.#climbed.steps)
    if (root === undefined || !holds(statement(vault, root), signature.signed, known.key)) {
      return { code: 'BAD_SIGNATURE', detail: 'the signature is not over what the allocation says' }
    }
    return undefined
  }
}

/** A step up that was hashed before: the same node with the same sibling at the same place has the same parent. By level and place. */
type Steps = Map<number, { readonly node: Digest; readonly sibling: string; readonly isRight: boolean; readonly parent: Digest }>
/** Places of one level; trees are far smaller. */
const PLACES = 1_099_511_627_776

type Proof = { readonly index: number; readonly size: number; readonly path: readonly string[] }

/** The root that a path leads to; undefined where the path cannot be one. RFC 9162, section 2.1.3.2. */
function rootOf(leaf: Digest, { index, size, path }: Proof, steps: Steps): Digest | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size || size > PLACES) return undefined
  let node = leaf, place = index, last = size - 1, level = 0
  for (const sibling of path) {
    if (last === 0) return undefined
    const isRight = place % 2 === 1 || place === last
    const key = level * PLACES + place
    const known = steps.get(key)
    if (known !== undefined && known.node === node && known.sibling === sibling && known.isRight === isRight) node = known.parent
    else {
      const parent = isRight ? nodeHash(digestOf(sibling), node) : nodeHash(node, digestOf(sibling))
      steps.set(key, { node, sibling, isRight, parent })
      node = parent
    }
    if (isRight) while (place % 2 === 0 && place !== 0) {
      place = Math.floor(place / 2)
      last = Math.floor(last / 2)
      level++
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
    level++
  }
  return last === 0 ? node : undefined
}

/** The id of a raw public key of 32 bytes: the first 16 hex digits of its SHA-256. */
export const keyIdOf = (raw: Buffer): string => sha256Of(raw).slice(0, 16)

/** SubjectPublicKeyInfo of a raw Ed25519 key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

const MOST_REMEMBERED = 1024
/** Texts known to be signed, by key and signature. */
const good = new Map<string, string>()

/** Whether a signature is over this text, by the key (both base64). What was found to be is not computed again: a root stands for a whole moment. */
export function holds(text: string, signed: string, key: string): boolean {
  const remembered = `${key} ${signed}`
  if (good.get(remembered) === text) return true
  if (!verifySignature(null, Buffer.from(text), publicKeyOf(key), Buffer.from(signed, 'base64'))) return false
  if (good.size >= MOST_REMEMBERED) good.clear()
  good.set(remembered, text)
  return true
}

const MOST_KEYS = 256
const keys = new Map<string, KeyObject>()

/** Making one costs as much as a check with it: those made last are kept. */
export function publicKeyOf(raw: string): KeyObject {
  let key = keys.get(raw)
  if (key !== undefined) return key
  key = createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(raw, 'base64')]), format: 'der', type: 'spki' })
  if (keys.size >= MOST_KEYS) keys.clear()
  keys.set(raw, key)
  return key
}
