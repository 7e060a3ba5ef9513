import { formatInstant, KINDS, type Control } from '#record'
import { action, Failure } from '#tool'
import { carriedSubjects, carriedTape } from '#domain/audit/carried'
import type { Logs } from '#domain/audit/logs'
import { AUDIT_WORLDS, genesisRecord, openAuditLog, type AuditLog, type AuditWorld } from '#domain/audit/log'
import { AuditRecorder } from '#domain/audit/recorder'
import { QUEUE_FILE } from '#domain/vault/vault'

export default action({
  name: 'vanta-audit append',
  summary: 'Log every record that passes, once, so that no later change to the log goes unseen.',
  about: [
    'Records are passed on, and stand in logs/audit.jsonl byte for byte, with a Merkle tree (RFC 6962) over the lines. A record',
    'whose id is in the log already is not logged again: running a pipe twice does not grow the log, and a run that adds something says',
    'which lines it heard again. Bars and prices are logged where a decision may rest on them: of subjects that convictions speak of or',
    'vaults hold, and where they move the time on. Lines are durable after each moment of decision, after --group records and at the end.',
  ].join(' '),
  options: {
    world: { kind: 'choice', choices: AUDIT_WORLDS, help: 'what a new log records (default: paper); an old one must agree' },
    group: { kind: 'integer', default: '4096', aside: true, help: 'make durable after this many records; 1: each by itself' },
  },
  reads: KINDS,
  examples: ['vanta-audit append --help'],
  open({ world, group }, { logs, clock, by, log, store }) {
    const ledger = store.read('ledger.json')?.memory
    const recorder = new AuditRecorder({
      by, clock: () => clock.now(), carried: carriedSubjects(store.read(QUEUE_FILE)?.memory, ledger), tape: carriedTape(ledger),
      open() {
        const genesis = genesisRecord({ world: world ?? 'paper', at: formatInstant(clock.now()), by })
        return opened(logs, genesis, group, world)
      },
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
