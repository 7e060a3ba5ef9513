import { formatInstant, KINDS } from '#record'
import { action, Failure } from '#tool'
import { carriedSubjects, carriedTape } from '#domain/audit/carried'
import { AUDIT_WORLDS, genesisRecord, type AuditWorld } from '#domain/audit/genesis'
import { openAuditLog, type AuditLog, type OpenAuditLog } from '#domain/audit/log'
import { AuditRecorder } from '#domain/audit/recorder'
import { QUEUE_FILE } from '#domain/vault/vault'

export default action({
  name: 'vanta-audit append',
  summary: 'Log every record that passes, once, so that no later change to the log goes unseen.',
  about: [
    'Records are passed on, and stand in logs/audit.jsonl byte for byte, with a Merkle tree (RFC 6962) over the lines. A record',
    'whose id is in the log already is not logged again: running a pipe twice does not grow the log, and a run that adds something says',
    'which lines it heard again. Bars and prices are logged where a decision may rest on them: of subjects that convictions speak of or',
    'vaults hold, and where they move the time on. Lines are durable after each moment of decision, after --commit records and at the end.',
    'Several may append to one home at once: groups of lines follow one another whole. A replay has the log to itself.',
  ].join(' '),
  options: {
    world: { kind: 'choice', choices: AUDIT_WORLDS, help: 'what a new log records (default: paper); an old one must agree' },
    commit: { kind: 'integer', default: '4096', aside: true, help: 'make durable after this many records; 1: each by itself' },
    wait: { kind: 'duration', default: '60s', aside: true, help: 'how long to wait for others that append' },
  },
  reads: KINDS,
  examples: ['vanta-audit append --help'],
  open({ world, commit, wait }, { logs, clock, by, log, store, role }) {
    const ledger = store.read('ledger.json')?.memory
    const recorder = new AuditRecorder({
      by, clock: () => clock.now(), carried: carriedSubjects(store.read(QUEUE_FILE)?.memory, ledger), tape: carriedTape(ledger),
      open() {
        const genesis = genesisRecord({ world: world ?? 'paper', at: formatInstant(clock.now()), by, role })
        const shareMs = world === 'replay' ? undefined : wait
        return opened({ folder: logs, genesis, group: commit, ...(shareMs !== undefined && { shareMs }) }, world)
      },
      group: commit,
      enter(shared) {
        const fault = shared.enter()
        if (fault !== undefined) throw new Failure(fault.exit, fault.fault)
      },
    })
    return {
      each(record, emit) {
        recorder.take(record)
        emit(record)
      },
      flushed: () => recorder.settle(),
      end() {
        recorder.close()
        const { missing, firstMissing, setAside } = recorder
        if (missing > 0) log.warn(`${missing} parents of logged records are in neither log nor stream`, { first: firstMissing })
        if (setAside > 0) log.warn(`${setAside} bytes that a crash had torn, never acknowledged, were set aside in logs/audit.*.torn-*`)
      },
    }
  },
})

function opened(options: OpenAuditLog, world: AuditWorld | undefined): AuditLog {
  const result = openAuditLog(options)
  if ('fault' in result) throw new Failure(result.exit, result.fault)
  const { log } = result
  if (world === undefined || log.world === world) return log
  log.close()
  throw new Failure('refused', `this home's audit log is of the ${log.world ?? 'unknown'} world, not of ${world}`)
}
