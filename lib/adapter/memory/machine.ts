import type { Entry, Machine } from '#port/machine'

/** A machine of so many files, with half of its room left. */
export function memoryMachine(folders: ReadonlyMap<string, readonly Entry[]> = new Map(), parts: Partial<Machine> = {}): Machine {
  return {
    get system(): never {
      throw new Error('nothing is installed here')
    },
    entries: (folder) => folders.get(folder) ?? [],
    space: () => ({ freeBytes: 500e9, totalBytes: 1000e9, freeInodes: 5e7, totalInodes: 1e8 }),
    holders: () => [],
    node: '20.20.0', platform: 'linux x64', timeZone: 'UTC', locale: 'en-US', user: 1000, uptimeMs: 1000, memoryBytes: 5e7,
    ...parts,
  }
}
