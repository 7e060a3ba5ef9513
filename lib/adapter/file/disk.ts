/**
 * The few file operations that memory files and logs are made of. They stand behind an interface of their own so that tests
 * can fail the nth of them, shorten a write, or take away at a crash whatever was not yet synced.
 */
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import type { Millis } from '#record'
import { Failure } from '#port/failure'

export interface About {
  readonly isFolder: boolean
  readonly bytes: number
  readonly writtenMs: Millis
}

export interface Disk {
  /** `r` to read, `a+` to append and read (made where it is missing), `wx` to write a file that must not exist yet. */
  open(path: string, flags: 'r' | 'a+' | 'wx'): number
  close(file: number): void
  size(file: number): number
  read(file: number, into: Uint8Array, position: number): number
  /** May write fewer bytes than asked, as write(2) may. */
  write(file: number, bytes: Uint8Array): number
  truncate(file: number, size: number): void
  /** Content and size are on the medium when it returns (fdatasync). */
  sync(file: number): void
  /** Names made, moved or removed in a folder are on the medium when it returns. */
  syncFolder(path: string): void
  /** Replaces what stands at `to`. */
  rename(from: string, to: string): void
  /** A second name for a file; fails with EEXIST where the name is taken. */
  link(from: string, to: string): void
  remove(path: string): void
  /** Names of what is in a folder, folders among them. */
  list(path: string): string[]
  /** Undefined where nothing is. */
  about(path: string): About | undefined
  makeFolder(path: string): void
}

/** Only the owner may read what Vanta keeps. */
const OWNER_ONLY = 0o600

export const nodeDisk: Disk = {
  open: (path, flags) => fs.openSync(path, flags, OWNER_ONLY),
  close: (file) => fs.closeSync(file),
  size: (file) => fs.fstatSync(file).size,
  read: (file, into, position) => fs.readSync(file, into, 0, into.length, position),
  write: (file, bytes) => fs.writeSync(file, bytes),
  truncate: (file, size) => fs.ftruncateSync(file, size),
  sync: (file) => fs.fdatasyncSync(file),
  syncFolder(path) {
    const folder = fs.openSync(path, 'r')
    try {
      fs.fsyncSync(folder)
    } finally {
      fs.closeSync(folder)
    }
  },
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  list: (path) => fs.readdirSync(path),
  about(path) {
    const stat = fs.statSync(path, { throwIfNoEntry: false })
    return stat && { isFolder: stat.isDirectory(), bytes: stat.size, writtenMs: Math.floor(stat.mtimeMs) }
  },
  makeFolder: (path) => void fs.mkdirSync(path, { recursive: true, mode: 0o700 }),
}

/** `ENOENT`, `ENOSPC` ... of an error that the system gave, else the empty text. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const cannotRead = (path: string, error: unknown): Failure =>
  error instanceof Failure ? error : new Failure('data', `${path}: cannot read: ${reasonOf(error)}`, error)

export const cannotWrite = (path: string, error: unknown): Failure =>
  error instanceof Failure ? error : new Failure('output', `${path}: cannot write: ${reasonOf(error)}`, error)

/** Every byte, however short each write falls. */
export function writeFully(disk: Disk, file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const wrote = disk.write(file, bytes.subarray(done))
    if (wrote === 0) throw new Error('the disk took no bytes')
    done += wrote
  }
}

/** The whole of a small file; undefined where there is none. */
export function readWhole(disk: Disk, path: string): Buffer | undefined {
  let file: number
  try {
    file = disk.open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw cannotRead(path, error)
  }
  try {
    const whole = Buffer.alloc(disk.size(file))
    let filled = 0
    while (filled < whole.length) {
      const got = disk.read(file, whole.subarray(filled), filled)
      if (got === 0) break
      filled += got
    }
    return whole.subarray(0, filled)
  } catch (error) {
    throw cannotRead(path, error)
  } finally {
    disk.close(file)
  }
}

/** Make a folder and the ones above it, durably. */
export function ensureFolder(disk: Disk, path: string): void {
  try {
    disk.list(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannotWrite(path, error)
    const above = dirname(path)
    if (above !== path) ensureFolder(disk, above)
    disk.makeFolder(path)
    disk.syncFolder(above)
  }
}

let temporaries = 0

/** A name beside `path` that no other writer has: `.vault.json.1234-1.tmp`. */
export function temporaryName(path: string): string {
  temporaries += 1
  return join(dirname(path), `.${path.slice(path.lastIndexOf('/') + 1)}.${process.pid}-${temporaries}.tmp`)
}

/** Whether a path, or a name, is one that {@link temporaryName} gives. */
export const isTemporary = (path: string): boolean => /(^|\/)\.[^/]+\.\d+-\d+\.tmp$/.test(path)

/**
 * Replace a file so that a reader, or a crash, finds the old content or the new, whole: a temporary file in the same folder,
 * synced, renamed over it, the folder synced. Where `waits` is false the disk is not waited for.
 */
export function replaceFile(disk: Disk, path: string, content: Uint8Array, waits = true): void {
  const temporary = temporaryName(path)
  let file: number | undefined
  try {
    file = disk.open(temporary, 'wx')
    writeFully(disk, file, content)
    if (waits) disk.sync(file)
    disk.close(file)
    file = undefined
    disk.rename(temporary, path)
    if (waits) disk.syncFolder(dirname(path))
  } catch (error) {
    abandon(disk, temporary, file)
    throw cannotWrite(path, error)
  }
}

/** Leave no temporary file behind; what fails here is less than the failure being reported. */
function abandon(disk: Disk, temporary: string, file: number | undefined): void {
  try {
    if (file !== undefined) disk.close(file)
    disk.remove(temporary)
  } catch {
    // The file was never made, or was already renamed.
  }
}
