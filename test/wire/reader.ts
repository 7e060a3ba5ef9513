/** Reads payloads in tests of parsers that throw what they refuse: every signal is checked, rejects are kept as `place: why`. */
import assert from 'node:assert/strict'
import { check, identify, type Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Reading } from '#port/payload'

export interface Read {
  readonly signals: Signal[]
  readonly rejects: string[]
}
export interface Reader {
  /** Text, bytes, or a value that is its JSON. */
  read(payload: unknown, heard?: string): Read
  refused(payload: unknown, message: RegExp): void
}

export function readerOf(open: (reading: Reading) => Parser, heardAt: string): Reader {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  function read(payload: unknown, heard = heardAt): Read {
    const rejects: string[] = []
    const parser = open({ by: 'test/0', log, reject: (place, why) => rejects.push(`${place}: ${why}`) })
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
    const signals = [...parser.read({ name: 'payload', bytes, heardMs: Date.parse(heard) }) as Iterable<Signal>]
    for (const signal of signals) {
      assert.deepEqual(check(signal), { record: signal })
      assert.equal(identify(signal), signal.id)
      assert.ok(signal.known_at >= signal.at)
    }
    return { signals, rejects }
  }
  return {
    read,
    refused: (payload, message) => assert.throws(() => read(payload), (error: unknown) => error instanceof Failure && error.exit === 'data' && message.test(error.message)),
  }
}
