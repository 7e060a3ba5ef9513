/** Append-only files of bytes, in the words that the audit log is written in; `lib/port/logs.ts` is the port of the same. */
import type { Bytes } from './lines.ts'

/** An append-only file of bytes. Appended bytes are acknowledged once `sync` has returned. */
export interface Tape extends Bytes {
  /** Queue bytes; they are copied, and may be written at any time from now on. */
  append(bytes: Uint8Array): void
  /** Write and make durable everything appended so far. After a failure every later call fails alike: open it anew. */
  sync(): void
  /** Learn of what other processes have appended since; nothing may be queued. */
  reread(): void
  /** Move everything from `offset` on into a file beside it, `NAME.torn-OFFSET`: a torn tail is kept, never dropped. */
  setAside(offset: number): void
  close(): void
}

/** The logs of a home: append-only tapes, and small files about them that are replaced whole. */
export interface Logs {
  /** Made with the first append; until then it reads as empty. */
  open(name: string): Tape
  /** The whole of a small file; undefined where there is none. */
  read(name: string): Buffer | undefined
  /** Replace a small file atomically and durably. */
  replace(name: string, content: string | Uint8Array): void
  /** Forget a small file; nothing where there is none. */
  remove(name: string): void
  /** Names of the files, sorted; of a folder within the logs, where one is named. */
  list(folder?: string): readonly string[]
  /** Move a file within the logs, such as to `archive/X/audit.jsonl`; replaces what stood there. */
  move(from: string, to: string): void
  /** Be the one writer, waiting so long for another to finish; returns the release. Throws Failure `again` where it does not. */
  lock(name: string, waitMs?: number): () => void
  /** Whether someone holds that lock now. */
  isLocked(name: string): boolean
}
