/** Private keys in files that only their owner can read, public ones in the memory of the home. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { Failure } from '#port/failure'
import type { Keys, PublicKey } from '#port/keys'
import type { Memory, Store } from '#port/store'
import { cannotWrite, codeOf, ensureFolder, nodeDisk, replaceFile } from './disk.ts'

export const KEYS_FILE = 'vault_keys.json'

/** `DIRECTORY/vault_NAME.key`, PKCS 8 in PEM. */
export function fileKeys(directory: string, store: Store): Keys {
  const pathOf = (vault: string): string => join(directory, `vault_${vault}.key`)
  return {
    create(vault, at) {
      const { privateKey } = generateKeyPairSync('ed25519')
      try {
        ensureFolder(nodeDisk, directory)
        replaceFile(nodeDisk, pathOf(vault), Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })))
      } catch (error) {
        throw cannotWrite(pathOf(vault), error)
      }
      return publish(store, vault, privateKey, at)
    },
    has: (vault) => fs.existsSync(pathOf(vault)),
    sign: (vault, text) => signed(readPrivate(pathOf(vault), vault), text),
    publicKeys: () => publicKeysIn(store),
  }
}

function readPrivate(path: string, vault: string): KeyObject {
  let file: number
  try {
    file = fs.openSync(path, 'r')
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? `there is no private key of vault ${vault} here; vanta-vault key ${vault} makes one` : codeOf(error)
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
const idOf = (raw: Buffer): string => createHash('sha256').update(raw).digest('hex').slice(0, 16)

export const signed = (privateKey: KeyObject, text: string): { key: string; signed: string } =>
  ({ key: idOf(rawOf(privateKey)), signed: sign(null, Buffer.from(text), privateKey).toString('base64') })

/** Write the public half down. */
export function publish(store: Store, vault: string, privateKey: KeyObject, at: string): PublicKey {
  const raw = rawOf(privateKey)
  const made: PublicKey = { id: idOf(raw), vault, key: raw.toString('base64'), since: at }
  const stored = store.read(KEYS_FILE)
  const keys = [...publicKeysIn(store).values(), made]
  store.write(KEYS_FILE, { ...stored?.memory, keys: keys.map((key) => ({ ...key })) }, stored?.version ?? 0)
  return made
}

export function publicKeysIn(store: Store): ReadonlyMap<string, PublicKey> {
  const memory: Memory | undefined = store.read(KEYS_FILE)?.memory
  if (memory === undefined) return new Map()
  const { keys } = memory
  if (!Array.isArray(keys) || !keys.every(isPublicKey)) throw new Failure('data', `memory/${KEYS_FILE}: expected a list of {id, vault, key, since}`)
  return new Map(keys.map((key) => [key.id, key]))
}

function isPublicKey(value: unknown): value is PublicKey {
  if (typeof value !== 'object' || value === null) return false
  const { id, vault, key, since } = value as { readonly [field: string]: unknown }
  return typeof id === 'string' && typeof vault === 'string' && typeof since === 'string' && typeof key === 'string' && Buffer.from(key, 'base64').length === 32
}
