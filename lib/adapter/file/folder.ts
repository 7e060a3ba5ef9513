import fs from 'node:fs'
import { dirname } from 'node:path'
import type { Folder } from '#port/folder'
import { Failure } from '#port/failure'
import { cannotRead, cannotWrite, codeOf, nodeDisk, replaceFile } from './disk.ts'
import { MAX_BYTES, unpacked } from './gzip.ts'

const STDIN = 0

/** Files of the machine, up to 2 GiB each. */
export function fileFolder(): Folder {
  const bytes = (path: string): Buffer | undefined => (path === '-' ? readStdin() : readPath(path))
  return {
    read(path) {
      const content = bytes(path)
      return content === undefined ? undefined : unpacked(path, content)
    },
    bytes,
    list(path) {
      try {
        return fs.readdirSync(path).sort()
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return []
        throw cannotRead(path, error)
      }
    },
    write(path, content) {
      try {
        fs.mkdirSync(dirname(path), { recursive: true })
      } catch (error) {
        throw cannotWrite(path, error)
      }
      replaceFile(sharedDisk, path, typeof content === 'string' ? Buffer.from(content) : content)
    },
  }
}

/** What a user asked to be written is as readable as their umask says. */
const sharedDisk = { ...nodeDisk, open: (path: string, flags: string): number => fs.openSync(path, flags) }

const tooLarge = (path: string): Failure => new Failure('data', `${path}: larger than 2 GiB`)

function readPath(path: string): Buffer | undefined {
  try {
    if (fs.statSync(path).size > MAX_BYTES) throw tooLarge(path)
    return fs.readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw cannotRead(path, error)
  }
}

const PAUSE_MS = 10
const pause = new Int32Array(new SharedArrayBuffer(4))

/** All of standard input. A terminal or socket in non-blocking mode says EAGAIN where there is nothing yet. */
function readStdin(): Buffer {
  const parts: Buffer[] = []
  let size = 0
  for (;;) {
    const part = Buffer.allocUnsafe(1 << 16)
    let got: number
    try {
      got = fs.readSync(STDIN, part)
    } catch (error) {
      if (codeOf(error) === 'EOF') break
      if (codeOf(error) !== 'EAGAIN') throw cannotRead('standard input', error)
      Atomics.wait(pause, 0, 0, PAUSE_MS)
      continue
    }
    if (got === 0) break
    size += got
    if (size > MAX_BYTES) throw tooLarge('standard input')
    parts.push(part.subarray(0, got))
  }
  return Buffer.concat(parts, size)
}
