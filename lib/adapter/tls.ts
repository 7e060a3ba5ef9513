/**
 * Who this node is to servers of streams, and whom it believes: certificates from files that secrets name (`redis_ca`, `redis_cert`, `redis_key`,
 * `redis_crl` for a prefix of `redis`), or those that vanta-keys has put into secrets/tls of the home.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { LISTS_FILE, TRUSTED_FILE } from '#domain/certificate/standing'
import { pem, pemBlocks } from '#domain/certificate/x509'
import type { Millis } from '#record'
import type { Credentials } from '#port/secrets'
import { Failure } from '#port/failure'
import { codeOf } from './file/disk.ts'
import { readPrivately } from './file/secrets.ts'

/** What is said to a server so that it lets us in. */
export interface Login {
  readonly secrets: Credentials
  /** Where the certificates of this node lie, unless secrets name others. */
  readonly tlsFolder: string
}

/** As `tls.connect` takes them. Each is read when it is asked for: what was rotated or revoked since counts from the next connection on. */
export interface TlsFiles {
  readonly ca: Buffer | undefined
  readonly crl: string[] | undefined
  readonly cert: Buffer | undefined
  readonly key: Buffer | undefined
}

interface Paths {
  readonly ca: string | undefined
  readonly crl: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** Throws Failure `config` where one cannot be read, or others may read the private key; later too, when a connection is made anew. */
export function tlsFilesOf(prefix: string, secrets: Credentials, folder: string): TlsFiles {
  const paths = named(prefix, secrets) ?? ownIn(prefix, folder)
  const files: TlsFiles = {
    get ca() {
      return paths.ca === undefined ? undefined : fileAt(paths.ca)
    },
    get crl() {
      // One list a block: of several in one text only the first would be heeded.
      return paths.crl === undefined ? undefined : pemBlocks(fileAt(paths.crl).toString('latin1'), 'X509 CRL').map((block) => pem('X509 CRL', block))
    },
    get cert() {
      return paths.cert === undefined ? undefined : fileAt(paths.cert)
    },
    get key() {
      if (paths.key === undefined) return undefined
      const content = readPrivately(paths.key)
      if (content === undefined) throw new Failure('config', `${paths.key}: there is no such file`)
      return content
    },
  }
  // What is wrong with them is said before anybody is asked.
  Object.assign({}, files)
  return files
}

/** Those that secrets name; the key may stand in the file of the certificate. */
function named(prefix: string, secrets: Credentials): Paths | undefined {
  const [ca, crl, cert, key] = (['ca', 'crl', 'cert', 'key'] as const).map((part) => secrets[`${prefix}_${part}`])
  return [ca, crl, cert, key].every((path) => path === undefined) ? undefined : { ca, crl, cert, key: key ?? cert }
}

const NONE: Paths = { ca: undefined, crl: undefined, cert: undefined, key: undefined }

/** Those in the home, all of them or none: where there is no list of revoked certificates nobody is believed. */
function ownIn(prefix: string, folder: string): Paths {
  let names: readonly string[]
  try {
    names = readdirSync(folder).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return NONE
    throw new Failure('config', `${folder}: cannot read: ${codeOf(error)}`, error)
  }
  if (!names.includes(TRUSTED_FILE)) return NONE
  const [own, ...more] = names.filter((name) => name.endsWith('.pem') && name !== TRUSTED_FILE)
  if (more.length > 0) {
    throw new Failure('config', `${folder}: ${[own, ...more].join(', ')}: which is this node? ${prefix}_cert and ${prefix}_ca in secrets/bus say it`)
  }
  const cert = own === undefined ? undefined : join(folder, own)
  return { ca: join(folder, TRUSTED_FILE), crl: join(folder, LISTS_FILE), cert, key: cert }
}

function fileAt(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Failure('config', `${path}: cannot read: ${codeOf(error)}`, error)
  }
}

/** One side does not believe the other: by its certificate, or by what it says of ours (an alert). To ask again would change nothing. */
export const isDistrust = (why: string): boolean => /certificate|\bCRL\b|alert number|wrong version number/i.test(why)

/** OpenSSL's words without the places in its source. */
export const plainly = (why: string): string => /SSL routines:[^:]*:([^:]+):/.exec(why)?.[1] ?? why

/** With TLS 1.3 a server judges a client only behind the handshake: a ticket of the session, or an answer, shows that it let us in. */
const TICKET_MS: Millis = 150, BELIEVED_MS: Millis = 5000

/**
 * Whether the two sides believe one another. Something is said (`hello`) only where nothing was heard: a server that turns us away while we speak
 * cuts us off, and why is lost. Throws Failure `config` where they do not; whatever else goes wrong is for the client that asks next.
 */
export async function believed(name: string, at: { readonly host: string; readonly port: number }, files: TlsFiles, hello: Buffer): Promise<void> {
  const why = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ ...at, ...(isIP(at.host) === 0 && { servername: at.host }), ...files })
    let isOpen = false, speaking: NodeJS.Timeout | undefined
    const end = (reason?: string): void => {
      clearTimeout(speaking)
      socket.destroy()
      resolve(reason)
    }
    socket.setTimeout(BELIEVED_MS, end)
    socket.once('secureConnect', () => {
      isOpen = true
      speaking = setTimeout(() => socket.write(hello), TICKET_MS)
    })
    // With TLS 1.2 the ticket comes before the end of the handshake.
    socket.on('session', () => isOpen && end()).once('data', () => end()).once('close', () => end()).on('error', ({ message }) => end(message))
  })
  if (why !== undefined && isDistrust(why)) throw new Failure('config', `${name}: ${plainly(why)}`)
}
