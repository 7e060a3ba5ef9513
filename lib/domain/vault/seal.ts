/**
 * Settings that their vault has signed: `vault.json` may be edited by hand, but what was edited counts only once it is signed again
 * (`vanta-vault sign`). Every signed version is kept in `logs/vaults.ndjson`.
 */
import { canonicalize, type Json } from '#record'
import { holds, type KnownKey } from './signature.ts'
import { BOOK, readBookCaps, type BookCaps } from './vault.ts'

type Entry = { readonly [name: string]: Json }
type Sign = (text: string) => { readonly key: string; readonly signed: string }

/** Stands as `seal` in a vault's entry. */
export interface Seal {
  /** Counts the signed versions of one vault from 1. */
  readonly version: number
  readonly key: string
  readonly signed: string
}

const statement = (vault: string, version: number, settings: Entry): string => `vanta vault\n${vault}\n${version}\n${canonicalize(settings)}\n`

export function settingsOf(entry: Entry): Entry {
  const { seal: _seal, ...settings } = entry
  return settings
}

export function sealOf(entry: unknown): Seal | undefined {
  const seal = typeof entry === 'object' && entry !== null ? (entry as { readonly seal?: unknown }).seal : undefined
  if (typeof seal !== 'object' || seal === null) return undefined
  const { version, key, signed } = seal as { readonly [field: string]: unknown }
  return typeof version === 'number' && typeof key === 'string' && typeof signed === 'string' ? { version, key, signed } : undefined
}

/** The entry with the next version's seal. */
export function sealed(vault: string, entry: Entry, sign: Sign): Entry {
  const settings = settingsOf(entry), version = (sealOf(entry)?.version ?? 0) + 1
  return { ...settings, seal: { version, ...sign(statement(vault, version, settings)) } }
}

/** Why settings do not count, or undefined where their vault has signed them as they stand. */
export function sealFault(vault: string, entry: unknown, keyOf: (id: string) => KnownKey | undefined): string | undefined {
  const seal = sealOf(entry)
  const [whose, again] = vault === BOOK ? ['book', 'run vanta-vault book'] : [`vault "${vault}"`, `run vanta-vault sign ${vault}`]
  if (seal === undefined) return `${whose}: its settings are not signed; ${again}`
  const known = keyOf(seal.key)
  if (known === undefined || known.owner !== vault) return `${whose}: its settings are signed with a key that is not its own (${seal.key}); ${again}`
  const text = statement(vault, seal.version, settingsOf(entry as Entry))
  return holds(text, seal.signed, known.key) ? undefined : `${whose}: its settings were changed after they were signed; ${again}`
}

/**
 * The caps over all vaults that are in force: undefined where there never were any, or none were signed; or what is wrong with them. Caps that nobody
 * signed are no caps to rely on, nor may those that were signed once go away by an edit: a key of the book shows that there were.
 */
export function bookCapsIn(memory: { readonly [name: string]: unknown } | undefined, keys: ReadonlyMap<string, KnownKey>): BookCaps | string | undefined {
  const entry = memory?.['book']
  if (entry === undefined && ![...keys.values()].some(({ owner }) => owner === BOOK)) return undefined
  return sealFault(BOOK, entry, (id) => keys.get(id)) ?? readBookCaps(memory)
}
