/** Everything a record was made from, and everything that was made from it, step by step through the index of the log. */
import type { Vanta } from '#record'
import type { Candidates, IndexedLine, LineIndex } from './index/line_index.ts'
import { recordOfLine } from './links.ts'

export interface Traced {
  readonly record: Vanta
  /** Steps from the record asked for, 0 for itself; the fewest, where several ways lead to it. */
  readonly depth: number
}

export interface Lineage {
  readonly root: Traced
  /** Latest in the log first: children before parents. */
  readonly ancestors: readonly Traced[]
  /** Earliest in the log first: parents before children. */
  readonly descendants: readonly Traced[]
  /** Parents that the log does not hold, all within the depth asked for. */
  readonly missing: readonly string[]
}

export interface Trace {
  readonly up: boolean
  readonly down: boolean
  /** At most so many steps each way. */
  readonly depth?: number
}

/** The lineage of the record whose id begins with `prefix`. */
export function lineageOf(index: LineIndex, prefix: string, { up, down, depth = Infinity }: Trace): Lineage | Candidates {
  const line = index.only(prefix)
  if ('candidates' in line) return line
  const record = recordIn(line)
  if (record === undefined) return { candidates: [] }
  const missing = new Set<string>()
  const parents = ({ parents: ids }: IndexedLine): IndexedLine[] => ids.flatMap((id) => {
    const found = index.find(id)
    if (found === undefined) missing.add(id)
    return found ?? []
  })
  const children = ({ id }: IndexedLine): readonly IndexedLine[] => index.children(id)
  return {
    root: { record, depth: 0 },
    ancestors: up ? reached(line, parents, depth, (id) => missing.add(id)).sort((a, b) => b.line - a.line) : [],
    descendants: down ? reached(line, children, depth).sort((a, b) => a.line - b.line) : [],
    missing: [...missing],
  }
}

type Placed = Traced & { readonly line: number }

/** All that is reached in so many steps, but for the beginning. */
function reached(from: IndexedLine, next: (line: IndexedLine) => readonly IndexedLine[], depth: number, unreadable?: (id: string) => void): Placed[] {
  const found: Placed[] = []
  const seen = new Set([from.id])
  let layer: readonly IndexedLine[] = [from]
  for (let steps = 1; steps <= depth && layer.length > 0; steps++) {
    const beyond: IndexedLine[] = []
    for (const line of layer.flatMap(next)) {
      if (seen.has(line.id)) continue
      seen.add(line.id)
      const record = recordIn(line)
      if (record === undefined) {
        unreadable?.(line.id)
        continue
      }
      found.push({ record, depth: steps, line: line.line })
      beyond.push(line)
    }
    layer = beyond
  }
  return found
}

const recordIn = ({ bytes }: IndexedLine): Vanta | undefined => recordOfLine(bytes.toString('utf8'))
