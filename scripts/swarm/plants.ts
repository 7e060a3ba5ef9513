/** Swarms planted into a real stream of texts, so that it is known who is one. */
import { DAY_MS, formatInstant, HOUR_MS, make, millisOf, MINUTE_MS, type Signal } from '#record'
import type { Random } from '#port/random'

export interface Labelled {
  readonly signal: Signal
  /** The size of the swarm that it is of; 0 for what was there before. */
  readonly size: number
}

export interface Planting {
  readonly sizes: readonly number[]
  /** Swarms of each size. */
  readonly swarms: number
}

const textOf = ({ facts }: Signal): string => [facts?.['title'], facts?.['text']].filter((part) => typeof part === 'string').join('. ')

/**
 * Each swarm has a message of its own, the words of a real text of the `pool`, which is not in the stream; its members copy or reword it, within minutes or over hours, from new
 * names or from those of authors who were there before. Half of them come back with a second message. A swarm of one is a program: it says what
 * others said, at even intervals.
 */
export function plant(stream: readonly Signal[], pool: readonly Signal[], { sizes, swarms }: Planting, random: Random): readonly Labelled[] {
  const fromMs = millisOf(stream[0]?.known_at ?? ''), toMs = millisOf(stream.at(-1)?.known_at ?? '')
  const sources = pool.map(textOf).filter((text) => text.split(/\s+/).length >= 10 && text.split(/\s+/).length <= 60)
  const words = sources.flatMap((text) => text.split(/\s+/))
  const authors = [...new Set(stream.flatMap(({ author }) => author ?? []))]
  const one = <T>(list: readonly T[]): T => {
    const value = list[random.integer(list.length)]
    if (value === undefined) throw new RangeError('nothing to choose from')
    return value
  }
  const planted: Labelled[] = []
  let serial = 0
  for (const size of sizes) for (let swarm = 0; swarm < swarms; swarm++) {
    if (size === 1) {
      planted.push(...clockwork(swarm, fromMs + random.next() * Math.max(0, toMs - fromMs - 2 * DAY_MS), one, sources, random))
      continue
    }
    const aged = random.next() < 0.4, reworded = random.next() < 0.5, quick = random.next() < 0.5
    const members = Array.from({ length: size }, (_, i) => (aged ? one(authors) : `reddit:new_${size}_${swarm}_${i}`))
    const startMs = fromMs + DAY_MS + random.next() * Math.max(0, toMs - fromMs - 3 * DAY_MS)
    for (let message = 0; message < (random.next() < 0.5 ? 2 : 1); message++) {
      const base = one(sources)
      let atMs = startMs + message * 8 * HOUR_MS
      for (const author of members) {
        atMs += Math.round(-Math.log(1 - random.next()) * (quick ? (10 * MINUTE_MS) / size : (6 * HOUR_MS) / size))
        const text = reworded ? reword(base, words, random) : `${base}${one(['', '!', ' \u{1F680}', '!!', ' .'])}`
        const at = formatInstant(atMs)
        planted.push({ size, signal: make('signal', { at, known_at: at, source: 'planted', by: 'plants/1', type: 'post', key: `planted:${serial++}`, author, facts: { text } }) })
      }
    }
  }
  return [...stream.map((signal) => ({ signal, size: 0 })), ...planted]
    .sort((a, b) => (a.signal.known_at < b.signal.known_at ? -1 : a.signal.known_at > b.signal.known_at ? 1 : a.signal.id < b.signal.id ? -1 : 1))
}

const TICKS = 24

function clockwork(swarm: number, startMs: number, one: <T>(list: readonly T[]) => T, sources: readonly string[], random: Random): readonly Labelled[] {
  const gapMs = (5 + random.next() * 35) * MINUTE_MS
  return Array.from({ length: TICKS }, (_, i): Labelled => {
    const at = formatInstant(Math.round(startMs + i * gapMs * (1 + 0.03 * (random.next() - 0.5))))
    const rest = { source: 'planted', by: 'plants/1', type: 'post', key: `planted:clock:${swarm}:${i}`, author: `reddit:clock_${swarm}` }
    return { size: 1, signal: make('signal', { at, known_at: at, ...rest, facts: { text: one(sources) } }) }
  })
}

/** One word in eight is another, and now and then one is lost. */
function reword(text: string, words: readonly string[], random: Random): string {
  return text.split(/\s+/).flatMap((word) => {
    const draw = random.next()
    if (draw < 0.05) return []
    return draw < 0.17 ? [words[random.integer(words.length)] ?? word] : [word]
  }).join(' ')
}
