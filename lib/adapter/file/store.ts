import { join } from 'node:path'
import type { Json } from '#record'
import type { Memory, Store, Versioned } from '#port/store'
import { Failure } from '#port/failure'
import { cannotWrite, ensureFolder, nodeDisk, readWhole, replaceFile, type Disk } from './disk.ts'
import { takeLock } from './lock.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** A memory file's name stays inside its folder. */
export function checkName(name: string): void {
  if (NAME.test(name) && !name.includes('..')) return
  throw new Failure('config', `not a name for a memory file: ${JSON.stringify(name)}`)
}

/**
 * Memory files in a folder: `{"version": 3, ...}`, indented for people and jq. A write holds `NAME.lock` while it compares the
 * version and replaces the file.
 */
export function fileStore(directory: string, disk: Disk = nodeDisk): Store {
  const pathOf = (name: string): string => {
    checkName(name)
    return join(directory, name)
  }
  const read = (name: string): Versioned | undefined => {
    const path = pathOf(name)
    const content = readWhole(disk, path)
    return content === undefined ? undefined : parseMemory(path, content.toString('utf8'))
  }
  return {
    read,
    write(name, memory, basedOn) {
      const path = pathOf(name)
      const text = formatMemory(memory, basedOn + 1)
      try {
        ensureFolder(disk, directory)
      } catch (error) {
        throw cannotWrite(directory, error)
      }
      const release = takeLock(disk, `${path}.lock`)
      try {
        checkVersion(path, read(name)?.version ?? 0, basedOn)
        replaceFile(disk, path, Buffer.from(text))
      } finally {
        release()
      }
      return basedOn + 1
    },
  }
}

export function checkVersion(path: string, stored: number, basedOn: number): void {
  if (stored !== basedOn) throw new Failure('again', `${path}: is at version ${stored}, the change was based on ${basedOn}`)
}

function parseMemory(path: string, text: string): Versioned {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new Failure('data', `${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Failure('data', `${path}: not a JSON object`)
  }
  const { version, ...memory } = parsed as { version?: Json } & Memory
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw new Failure('data', `${path}: "version" is not a whole number above 0`)
  }
  return { version, memory }
}

/** Throws RangeError on what JSON would lose: NaN, an infinity, or a field named like the version. */
export function formatMemory(memory: Memory, version: number): string {
  if (memory.version !== undefined) throw new RangeError('a memory may not have a field "version" of its own')
  const text = JSON.stringify({ version, ...memory }, (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`field "${key}" may not be ${value}`)
    return value
  }, 2)
  return `${text}\n`
}
