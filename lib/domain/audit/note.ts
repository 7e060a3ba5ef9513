/**
 * Signed notes (https://c2sp.org/signed-note): a text, an empty line, and lines that say who signed it. A key is known by its name and
 * four bytes of a hash, and written down as a "vkey". Two types of signature are spoken here, both Ed25519 (RFC 8032): over the text
 * itself, and cosignatures (https://c2sp.org/tlog-cosignature), which say the time at which a witness saw the text.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { sha256Of } from '#record/sha256'

export const ED25519 = 1, COSIGNATURE = 4
export type SignatureType = typeof ED25519 | typeof COSIGNATURE

/** A public key under a name, for one type of signature. */
export interface Verifier {
  /** Without spaces and plus signs. */
  readonly name: string
  readonly type: SignatureType
  /** 32 bytes in base64. */
  readonly key: string
}

export interface NoteSignature {
  readonly name: string
  /** 8 hex digits. */
  readonly keyId: string
  /** What follows the key id, as its type says. */
  readonly signature: Buffer
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

const KEY_BYTES = 32, ID_BYTES = 4, SIGNATURE_BYTES = 64, TIME_BYTES = 8
const MOST_BYTES = 1_000_000, MOST_SIGNATURES = 100
const DASH = '\u2014'

/** Key names hold no Unicode space and no plus sign. */
export const isKeyName = (name: string): boolean => name !== '' && !/[\s\u0085+]/u.test(name) && !hasControl(name)
const hasControl = (text: string): boolean => /[\u0000-\u0009\u000b-\u001f]/.test(text)

/** The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key), in hex. */
export function keyIdOf({ name, type, key }: Verifier): string {
  const material = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), Buffer.from(key, 'base64')])
  return sha256Of(material).slice(0, 2 * ID_BYTES)
}

/** `NAME+KEYID+BASE64`. */
export function formatVkey(verifier: Verifier): string {
  const material = Buffer.concat([Buffer.of(verifier.type), Buffer.from(verifier.key, 'base64')])
  return `${verifier.name}+${keyIdOf(verifier)}+${material.toString('base64')}`
}

/** Undefined where the text is no vkey of a type spoken here, or its key id is not that of its key. */
export function parseVkey(text: string): Verifier | undefined {
  const [, name = '', id, encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? []
  const material = decoded(encoded)
  if (material === undefined || material.length !== 1 + KEY_BYTES || !isKeyName(name)) return undefined
  const type = material[0]
  if (type !== ED25519 && type !== COSIGNATURE) return undefined
  const verifier: Verifier = { name, type, key: material.subarray(1).toString('base64') }
  return keyIdOf(verifier) === id ? verifier : undefined
}

/** Base64 that is written as it would be written again; undefined where it is not. */
export function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** The note in these bytes, or what is wrong with them. */
export function parseNote(content: Uint8Array | string): Note | string {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
  if (typeof content !== 'string' && !Buffer.from(text).equals(content)) return 'not UTF-8'
  if (text.length > MOST_BYTES) return `longer than ${MOST_BYTES} characters`
  if (hasControl(text)) return 'control characters'
  const split = text.lastIndexOf('\n\n')
  if (split < 0 || !text.endsWith('\n')) return 'no signed note: expected a text, an empty line, and lines of signatures'
  const signatures = parseSignatures(text.slice(split + 2))
  return typeof signatures === 'string' ? signatures : { text: text.slice(0, split + 1), signatures }
}

/** Lines of signatures, each with its newline, or what is wrong with them. */
export function parseSignatures(text: string): readonly NoteSignature[] | string {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length === 0) return 'no line of a signature'
  if (lines.length > MOST_SIGNATURES) return `more than ${MOST_SIGNATURES} signatures`
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const [dash, name = '', encoded = '', ...more] = line.split(' ')
    const bytes = decoded(encoded)
    if (dash !== DASH || more.length > 0 || !isKeyName(name) || bytes === undefined || bytes.length <= ID_BYTES) {
      return `not a line of a signature: "${line.slice(0, 80)}"`
    }
    signatures.push({ name, keyId: bytes.toString('hex', 0, ID_BYTES), signature: bytes.subarray(ID_BYTES) })
  }
  return signatures
}

export const formatSignature = ({ name, keyId, signature }: NoteSignature): string =>
  `${DASH} ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`

export const formatNote = ({ text, signatures }: Note): string => `${text}\n${signatures.map(formatSignature).join('')}`

/** Signs a text with a private key; the raw 64 bytes in base64. */
export type Sign = (text: string) => string

/** Sign a note's text as `verifier`, whose private key `sign` holds. */
export const signNote = (text: string, verifier: Verifier, sign: Sign): NoteSignature =>
  ({ name: verifier.name, keyId: keyIdOf(verifier), signature: Buffer.from(sign(text), 'base64') })

const cosigned = (text: string, seconds: bigint): string => `cosignature/v1\ntime ${seconds}\n${text}`

/** Cosign the text of a checkpoint as seen at a time, in seconds since 1970. */
export function cosignNote(text: string, seconds: number, verifier: Verifier, sign: Sign): NoteSignature {
  const time = Buffer.alloc(TIME_BYTES)
  time.writeBigUInt64BE(BigInt(seconds))
  const signature = Buffer.concat([time, Buffer.from(sign(cosigned(text, BigInt(seconds))), 'base64')])
  return { name: verifier.name, keyId: keyIdOf(verifier), signature }
}

/** The time of a cosignature, in seconds since 1970; undefined where the signature is none. */
export const cosignedAt = ({ signature }: NoteSignature): number | undefined =>
  signature.length === TIME_BYTES + SIGNATURE_BYTES ? Number(signature.readBigUInt64BE()) : undefined

/** Whether the signature is by that key; it says nothing of whether it holds. */
export const isBy = ({ name, keyId }: NoteSignature, verifier: Verifier): boolean => name === verifier.name && keyId === keyIdOf(verifier)

/** Whether a signature by that key holds over the text. */
export function holds(text: string, signature: NoteSignature, verifier: Verifier): boolean {
  if (!isBy(signature, verifier)) return false
  const bytes = signature.signature, key = publicKey(verifier.key)
  if (verifier.type === ED25519) return bytes.length === SIGNATURE_BYTES && verify(null, Buffer.from(text), key, bytes)
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return false
  const seconds = bytes.readBigUInt64BE()
  if (seconds > MOST_SECONDS) return false
  return verify(null, Buffer.from(cosigned(text, seconds)), key, bytes.subarray(TIME_BYTES))
}

const MOST_SECONDS = (1n << 63n) - 1n

/** SubjectPublicKeyInfo of a raw Ed25519 key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

const publicKey = (raw: string): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(raw, 'base64')]), format: 'der', type: 'spki' })
