/** Names that a certificate gives its subject besides the common one: all that clients compare. */
import type { AltName } from './x509.ts'

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/
const MOST_NAME = 253

/** `redis.example`, `10.0.0.1`, `::1`, with `DNS:` or `IP:` before them or not; undefined where the text is neither. */
export function parseAltName(text: string): AltName | undefined {
  const [, sort, name = ''] = /^(?:(dns|ip):)?(.+)$/i.exec(text.trim()) ?? []
  const isAddress = isIPv4(name) || isIPv6(name)
  if (sort?.toLowerCase() === 'dns' ? false : isAddress) return { ip: name.toLowerCase() }
  return sort?.toLowerCase() === 'ip' || isAddress || !isDomain(name.toLowerCase()) ? undefined : { dns: name.toLowerCase() }
}

export const formatAltName = (name: AltName): string => ('dns' in name ? `DNS:${name.dns}` : `IP:${name.ip}`)

export const isDomain = (name: string): boolean =>
  name.length <= MOST_NAME && name.replace(/^\*\./, '').split('.').every((label) => LABEL.test(label)) && !/^[\d.]+$/.test(name)

const isIPv4 = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) < 256 && String(Number(part)) === part)

function isIPv6(text: string): boolean {
  const halves = text.split('::'), groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!text.includes(':') || halves.length > 2 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? groups.length < 8 : groups.length === 8
}
