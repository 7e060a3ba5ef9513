/**
 * One writer at a time, by a lock file that names its holder: the process id and, on Linux, the moment that process started,
 * so that a process id used again does not pass for the holder. A lock whose holder is gone is taken over.
 */
import fs from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '#port/failure'
import { cannotWrite, codeOf, readWhole, temporaryName, writeFully, type Disk } from './disk.ts'

/** Locks held by this process: its own id in a lock file that is not listed here is left from an earlier life. */
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

/** Of this process it is always the same. */
let ownHolder: string | undefined
const holderHere = (): string => (ownHolder ??= `${process.pid} ${startOf(process.pid)}\n`)

function isAlive(holder: string, path: string): boolean {
  // The name appears with its whole content; only a power cut can have taken part of it, and the holder too.
  if (!holder.endsWith('\n')) return false
  const [pidText = '', start = '-'] = holder.trim().split(' ')
  const pid = Number(pidText)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  if (pid === process.pid) return heldHere.has(path)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, under another user.
    if (codeOf(error) !== 'EPERM') return false
  }
  return start === '-' || startOf(pid) === start
}

/** Whether a living process holds the lock. */
export function isHeld(disk: Disk, path: string): boolean {
  const holder = readWhole(disk, path)
  return holder !== undefined && isAlive(holder.toString('latin1'), path)
}

/** How long a state file's lock is waited for: it is held for one write. */
const BRIEF_MS = 200
const PAUSE_MS = 4
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Take the lock, waiting a moment for a brief holder; returns its release. Throws Failure `again` where another keeps it. */
export function takeLock(disk: Disk, path: string, waitMs = BRIEF_MS): () => void {
  for (let waitedMs = 0; !tryLock(disk, path); waitedMs += PAUSE_MS) {
    if (waitedMs >= waitMs) {
      const holder = readWhole(disk, path)?.toString('latin1').split(' ')[0] ?? 'unknown'
      throw new Failure('again', `${path}: held by process ${holder}`)
    }
    Atomics.wait(pause, 0, 0, PAUSE_MS)
  }
  heldHere.add(path)
  return () => {
    if (heldHere.delete(path)) disk.remove(path)
  }
}

function tryLock(disk: Disk, path: string): boolean {
  const holder = readWhole(disk, path)?.toString('latin1')
  if (holder !== undefined) {
    if (isAlive(holder, path)) return false
    removeDead(disk, path, holder)
  }
  return create(disk, path)
}

/** The name appears with its content, by link(2): no one can find a lock that does not yet say whose it is. */
function create(disk: Disk, path: string): boolean {
  const temporary = temporaryName(path)
  try {
    const file = disk.open(temporary, 'wx')
    try {
      writeFully(disk, file, Buffer.from(holderHere()))
    } finally {
      disk.close(file)
    }
    disk.link(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw cannotWrite(path, error)
  } finally {
    removeIfThere(disk, temporary)
  }
}

/** Move the dead lock away and look at what was moved: where another took it over meanwhile, give it back. */
function removeDead(disk: Disk, path: string, holder: string): void {
  const aside = temporaryName(path)
  try {
    disk.rename(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw cannotWrite(path, error)
  }
  if (readWhole(disk, aside)?.toString('latin1') !== holder) {
    try {
      disk.link(aside, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw cannotWrite(path, error)
    }
  }
  removeIfThere(disk, aside)
}

function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannotWrite(dirname(path), error)
  }
}
