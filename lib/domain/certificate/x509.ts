/**
 * X.509 certificates and lists of revoked ones, version 3 and 2, as RFC 5280 profiles them: written here, signed by whoever holds the key
 * (ECDSA with SHA-256, RFC 5758). Read are the lists only; certificates are read by Node's own X509Certificate.
 */
import { createHash } from 'node:crypto'
import type { Millis } from '#record'
import {
  bits, boolean, der, explicit, implicit, integer, integerIn, octets, oid, readDer, sequence, TAG, time, timeIn, utf8, valuesIn, type Value,
} from './der.ts'

export const USES = ['client', 'server', 'both'] as const
export type Use = (typeof USES)[number]

/** Another name of a subject: of DNS, or the address of an interface. */
export type AltName = { readonly dns: string } | { readonly ip: string }

interface Terms {
  /** Of the subject, as the issuer's. */
  readonly name: string
  /** SubjectPublicKeyInfo in DER, the issuer's too. */
  readonly publicKey: Buffer
  readonly issuer: { readonly name: string; readonly publicKey: Buffer }
  readonly notBeforeMs: Millis
  readonly notAfterMs: Millis
}

export interface LeafTerms extends Terms {
  readonly kind: 'leaf'
  readonly use: Use
  readonly altNames: readonly AltName[]
  /** Where the list of revoked ones can be had, for clients that fetch it. */
  readonly crlAt?: string | undefined
}

/** One that signs others, and none that sign in turn. */
export interface AuthorityTerms extends Terms {
  readonly kind: 'authority'
}

/** A signature in DER over these bytes, by the issuer. */
export type SignBytes = (bytes: Buffer) => Buffer

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const COMMON_NAME = '2.5.4.3'
const OID = {
  subjectKey: '2.5.29.14', keyUsage: '2.5.29.15', altName: '2.5.29.17', constraints: '2.5.29.19', crlNumber: '2.5.29.20', reason: '2.5.29.21',
  crlPoints: '2.5.29.31', issuerKey: '2.5.29.35', extendedUse: '2.5.29.37',
} as const
const SERVER = oid('1.3.6.1.5.5.7.3.1'), CLIENT = oid('1.3.6.1.5.5.7.3.2')
const USE_OIDS: { readonly [use in Use]: readonly Buffer[] } = { client: [CLIENT], server: [SERVER], both: [SERVER, CLIENT] }
const V3 = 2n, V2 = 1n

const nameOf = (common: string): Buffer => sequence(der(TAG.set, sequence(oid(COMMON_NAME), utf8(common))))
const extension = (id: string, value: Buffer, critical = false): Buffer => sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value))

/** 160 bits of SHA-256 over the key itself (RFC 7093, method 1). */
export function keyIdOf(publicKey: Buffer): Buffer {
  const key = valuesIn(readDer(publicKey)?.content ?? Buffer.alloc(0))?.[1]
  return createHash('sha256').update(key?.content.subarray(1) ?? publicKey).digest().subarray(0, 20)
}

/**
 * The serial of the certificate of a key: 126 bits of a hash of it, in hex. A key is made for each certificate, so that serials are as unlike as
 * keys, whatever became of the register. Never zero, always of 16 bytes.
 */
export function serialOf(publicKey: Buffer): string {
  const digest = createHash('sha256').update(publicKey).digest().subarray(0, 16)
  digest[0] = (digest[0] ?? 0) & 0x7f | 0x40
  return digest.toString('hex')
}

/** The certificate in DER. */
export function certificate(terms: LeafTerms | AuthorityTerms, sign: SignBytes): Buffer {
  const { name, publicKey, issuer, notBeforeMs, notAfterMs } = terms
  return signed(sequence(
    explicit(0, integer(V3)), integer(BigInt(`0x${serialOf(publicKey)}`)), ECDSA_SHA256, nameOf(issuer.name),
    sequence(time(notBeforeMs), time(notAfterMs)), nameOf(name), publicKey, explicit(3, sequence(
      extension(OID.subjectKey, octets(keyIdOf(publicKey))),
      extension(OID.issuerKey, sequence(implicit(0, keyIdOf(issuer.publicKey)))),
      ...(terms.kind === 'authority' ? authorityExtensions() : leafExtensions(terms)),
    )),
  ), sign)
}

const signed = (tbs: Buffer, sign: SignBytes): Buffer => sequence(tbs, ECDSA_SHA256, bits(sign(tbs)))

const authorityExtensions = (): readonly Buffer[] => [
  extension(OID.constraints, sequence(boolean(true), integer(0n)), true),
  // keyCertSign and cRLSign, the sixth and seventh bit.
  extension(OID.keyUsage, bits(Buffer.of(0b0000_0110), 1), true),
]

