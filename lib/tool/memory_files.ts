/** All the memory files of a home at once, for whoever looks at it as a whole. */
import { Failure } from '#port/failure'
import type { Versioned } from '#port/store'
import type { ActionWorld } from './define.ts'

export interface MemoryFiles {
  /** By name, in the order of names. */
  readonly read: ReadonlyMap<string, Versioned>
  /** Why some could not be read. */
  readonly faults: readonly string[]
}

export function memoryFiles({ home, store, machine }: Pick<ActionWorld, 'home' | 'store' | 'machine'>): MemoryFiles {
  const read = new Map<string, Versioned>(), faults: string[] = []
  for (const { name, kind } of machine.entries(`${home}/memory`)) {
    if (kind !== 'file' || !name.endsWith('.json') || name.startsWith('.')) continue
    try {
      const stored = store.read(name)
      if (stored !== undefined) read.set(name, stored)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      faults.push(error.message)
    }
  }
  return { read, faults }
}
