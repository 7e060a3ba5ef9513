/**
 * Everything a record was made from. Parents stand before their children in the log, so one walk backwards from its end
 * collects all ancestors, holding only what it found.
 */
import { check, keepLine, type Vanta } from '#record'
import { linesBackward, type Bytes } from './lines.ts'
import { idOfLine } from './files.ts'

export interface Ancestor {
  readonly record: Vanta
  /** Steps from the record asked for, 0 for itself; the fewest, where several ways lead to it. */
  readonly depth: number
}

export type Lineage =
  /** Children before parents. `missing`: parents that the log does not hold, all within the depth asked for. */
  | { readonly ancestors: readonly Ancestor[]; readonly missing: readonly string[] }
  /** Ids that begin so, where there is not exactly one: latest first, at most twenty. */
  | { readonly candidates: readonly string[] }

const MAX_CANDIDATES = 20
const ID_LENGTH = 40

/** The ancestry of the record whose id begins with `prefix`, at most `depth` steps up. */
export function lineageOf(log: Bytes, prefix: string, depth = Infinity): Lineage {
  const wanted = new Map<string, number>()
  const found = new Set<string>()
  const candidates = new Set<string>()
  const ancestors: Ancestor[] = []
  for (const line of linesBackward(log)) {
    const id = idOfLine(line, 0, line.length)
    if (id === undefined || found.has(id)) continue
    if (id.startsWith(prefix)) {
      if (candidates.size < MAX_CANDIDATES) candidates.add(id)
      if (candidates.size === 1 && ancestors.length === 0) wanted.set(id, 0)
    }
    const steps = wanted.get(id)
    if (steps === undefined) continue
    const record = parseRecord(line)
    if (record === undefined) continue
    wanted.delete(id)
    found.add(id)
    ancestors.push({ record, depth: steps })
    if (steps < depth) for (const parent of record.parents) want(parent, steps + 1)
    if (wanted.size === 0 && prefix.length === ID_LENGTH) break
  }
  const [only, ...others] = candidates
  if (only === undefined || others.length > 0) return { candidates: [...candidates] }
  return { ancestors, missing: [...wanted.keys()] }

  function want(parent: string, steps: number): void {
    if (found.has(parent)) return
    const before = wanted.get(parent)
    if (before === undefined || steps < before) wanted.set(parent, steps)
  }
}

function parseRecord(line: Buffer): Vanta | undefined {
  const text = line.toString('utf8')
  try {
    const checked = check(JSON.parse(text))
    return 'record' in checked ? keepLine(checked.record, text) : undefined
  } catch {
    return undefined
  }
}
