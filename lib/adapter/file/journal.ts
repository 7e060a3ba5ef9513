import { endOfLines, LineCursor } from '#domain/audit/lines'
import type { Journal } from '#port/journal'
import type { Tape } from '#port/logs'
import { nodeDisk, type Disk } from './disk.ts'
import { fileTape } from './tape.ts'

/** An NDJSON log in one file. A torn tail is moved to `PATH.torn-OFFSET` before the first append. */
export function fileJournal(path: string, disk: Disk = nodeDisk, waits = true): Journal {
  return tapeJournal(fileTape(path, disk, waits))
}

/** Lines over any tape. */
export function tapeJournal(tape: Tape): Journal {
  let mended = false
  return {
    append(line) {
      if (line.includes('\n')) throw new RangeError('a line of a journal may not hold a newline')
      if (!mended) {
        const end = endOfLines(tape)
        if (end < tape.size()) tape.setAside(end)
        mended = true
      }
      tape.append(Buffer.from(`${line}\n`))
    },
    sync: () => tape.sync(),
    *lines() {
      for (const cursor = new LineCursor(tape); cursor.next();) yield cursor.text()
    },
    close: () => tape.close(),
  }
}
