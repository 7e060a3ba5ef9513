/** Books as they are live: the venue's stream, with the snapshot that it needs, and again from the start where something was missed. */
import type { Millis, Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Answer, Heard, Http } from '#port/outside'
import { batches } from './batches.ts'
import type { LiveVenue } from './live_venues.ts'
import { pairNamed } from './pairs.ts'

/** What of a collector's world it takes. */
export interface BookWorld {
  readonly http: Http
  readonly clock: { now(): Millis }
  pause(ms: Millis): Promise<void>
  read(answer: Answer): AsyncIterable<Vanta>
  /** Reads with one parser from answer to answer. */
  session(): (answer: Answer) => AsyncIterable<Vanta>
}

/** The venue's symbols of pairs as people name them. Throws Failure `usage` where one is no pair. */
export function symbolsOf(venue: LiveVenue, pairs: readonly string[]): readonly string[] {
  return pairs.map((text) => {
    const [base, quote] = pairNamed(text.toUpperCase()).split('/')
    if (base === undefined || quote === undefined || !/^[A-Z0-9]{1,20}$/.test(base) || !/^[A-Z0-9]{1,20}$/.test(quote)) {
      throw new Failure('usage', `--pair: expected pairs like BTC/USDT, got "${text}"`)
    }
    return venue.symbolOf(base, quote)
  })
}

/** One snapshot of each. */
export async function* depthOnce(venue: LiveVenue, symbols: readonly string[], world: BookWorld): AsyncGenerator<Vanta> {
  for (const symbol of symbols) yield* world.read(await world.http.get({ url: venue.depth(symbol) }))
}

/** Longest silence: venues send something, if only heartbeats, far more often. */
const QUIET_MS = 120_000

/** Until the venue closes the stream; a book that was lost is asked for anew by the venue's own rule. */
export async function* bookStream(venue: LiveVenue, symbols: readonly string[], everyMs: Millis, world: BookWorld): AsyncGenerator<Vanta> {
  const read = world.session()
  const { ping } = venue
  const { url, hello } = venue.socket(symbols)
  let lost: Set<string>
  async function* watched(answer: Answer): AsyncGenerator<Vanta> {
    for await (const record of read(answer)) {
      yield record
      const symbol = record.kind === 'signal' && record.type === 'book_gap' ? record.facts?.['symbol'] : undefined
      if (typeof symbol === 'string') lost.add(symbol)
    }
  }
  do {
    lost = new Set(venue.startsByRest === true ? symbols : [])
    let hasBegun = false
    for await (const heard of batches(world.http.socket({ url }, { hello, quietMs: QUIET_MS }), everyMs, world)) {
      if (!hasBegun && ping !== undefined) heard[0]?.beat(ping.everyMs, () => ping.text)
      hasBegun = true
      yield* watched(captured(url, heard, world.clock.now()))
      if (venue.startsByRest !== true && lost.size > 0) break
      // Only once the stream flows: a snapshot from before its first change could not be joined to it.
      const [...missing] = lost
      lost.clear()
      for (const symbol of missing) yield* watched(await world.http.get({ url: venue.depth(symbol) }))
    }
  } while (lost.size > 0 && venue.startsByRest !== true)
}

/** Messages as one capture, as {@link framesOf} reads it; ours stands last in each line, so that no message can pass for it. */
function captured(url: string, heard: readonly Heard[], nowMs: Millis): Answer {
  const lines = heard.map(({ bytes, heardMs }) => {
    const text = bytes.toString('utf8').replace(/[\r\n]+/g, ' ')
    const message = /^\s*[[{]/.test(text) ? text : JSON.stringify(text)
    return `{"msg":${message},"local_ms":"${heardMs}","url":${JSON.stringify(url)}}\n`
  })
  return { status: 200, url, headers: {}, bytes: Buffer.from(lines.join('')), heardMs: nowMs, validators: {} }
}
