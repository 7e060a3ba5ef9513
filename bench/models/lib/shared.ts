/** The public benchmark sets, where they are at hand: they do not ship. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const shared = process.env['VANTA_SHARED'] ?? join(root, '..', 'shared')

/** A folder of a set; undefined, with a word to the reader, where it is not there. */
export function benchFolder(set: string): string | undefined {
  const folder = join(shared, 'data', 'bench', set)
  if (existsSync(folder)) return folder
  console.log(`${set}: the set is not at hand (VANTA_SHARED names the folder that holds data/bench), left out`)
  return undefined
}

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
