/**
 * A disk in memory that fails the nth operation on request, and at a crash loses what was not yet synced: of each file any
 * part of its unsynced bytes survives, of each folder any of its unsynced names. After SQLite's crash tests.
 */
import type { About, Disk } from '#adapter/file/disk'

/** `crash`: the power goes at that operation, which throws PowerCut; every operation after it does too, until `crash` is called. */
export type Fault = 'ENOSPC' | 'EIO' | 'short' | 'crash'

export class PowerCut extends Error {}

interface Inode {
  now: Buffer
  durable: Buffer
}

class DiskError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** One of each: a stack trace for every file that is not there would be most of the work. */
const errors = new Map<string, DiskError>()

function errorOf(code: string): DiskError {
  const error = errors.get(code) ?? new DiskError(code)
  errors.set(code, error)
  return error
}

export class SimulatedDisk implements Disk {
  /** Operations that may fail, so far. */
  operations = 0
  /** Faults so far. */
  faults = 0
  #failAt = Infinity
  #fault: Fault = 'EIO'
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  readonly #folders = new Set<string>(['/'])
  readonly #open = new Map<number, Inode>()
  #descriptor = 10
  #dead = false

  /** Fail the nth operation from now, counted from 1; a short write befalls the first write from then on. */
  failAfter(nth: number, fault: Fault): void {
    this.#failAt = this.operations + nth
    this.#fault = fault
  }

  /**
   * The power goes: `choose(n)` draws from 0..n-1 what becomes of each unsynced part. With `holes` it may reach the medium in any order: what
   * stands behind a sector that did not, does, and the sector is zeros.
   */
  crash(choose: (below: number) => number, { holes = false } = {}): void {
    this.#failAt = Infinity
    this.#dead = false
    this.#open.clear()
    const names = new Set([...this.#names.keys(), ...this.#durableNames.keys()])
    for (const name of names) {
      const now = this.#names.get(name), durable = this.#durableNames.get(name)
      const survivor = now === durable || choose(2) === 0 ? durable : now
      if (survivor === undefined) this.#names.delete(name)
      else this.#names.set(name, survivor)
    }
    for (const inode of new Set(this.#names.values())) {
      const survivors = survivingBytes(inode, choose)
      inode.now = holes ? withHoles(survivors, Math.min(inode.now.length, inode.durable.length), choose) : survivors
      inode.durable = inode.now
    }
    this.#durableNames = new Map(this.#names)
  }

  content(path: string): Buffer | undefined {
    return this.#names.get(path)?.now
  }

  /** What a crash at this moment would leave for certain. */
  durable(path: string): Buffer | undefined {
    return this.#durableNames.get(path)?.durable
  }

  paths(): string[] {
    return [...this.#names.keys()].sort()
  }

  /** Overwrite a file behind the program's back. */
  tamper(path: string, content: Buffer): void {
    this.#names.set(path, { now: content, durable: content })
    this.#durableNames = new Map(this.#names)
  }

  open(path: string, flags: 'r' | 'a+' | 'wx'): number {
    if (this.#dead) throw new PowerCut()
    const found = this.#names.get(path)
    if (flags === 'r' && found === undefined) throw errorOf('ENOENT')
    if (flags === 'wx' && found !== undefined) throw errorOf('EEXIST')
    if (flags !== 'r') this.#step()
    const inode = found ?? { now: Buffer.alloc(0), durable: Buffer.alloc(0) }
    this.#names.set(path, inode)
    this.#open.set(++this.#descriptor, inode)
    return this.#descriptor
  }

  close(file: number): void {
    this.#open.delete(file)
  }

  size(file: number): number {
    return this.#inode(file).now.length
  }

  read(file: number, into: Uint8Array, position: number): number {
    const part = this.#inode(file).now.subarray(position, position + into.length)
    into.set(part)
    return part.length
  }

  write(file: number, bytes: Uint8Array): number {
    const inode = this.#inode(file)
    const isShort = this.#step(true)
    const length = isShort ? Math.floor(bytes.length / 2) : bytes.length
    inode.now = Buffer.concat([inode.now, bytes.subarray(0, length)])
    // A short write tells of trouble: the next one finds the disk full.
    if (isShort) this.failAfter(1, 'ENOSPC')
    return length
  }

  truncate(file: number, size: number): void {
    this.#step()
    const inode = this.#inode(file)
    inode.now = inode.now.subarray(0, size)
  }

  sync(file: number): void {
    this.#step()
    const inode = this.#inode(file)
    inode.durable = inode.now
  }

  syncFolder(path: string): void {
    this.#step()
    for (const name of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      if (folderOf(name) !== path) continue
      const inode = this.#names.get(name)
      if (inode === undefined) this.#durableNames.delete(name)
      else this.#durableNames.set(name, inode)
    }
  }

  rename(from: string, to: string): void {
    const inode = this.#names.get(from)
    if (inode === undefined) throw errorOf('ENOENT')
    this.#step()
    this.#names.set(to, inode)
    this.#names.delete(from)
  }

  link(from: string, to: string): void {
    const inode = this.#names.get(from)
    if (inode === undefined) throw errorOf('ENOENT')
    if (this.#names.has(to)) throw errorOf('EEXIST')
    this.#step()
    this.#names.set(to, inode)
  }

  remove(path: string): void {
    if (this.#dead) throw new PowerCut()
    if (!this.#names.delete(path)) throw errorOf('ENOENT')
  }

  list(path: string): string[] {
    if (!this.#folders.has(path)) throw errorOf('ENOENT')
    return [...this.#names.keys(), ...this.#folders].filter((name) => name !== '/' && folderOf(name) === path).map((name) => name.slice(name.lastIndexOf('/') + 1))
  }

  /** Everything was written at the beginning of time. */
  about(path: string): About | undefined {
    const inode = this.#names.get(path), isFolder = this.#folders.has(path)
    return inode === undefined && !isFolder ? undefined : { isFolder, bytes: inode?.now.length ?? 0, writtenMs: 0 }
  }

  makeFolder(path: string): void {
    this.#step()
    this.#folders.add(path)
  }

  #inode(file: number): Inode {
    const inode = this.#open.get(file)
    if (inode === undefined) throw errorOf('EBADF')
    return inode
  }

  /** Counts an operation; true where it is to write short, thrown where it is to fail. Only writes can fall short. */
  #step(isWrite = false): boolean {
    if (this.#dead) throw new PowerCut()
    this.operations += 1
    if (this.operations < this.#failAt || (this.#fault === 'short' && !isWrite)) return false
    this.#failAt = Infinity
    this.faults += 1
    if (this.#fault === 'crash') {
      this.#dead = true
      throw new PowerCut()
    }
    if (this.#fault === 'short') return true
    throw errorOf(this.#fault)
  }
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** What both versions share is safe; of what was added or cut since the last sync, any part may have reached the medium. */
function survivingBytes({ now, durable }: Inode, choose: (below: number) => number): Buffer {
  const longer = now.length >= durable.length ? now : durable
  const safe = Math.min(now.length, durable.length)
  return Buffer.from(longer.subarray(0, safe + choose(longer.length - safe + 1)))
}

const SECTOR_BYTES = 64

/** Sectors from `from` on are zeros, or not. */
function withHoles(bytes: Buffer, from: number, choose: (below: number) => number): Buffer {
  for (let start = from; start < bytes.length; start += SECTOR_BYTES) if (choose(4) === 0) bytes.fill(0, start, Math.min(start + SECTOR_BYTES, bytes.length))
  return bytes
}
