/** How markets and moments of exchanges stand in records. */
import { DAY_MS, formatInstant, type Millis } from '#record'
import type { Market } from './said.ts'

/** When and how a message was heard. */
export interface Hearing {
  /** When the payload was heard. */
  readonly heardMs: Millis
  /** When the machine that recorded the message heard it, where the payload says so. */
  readonly localMs: Millis | undefined
}

export interface Times {
  readonly atMs: Millis
  readonly knownMs: Millis
  /** What the venue's clock said, where it can not have been so. */
  readonly fault: string | undefined
}

/** No electronic market is older; whatever is before is a clock that was never set. */
const EARLIEST_MS = Date.UTC(1990, 0, 1)

/** A clock may be ahead of ours, but not by a day. */
const isPlausible = (ms: Millis, heardMs: Millis): boolean => ms >= EARLIEST_MS && ms <= heardMs + DAY_MS

/**
 * When something happened, by the venue's clock, and since when it was known: when the recording machine heard it, else when the venue
 * said it to everybody (never before it happened). Where the venue's clock makes no sense, or it told no time, when it was heard.
 */
export function timesOf({ heardMs, localMs }: Hearing, atMs: Millis | undefined, saidMs?: Millis): Times {
  const local = localMs !== undefined && isPlausible(localMs, heardMs) ? localMs : undefined
  if (atMs === undefined) return { atMs: local ?? heardMs, knownMs: local ?? heardMs, fault: undefined }
  if (!isPlausible(atMs, heardMs)) return { atMs: local ?? heardMs, knownMs: local ?? heardMs, fault: `the venue's clock said ${clockText(atMs)}` }
  const said = saidMs !== undefined && isPlausible(saidMs, heardMs) ? saidMs : atMs
  return { atMs, knownMs: Math.max(atMs, local ?? said), fault: undefined }
}

/** As an instant where the calendar has one. */
const clockText = (ms: Millis): string => (Math.abs(ms) <= 8_640_000_000_000_000 ? formatInstant(ms) : String(ms))

type Named = { source: string; key: string; author: string; subject?: string }

/** Source, key, author and subject of what a market says on one of its streams; `id` where it is a thing of its own, such as a trade. */
export function namedOf({ venue, symbol, subject }: Market, stream: string, id?: string): Named {
  const key = id === undefined ? [venue, symbol ?? stream] : [venue, ...(symbol === undefined ? [] : [symbol]), stream, id]
  return { source: `${venue}/${stream}`, key: key.join(':'), author: `exchange:${venue}`, ...(subject !== undefined && { subject }) }
}
