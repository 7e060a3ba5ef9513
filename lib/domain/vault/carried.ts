/**
 * Signed versions of settings on their way from the node that signs them to the one that trades by them. Whoever carries them can hold them back, and
 * nothing else: each counts by its own vault's signature alone, and none that is older than what was taken over before.
 */
import { type Control, type Json, type RecordOf } from '#record'
import { sealFault, sealOf, type Seal } from './seal.ts'
import type { KnownKey } from './signature.ts'
import { BOOK, BOOK_OFF, readBookCaps, readVault, vaultEntries } from './vault.ts'

type Memory = { readonly [name: string]: Json | undefined }
type Entry = { readonly [name: string]: Json }
type Carrier = RecordOf<'vault'> | Control

/** One version: of a vault, or of the caps over all (`_book`). */
export interface Version {
  readonly owner: string
  /** As `vault.json` keeps it, seal included. */
  readonly entry: Entry
  readonly seal: Seal
}

/** Of a record that a version of settings is told by; undefined of others, and of one that nobody has signed. */
export function versionIn(record: Carrier): Version | undefined {
  if (record.kind === 'control') {
    if (record.type !== 'book_caps') return undefined
    const { caps, seal } = record.facts ?? {}
    return versionOf(BOOK, { ...(caps === null ? BOOK_OFF : isEntry(caps) ? caps : {}), ...(isEntry(seal) && { seal }) })
  }
  const { kind: _kind, id: _id, parents: _parents, at: _at, known_at: _knownAt, source: _source, by: _by, vault, version: _version, ...entry } = record
  return versionOf(vault, entry as Entry)
}

/** What is in force by a `vault.json`, as far as it is signed. */
export function versionsIn(memory: Memory | undefined): readonly Version[] {
  const entries = [...vaultEntries(memory), ...(memory?.['book'] === undefined ? [] : [[BOOK, memory['book']] as const])]
  return entries.flatMap(([owner, entry]) => (isEntry(entry) ? versionOf(owner, entry) ?? [] : []))
}

function versionOf(owner: string, entry: Entry): Version | undefined {
  const seal = sealOf(entry)
  return seal === undefined ? undefined : { owner, entry, seal }
}

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value)

export type Taken =
  | { readonly take: 'new'; readonly memory: Memory }
  /** It is in force, or an older one. */
  | { readonly take: 'nothing' }
  | { readonly take: 'refused'; readonly why: string }

/**
 * What becomes of `vault.json` by a version. `before`: the seals of the versions of the same owner that were ever taken over here, so that no older one
 * comes back, and none of two that bear one number.
 */
export function taken(memory: Memory | undefined, version: Version, before: readonly Seal[], keyOf: (id: string) => KnownKey | undefined): Taken {
  const { owner, entry, seal } = version
  const fault = sealFault(owner, entry, keyOf)
  if (fault !== undefined) return { take: 'refused', why: fault }
  const now = versionsIn(memory).find((standing) => standing.owner === owner)
  const holds = now !== undefined && sealFault(owner, now.entry, keyOf) === undefined, known = holds ? [...before, now.seal] : before
  if (known.some((other) => other.version > seal.version)) return { take: 'nothing' }
  if (known.some((other) => other.version === seal.version && other.signed !== seal.signed)) {
    return { take: 'refused', why: `${owner}: another version ${seal.version} of its settings was signed and taken over before` }
  }
  if (holds && now.seal.signed === seal.signed) return { take: 'nothing' }
  const vaults = Object.fromEntries(vaultEntries(memory)) as Entry
  const next: Memory = owner === BOOK ? { vaults: {}, ...memory, book: entry } : { ...memory, vaults: { ...vaults, [owner]: entry } }
  const wrong = owner === BOOK ? readBookCaps(next) : readVault(next, owner)
  return typeof wrong === 'string' ? { take: 'refused', why: wrong } : { take: 'new', memory: next }
}
