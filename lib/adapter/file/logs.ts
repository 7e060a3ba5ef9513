import { dirname, join } from 'node:path'
import type { Logs } from '#port/logs'
import { cannotRead, cannotWrite, codeOf, ensureFolder, nodeDisk, readWhole, replaceFile, type Disk } from './disk.ts'
import { isHeld, takeLock } from './lock.ts'
import { fileTape } from './tape.ts'

/**
 * The logs in one folder. Where `waits` is false, only closing a tape waits for the disk: for runs that can be repeated, such
 * as back-tests.
 */
export function fileLogs(directory: string, { disk = nodeDisk, waits = true }: { disk?: Disk; waits?: boolean } = {}): Logs {
  const pathOf = (name: string): string => join(directory, name)
  const lockOf = (name: string): string => pathOf(`${name}.lock`)
  return {
    open: (name) => fileTape(pathOf(name), disk, waits),
    read: (name) => readWhole(disk, pathOf(name)),
    replace(name, content) {
      const path = pathOf(name)
      ensure(disk, dirname(path))
      replaceFile(disk, path, typeof content === 'string' ? Buffer.from(content) : content, waits)
    },
    remove(name) {
      try {
        disk.remove(pathOf(name))
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw cannotWrite(pathOf(name), error)
      }
    },
    list: (folder = '') => listFiles(disk, pathOf(folder)),
    move(from, to) {
      const target = pathOf(to)
      ensure(disk, dirname(target))
      try {
        disk.rename(pathOf(from), target)
        disk.syncFolder(dirname(target))
        disk.syncFolder(directory)
      } catch (error) {
        throw cannotWrite(target, error)
      }
    },
    lock(name, waitMs = 0) {
      ensure(disk, directory)
      return takeLock(disk, lockOf(name), waitMs)
    },
    isLocked: (name) => isHeld(disk, lockOf(name)),
  }
}

function ensure(disk: Disk, directory: string): void {
  try {
    ensureFolder(disk, directory)
  } catch (error) {
    throw cannotWrite(directory, error)
  }
}

function listFiles(disk: Disk, directory: string): readonly string[] {
  try {
    return disk.list(directory).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw cannotRead(directory, error)
  }
}
