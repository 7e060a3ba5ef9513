import type { Logs, Tape } from '#port/logs'
import { Failure } from '#port/failure'

/** Logs that a test can look into and tamper with. */
export interface MemoryLogs extends Logs {
  /** The content of every file by name. */
  readonly files: Map<string, Buffer>
}

/** The simulated twin of `fileLogs`. */
export function memoryLogs(): MemoryLogs {
  const files = new Map<string, Buffer>()
  const locks = new Set<string>()
  return {
    files,
    open: (name) => memoryTape(files, name),
    read: (name) => files.get(name),
    replace: (name, content) => void files.set(name, Buffer.from(content)),
    remove: (name) => void files.delete(name),
    list(folder) {
      const prefix = folder === undefined ? '' : `${folder}/`
      const inside = [...files.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
      return inside.filter((name) => !name.includes('/')).sort()
    },
    move(from, to) {
      const content = files.get(from)
      if (content === undefined) throw new Failure('output', `${to}: cannot write: there is no ${from}`)
      files.delete(from)
      files.set(to, content)
    },
    lock(name) {
      if (locks.has(name)) throw new Failure('again', `${name}: held already`)
      locks.add(name)
      return () => void locks.delete(name)
    },
    isLocked: (name) => locks.has(name),
  }
}

/** Bytes in a buffer that doubles as it fills; the file is a view of it. */
function memoryTape(files: Map<string, Buffer>, name: string): Tape {
  let held = Buffer.alloc(0)
  const content = (): Buffer => files.get(name) ?? Buffer.alloc(0)
  return {
    size: () => content().length,
    read(position, into) {
      const part = content().subarray(position, position + into.length)
      into.set(part)
      return part.length
    },
    append(bytes) {
      const now = content()
      const size = now.length + bytes.length
      if (size > held.length || now.buffer !== held.buffer) {
        held = Buffer.alloc(Math.max(size * 2, 1024))
        held.set(now)
      }
      held.set(bytes, now.length)
      files.set(name, held.subarray(0, size))
    },
    sync: () => undefined,
    reread: () => undefined,
    setAside(offset) {
      const now = content()
      if (offset >= now.length) return
      let aside = `${name}.torn-${offset}`
      for (let nth = 2; files.has(aside); nth++) aside = `${name}.torn-${offset}.${nth}`
      files.set(aside, Buffer.from(now.subarray(offset)))
      files.set(name, now.subarray(0, offset))
    },
    close: () => undefined,
  }
}
