/** What collectors parse: a payload in, records out. The same parser reads files, answers of a service and kept payloads. */
import type { Millis, Vanta } from '#record'
import type { Log } from './log.ts'

/** Bytes from outside: untrusted, of whatever kind they turn out to be. */
export interface Payload {
  /** For messages: a file name, `stdin`, or an address without its secrets. */
  readonly name: string
  /** Decompressed. */
  readonly bytes: Buffer
  /** When it was heard: what it says was known no later, and no earlier unless it says so itself. */
  readonly heardMs: Millis
  /** As the service declared it; never trusted over the content. */
  readonly contentType?: string | undefined
  /** What was asked, without secrets, where an answer does not say so itself: a series name, a symbol. */
  readonly url?: string | undefined
  /** The content id under which it is kept. Records said only after later payloads name it themselves, in `raw`. */
  readonly raw?: string | undefined
}

/** What a parser is handed besides the payload. */
export interface Reading {
  /** Tool and version, the `by` of every record. */
  readonly by: string
  readonly log: Log
  /**
   * A part of the payload that should have been a signal and is not, or that is none by nature (a heartbeat, a test row):
   * `place` says where (`row 17`, `item 3`), `why` the reason, the same words for the same reason so that they can be counted.
   */
  reject(place: string, why: string): void
  /** A file that the user names by an option, decompressed; Failure `data` where there is none. Absent where no files are at hand. */
  readonly file?: (path: string) => Buffer
}

/**
 * Reads payloads one after another (asynchronous only where a format needs it) and may hold on to what only a later one completes.
 * `read` throws Failure `data` where a payload is none that it knows, or is broken as a whole; a payload rightly without signals is
 * said with one `reject`.
 */
export interface Parser {
  read(payload: Payload): Iterable<Vanta> | AsyncIterable<Vanta>
  /** After the last payload. */
  end?(): Iterable<Vanta>
}

const distinctOnes = new WeakSet<object>()

/** Records whose maker vouches that none comes twice, here or from another payload: whoever hands them on need not remember a million ids. */
export function distinct<R extends Iterable<Vanta>>(records: R): R {
  distinctOnes.add(records)
  return records
}

export const isDistinct = (records: object): boolean => distinctOnes.has(records)
