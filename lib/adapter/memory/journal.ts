import type { Journal } from '#port/journal'

/** The simulated twin of `fileJournal`. */
export function memoryJournal(): Journal {
  const lines: string[] = []
  return {
    append(line) {
      if (line.includes('\n')) throw new RangeError('a line of a journal may not hold a newline')
      lines.push(line)
    },
    sync: () => undefined,
    *lines() {
      yield* lines
    },
    close: () => undefined,
  }
}
