/** The parser of SEC payloads in a test: what it gives, and what it rejects. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { check, identify, parseInstant, type Signal } from '#record'
import { Failure } from '#port/failure'
import { Payloads } from '#wire/sec/payload'

export const NOW = '2026-11-01T00:00:00.000Z'

export interface Read {
  readonly signals: Signal[]
  /** `f0: row 3: why`, in order. */
  readonly rejects: string[]
}

/** Payloads `f0`, `f1` ... read one after another; every signal is checked. */
export function readAll(payloads: readonly (string | Buffer)[], { now = NOW, ticker, url }: { now?: string; ticker?: string; url?: string } = {}): Read {
  const rejects: string[] = []
  let name = ''
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const parser = new Payloads({ by: 'test/0', log, reject: (place, why) => void rejects.push(`${name}: ${place}: ${why}`) }, ticker)
  const signals: Signal[] = []
  for (const [i, payload] of payloads.entries()) {
    name = `f${i}`
    signals.push(...parser.read({ name, bytes: Buffer.from(payload), heardMs: parseInstant(now) ?? 0, url, raw: undefined }))
  }
  signals.push(...parser.end())
  for (const signal of signals) {
    assert.ok('record' in check(JSON.parse(JSON.stringify(signal))), JSON.stringify(signal))
    assert.equal(identify(signal), signal.id)
    assert.ok(signal.known_at <= now && signal.at <= signal.known_at, `${signal.key}: ${signal.at}, ${signal.known_at}`)
  }
  return { signals, rejects }
}

export const signalsOf = (...payloads: readonly (string | Buffer)[]): Signal[] => readAll(payloads).signals

export function signalOf(...payloads: readonly (string | Buffer)[]): Signal {
  const [signal, ...others] = signalsOf(...payloads)
  assert.ok(signal !== undefined && others.length === 0)
  return signal
}

/** The one reason for which payloads give nothing. */
export function rejectOf(...payloads: readonly (string | Buffer)[]): string {
  const { signals, rejects } = readAll(payloads)
  assert.deepEqual(signals, [])
  assert.equal(rejects.length, 1, rejects.join('\n'))
  return rejects[0] ?? ''
}

export const refused = (payload: string | Buffer, message: RegExp): void =>
  assert.throws(() => readAll([payload]), (error) => error instanceof Failure && error.exit === 'data' && message.test(error.message))

export function recorded(path: string): Buffer {
  const bytes = readFileSync(path)
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}
