/** When an article appeared, as far as its feed says so in a way that can be believed. */
import { DAY_MS, formatInstant, type Millis } from '#record'
import type { Dated } from '../feed/model.ts'

/** Before the first web page there was no feed. */
const EARLIEST_MS = Date.UTC(1990, 0, 1)
/** Clocks and zones of publishers are wrong by hours, embargoes by less than a day. */
const AHEAD_MS = DAY_MS

export interface Dating {
  readonly atMs: Millis
  /**
   * How the moment was come by, where it is not simply stated: `no zone` (a clock whose zone is unknown, read as UTC), `day`, `month`
   * or `year` (no finer date), `feed` (when the feed was built: no later than that), `hearing` (the UTC day on which it was heard).
   */
  readonly dated: string | undefined
  /** What is stated and cannot be meant: no date, or one far ahead. */
  readonly statedDate: string | undefined
}

/**
 * `dates` in the order in which they are to be believed; `built` is of the whole feed. Where nothing is stated it is the day of hearing and no
 * finer, so that all who hear it that day say the same.
 */
export function datingOf(dates: readonly (Dated | undefined)[], built: Dated | undefined, heardMs: Millis): Dating {
  const statedDate = dates.find((date) => date !== undefined && !isSound(date, heardMs))?.text
  for (const date of dates) {
    if (!isSound(date, heardMs)) continue
    const { ms, zoned, unit } = date.moment
    const isClock = unit === 'second' || unit === 'minute'
    return { atMs: ms, dated: isClock ? (zoned ? undefined : 'no zone') : unit, statedDate: undefined }
  }
  if (isSound(built, heardMs)) return { atMs: built.moment.ms, dated: 'feed', statedDate }
  return { atMs: Math.floor(heardMs / DAY_MS) * DAY_MS, dated: 'hearing', statedDate }
}

type Sound = Dated & { readonly moment: NonNullable<Dated['moment']> }

const isSound = (date: Dated | undefined, heardMs: Millis): date is Sound =>
  date?.moment !== undefined && date.moment.ms >= EARLIEST_MS && date.moment.ms <= heardMs + AHEAD_MS

/** A date of its own right, such as when an article was changed; undefined where it cannot be believed. */
export const instantOf = (date: Dated | undefined, heardMs: Millis): string | undefined =>
  isSound(date, heardMs) ? formatInstant(date.moment.ms) : undefined
