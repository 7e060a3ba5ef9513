/** Where secrets are kept, as a person writes it. */

/** The name under which files tell how a HashiCorp Vault is entered. */
export const VAULT_LOGIN = 'vault'

export type SecretsPlace = { readonly kind: 'files' } | {
  readonly kind: 'vault'
  /** `https://vault.example:8200`. */
  readonly origin: string
  /** Where the engine of keys and values (version 2) is mounted. */
  readonly mount: string
  /** Segments before the names, none or more. */
  readonly path: readonly string[]
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/
const SEGMENT = /^[A-Za-z0-9_.-]+$/

/** `files`, or `vault:https://HOST:PORT/MOUNT/PATH`. Throws RangeError on what is neither; without TLS only this machine itself is asked. */
export function parseSecretsPlace(text: string): SecretsPlace {
  if (text === 'files') return { kind: 'files' }
  const wrong = new RangeError(`--secrets-in: expected files, or vault:https://HOST:8200/MOUNT/PATH, got "${text}"`), typed = text.replace(/^vault:/, '')
  if (typed === text || !URL.canParse(typed)) throw wrong
  const { protocol, origin, hostname, pathname, username, search, hash } = new URL(typed)
  const [mount = '', ...path] = pathname.split('/').filter((part) => part !== '')
  if (username !== '' || search !== '' || hash !== '' || ![mount, ...path].every((part) => SEGMENT.test(part) && !/^\.+$/.test(part))) throw wrong
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) throw new RangeError('--secrets-in: secrets go over https only, except on this machine')
  if (protocol !== 'https:' && protocol !== 'http:') throw wrong
  return { kind: 'vault', origin, mount, path }
}
