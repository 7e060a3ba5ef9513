/** The parser of bars at work on single payloads. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import assert from 'node:assert/strict'
import { check, identify, type Vanta } from '#record'
import { Failure } from '#port/failure'
import { barsParser } from '#wire/bars/payload'
import type { Terms } from '#wire/bars/sheet'

export const HEARD_MS = Date.UTC(2026, 10, 1)

export interface Read {
  readonly records: Vanta[]
  readonly rejects: string[]
  readonly failure: string | undefined
}

/** Every record is checked against its kind and its id. */
export async function read(content: string | Buffer, terms: Partial<Terms> = {}, about: { url?: string; heardMs?: number; name?: string } = {}): Promise<Read> {
  const rejects: string[] = []
  const silent = (): void => undefined
  const parser = barsParser({ extended: false, opens: false, ...terms }, {
    by: 'test/0', log: { debug: silent, info: silent, warn: silent, error: silent }, reject: (place, why) => void rejects.push(`${place}: ${why}`),
  })
  const records: Vanta[] = []
  try {
    for await (const record of parser.read({ name: 'x', bytes: Buffer.from(content), heardMs: HEARD_MS, ...about })) records.push(record)
    for (const record of parser.end?.() ?? []) records.push(record)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    assert.equal(error.exit, error.message.includes('the stream answered') ? error.exit : 'data')
    return { records, rejects, failure: error.message }
  }
  for (const record of records) {
    const checked = check(JSON.parse(JSON.stringify(record)))
    assert.ok('record' in checked, JSON.stringify([checked, record]))
    assert.equal(identify(record), record.id)
  }
  return { records, rejects, failure: undefined }
}

export const bytesOf = (path: string): Buffer => {
  const bytes = readFileSync(path)
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

/** What a record says, without its id and its making. */
export function sayings(records: readonly Vanta[]): { readonly [name: string]: unknown }[] {
  return records.map((record) => {
    const { id: _id, parents: _parents, by: _by, ...rest } = JSON.parse(JSON.stringify(record)) as { readonly [name: string]: unknown }
    return rest
  })
}
