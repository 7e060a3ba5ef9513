import { Failure } from './failure.ts'

/** Files that the user names: recorded payloads, data folders, reports. Not memory, not logs. */
export interface Folder {
  /** The whole content, decompressed where it is gzip; `-` reads standard input. Undefined where there is no such file. */
  read(path: string): Buffer | undefined
  /** The whole content as it stands, packed or not. */
  bytes(path: string): Buffer | undefined
  /** Names of the entries of a folder, sorted; empty where there is none. */
  list(path: string): readonly string[]
  /** Replace a file atomically. */
  write(path: string, content: string | Buffer): void
}

/** The content of a file that must be there. Throws Failure `usage` where it is not. */
export function readNamed(folder: Pick<Folder, 'read'>, path: string): Buffer {
  const bytes = folder.read(path)
  if (bytes === undefined) throw new Failure('usage', `no such file: ${path}`)
  return bytes
}
