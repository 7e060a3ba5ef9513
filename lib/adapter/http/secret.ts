/** Secrets go onto the wire and nowhere else: put into an address just before it is asked, and taken out of whatever comes back. */
import type { Secret } from '#port/outside'

/** The address as it is asked. `{name}` of a path stands percent-encoded in a parsed address. */
export function withSecrets(wire: URL, { path = {}, query = {} }: Secret = {}): URL {
  for (const [name, value] of Object.entries(path)) wire.pathname = wire.pathname.replaceAll(`%7B${name}%7D`, pathPart(value))
  for (const [name, value] of Object.entries(query)) wire.searchParams.set(name, value)
  return wire
}

/** A path segment: colons may stand as they are (RFC 3986, 3.3), and services such as Telegram's expect them so. */
const pathPart = (value: string): string => encodeURIComponent(value).replaceAll('%3A', ':')

/** Shorter ones are common words and numbers by chance. */
const SHORTEST = 4

/** A text that the service wrote, such as an error or where it redirects to, with `{name}` for every secret that it repeats. */
export function withoutSecrets(text: string, { path = {}, query = {}, headers = {} }: Secret = {}): string {
  let clean = text
  const hide = (name: string, value: string): void => {
    if (value.length < SHORTEST) return
    for (const form of new Set([value, pathPart(value), encodeURIComponent(value)])) clean = clean.replaceAll(form, `{${name}}`)
  }
  for (const [name, value] of [...Object.entries(path), ...Object.entries(query)]) hide(name, value)
  for (const [name, value] of Object.entries(headers)) {
    hide(name, value)
    // `Bearer TOKEN`, `Bot TOKEN`
    hide(name, value.slice(value.indexOf(' ') + 1))
  }
  return clean
}
