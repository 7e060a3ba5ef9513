/** Objects as files below one folder. */
import { dirname, join } from 'node:path'
import type { Listed, Objects } from '#port/objects'
import { cannotRead, cannotWrite, codeOf, ensureFolder, isTemporary, nodeDisk, readWhole, replaceFile, temporaryName, writeFully, type Disk } from './disk.ts'

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
    remove: async (name) => removed(disk, join(folder, name)),
    async tidy(beforeMs) {
      const left = below(disk, folder, '', () => true).filter(({ name, writtenMs }) => isTemporary(name) && writtenMs <= beforeMs)
      for (const { name } of left) removed(disk, join(folder, name))
      return left.length
    },
  }
}

function removed(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannotWrite(path, error)
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
      // It was never made; or stays as a hidden file, which nobody lists, until it is tidied away.
    }
  }
}

/** Hidden files are writes that did not come to an end. */
const listed = (disk: Disk, folder: string, prefix: string): Listed[] =>
  below(disk, folder, '', (name) => name.startsWith(prefix) || prefix.startsWith(`${name}/`))
    .filter(({ name }) => name.startsWith(prefix) && !baseOf(name).startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1))

const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** Files, in folders that may hold one that is wanted; hidden files, but not folders, among them. */
function below(disk: Disk, folder: string, within: string, isWanted: (name: string) => boolean): Listed[] {
  return namesIn(disk, join(folder, within)).flatMap((entry) => {
    const name = within === '' ? entry : `${within}/${entry}`, about = isWanted(name) ? disk.about(join(folder, name)) : undefined
    if (about === undefined) return []
    if (!about.isFolder) return [{ name, bytes: about.bytes, writtenMs: about.writtenMs }]
    return entry.startsWith('.') ? [] : below(disk, folder, name, isWanted)
  })
}

function namesIn(disk: Disk, path: string): readonly string[] {
  try {
    return disk.list(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw cannotRead(path, error)
  }
}
