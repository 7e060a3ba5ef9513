/** Reading what public benchmarks are made of. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export const textOf = (path: string): string => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('utf8')

/** Plain CSV without quotes: its header, and its rows as words. */
export function csvOf(path: string): { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const [header = [], ...rows] = textOf(path).trimEnd().split('\n').map((line) => line.trimEnd().split(','))
  return { header, rows }
}

/** A stream of chance by seed, uniform in [0, 1): mulberry32. */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
