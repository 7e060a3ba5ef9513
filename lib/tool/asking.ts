/** How tools ask the index of the log. */
import type { IndexedLine } from '#domain/audit/index/line_index'
import { askIndex, type Asking } from '#domain/audit/index/store'
import { lineageOf, type Lineage, type Trace } from '#domain/audit/lineage'
import { Failure } from '#port/failure'
import type { ActionWorld } from './define.ts'

const PREFIX = /^[0-9a-f]{4,40}$/
const MIB = 1 << 20

type AskingWorld = Pick<ActionWorld, 'logs' | 'log' | 'progress'>

export const askingIn = ({ log, progress }: AskingWorld): Asking => ({
  progress: (done, of) => progress(done < of ? `indexing the log: ${Math.floor(done / MIB)} of ${Math.floor(of / MIB)} MiB` : ''),
  lost: ({ origin, size }) => log.warn(`the log goes on from ${origin}, which is not in logs/archive: its ${size} lines are not seen`),
  unkept: (reason) => log.warn(`the index of the log cannot be kept, so this takes longer: ${reason.message}`),
})

/** The one operand of a tool that is about a record. Throws Failure `usage` where it is no id, nor the beginning of one. */
export function prefixIn([prefix = '', ...more]: readonly string[], of = 'record'): string {
  if (more.length > 0 || !PREFIX.test(prefix)) throw new Failure('usage', `expected a ${of} id, or its first 4 to 40 hex digits`)
  return prefix
}

/** The line of the record whose id begins so. Throws Failure `negative` where there is none, or more than one. */
export function lineWith(prefix: string, world: AskingWorld): IndexedLine {
  const found = askIndex(world.logs, (index) => index.only(prefix), askingIn(world))
  if ('candidates' in found) throw new Failure('negative', choiceOf(prefix, found.candidates))
  return found
}

/** The lineage of the record whose id begins so. Throws Failure `negative` where there is none, or more than one. */
export function traced(prefix: string, trace: Trace, world: AskingWorld): Lineage {
  const found = askIndex(world.logs, (index) => lineageOf(index, prefix, trace), askingIn(world))
  if ('candidates' in found) throw new Failure('negative', choiceOf(prefix, found.candidates))
  return found
}

export const choiceOf = (prefix: string, candidates: readonly string[]): string =>
  candidates.length === 0 ? `no record ${prefix} in the log` : `${prefix} is ambiguous:\n  ${candidates.join('\n  ')}`
