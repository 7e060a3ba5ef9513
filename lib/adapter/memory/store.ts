import type { Memory, Store, Versioned } from '#port/store'
import { checkName, checkVersion, formatMemory } from '../file/store.ts'

/** A store that can be written out afterwards. */
export interface MemoryStore extends Store {
  /** Every memory by name, sorted. */
  entries(): Iterable<readonly [name: string, versioned: Versioned]>
}

/** The simulated twin of `fileStore`: it holds texts, so what comes back is what a file would give back. */
export function memoryStore(initial: { readonly [name: string]: Memory } = {}): MemoryStore {
  const texts = new Map<string, string>()
  const read = (name: string): Versioned | undefined => {
    checkName(name)
    const text = texts.get(name)
    if (text === undefined) return undefined
    const { version, ...memory } = JSON.parse(text) as { version: number } & Memory
    return { version, memory }
  }
  const write = (name: string, memory: Memory, basedOn: number): number => {
    checkVersion(name, read(name)?.version ?? 0, basedOn)
    texts.set(name, formatMemory(memory, basedOn + 1))
    return basedOn + 1
  }
  for (const [name, memory] of Object.entries(initial)) write(name, memory, 0)
  return {
    read,
    write,
    *entries() {
      for (const name of [...texts.keys()].sort()) {
        const versioned = read(name)
        if (versioned !== undefined) yield [name, versioned]
      }
    },
  }
}
