/** What an authority has certified and taken back: it makes certificates and lists of revoked ones from it, and forgets none. */
import { X509Certificate } from 'node:crypto'
import { DAY_MS, formatInstant, millisOf, MINUTE_MS, type Millis } from '#record'
import { hex, instant, integer, list, object, oneOf, optional, text, type Typed } from '#record/shape'
import { formatAltName, isDomain, parseAltName } from './alt_name.ts'
import { certificate, pem, REASONS, revocationList, serialOf, USES, type AltName, type Reason, type SignBytes, type Use } from './x509.ts'

const serial = hex(32, 'a serial of 32 hex digits')
const reason = oneOf(...REASONS)

const SHAPE = object({
  name: text,
  crl_number: integer(0),
  crl_life_ms: integer(1),
  crl_at: optional(text),
  /** Own certificates, oldest first. The key of the nth is in `ca-N.pem`. */
  authorities: list(object({ serial, certificate: text, not_before: instant, not_after: instant, signs_from: instant })),
  issued: list(object({
    serial, name: text, use: oneOf(...USES), alt_names: list(text), not_before: instant, not_after: instant, life_ms: integer(1), authority: serial,
  })),
  revoked: list(object({ serial, at: instant, reason })),
})

export type Register = Typed<typeof SHAPE>
export type Issued = Register['issued'][number]
export type Authority = Register['authorities'][number]

/** The clocks of nodes differ: a certificate counts from so long before it is made. */
const BACKDATED_MS = 5 * MINUTE_MS
const NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/
export const isName = (name: string): boolean => NAME.test(name) && name !== 'ca'

/** The register, or what is wrong with the text. */
export function parseRegister(content: string): Register | string {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return 'not valid JSON'
  }
  const fault = SHAPE.fault(value)
  if (fault === undefined) return value as Register
  return `${fault.path === '' ? '' : `field "${fault.path}": `}${fault.message}`
}

export const publicKeyOf = (certificatePem: string): Buffer => new X509Certificate(certificatePem).publicKey.export({ format: 'der', type: 'spki' })

/** The authority's own certificate for a new key: it signs from then on, or once all nodes can have heard of it. */
export function withAuthority(
  register: Register, publicKey: Buffer, { nowMs, lifeMs, signsFromMs }: { readonly [term in 'nowMs' | 'lifeMs' | 'signsFromMs']: Millis }, sign: SignBytes,
): Register {
  const { name, authorities } = register, notBeforeMs = nowMs - BACKDATED_MS, notAfterMs = seconds(nowMs + lifeMs)
  const made = certificate({ kind: 'authority', name, publicKey, issuer: { name, publicKey }, notBeforeMs, notAfterMs }, sign)
  const own: Authority = {
    serial: serialOf(publicKey), certificate: pem('CERTIFICATE', made), not_before: at(notBeforeMs), not_after: at(notAfterMs), signs_from: at(signsFromMs),
  }
  return { ...register, authorities: [...authorities, own] }
}

/** What the life of one of its certificates was meant to be. */
export const lifeOf = ({ not_before: begin, not_after: end }: Authority): Millis => millisOf(end) - millisOf(begin) - BACKDATED_MS

const seconds = (ms: Millis): Millis => Math.floor(ms / 1000) * 1000
const at = (ms: Millis): string => formatInstant(seconds(ms))

/** Which of the authority's certificates signs now, by its place; -1 where none does. */
export const signerAt = ({ authorities }: Register, nowMs: Millis): number =>
  authorities.findLastIndex(({ signs_from: from, not_after: end }) => millisOf(from) <= nowMs && nowMs < millisOf(end))

export interface Wanted {
  readonly name: string
  readonly use: Use
  readonly altNames: readonly AltName[]
  readonly lifeMs: Millis
}

/** Certify a key. It ends no later than the authority's own certificate. */
export function withIssued(
  register: Register, { name, use, altNames, lifeMs }: Wanted, publicKey: Buffer, nowMs: Millis, sign: SignBytes,
): { readonly register: Register; readonly certificate: string; readonly issued: Issued } {
  const own = register.authorities[signerAt(register, nowMs)]
  if (own === undefined) throw new RangeError('no certificate of the authority signs now')
  const notBeforeMs = nowMs - BACKDATED_MS, notAfterMs = seconds(Math.min(nowMs + lifeMs, millisOf(own.not_after)))
  const made = certificate({
    kind: 'leaf', name, publicKey, issuer: { name: register.name, publicKey: publicKeyOf(own.certificate) }, notBeforeMs, notAfterMs, use, altNames,
    crlAt: register.crl_at,
  }, sign)
  const issued: Issued = {
    serial: serialOf(publicKey), name, use, alt_names: altNames.map(formatAltName), not_before: at(notBeforeMs), not_after: at(notAfterMs), life_ms: lifeMs,
    authority: own.serial,
  }
  return { register: { ...register, issued: [...register.issued, issued] }, certificate: pem('CERTIFICATE', made), issued }
}

