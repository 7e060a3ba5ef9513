/**
 * From texts and their scores over time to readings: one for each security or coin that a text speaks of, `mention` of talk and `coverage` of
 * articles.
 */
import { make, millisOf, type Millis, type Signal } from '#record'
import { entitiesIn } from './entities.ts'
import { languageOf } from './language.ts'
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

/** What was read in a text. */
interface Read extends Reading {
  readonly language?: string | undefined
  /** Beside the subjects. */
  readonly entities?: readonly string[] | undefined
}

/** A text that still may get louder. */
interface Live extends Read {
  readonly id: string
  readonly type: 'mention' | 'coverage'
  readonly source: string
  readonly author: string | undefined
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

  /** The readings of a text; none where it was heard before, word for word. */
  text(signal: Signal): readonly Signal[] {
    const heardMs = this.#tick(signal)
    const known = this.#live.get(signal.key)
    if (known?.id === signal.id) return []
    const read = readingOf(signal)
    if (read.mentions.length === 0) return []
    const { id, source, author } = signal
    const live: Live = { ...read, id, source, author, type: signal.type === 'article' ? 'coverage' : 'mention', said: known?.said ?? loudness(signal), heardMs }
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
    const magnitude = loudness(signal)
    if (!hasMoved(live.said, magnitude, this.#options.restate)) return []
    live.said = magnitude
    return this.#say(signal, live, [live.id, signal.id])
  }

  #say(heard: Signal, live: Live, parents: readonly string[]): readonly Signal[] {
    const { author, fingerprint, said, type, language, entities } = live
    return live.mentions.map(({ subject, polarity, how }) =>
      make('signal', {
        at: heard.at,
        known_at: heard.known_at,
        source: live.source,
        by: this.#options.by,
        parents: [...parents],
        type,
        key: `${heard.key}#${subject}`,
        subject,
        ...(author !== undefined && { author }),
        polarity,
        ...(said !== undefined && { magnitude: said }),
        ...(language !== undefined && { language }),
        ...(entities !== undefined && entities.length > 0 && { entities: [...entities] }),
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

/** Votes, likes and views are applause; comments, replies and forwards take more. Services count what they have. */
function loudness({ facts }: Signal): number | undefined {
  const { score, comments, likes, replies, retweets, quotes, views, forwards } = facts ?? {}
  return magnitudeOf({ score: sumOf(score, likes) ?? countOf(views), comments: sumOf(comments, replies, retweets, quotes) ?? countOf(forwards) })
}

function sumOf(...counts: readonly unknown[]): number | undefined {
  const known = counts.flatMap((each) => countOf(each) ?? [])
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0)
}

/** What the text says, or what the source has read in it where the text itself is not there. */
function readingOf(signal: Signal): Read {
  const { mentions, fingerprint, facts = {}, author, type } = signal
  if (mentions !== undefined) return { mentions, fingerprint }
  const title = textOr(facts['title']), summary = textOr(facts['summary']), text = textOr(facts['text']) ?? summary
  const register = type !== 'article' ? 'talk' : text === undefined ? 'headline' : 'prose'
  const read = readText({ title, text, flair: textOr(facts['flair']), stated: textOr(facts['sentiment']), day: signal.at.slice(0, 10), register })
  if (read.mentions.length === 0) return read
  const whole = `${title ?? ''}\n${text ?? ''}`
  return {
    mentions: read.mentions, fingerprint: fingerprint ?? read.fingerprint, language: signal.language ?? languageOf(whole),
    entities: entitiesIn(whole, author?.split(':')[0]),
  }
}

const textOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const COUNT = /^(\d+(?:\.\d+)?)([KM]?)$/
/** A number, or as people abbreviate it: 1.2K. */
function countOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  const [, digits, unit] = (typeof value === 'string' ? COUNT.exec(value) : null) ?? []
  return digits === undefined ? undefined : Number(digits) * (unit === 'K' ? 1e3 : unit === 'M' ? 1e6 : 1)
}
