/** Both parsers of exchanges over payloads, and what they say of what gives no signal. */
import assert from 'node:assert/strict'
import { check, identify, type Signal, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Reading } from '#port/payload'
import { BookParser, type CollectTerms } from '#wire/book/collect'
import { CryptoParser, type CryptoTerms } from '#wire/crypto/collect'

export const HEARD_MS = Date.parse('2026-11-22T12:00:00Z')
const terms: CryptoTerms = { levels: 10, bps: 10, intervalMs: 1000, everyChange: false, symbol: undefined, day: undefined, pairs: undefined,
  kinds: undefined, venue: 'recorded' }

export interface Outcome {
  readonly signals: Signal[]
  readonly rejects: { readonly place: string; readonly why: string }[]
  readonly failure: Failure | undefined
}

export const readBooks = (given: string | Buffer | readonly (string | Buffer)[], more: Partial<CollectTerms> = {}, url?: string): Promise<Outcome> =>
  outcome((reading) => new BookParser({ ...terms, ...more }, reading), given, url)
export const readCrypto = (given: string | Buffer | readonly (string | Buffer)[], more: Partial<CryptoTerms> = {}, url?: string): Promise<Outcome> =>
  outcome((reading) => new CryptoParser({ ...terms, ...more }, reading), given, url)

async function outcome(open: (reading: Reading) => Parser, given: string | Buffer | readonly (string | Buffer)[],
  url: string | undefined): Promise<Outcome> {
  const signals: Signal[] = [], rejects: Outcome['rejects'] = []
  const silent = (): void => undefined
  const parser = open({ by: 'test/0', log: { debug: silent, info: silent, warn: silent, error: silent },
    reject: (place, why) => void rejects.push({ place, why }) })
  let failure: Failure | undefined
  const take = (record: Vanta): void => {
    assert.deepEqual(check(record), { record })
    assert.equal(identify(record), record.id)
    assert.ok(record.known_at >= record.at, `${record.known_at} is before ${record.at}`)
    assert.ok(record.kind === 'signal')
    signals.push(record)
  }
  try {
    for (const payload of Array.isArray(given) ? (given as readonly (string | Buffer)[]) : [given as string | Buffer]) {
      for await (const record of parser.read({ name: 'payload', bytes: Buffer.from(payload), heardMs: HEARD_MS, url })) take(record)
    }
    for (const record of parser.end?.() ?? []) take(record)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    assert.equal(error.exit, 'data')
    failure = error
  }
  return { signals, rejects, failure }
}

/** Facts and times of the only signal. */
export function only({ signals, failure }: Outcome): Signal {
  assert.equal(failure, undefined)
  const [signal, ...rest] = signals
  assert.ok(signal !== undefined && rest.length === 0, `${signals.length} signals`)
  return signal
}
