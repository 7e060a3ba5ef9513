import { formatInstant, KINDS, type Control } from '#record'
import { action, command, Failure, verbs } from '#tool'
import { LINES } from '#domain/audit/files'
import type { Logs } from '#domain/audit/logs'
import { lineageOf } from '#domain/audit/lineage'
import { AUDIT_WORLDS, genesisRecord, openAuditLog, type AuditLog, type AuditWorld } from '#domain/audit/log'
import { AuditRecorder } from '#domain/audit/recorder'
import { treeOf } from '#domain/audit/tree'
import { verifyAuditLog } from '#domain/audit/verify'

export const append = action({
  name: 'vanta-audit append',
  summary: 'Log every record that passes, once, so that no later change to the log goes unseen.',
  about: [
    'Records are passed on, and stand in logs/audit.jsonl byte for byte, with a Merkle tree (RFC 6962) over the lines. A record',
    'whose id is in the log already is not logged again: running a pipe twice does not grow the log. Bars and prices are logged',
    'only where a logged record names them as a parent. Lines are durable after each moment of decision, after --group records',
    'and at the end.',
  ].join(' '),
  options: {
    world: { kind: 'choice', choices: AUDIT_WORLDS, help: 'what a new log records (default: paper); an old one must agree' },
    group: { kind: 'integer', default: '4096', aside: true, help: 'make durable after this many records; 1: each by itself' },
  },
  reads: KINDS,
  examples: ['vanta-audit append --help'],
  open({ world, group }, { logs, clock, by, log }) {
    const recorder = new AuditRecorder(() => {
      const genesis = genesisRecord({ world: world ?? 'paper', at: formatInstant(clock.now()), by })
      return opened(logs, genesis, group, world)
    })
    return {
      each(record, emit) {
        recorder.take(record)
        emit(record)
      },
      end() {
        const { missing, firstMissing } = recorder
        if (missing > 0) log.warn(`${missing} parents of logged records are in neither log nor stream`, { first: firstMissing })
        recorder.close()
      },
    }
  },
})

function opened(folder: Logs, genesis: Control, group: number, world: AuditWorld | undefined): AuditLog {
  const result = openAuditLog({ folder, genesis, group })
  if ('fault' in result) throw new Failure(result.exit, result.fault)
  const { log } = result
  if (world === undefined || log.world === world) return log
  log.close()
  throw new Failure('refused', `this home's audit log is of the ${log.world ?? 'unknown'} world, not of ${world}`)
}

export const verify = command({
  name: 'vanta-audit verify',
  summary: 'Say whether the audit log is as it was written; if not, where it was changed (exit 1).',
  options: {},
  examples: [{ run: 'vanta-audit verify --home /nowhere', note: 'no log is no intact log', status: 1 }],
  act(_options, _operands, { logs, print }) {
    const verdict = verifyAuditLog(logs)
    print(verdict.intact ? `intact: ${verdict.size} lines, root ${verdict.rootHex}` : `NOT INTACT: ${verdict.fault}`)
    return verdict.intact ? 'done' : 'negative'
  },
})

const PREFIX = /^[0-9a-f]{4,40}$/

export const lineage = command({
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

export default verbs({
  name: 'vanta-audit',
  summary: 'The provable record: append to it, verify it, and trace any record back to its sources.',
  verbs: { append, verify, lineage },
})
