/** How a certificate stands with those who must believe it: by the certificates that a node trusts, and the lists of revoked ones. */
import { verify, X509Certificate } from 'node:crypto'
import type { Millis } from '#record'
import { pemBlocks, readList, type ReadList } from './x509.ts'

/** Whom nodes trust, and the lists of revoked certificates: in the authority's folder, and beside every certificate. */
export const TRUSTED_FILE = 'ca.pem', LISTS_FILE = 'ca.crl'

export type Found = 'good' | 'soon' | 'expired' | 'early' | 'revoked' | 'strange' | 'untold'

export interface Trust {
  readonly authorities: readonly X509Certificate[]
  /** Of each authority, in the same order: the newest list whose signature is its own. */
  readonly lists: readonly (ReadList | undefined)[]
}

/** Throws RangeError on what is no certificate or list. */
export function trustIn(authorityPem: string, crlPem: string): Trust {
  const authorities = certificatesIn(authorityPem)
  const lists = pemBlocks(crlPem, 'X509 CRL').map((block) => {
    const read = readList(block)
    if (read === undefined) throw new RangeError('not a list of revoked certificates')
    return read
  })
  return {
    authorities,
    lists: authorities.map(({ publicKey }) => lists.filter(({ tbs, signature }) => verify('sha256', tbs, publicKey, signature))
      .reduce<ReadList | undefined>((newest, one) => (newest === undefined || one.thisMs >= newest.thisMs ? one : newest), undefined)),
  }
}

export function certificatesIn(text: string): readonly X509Certificate[] {
  try {
    return pemBlocks(text, 'CERTIFICATE').map((block) => new X509Certificate(block))
  } catch (error) {
    throw new RangeError('not a certificate', { cause: error })
  }
}

/** Of one certificate; it ends `soon` within so long. `untold`: nobody says whether it was revoked, and whoever asks for that refuses it. */
export function standingOf(
  one: X509Certificate, { authorities, lists }: Trust, nowMs: Millis, withinMs: Millis,
): { readonly found: Found; readonly untilMs: Millis } {
  const untilMs = Date.parse(one.validTo), place = authorities.findIndex((authority) => one.checkIssued(authority) && one.verify(authority.publicKey))
  const list = lists[place], serial = BigInt(`0x${one.serialNumber}`).toString(16)
  const found = (): Found => {
    if (place === -1) return 'strange'
    if (list?.revoked.has(serial) === true) return 'revoked'
    if (nowMs >= untilMs) return 'expired'
    if (nowMs < Date.parse(one.validFrom)) return 'early'
    if (list === undefined || nowMs >= list.nextMs) return 'untold'
    return nowMs >= untilMs - withinMs ? 'soon' : 'good'
  }
  return { found: found(), untilMs }
}
