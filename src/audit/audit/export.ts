import { lineOf } from '#record'
import { askIndex } from '#domain/audit/index/store'
import { recordOfLine } from '#domain/audit/links'
import { selector, type Selection } from '#domain/audit/selection'
import { partAt, WholeLog } from '#domain/audit/whole'
import { readNamed } from '#port/folder'
import { command, Failure, type ActionWorld, type Answer } from '#tool'
import { askingIn } from '#tool/asking'
import { SELECTING, selectionOf } from './selecting.ts'

/** So many lines are handed on before the reader is waited for. */
const BLOCK = 1000

export default command({
  name: 'vanta-audit export',
  summary: 'Records of the log as they stand in it, byte for byte: of a span, of kinds, vaults, subjects, or by id.',
  about: [
    'What is named must all hold; records come in the order of the log. --ids names a file of record ids, one a line (- is stdin), which are',
    'found through the index; an id that the log does not hold is said, and ends with 1.',
  ].join(' '),
  options: { ...SELECTING, ids: { kind: 'path', help: 'only records whose ids are in this file, one a line (- is stdin)' } },
  examples: [
    { run: 'vanta-audit export --kind fill --vault core --from 2021-01-01 --to 2021-01-31 --home /nowhere', note: 'there is no log', status: 1 },
    { run: 'echo 3f2a9c4e5d6b7a8091a2b3c4d5e6f708192a3b4c | vanta-audit export --ids - --home /nowhere', note: 'nor a record of it', status: 1 },
  ],
  async act({ ids, ...selecting }, _operands, world) {
    const selection = selectionOf(selecting)
    return ids === undefined ? exportLines(selection, world) : exportIds(idsIn(ids, world), selection, world)
  },
})

async function exportLines(selection: Selection, world: ActionWorld): Promise<Answer> {
  const log = new WholeLog(world.logs)
  try {
    if (log.size() === 0) throw new Failure('negative', `there is no audit log in ${world.home}`)
    const repeated = log.parts.length === 1 ? undefined : repeatedIn(log, selection, world)
    let count = 0
    for (const { line, text } of log.selected(selection)) {
      if (repeated?.has(line) === true) continue
      world.print(text)
      if (++count % BLOCK === 0) await world.outside.flushed()
    }
    return count === 0 || log.lost !== undefined ? 'negative' : 'done'
  } finally {
    log.close()
  }
}

/** Lines whose record stands in an older log: what was logged again after a rotation. */
function repeatedIn(log: WholeLog, selection: Selection, world: ActionWorld): ReadonlySet<number> {
  const lines = new Set<number>()
  askIndex(world.logs, (index) => {
    for (const { line, record } of log.selected(selection)) {
      const { from = 0 } = partAt(log.parts, line) ?? {}
      if (from > 0 && (index.find(record.id)?.line ?? line) < from) lines.add(line)
    }
  }, askingIn(world))
  return lines
}

const ID = /^[0-9a-f]{40}$/

function idsIn(path: string, { folder }: ActionWorld): readonly string[] {
  const lines = readNamed(folder, path).toString('utf8').split('\n')
  return lines.map((line) => line.trim()).flatMap((id, nth) => {
    if (id !== '' && !ID.test(id)) throw new Failure('data', `${path}:${nth + 1}: expected a record id (40 hex digits), got "${id}"`)
    return id === '' ? [] : [id]
  })
}

function exportIds(ids: readonly string[], selection: Selection, world: ActionWorld): Answer {
  const isMeant = selector(selection)
  const { found, missing } = askIndex(world.logs, (index) => {
    const lines = new Map<number, string>(), lost: string[] = []
    for (const id of ids) {
      const line = index.find(id)
      if (line === undefined) lost.push(id)
      else lines.set(line.line, line.bytes.toString('utf8'))
    }
    return { found: [...lines].sort(([a], [b]) => a - b).map(([, text]) => text), missing: lost }
  }, askingIn(world))
  for (const text of found) {
    const record = recordOfLine(text)
    if (record !== undefined && isMeant(record)) world.print(lineOf(record))
  }
  for (const id of missing) world.log.warn(`no record ${id} in the log`)
  return missing.length > 0 ? 'negative' : 'done'
}
