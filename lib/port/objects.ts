/**
 * Things by name (`bars/month=2021-01/3f2a.parquet`), each written whole or not at all: files of a folder, or objects of a bucket. What has been written
 * is there for whoever reads next, and outlives a crash.
 */
import type { Millis } from '#record'

export interface Listed {
  readonly name: string
  readonly bytes: number
  readonly writtenMs: Millis
}

export interface Objects {
  /** As a person writes it: for messages. */
  readonly place: string
  /** Undefined where there is none. */
  read(name: string): Promise<Buffer | undefined>
  /** Everything whose name begins so, by name. */
  list(prefix: string): Promise<readonly Listed[]>
  /** Replaces what stands there. */
  write(name: string, content: Uint8Array): Promise<void>
  /** Writes where nothing stands, of any number of writers for one alone; false for all others. */
  create(name: string, content: Uint8Array): Promise<boolean>
  /** Nothing where there is none. */
  remove(name: string): Promise<void>
  /** Removes what writes that never came to an end have left, of before a moment. How many there were. */
  tidy(beforeMs: Millis): Promise<number>
}