const leafExtensions = ({ use, altNames, crlAt }: LeafTerms): readonly Buffer[] => [
  extension(OID.constraints, sequence(), true),
  // digitalSignature, the first bit: all that TLS 1.3, and 1.2 with ephemeral keys, ask of an ECDSA key.
  extension(OID.keyUsage, bits(Buffer.of(0b1000_0000), 7), true),
  extension(OID.extendedUse, sequence(...USE_OIDS[use])),
  ...(altNames.length === 0 ? [] : [extension(OID.altName, sequence(...altNames.map(altNameOf)))]),
  ...(crlAt === undefined ? [] : [extension(OID.crlPoints, sequence(sequence(explicit(0, explicit(0, implicit(6, Buffer.from(crlAt, 'latin1')))))))]),
]

const altNameOf = (name: AltName): Buffer => ('dns' in name ? implicit(2, Buffer.from(name.dns, 'latin1')) : implicit(7, addressBytes(name.ip)))

/** 4 or 16 bytes of an address that is one. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::'), groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const before = groups(head), after = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** Why a certificate no longer counts (RFC 5280, 5.3.1). */
export const REASONS = ['unspecified', 'key-compromise', 'affiliation-changed', 'superseded', 'no-longer-used'] as const
export type Reason = (typeof REASONS)[number]
const REASON_CODES: { readonly [reason in Reason]: number } =
  { unspecified: 0, 'key-compromise': 1, 'affiliation-changed': 3, superseded: 4, 'no-longer-used': 5 }

export interface Revoked {
  /** Hex. */
  readonly serial: string
  readonly atMs: Millis
  readonly reason: Reason
}

export interface CrlTerms {
  readonly issuer: Terms['issuer']
  readonly number: bigint
  readonly thisMs: Millis
  readonly nextMs: Millis
  readonly revoked: readonly Revoked[]
}

/** The list of revoked certificates of one issuer, in DER. */
export function revocationList({ issuer, number, thisMs, nextMs, revoked }: CrlTerms, sign: SignBytes): Buffer {
  const entries = revoked.map(({ serial, atMs, reason }) => sequence(
    integer(BigInt(`0x${serial}`)), time(atMs),
    ...(reason === 'unspecified' ? [] : [sequence(extension(OID.reason, der(TAG.enumerated, Buffer.of(REASON_CODES[reason]))))]),
  ))
  return signed(sequence(
    integer(V2), ECDSA_SHA256, nameOf(issuer.name), time(thisMs), time(nextMs), ...(entries.length === 0 ? [] : [sequence(...entries)]),
    explicit(0, sequence(
      extension(OID.issuerKey, sequence(implicit(0, keyIdOf(issuer.publicKey)))), extension(OID.crlNumber, integer(number)),
    )),
  ), sign)
}

export interface ReadList {
  readonly thisMs: Millis
  readonly nextMs: Millis
  /** Serials in hex, without leading zeros. */
  readonly revoked: ReadonlySet<string>
  /** What is signed, and the signature over it in DER. */
  readonly tbs: Buffer
  readonly signature: Buffer
}

/** Undefined where the bytes are no list. Whether the signature holds is for whoever asks to find out. */
export function readList(bytes: Buffer): ReadList | undefined {
  const [tbs, , signature] = valuesIn(readDer(bytes)?.content ?? Buffer.alloc(0)) ?? []
  const [version, , , thisUpdate, nextUpdate, next] = valuesIn(tbs?.content ?? Buffer.alloc(0)) ?? []
  if (tbs === undefined || signature?.tag !== TAG.bits || thisUpdate === undefined || nextUpdate === undefined) return undefined
  const thisMs = timeIn(thisUpdate), nextMs = timeIn(nextUpdate)
  if (version === undefined || integerIn(version) !== V2 || thisMs === undefined || nextMs === undefined) return undefined
  const revoked = next?.tag === TAG.sequence ? valuesIn(next.content)?.map(serialIn) : []
  if (revoked === undefined || revoked.includes(undefined)) return undefined
  return { thisMs, nextMs, revoked: new Set(revoked.flatMap((serial) => serial ?? [])), tbs: tbs.whole, signature: signature.content.subarray(1) }
}

function serialIn({ content }: Value): string | undefined {
  const serial = valuesIn(content)?.[0]
  return serial === undefined ? undefined : integerIn(serial)?.toString(16)
}

/** RFC 7468: `CERTIFICATE`, `X509 CRL`. */
export const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`

/** Every block of that label, in their order. */
export function pemBlocks(text: string, label: string): readonly Buffer[] {
  const blocks = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g')
  return [...text.matchAll(blocks)].map(([, encoded = '']) => Buffer.from(encoded, 'base64'))
}
