/**
 * One writer at a time. A lock is a folder of numbered files, of which the last counts: it names its holder, the process id and, on Linux,
 * the moment that process started, so that a process id used again does not pass for the holder; emptied, it is free. Whoever finds
 * the last one free, or its holder gone, makes the next number, which link(2) gives to one alone. A number goes away only once there is a
 * higher one, so that whoever acts on an old look at the folder finds that it came too late, and no takeover can meet another.
 */
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Failure } from '#port/failure'
import { cannotWrite, codeOf, ensureFolder, readWhole, temporaryName, writeFully, type Disk } from './disk.ts'

/** Files of locks held by this process: its own id in one that is not listed here is left from an earlier life. */
const heldHere = new Set<string>()

/** Clock ticks since boot at which a process started (proc(5), field 22 of stat); `-` where that cannot be told. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
  } catch {
    return '-'
  }
}

/** What this process writes into a lock that it holds; it never changes. */
let ownHolder: Buffer | undefined

function isAlive(holder: string, file: string): boolean {
  // The name appears with its whole content; only a power cut can have taken part of it, and the holder too.
  if (!holder.endsWith('\n')) return false
  const [pidText = '', start = '-'] = holder.trim().split(' ')
  const pid = Number(pidText)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  if (pid === process.pid) return heldHere.has(file)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, under another user.
    if (codeOf(error) !== 'EPERM') return false
  }
  return start === '-' || startOf(pid) === start
}

/** `memory/vault.json.lock` → `memory/.vault.json.lock`. */
const folderOf = (path: string): string => join(dirname(path), `.${basename(path)}`)

/** The numbers that stand in a lock's folder, lowest first. */
function numbersIn(disk: Disk, folder: string): readonly number[] {
  try {
    return disk.list(folder).filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw cannotWrite(folder, error)
  }
}

/** The last number, 0 where there is none, and who holds it: undefined where nobody does. */
function lastOf(disk: Disk, folder: string): { readonly number: number; readonly holder: string | undefined } {
  const number = numbersIn(disk, folder).at(-1) ?? 0, file = join(folder, String(number))
  const holder = number === 0 ? undefined : readWhole(disk, file)?.toString('latin1')
  return { number, holder: holder !== undefined && isAlive(holder, file) ? holder.split(' ')[0] : undefined }
}

/** Whether a living process holds the lock. */
export const isHeld = (disk: Disk, path: string): boolean => lastOf(disk, folderOf(path)).holder !== undefined

/** How long a state file's lock is waited for: it is held for one write. */
const BRIEF_MS = 200
const PAUSE_MS = 4
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Take the lock, waiting so long for its holder; returns its release. Throws Failure `again` where another keeps it. */
export function takeLock(disk: Disk, path: string, waitMs = BRIEF_MS): () => void {
  const folder = folderOf(path)
  makeFolder(disk, folder)
  for (let waitedMs = 0; ;) {
    const { number, holder } = lastOf(disk, folder)
    if (holder !== undefined) {
      if (waitedMs >= waitMs) throw new Failure('again', `${path}: held by process ${holder}`)
      Atomics.wait(pause, 0, 0, PAUSE_MS)
      waitedMs += PAUSE_MS
      continue
    }
    const file = join(folder, String(number + 1))
    if (!create(disk, file)) continue
    const numbers = numbersIn(disk, folder)
    if (numbers.at(-1) !== number + 1) {
      removeIfThere(disk, file)
      continue
    }
    heldHere.add(file)
    for (const old of numbers.slice(0, -1)) removeIfThere(disk, join(folder, String(old)))
    return () => release(disk, file)
  }
}

function makeFolder(disk: Disk, folder: string): void {
  try {
    ensureFolder(disk, folder)
  } catch (error) {
    throw cannotWrite(folder, error)
  }
}

/** The name appears with its content, by link(2): no one can find a lock that does not yet say whose it is. */
function create(disk: Disk, file: string): boolean {
  const temporary = temporaryName(file)
  try {
    const open = disk.open(temporary, 'wx')
    try {
      writeFully(disk, open, (ownHolder ??= Buffer.from(`${process.pid} ${startOf(process.pid)}\n`)))
    } finally {
      disk.close(open)
    }
    disk.link(temporary, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw cannotWrite(file, error)
  } finally {
    removeIfThere(disk, temporary)
  }
}

/** The file stays, and says that nobody holds it. */
function release(disk: Disk, file: string): void {
  if (!heldHere.delete(file)) return
  try {
    const open = disk.open(file, 'a+')
    try {
      disk.truncate(open, 0)
    } finally {
      disk.close(open)
    }
  } catch (error) {
    // What the lock was for is done, and must not be called failed because the disk refused this: it is free once this process is gone.
    if (codeOf(error) === '') throw error
  }
}

function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannotWrite(dirname(path), error)
  }
}
