import assert from 'node:assert/strict'
import { lineOf, make, type Control } from '#record'
import { genesisRecord } from '#domain/audit/genesis'
import { openAuditLog, type AuditLog, type AuditState } from '#domain/audit/log'
import type { AuditFault } from '#domain/audit/recover'
import type { Logs } from '#domain/audit/logs'

const AT = '2021-01-15T14:30:00.000Z'
export const GENESIS = genesisRecord({ world: 'paper', at: AT, by: 'test/1' })

/** A made-up record; its id depends on `n` alone. */
export const recordOf = (n: number, parents: string[] = []): Control =>
  make('control', { parents, at: AT, known_at: AT, source: 'test', by: 'test/1', type: `note ${n}` })

export function opened(result: { log: AuditLog } | AuditFault): AuditLog {
  assert.ok('log' in result, 'fault' in result ? result.fault : '')
  return result.log
}

/** Open, append records [from, to), close. */
export function appendRecords(folder: Logs, from: number, to: number, group = 4): AuditState {
  const log = opened(openAuditLog({ folder, genesis: GENESIS, group }))
  for (let n = from; n < to; n++) {
    const record = recordOf(n)
    log.append(lineOf(record), record.id)
  }
  return log.close()
}
