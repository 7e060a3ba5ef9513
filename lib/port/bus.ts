/**
 * Streams that many processes write and read: lines, partitioned by a key. Lines of one key keep their order, whoever reads them and however many.
 * A group of readers hears every line at least once, until it says that it is done with it.
 */
import type { Millis } from '#record'
import type { Batch } from '#domain/bus/batch'
import type { Lag } from '#domain/bus/lag'
import type { Position } from '#domain/bus/position'

export type { Batch, Placed } from '#domain/bus/batch'
export type { Lag } from '#domain/bus/lag'

export interface Outgoing {
  /** Lines with the same key are heard in the order in which they were sent. */
  readonly key: string
  readonly line: string
}

/**
 * From where a stream is read again: the first line that is kept, what of those that are kept was sent at or after a time, or all that stands behind a
 * position. Throws Failure `usage` on a position that is none in this stream, or behind which lines have been dropped: nothing is left out unsaid.
 */
export type Since = 'beginning' | Millis | Position

export type Until = Position | 'now' | 'stopped'

export interface Bus {
  /** As a person writes it, without secrets: for messages. */
  readonly address: string
  /** Durable once it resolves, as far as the server makes it so. Throws Failure `upstream` where it cannot for too long. */
  append(lines: readonly Outgoing[]): Promise<void>
  /** Be one of a group; the group itself begins at `since`, where it is new. */
  join(group: string, since: Since): Promise<Member>
  /** Everything from `since` to a position, or to what stands there now, or on and on; no group hears of it. */
  replay(since: Since, until: Until): AsyncIterable<readonly Batch[]>
  /** Behind it nothing has been dropped. */
  starts(): Promise<Position>
  /** How far it goes now. */
  ends(): Promise<Position>
  /** Where groups stand. */
  lags(): Promise<readonly Lag[]>
  /** What the clock of the server says; undefined where there is no server, or it does not tell. */
  serverTimeMs(): Promise<Millis | undefined>
  close(): Promise<void>
}

/** One reader of a group. Partitions are shared among its members; those of one that is gone fall to the others. */
export interface Member {
  /**
   * What has come, in order; nothing where nothing came for so long, and what is another's is that of one that lives: whoever fell silent is waited
   * for, so that "nothing" is no lease of the dead.
   */
  next(maxWaitMs: Millis): Promise<readonly Batch[]>
  /** The effects of these are durable: they are not handed out again. Of one partition in the order in which they were handed out. */
  done(batches: readonly Batch[]): Promise<void>
  /** What it is not done with is handed to the next. */
  leave(): Promise<void>
}
