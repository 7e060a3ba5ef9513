import { command, Failure } from '#tool'
import { LINES } from '#domain/audit/files'
import { lineageOf } from '#domain/audit/lineage'
import { treeOf } from '#domain/audit/tree'

const PREFIX = /^[0-9a-f]{4,40}$/

export default command({
  name: 'vanta-audit lineage',
  summary: 'Everything a record was made from, from a fill down to the raw signals: children first.',
  options: {
    tree: { kind: 'flag', help: 'print a tree for people instead of the records' },
    all: { kind: 'flag', help: 'with --tree: show every sibling, however many' },
    depth: { kind: 'integer', help: 'go no further up than this many steps' },
  },
  operands: 'ID',
  examples: [{ run: 'vanta-audit lineage 3f2a9c --tree --home /nowhere', note: 'the beginning of an id will do', status: 1 }],
  act({ tree, all, depth }, [prefix = '', ...more], { logs, print, log }, emit) {
    if (more.length > 0 || !PREFIX.test(prefix)) throw new Failure('usage', 'expected a record id, or its first 4 to 40 hex digits')
    const lines = logs.open(LINES)
    const found = lineageOf(lines, prefix, depth)
    lines.close()
    if ('candidates' in found) throw new Failure('negative', choiceOf(prefix, found.candidates))
    if (found.missing.length > 0) log.warn(`${found.missing.length} parents are not in the log`, { first: found.missing[0] })
    if (tree) for (const line of treeOf(found.ancestors, { all })) print(line)
    else for (const { record } of found.ancestors) emit(record)
    return 'done'
  },
})

const choiceOf = (prefix: string, candidates: readonly string[]): string =>
  candidates.length === 0 ? `no record ${prefix} in the log` : `${prefix} is ambiguous:\n  ${candidates.join('\n  ')}`
