/** What an installation changes of a machine: folders and files with their modes and owners, links, accounts. Only `vanta install` is to. */

export interface Standing {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** Permission bits, such as 0o755. */
  readonly mode: number
  /** Id of the user who owns it. */
  readonly owner: number
  /** Where a link points to, as it is written. */
  readonly target?: string
}

/** Whatever cannot be done throws Failure `output`, with the path. */
export interface System {
  /** The user that this process runs as. */
  readonly me: { readonly name: string; readonly id: number }
  /** Undefined where nothing stands there. A link is not followed. */
  stat(path: string): Standing | undefined
  /** Id of the user of that name; undefined where there is none. */
  account(name: string): number | undefined
  /** Names in a folder, sorted; empty where there is none. */
  list(path: string): readonly string[]
  read(path: string): Buffer | undefined
  /** With the folders above it, of the same mode whatever the umask says; what is there stays. */
  makeFolder(path: string, mode: number): void
  /** Whole and durable, or not at all. */
  write(path: string, content: Buffer, mode: number): void
  /** A new file, durable once the folders that it stands in are `settled`. */
  put(path: string, content: Buffer, mode: number): void
  /** The names below a folder are on the medium. */
  settle(path: string): void
  /** The link points there, in one step, where it stood or not. */
  point(path: string, target: string): void
  /** Whatever stands there, and all below it. */
  remove(path: string): void
  /** The mode, and the owner with the group of the same name. */
  permit(path: string, mode: number, owner: number | undefined): void
  /** Exit status of a program; undefined where there is none of that name. Its output goes to stderr. */
  run(words: readonly string[]): number | undefined
}
