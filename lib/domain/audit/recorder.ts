/** What of a stream of records goes into the audit log, and when. */
import { lineOf, type Vanta } from '#record'
import type { AuditLog, AuditState } from './log.ts'
import { MarketHold } from './market.ts'

/**
 * Logs every record once, parents before children. Bars and prices wait, the latest few of each subject, and are logged just
 * before the first record that names them as a parent.
 */
export class AuditRecorder {
  readonly #open: () => AuditLog
  #log: AuditLog | undefined
  readonly #hold = new MarketHold()
  /** Times that a record named a parent which is neither in the log nor held, and the first such parent. */
  missing = 0
  firstMissing: string | undefined

  /** The log is opened by the first record there is to log. */
  constructor(open: () => AuditLog) {
    this.#open = open
  }

  take(record: Vanta): void {
    if (record.kind === 'bar' || record.kind === 'price') {
      this.#hold.hold(record)
      return
    }
    const log = (this.#log ??= this.#open())
    this.#record(log, record)
    // A moment of decision is over: what was decided is made durable. A replay can be run again, so it need not wait.
    if (record.kind === 'control' && record.type === 'tick' && log.world !== 'replay') log.commit()
  }

  /** Undefined where there was nothing to log. */
  close(): AuditState | undefined {
    return this.#log?.close()
  }

  #record(log: AuditLog, record: Vanta): void {
    if (log.has(record.id)) return
    for (const parent of record.parents) {
      if (log.has(parent)) continue
      const held = this.#hold.find(parent)
      if (held !== undefined) {
        this.#record(log, held)
        continue
      }
      this.missing += 1
      this.firstMissing ??= parent
    }
    log.append(lineOf(record), record.id)
  }
}
