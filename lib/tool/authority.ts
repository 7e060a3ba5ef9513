/** The authority of certificates: a folder with its keys, its register, and what all nodes may know: whom to trust, and what was revoked. */
import type { Millis } from '#record'
import {
  isName, parseRegister, signerAt, trusted, withAuthority, withIssued, withLists, type Issued, type Register, type Wanted,
} from '#domain/certificate/register'
import { LISTS_FILE, TRUSTED_FILE } from '#domain/certificate/standing'
import { Failure } from '#port/failure'
import type { ActionWorld } from './define.ts'

export const AUTHORITY_OPTION = {
  kind: 'path', variable: 'VANTA_AUTHORITY', help: 'folder of the authority, which need not be on a node (default: secrets/authority in the home)',
} as const
export const TO_OPTION = { kind: 'path', help: 'folder for certificates (default: secrets/tls in the home)' } as const

const REGISTER_FILE = 'register.json', WAIT_MS = 10_000

export const authorityFolder = (named: string | undefined, { home }: Pick<ActionWorld, 'home'>): string => named ?? `${home}/secrets/authority`
export const certificateFolder = (named: string | undefined, { home }: Pick<ActionWorld, 'home'>): string => named ?? `${home}/secrets/tls`
export const certificateFile = (folder: string, name: string): string => `${folder}/${name}.pem`

/** The file of the key of one of the authority's certificates, by its place in the register. */
export const authorityKeyFile = (folder: string, place: number): string => `${folder}/ca-${place + 1}.pem`

/** Undefined where there is no authority. Throws Failure `data` where its register cannot be read. */
export function registerIn(folder: string, world: Pick<ActionWorld, 'folder'>): Register | undefined {
  const path = `${folder}/${REGISTER_FILE}`, content = world.folder.read(path)
  if (content === undefined) return undefined
  const register = parseRegister(content.toString('utf8'))
  if (typeof register === 'string') throw new Failure('data', `${path}: ${register}`)
  return register
}

function neededRegister(folder: string, world: Pick<ActionWorld, 'folder'>): Register {
  const register = registerIn(folder, world)
  if (register === undefined) throw new Failure('config', `there is no authority in ${folder}; vanta-keys init makes one, --authority says where it is`)
  return register
}

/** One writer at a time. At the end the lists are made anew, and `to` has them too. */
export class AuthorityAtWork {
  readonly #folder: string
  readonly #world: ActionWorld
  readonly #release: () => void
  readonly nowMs: Millis
  #register: Register

  /** Throws Failure `config` where there is no authority, `again` where somebody else is at work with it. */
  constructor(folder: string, world: ActionWorld, fresh?: Register) {
    this.#folder = folder
    this.#world = world
    this.nowMs = world.clock.now()
    if (fresh === undefined) neededRegister(folder, world)
    this.#release = world.logsIn(folder).lock('authority', WAIT_MS)
    try {
      const found = registerIn(folder, world)
      if (fresh !== undefined && found !== undefined) {
        throw new Failure('refused', `${folder}: there is an authority already; vanta-keys rotate ca makes its next key`)
      }
      this.#register = fresh ?? neededRegister(folder, world)
    } catch (error) {
      this.#release()
      throw error
    }
  }

  get register(): Register {
    return this.#register
  }

  change(register: Register): void {
    this.#register = register
    this.#world.folder.write(`${this.#folder}/${REGISTER_FILE}`, `${JSON.stringify(register, undefined, 2)}\n`)
  }

  /** A key of the authority's own, which signs from then on. */
  extend(lifeMs: Millis, signsFromMs: Millis): void {
    let changed = this.#register
    this.#world.certificateKeys.certify(authorityKeyFile(this.#folder, changed.authorities.length), (publicKey, sign) => {
      changed = withAuthority(changed, publicKey, { nowMs: this.nowMs, lifeMs, signsFromMs }, sign)
      return changed.authorities.at(-1)?.certificate ?? ''
    })
    this.change(changed)
  }

  /** A key and its certificate in the folder; it stands in the register before it is there. */
  issue(wanted: Wanted, to: string): Issued {
    const { name } = wanted
    if (!isName(name)) throw new Failure('usage', `expected a name like markets or redis.example: small letters, digits, dots and -, got "${name}"`)
    const place = signerAt(this.#register, this.nowMs), found: Issued[] = []
    if (place === -1) throw new Failure('refused', "the authority's own certificate has ended; vanta-keys rotate ca --overlap 1s makes the next")
    this.#world.certificateKeys.certify(certificateFile(to, name), (publicKey) => {
      const made = withIssued(this.#register, wanted, publicKey, this.nowMs, this.#signAs(place))
      this.change(made.register)
      found.push(made.issued)
      return made.certificate
    })
    const [issued] = found
    if (issued === undefined) throw new Failure('bug', 'a key was made that nobody certified')
    return issued
  }

  readonly #signAs = (place: number) => (bytes: Buffer): Buffer => this.#world.certificateKeys.sign(authorityKeyFile(this.#folder, place), bytes)

  /** Say what is trusted and what is not, here and in the folders of certificates. */
  publish(...to: readonly string[]): void {
    const { register, lists } = withLists(this.#register, this.nowMs, this.#signAs)
    this.change(register)
    for (const folder of [this.#folder, ...to]) {
      this.#world.folder.write(`${folder}/${TRUSTED_FILE}`, trusted(register, this.nowMs))
      this.#world.folder.write(`${folder}/${LISTS_FILE}`, lists)
    }
  }

  close(): void {
    this.#release()
  }
}

/** The folders that new lists are brought to: the one that is named, or the usual one where it is in use. */
export function carriedTo(named: string | undefined, world: Pick<ActionWorld, 'home' | 'folder'>): readonly string[] {
  const folder = certificateFolder(named, world)
  return named !== undefined || world.folder.list(folder).includes(TRUSTED_FILE) ? [folder] : []
}

/** Work with the authority, and leave it to others whatever comes. */
export function withAuthorityIn<T>(folder: string, world: ActionWorld, work: (authority: AuthorityAtWork) => T, fresh?: Register): T {
  const authority = new AuthorityAtWork(folder, world, fresh)
  try {
    return work(authority)
  } finally {
    authority.close()
  }
}
