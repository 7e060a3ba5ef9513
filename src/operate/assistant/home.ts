/** The records of a home, as answers ask for them: of the audit log through its index, of other logs and memory by file and line. */
import { isAfter, formatInstant, type Millis, type Vanta } from '#record'
import type { LoggedLine, MemoryText, Sources } from '#domain/assistant/sources'
import { askIndex } from '#domain/audit/index/store'
import { LineCursor } from '#domain/audit/lines'
import { recordOfLine } from '#domain/audit/links'
import { WholeLog } from '#domain/audit/whole'
import { Failure, type ActionWorld } from '#tool'
import { askingIn } from '#tool/asking'
import { memoryFiles } from '#tool/memory_files'
import { MEMORY } from './remembered.ts'

type World = Pick<ActionWorld, 'home' | 'logs' | 'log' | 'progress' | 'store' | 'machine' | 'folder'>

/** Ask the records of the home as of a moment. Throws Failure `negative` where there is none. */
export function withSources<T>(asOfMs: Millis, world: World, ask: (sources: Sources) => T): T {
  const log = new WholeLog(world.logs)
  try {
    const now = memoryTexts(world), memory = asOfMs === Infinity ? now : []
    if (log.size() === 0 && now.length === 0) throw new Failure('negative', `no record in ${world.home}`)
    return askIndex(world.logs, (index) => {
      const asOf = asOfMs === Infinity ? undefined : formatInstant(asOfMs)
      const isKnown = ({ known_at: at }: Vanta): boolean => asOf === undefined || !isAfter(at, asOf)
      const find = (id: string): Vanta | undefined => {
        const line = index.find(id), record = line === undefined ? undefined : recordOfLine(line.bytes.toString('utf8'))
        return record !== undefined && isKnown(record) ? record : undefined
      }
      return ask({
        asOfMs, memory, find,
        *records(selection) {
          // What was logged again after a rotation is what it was.
          const seen = log.parts.length > 1 ? new Set<string>() : undefined
          for (const { record } of log.selected({ ...selection, ...(asOf !== undefined && { toMs: asOfMs }) })) {
            if (seen?.has(record.id) === true) continue
            seen?.add(record.id)
            yield record
          }
        },
        only(prefix) {
          const found = index.only(prefix), ids = 'candidates' in found ? found.candidates : [found.id]
          const known = ids.flatMap((id) => find(id) ?? []), [one] = known
          return one !== undefined && known.length === 1 ? one : { candidates: known.map(({ id }) => id) }
        },
        logged: (name) => [...loggedLines(name, world)].filter(({ record }) => isKnown(record)),
      })
    }, askingIn(world))
  } finally {
    log.close()
  }
}

function* loggedLines(name: string, { logs }: World): Generator<LoggedLine, void, undefined> {
  const tape = logs.open(name)
  try {
    const cursor = new LineCursor(tape)
    while (cursor.next()) {
      const record = recordOfLine(cursor.text())
      if (record !== undefined) yield { record, file: `logs/${name}`, line: cursor.count }
    }
  } finally {
    tape.close()
  }
}

function memoryTexts(world: World): readonly MemoryText[] {
  const { read, faults } = memoryFiles(world)
  for (const fault of faults) world.log.warn(fault)
  return [...read.keys()].filter((name) => name !== MEMORY).flatMap((name) => {
    const bytes = world.folder.bytes(`${world.home}/memory/${name}`)
    return bytes === undefined ? [] : [{ file: `memory/${name}`, text: bytes.toString('utf8') }]
  })
}
