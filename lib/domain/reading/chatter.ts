/** From posts, comments and their scores over time to readings: one `mention` for each security a text speaks of. */
import { make, millisOf, type Mention, type Millis, type Signal } from '#record'
import { readText, type Reading } from './mention.ts'

/** What a snapshot tells of the attention a text got. */
export interface Engagement {
  readonly score?: number | undefined
  readonly comments?: number | undefined
}

/** So many votes, or comments, make a magnitude of 1. */
const UNIT = 1000
const LOG_UNIT = Math.log(1 + UNIT)

/**
 * How loud a text is: the mean of log(1 + score) and log(1 + comments), of those known, in units of log(1 + 1000). Votes and
 * comments spread over many orders of magnitude, so only their logarithm is comparable. Unitless, 0 and up, three digits;
 * undefined where nothing is known.
 */
export function magnitudeOf({ score, comments }: Engagement): number | undefined {
  const known = [score, comments].filter((count) => count !== undefined)
  if (known.length === 0) return undefined
  let sum = 0
  for (const count of known) sum += Math.log(1 + Math.max(0, count))
  return Math.round((1000 * sum) / (known.length * LOG_UNIT)) / 1000
}

/** A change of a small magnitude is measured against this: two votes more on a fresh post are no news. */
const LEAST_BASE = 0.25

/** Whether a magnitude moved by more than `fraction` of what was last said. */
export function hasMoved(said: number | undefined, now: number | undefined, fraction: number): boolean {
  if (now === undefined) return false
  return said === undefined || Math.abs(now - said) > fraction * Math.max(said, LEAST_BASE)
}

/** A text that still may get louder. */
interface Live {
  readonly id: string
  readonly source: string
  readonly author: string | undefined
  readonly fingerprint: string | undefined
  readonly mentions: readonly Mention[]
  said: number | undefined
  heardMs: Millis
}

export interface ChatterOptions {
  readonly by: string
  /** The fraction by which a magnitude must move for its mentions to be said again. */
  readonly restate: number
  /** How long after the last word of it a text is forgotten, by the stream's own time. */
  readonly forgetMs: Millis
}

export class Chatter {
  readonly #options: ChatterOptions
  /** Least recently heard first. */
  readonly #live = new Map<string, Live>()
  #latestMs = -Infinity

  constructor(options: ChatterOptions) {
    this.#options = options
  }

  /** Texts held, for tests of the bound. */
  get size(): number {
    return this.#live.size
  }

  /** The mentions in a post or comment; none where it was heard before, word for word. */
  text(signal: Signal): readonly Signal[] {
    const heardMs = this.#tick(signal)
    const known = this.#live.get(signal.key)
    if (known?.id === signal.id) return []
    const { mentions, fingerprint } = readingOf(signal)
    if (mentions.length === 0) return []
    const { id, source, author } = signal
    const live = { id, source, author, mentions, fingerprint, said: known?.said, heardMs }
    this.#hear(signal.key, live)
    return this.#say(signal, live, [signal.id])
  }

  /** The mentions of a text said anew, where the snapshot shows that it has become noticeably louder or quieter. */
  snapshot(signal: Signal): readonly Signal[] {
    const heardMs = this.#tick(signal)
    const live = this.#live.get(signal.key)
    if (live === undefined) return []
    live.heardMs = heardMs
    this.#hear(signal.key, live)
    const { score, comments } = signal.facts ?? {}
    const magnitude = magnitudeOf({ score: numberOr(score), comments: numberOr(comments) })
    if (!hasMoved(live.said, magnitude, this.#options.restate)) return []
    live.said = magnitude
    return this.#say(signal, live, [live.id, signal.id])
  }

  #say(heard: Signal, live: Live, parents: readonly string[]): readonly Signal[] {
    const { author, fingerprint, said } = live
    return live.mentions.map(({ subject, polarity, how }) =>
      make('signal', {
        at: heard.at,
        known_at: heard.known_at,
        source: live.source,
        by: this.#options.by,
        parents: [...parents],
        type: 'mention',
        key: `${heard.key}#${subject}`,
        subject,
        ...(author !== undefined && { author }),
        polarity,
        ...(said !== undefined && { magnitude: said }),
        ...(fingerprint !== undefined && { fingerprint }),
        facts: { how },
      }))
  }

  #hear(key: string, live: Live): void {
    this.#live.delete(key)
    this.#live.set(key, live)
  }

  /** The stream's own time, so that a replay forgets what the live run forgot. */
  #tick(signal: Signal): Millis {
    const heardMs = millisOf(signal.known_at)
    this.#latestMs = Math.max(this.#latestMs, heardMs)
    for (const [key, { heardMs: lastMs }] of this.#live) {
      if (this.#latestMs - lastMs <= this.#options.forgetMs) break
      this.#live.delete(key)
    }
    return heardMs
  }
}

/** What the text says, or what the source has read in it where the text itself is not there. */
function readingOf({ mentions, fingerprint, facts }: Signal): Reading {
  if (mentions !== undefined) return { mentions, fingerprint }
  const { title, text, flair } = facts ?? {}
  const read = readText({ title: textOr(title), text: textOr(text), flair: textOr(flair) })
  return { mentions: read.mentions, fingerprint: fingerprint ?? read.fingerprint }
}

const textOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const numberOr = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