/** What a certificate is made from anew. */
export const wantedOf = ({ name, use, alt_names: names, life_ms: lifeMs }: Issued): Wanted =>
  ({ name, use, lifeMs, altNames: names.flatMap((each) => parseAltName(each) ?? []) })

/** A node's own name is one of its names, where it can be one of DNS. */
export const withOwnName = (name: string, altNames: readonly AltName[]): readonly AltName[] =>
  !isDomain(name) || altNames.some((one) => 'dns' in one && one.dns === name) ? altNames : [{ dns: name }, ...altNames]

/** `overlap`: it holds, but a later one of the same name does too. */
export type Standing = 'valid' | 'overlap' | 'revoked' | 'expired'

export function standingIn({ issued, revoked }: Register, one: Issued, nowMs: Millis): Standing {
  if (revoked.some(({ serial: taken }) => taken === one.serial)) return 'revoked'
  if (nowMs >= millisOf(one.not_after)) return 'expired'
  const latest = issued.findLast(({ name, serial: other }) => name === one.name && !revoked.some(({ serial: taken }) => taken === other))
  return latest === one ? 'valid' : 'overlap'
}

export const holding = (register: Register, nowMs: Millis, standings: readonly Standing[] = ['valid', 'overlap']): readonly Issued[] =>
  register.issued.filter((one) => standings.includes(standingIn(register, one, nowMs)))

/** Two thirds of its life are over: time for the next one. */
const isDue = ({ not_before: begin, not_after: end }: Issued, nowMs: Millis): boolean =>
  3 * (nowMs - millisOf(begin)) >= 2 * (millisOf(end) - millisOf(begin))

/**
 * What a timer makes anew, oldest first: what is due, and of a name the last where it has ended, as where the timer did not run in time. Whose last one
 * was revoked stays without.
 */
export function dueIn(register: Register, nowMs: Millis): readonly Issued[] {
  const { issued } = register
  return issued.filter((one) => {
    const standing = standingIn(register, one, nowMs)
    return standing === 'valid' ? isDue(one, nowMs) : standing === 'expired' && issued.findLast(({ name }) => name === one.name) === one
  })
}

export function withRevoked(register: Register, serials: readonly string[], why: Reason, nowMs: Millis): Register {
  const known = new Set(register.revoked.map(({ serial: taken }) => taken))
  const fresh = serials.filter((one) => !known.has(one)).map((one) => ({ serial: one, at: at(nowMs), reason: why }))
  return { ...register, revoked: [...register.revoked, ...fresh] }
}

/** What nodes trust: the authority's certificates that have not ended, in PEM. */
export const trusted = ({ authorities }: Register, nowMs: Millis): string =>
  authorities.filter(({ not_after: end }) => nowMs < millisOf(end)).map(({ certificate: own }) => own).join('')

/** How long after its end a revoked certificate is still told of. */
const TOLD_MS = DAY_MS

/** The lists of revoked certificates under a new number, one for each of the authority's certificates that has not ended, in PEM. */
export function withLists(
  register: Register, nowMs: Millis, signAs: (place: number) => SignBytes,
): { readonly register: Register; readonly lists: string } {
  const number = register.crl_number + 1, { name, authorities, issued, revoked } = register
  const lists = authorities.map((own, place) => {
    if (nowMs >= millisOf(own.not_after)) return ''
    const taken = revoked.filter(({ serial: one }) =>
      issued.some(({ serial: other, authority, not_after: end }) => other === one && authority === own.serial && nowMs < millisOf(end) + TOLD_MS))
    return pem('X509 CRL', revocationList({
      issuer: { name, publicKey: publicKeyOf(own.certificate) }, number: BigInt(number), thisMs: nowMs - BACKDATED_MS, nextMs: nowMs + register.crl_life_ms,
      revoked: taken.map(({ serial: one, at: when, reason: why }) => ({ serial: one, atMs: millisOf(when), reason: why })),
    }, signAs(place)))
  })
  return { register: { ...register, crl_number: number }, lists: lists.join('') }
}
