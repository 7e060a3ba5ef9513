/** Recorded markets that tests are held to: the fixtures of exchanges and the captures beside them. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { framesOf } from '#wire/book/frames'
import type { Said } from '#wire/book/said'
import { anyVenue } from '#wire/book/venues'
import { sharedFolder } from '../../collect/payload_world.ts'

export const fixtures = sharedFolder('fixtures', 'exchange_ws')
export const orderbooks = sharedFolder('data', 'orderbook')
export const tables = sharedFolder('data', 'crypto')
export const needs = (folder: string | undefined): { skip: string | false } => ({ skip: folder === undefined
  ? 'needs the recordings of VANTA_SHARED' : false })

export function bytesOf(...path: readonly (string | undefined)[]): Buffer {
  const file = join(...path.map((part) => part ?? ''))
  const bytes = readFileSync(file)
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

export function filesBelow(folder: string | undefined): string[] {
  if (folder === undefined) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : name.endsWith('.md') ? [] : [path]
  })
}

/** What is said in a capture, in its order. */
export function* saidIn(bytes: Buffer): Generator<Said> {
  const venue = anyVenue()
  for (const frame of framesOf(bytes, 'capture')) if (!('why' in frame)) yield* venue.read(frame.message, { url: frame.url }) ?? []
}
