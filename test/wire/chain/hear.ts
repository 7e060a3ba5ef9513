/** Chain payloads heard at a fixed moment, every record checked. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { check, identify, type Signal } from '#record'
import type { Vanta } from '#record'
import { chainParser, type ChainOptions } from '#wire/chain/payload'
import { sharedFolder } from '../../collect/payload_world.ts'

export const NOW = Date.UTC(2026, 10, 28)

export interface Heard {
  readonly signals: Signal[]
  readonly rejects: Map<string, number>
}

export interface Given {
  readonly bytes: Buffer | string
  readonly url?: string
}

/** Several payloads of one run. */
export function hearAll(payloads: readonly Given[], options: ChainOptions = {}): Heard {
  const rejects = new Map<string, number>()
  const silent = (): void => undefined
  const parser = chainParser(options, {
    by: 'vanta-whales/test', log: { debug: silent, info: silent, warn: silent, error: silent },
    reject: (_, why) => void rejects.set(why, (rejects.get(why) ?? 0) + 1),
  })
  const records: Vanta[] = []
  for (const { bytes, url } of payloads) records.push(...parser.read({ name: 'payload', bytes: Buffer.from(bytes), heardMs: NOW, url }) as Iterable<Vanta>)
  records.push(...parser.end?.() ?? [])
  const signals = records.map((record) => {
    assert.deepEqual(check(record), { record })
    assert.equal(identify(record), record.id)
    assert.ok(record.known_at >= record.at, 'nothing is known before it happens')
    assert.ok(record.kind === 'signal')
    return record
  })
  return { signals, rejects }
}

export const hear = (bytes: Buffer | string, options?: ChainOptions, url?: string): Heard => hearAll([{ bytes, ...(url !== undefined && { url }) }], options)
export const hearJson = (doc: unknown, options?: ChainOptions, url?: string): Heard => hear(JSON.stringify(doc), options, url)

export const countsOf = (signals: readonly Signal[]): { [type: string]: number } => {
  const counts: { [type: string]: number } = {}
  for (const { type } of signals) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

export const FOLDERS = ['onchain', 'etherscan', 'labels', 'mempool', 'beacon', 'whale_alert', 'defillama'] as const
export const shared = sharedFolder('fixtures', 'onchain') === undefined ? undefined : sharedFolder()
export const skip = shared === undefined ? 'the shared recordings are absent: set VANTA_SHARED' : false

export function content(...path: readonly string[]): Buffer {
  const file = join(shared ?? '', ...path)
  const bytes = readFileSync(file)
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : /SOURCE\.md$/.test(name) ? [] : [path]
  })
}
