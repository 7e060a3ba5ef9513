import { posix } from 'node:path'
import type { Folder } from '#port/folder'
import { unpacked } from '../file/gzip.ts'

/** A folder whose files can be looked at afterwards. */
export interface MemoryFolder extends Folder {
  /** Every file by its path. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** The simulated twin of `fileFolder`; `-` is a file like any other. */
export function memoryFolder(initial: { readonly [path: string]: string | Buffer } = {}): MemoryFolder {
  const files = new Map<string, Buffer>()
  const write = (path: string, content: string | Buffer): void => {
    files.set(posix.normalize(path), Buffer.from(content))
  }
  for (const [path, content] of Object.entries(initial)) write(path, content)
  return {
    files,
    write,
    read(path) {
      const content = files.get(posix.normalize(path))
      return content === undefined ? undefined : unpacked(path, content)
    },
    bytes: (path) => files.get(posix.normalize(path)),
    list(path) {
      const folder = `${posix.normalize(path).replace(/\/$/, '')}/`
      const names = new Set<string>()
      for (const file of files.keys()) {
        const name = folder === './' ? file : file.startsWith(folder) ? file.slice(folder.length) : ''
        if (name !== '') names.add(name.split('/')[0] ?? '')
      }
      return [...names].sort()
    },
  }
}
