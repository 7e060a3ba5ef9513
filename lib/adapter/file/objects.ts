/** Objects as files below one folder. */
import { dirname, join } from 'node:path'
import type { Listed, Objects } from '#port/objects'
import { cannotRead, cannotWrite, codeOf, ensureFolder, nodeDisk, readWhole, replaceFile, temporaryName, writeFully, type Disk } from './disk.ts'

export function fileObjects(folder: string, disk: Disk = nodeDisk): Objects {
  const prepared = (name: string): string => {
    const path = join(folder, name)
    try {
      ensureFolder(disk, dirname(path))
    } catch (error) {
      throw cannotWrite(path, error)
    }
    return path
  }
  return {
    place: folder,
    read: async (name) => readWhole(disk, join(folder, name)),
    list: async (prefix) => listed(disk, folder, prefix),
    write: async (name, content) => replaceFile(disk, prepared(name), content),
    create: async (name, content) => createFile(disk, prepared(name), content),
    async remove(name) {
      try {
        disk.remove(join(folder, name))
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw cannotWrite(join(folder, name), error)
      }
    },
  }
}

/** The name comes last, by link(2), which gives it to one alone. */
function createFile(disk: Disk, path: string, content: Uint8Array): boolean {
  const temporary = temporaryName(path)
  let file: number | undefined
  try {
    file = disk.open(temporary, 'wx')
    writeFully(disk, file, content)
    disk.sync(file)
    disk.close(file)
    file = undefined
    disk.link(temporary, path)
    disk.syncFolder(dirname(path))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw cannotWrite(path, error)
  } finally {
    try {
      if (file !== undefined) disk.close(file)
      disk.remove(temporary)
    } catch {
      // It was never made; or stays as a hidden file, which nobody lists.
    }
  }
}

/** Hidden files are writes that did not come to an end. */
function listed(disk: Disk, folder: string, prefix: string): Listed[] {
  const found: Listed[] = []
  const walk = (below: string): void => {
    for (const entry of namesIn(disk, join(folder, below))) {
      const name = below === '' ? entry : `${below}/${entry}`
      if (entry.startsWith('.') || !(name.startsWith(prefix) || prefix.startsWith(`${name}/`))) continue
      const about = disk.about(join(folder, name))
      if (about?.isFolder === true) walk(name)
      else if (about !== undefined && name.startsWith(prefix)) found.push({ name, bytes: about.bytes, writtenMs: about.writtenMs })
    }
  }
  walk('')
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function namesIn(disk: Disk, path: string): readonly string[] {
  try {
    return disk.list(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw cannotRead(path, error)
  }
}
