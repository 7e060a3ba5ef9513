/** Private keys in files that only their owner can read, public ones in the memory of the home. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { keyIdOf } from '#domain/vault/signature'
import { Failure } from '#port/failure'
import type { KeyRole, Keys, PublicKey } from '#port/keys'
import type { Memory, Store } from '#port/store'
import { cannotWrite, codeOf, ensureFolder, nodeDisk, replaceFile } from './disk.ts'

/** `DIRECTORY/ROLE_NAME.key`, PKCS 8 in PEM; public halves in the memory file `ROLE_keys.json`. */
export function fileKeys(directory: string, store: Store, role: KeyRole = 'vault'): Keys {
  const pathOf = (owner: string): string => join(directory, `${role}_${owner}.key`)
  return {
    create(owner, at) {
      const { privateKey } = generateKeyPairSync('ed25519')
      // The public half goes first: whatever was signed can be checked, however this ends.
      const made = publish(store, role, owner, privateKey, at)
      try {
        ensureFolder(nodeDisk, directory)
        replaceFile(nodeDisk, pathOf(owner), Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })))
      } catch (error) {
        throw cannotWrite(pathOf(owner), error)
      }
      return made
    },
    has: (owner) => fs.existsSync(pathOf(owner)),
    current: (owner) => currentOf(readPrivate(pathOf(owner), role, owner), store, role),
    sign: (owner, text) => signed(readPrivate(pathOf(owner), role, owner), text),
    pin: (keys) => note(store, role, keys),
    publicKeys: () => publicKeysIn(store, role),
  }
}

const MAKES: { readonly [role in KeyRole]: (owner: string) => string } = {
  vault: (owner) => `vanta-vault key ${owner}`,
  node: (owner) => `vanta-audit key ${owner}`,
}

function readPrivate(path: string, role: KeyRole, owner: string): KeyObject {
  let file: number
  try {
    file = fs.openSync(path, 'r')
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? `there is no private key of ${role} ${owner} here; ${MAKES[role](owner)} makes one` : codeOf(error)
    throw new Failure('config', `${path}: ${why}`, error)
  }
  try {
    if ((fs.fstatSync(file).mode & 0o077) !== 0) throw new Failure('config', `${path}: others may read it; chmod 600 it`)
    return createPrivateKey(fs.readFileSync(file))
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('config', `${path}: not a private key`)
  } finally {
    fs.closeSync(file)
  }
}

/** The raw 32 bytes are the last of the SubjectPublicKeyInfo. */
const raws = new WeakMap<KeyObject, Buffer>()

/** To derive a public key costs as much as to sign: once for each private one. */
function rawOf(privateKey: KeyObject): Buffer {
  let raw = raws.get(privateKey)
  if (raw === undefined) raws.set(privateKey, (raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)))
  return raw
}

export const signed = (privateKey: KeyObject, text: string): { key: string; signed: string } =>
  ({ key: keyIdOf(rawOf(privateKey)), signed: sign(null, Buffer.from(text), privateKey).toString('base64') })

/** The published half of a private key. */
export function currentOf(privateKey: KeyObject, store: Store, role: KeyRole): PublicKey {
  const id = keyIdOf(rawOf(privateKey)), found = publicKeysIn(store, role).get(id)
  if (found === undefined) throw new Failure('config', `memory/${keysFile(role)}: the key that signs now, ${id}, is not listed`)
  return found
}

const keysFile = (role: KeyRole): string => `${role}_keys.json`

/** Write the public half down. */
export function publish(store: Store, role: KeyRole, owner: string, privateKey: KeyObject, at: string): PublicKey {
  const raw = rawOf(privateKey)
  const made: PublicKey = { id: keyIdOf(raw), owner, key: raw.toString('base64'), since: at }
  note(store, role, [made])
  return made
}

/** Beside those that are known. */
export function note(store: Store, role: KeyRole, more: readonly PublicKey[]): void {
  const stored = store.read(keysFile(role)), known = publicKeysIn(store, role)
  const keys = [...known.values(), ...more.filter(({ id }) => !known.has(id))]
  const written = keys.map(({ id, owner: name, key, since }) => ({ id, [role]: name, key, since }))
  store.write(keysFile(role), { ...stored?.memory, keys: written }, stored?.version ?? 0)
}

export function publicKeysIn(store: Store, role: KeyRole): ReadonlyMap<string, PublicKey> {
  const memory: Memory | undefined = store.read(keysFile(role))?.memory
  if (memory === undefined) return new Map()
  const { keys } = memory
  const read = Array.isArray(keys) ? keys.map((key) => publicKeyIn(key, role)) : [undefined]
  return new Map(read.map((key) => {
    if (key === undefined) throw new Failure('data', `memory/${keysFile(role)}: expected a list of {id, ${role}, key, since}`)
    return [key.id, key]
  }))
}

function publicKeyIn(value: unknown, role: KeyRole): PublicKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, [role]: owner, key, since } = value as { readonly [field: string]: unknown }
  if (typeof id !== 'string' || typeof owner !== 'string' || typeof since !== 'string' || typeof key !== 'string') return undefined
  return Buffer.from(key, 'base64').length === 32 ? { id, owner, key, since } : undefined
}
