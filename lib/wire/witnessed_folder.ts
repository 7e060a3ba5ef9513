/** A folder that remembers what was read of it, by content: which files a result rests on. */
import { sha256Of } from '#record/sha256'
import type { Folder } from '#port/folder'

export interface Witnessed extends Pick<Folder, 'read' | 'list'> {
  /** The files read so far that lie in a folder: by their paths in it, sorted, with the SHA-256 of what they hold unpacked. */
  within(root: string): { readonly file: string; readonly sha256: string }[]
}

export function witnessedFolder(folder: Pick<Folder, 'read' | 'list'>): Witnessed {
  const seen = new Map<string, string>()
  return {
    list: (path) => folder.list(path),
    read(path) {
      const bytes = folder.read(path)
      if (bytes !== undefined && !seen.has(path)) seen.set(path, sha256Of(bytes))
      return bytes
    },
    within(root) {
      const below = `${root.replace(/\/+$/, '')}/`
      return [...seen].filter(([path]) => path.startsWith(below)).map(([path, sha256]) => ({ file: path.slice(below.length), sha256 }))
        .sort((a, b) => (a.file < b.file ? -1 : 1))
    },
  }
}
