/** What every parser of payloads must bear: cut at any byte, or changed at random, it may fail as it says, and in no other way. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check, identify, type Signal, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'

export const HEARD_MS = Date.UTC(2026, 10, 20, 12)

export interface Read {
  readonly records: Vanta[]
  readonly rejects: { readonly place: string; readonly why: string }[]
  readonly failure?: Failure
}

export interface Heard extends Read {
  readonly signals: Signal[]
}

/** What a parser makes of one payload: text, bytes, or a value that is its JSON. */
export function hearing(open: (reading: Reading) => Parser, content: string | Buffer | object, about: Partial<Payload> = {}): Heard {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  const read = readAll(open, [{ bytes, ...about }])
  return { ...read, signals: read.records.filter((record) => record.kind === 'signal') }
}

/** How many signals of each type. */
export function typesOf({ signals }: Heard): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type } of signals) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

/** Some payloads through one parser, every record checked. */
export function readAll(open: (reading: Reading) => Parser, payloads: readonly (Partial<Payload> & { readonly bytes: Buffer })[]): Read {
  const records: Vanta[] = [], rejects: { place: string; why: string }[] = []
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const parser = open({ by: 'test/0', log: silent, reject: (place, why) => void rejects.push({ place, why }) })
  const take = (given: Iterable<Vanta> | AsyncIterable<Vanta>): void => {
    assert.ok(Symbol.iterator in given)
    for (const record of given) {
      assert.deepEqual(check(record), { record })
      assert.equal(identify(record), record.id)
      assert.ok(record.known_at >= record.at, `known before it happened: ${JSON.stringify(record)}`)
      assert.ok(!JSON.stringify(record).includes('null'), `what is missing is absent: ${JSON.stringify(record)}`)
      records.push(record)
    }
  }
  try {
    for (const payload of payloads) take(parser.read({ name: 'payload', heardMs: HEARD_MS, ...payload }))
    take(parser.end?.() ?? [])
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    assert.equal(error.exit, 'data')
    return { records, rejects, failure: error }
  }
  return { records, rejects }
}

/** Cut at any byte, or changed at random, a payload is read or refused with a Failure; whatever else a reader throws fails the law. */
export async function bearsDamage(read: (bytes: Buffer) => unknown, samples: readonly (Buffer | string)[], runs = 100): Promise<void> {
  const survives = async (bytes: Buffer): Promise<void> => {
    try {
      await read(bytes)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }
  const sample = fc.constantFrom(...samples.map((one) => Buffer.from(one)))
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 })
  await fc.assert(fc.asyncProperty(sample, fc.nat(), (whole, at) => survives(whole.subarray(0, at % (whole.length + 1)))), { numRuns: runs })
  await fc.assert(fc.asyncProperty(sample, changes, (whole, places) => {
    const bytes = Buffer.from(whole)
    for (const [at, byte] of places) bytes[at % bytes.length] = byte
    return survives(bytes)
  }), { numRuns: runs })
}

/** Nothing but records, rejects and Failure `data` comes of broken bytes. */
export function bearsAnything(open: (reading: Reading) => Parser, bytes: Buffer, runs = 60): void {
  const small = bytes.subarray(0, 20_000)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: small.length }), (length) => void readAll(open, [{ bytes: small.subarray(0, length) }])), { numRuns: runs },
  )
  const changes = fc.array(
    fc.tuple(fc.integer({ min: 0, max: Math.max(0, small.length - 1) }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 20 },
  )
  fc.assert(fc.property(changes, (places) => {
    const changed = Buffer.from(small)
    for (const [at, byte] of places) changed[at] = byte
    readAll(open, [{ bytes: changed }])
  }), { numRuns: runs })
}
