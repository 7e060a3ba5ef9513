import type { Json } from '#record'

export type Memory = { readonly [field: string]: Json | undefined }

/** One state of a memory file; versions count up from 1. */
export interface Versioned {
  readonly version: number
  readonly memory: Memory
}

/**
 * Live state by name (`vault.json`): each write replaces the whole file atomically and durably, and names the version it is
 * based on, so that two writers cannot overwrite each other unseen.
 */
export interface Store {
  /** Undefined where it was never written. Throws Failure `data` where it cannot be read as a memory file. */
  read(name: string): Versioned | undefined
  /** Returns the new version. Throws Failure `again` where the stored version is no longer `basedOn` (0: not yet written). */
  write(name: string, memory: Memory, basedOn: number): number
}
