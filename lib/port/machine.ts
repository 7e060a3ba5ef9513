/** The machine that a home stands on, and the files of the home, as an operator looks at them: nothing is changed but by `system`. */
import type { Millis } from '#record'
import type { System } from './system.ts'

export interface Entry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
  readonly bytes: number
  /** Permission bits, such as 0o600. */
  readonly mode: number
  /** Id of the user who owns it. */
  readonly owner: number
  readonly modifiedMs: Millis
}

/** Of the file system that a folder is on; what an unprivileged user may still take counts as free. */
export interface Space {
  readonly freeBytes: number
  readonly totalBytes: number
  /** 0 of 0 where the file system does not count them. */
  readonly freeInodes: number
  readonly totalInodes: number
}

export interface Machine {
  /** What only an installation changes. */
  readonly system: System
  /** What stands in a folder, sorted by name; empty where there is none. Throws Failure `data` where it may not be looked at. */
  entries(folder: string): readonly Entry[]
  /** Of the nearest folder above that there is. */
  space(folder: string): Space
  /** Processes that have the file open; undefined where the system does not tell. Files of other users, who may not open ours, are not seen. */
  holders(path: string): readonly number[] | undefined
  /** Version of Node.js, without the v. */
  readonly node: string
  readonly platform: string
  /** As the environment sets it (IANA name); no decision rests on it. */
  readonly timeZone: string
  readonly locale: string
  /** Id of the user this process runs as; undefined where there are none. */
  readonly user: number | undefined
  /** Since this process was started. */
  readonly uptimeMs: Millis
  readonly memoryBytes: number
}
