/** The files of NAB that are at hand, with their windows of anomaly as indices. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { csvOf, textOf } from './shared.ts'

export interface NabFile {
  /** `realTweets/Twitter_volume_AAPL.csv`. */
  readonly name: string
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly windows: readonly (readonly [number, number])[]
}

export function nabFiles(folder: string): NabFile[] {
  const windowsOf = JSON.parse(textOf(join(folder, 'combined_windows.json'))) as Record<string, [string, string][]>
  const data = join(folder, 'data')
  return readdirSync(data).sort().flatMap((group) => readdirSync(join(data, group)).sort().map((file) => {
    const name = `${group}/${file.replace(/\.gz$/, '')}`
    const { rows } = csvOf(join(data, group, file))
    const timesMs = Float64Array.from(rows, ([time = '']) => Date.parse(`${time.replace(' ', 'T')}Z`))
    const indexOf = (text: string): number => timesMs.indexOf(Date.parse(`${text.replace(' ', 'T')}Z`))
    const windows = (windowsOf[name] ?? []).map(([start, end]) => [indexOf(start), indexOf(end)] as const)
    return { name, timesMs, values: Float64Array.from(rows, ([, value]) => Number(value)), windows }
  }))
}
