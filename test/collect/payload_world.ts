/** A collector's world over payloads held in memory, with a clock that stands still. */
import { gunzipSync } from 'node:zlib'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseInstant, type Vanta } from '#record'
import type { AnyCollector, CollectorWorld, OptionValue } from '#tool'
import { readOption } from '#tool/options'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'

export interface PayloadWorld extends CollectorWorld {
  readonly said: string[]
  readonly printed: string[]
  readonly outside: MemoryOutside
}

/** Files not given here are read from disk. */
export function payloadWorld(files: { readonly [name: string]: string | Buffer } = {}, now = '2026-01-01T00:00:00Z', outside = memoryOutside()): PayloadWorld {
  const said: string[] = [], printed: string[] = []
  const say = (message: string): void => void said.push(message)
  const world: PayloadWorld = {
    said,
    printed,
    by: 'test/0',
    clock: { now: () => parseInstant(now) ?? 0 },
    log: { debug: () => undefined, info: () => undefined, warn: say, error: say },
    random: () => ({ next: () => 0.5, integer: () => 0 }),
    folder: {
      read(path) {
        const given = files[path]
        if (given !== undefined) return Buffer.from(given)
        if (!existsSync(path)) return undefined
        const bytes = readFileSync(path)
        return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
      },
      list: () => [],
    },
    outside,
    print: (text) => void printed.push(text),
    as: () => world,
  }
  return world
}

/** All records of a collector, its options as they would be typed; flags `true`. */
export async function collected(
  tool: AnyCollector, typed: { readonly [option: string]: string }, world: CollectorWorld,
): Promise<Vanta[]> {
  const values: { [option: string]: OptionValue } = {}
  for (const [name, option] of Object.entries(tool.options)) {
    const text = typed[name] ?? ('default' in option ? option.default : option.kind === 'flag' ? 'false' : undefined)
    const read = text === undefined ? { value: undefined } : readOption(option, text)
    if ('expected' in read) throw new Error(`--${name}: expected ${read.expected}`)
    values[name] = read.value
  }
  const records: Vanta[] = []
  for await (const record of tool.collect(values as never, world)) records.push(record)
  return records
}

/** The folder of shared recordings; undefined where it is absent. */
export function sharedFolder(...path: readonly string[]): string | undefined {
  const folder = join(process.env['VANTA_SHARED'] ?? join(import.meta.dirname ?? '.', '../../../shared'), ...path)
  return existsSync(folder) ? folder : undefined
}
