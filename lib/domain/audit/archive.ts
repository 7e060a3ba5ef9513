/** Looking at a log without opening it, and putting it away. */
import type { Control } from '#record'
import { LineCursor } from './lines.ts'
import { hexOf } from './merkle.ts'
import { CHECKPOINT, LEAVES, LINES, LOCK } from './files.ts'
import type { Logs } from './logs.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { genesisOfLine, worldOf } from './genesis.ts'
import type { AuditState } from './log.ts'
import type { AuditFault } from './recover.ts'

/** What the home's log begins with; undefined where there is no log. */
export function genesisOf(folder: Logs): { readonly genesis: Control; readonly world: string } | AuditFault | undefined {
  const lines = folder.open(LINES)
  try {
    const cursor = new LineCursor(lines)
    if (!cursor.next()) {
      const checkpoint = parseCheckpoint(folder.read(CHECKPOINT)?.toString('utf8') ?? '')
      const isLost = lines.size() > 0 || (checkpoint !== undefined && checkpoint.size > 0)
      return isLost ? { exit: 'data', fault: `${LINES} has lost its first line` } : undefined
    }
    const text = cursor.text()
    const genesis = genesisOfLine(text), world = worldOf(text)
    if (genesis !== undefined && world !== undefined) return { genesis, world }
    return { exit: 'data', fault: `${LINES} does not begin with a genesis record` }
  } finally {
    lines.close()
  }
}

/** Size and root as the checkpoint states them; undefined where there is none that can be read. */
export function auditStateOf(folder: Logs): AuditState | undefined {
  const checkpoint = parseCheckpoint(folder.read(CHECKPOINT)?.toString('utf8') ?? '')
  return checkpoint && { size: checkpoint.size, rootHex: hexOf(checkpoint.root) }
}

/**
 * Move the log, with tails once set aside, to `archive/ROOT` (the first 16 hex digits of its root) and return that folder's
 * name; undefined where there is no log. The checkpoint, which names the folder, goes last: an archiving cut short can be
 * done again.
 */
export function archiveAuditLog(folder: Logs): string | AuditFault | undefined {
  const release = folder.lock(LOCK)
  try {
    return moveAway(folder)
  } finally {
    release()
  }
}

/** The same, for whoever holds the lock. */
export function moveAway(folder: Logs): string | AuditFault | undefined {
  const text = folder.read(CHECKPOINT)?.toString('utf8')
  if (text === undefined) return folder.list().includes(LINES) ? { exit: 'data', fault: `${CHECKPOINT} is missing` } : undefined
  const checkpoint = parseCheckpoint(text)
  if (checkpoint === undefined) return { exit: 'data', fault: `${CHECKPOINT} is no checkpoint` }
  const place = `archive/${hexOf(checkpoint.root).slice(0, 16)}`
  const parts = folder.list().filter((name) => name.startsWith(LINES) || name.startsWith(LEAVES))
  for (const name of parts) folder.move(name, `${place}/${name}`)
  folder.move(CHECKPOINT, `${place}/${CHECKPOINT}`)
  return place
}
