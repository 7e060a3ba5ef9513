/** What a bundle is about, and which records belong to it. */
import { formatInstant, type Millis, type Vanta } from '#record'
import { evidenceOf, type Evidence, type Sought } from '#domain/audit/bundle/evidence'
import type { IndexedLine, LineIndex } from '#domain/audit/index/line_index'
import { askIndex } from '#domain/audit/index/store'
import { recordOfLine } from '#domain/audit/links'
import { WholeLog } from '#domain/audit/whole'
import { Failure, type ActionWorld } from '#tool'
import { askingIn, choiceOf, prefixIn } from '#tool/asking'
import { selectionOf } from './selecting.ts'

export interface Subject extends Evidence {
  /** For people. */
  readonly subject: string
  /** The folder in the archive. */
  readonly name: string
}

/** Short enough for the names in an archive. */
const NAME_CHARACTERS = 40
const ID_DIGITS = 12

/** An order by the id of one of its states or fills, or by its client order id; either may be shortened. */
export function orderOf(id: string, world: ActionWorld): Subject {
  const prefix = prefixIn([id])
  const root = askIndex(world.logs, (index) => firstState(prefix, index), askingIn(world)) ?? orderNamed(prefix, world)
  const record = recordOfLine(root.bytes.toString('utf8'))
  if (record?.kind !== 'order') throw new Failure('usage', `--order: ${id} is no order${record === undefined ? '' : `, but a ${record.kind}`}`)
  const { client_order_id: name, side, quantity, subject, vault } = record
  return {
    subject: `order ${name}: ${side} ${quantity} ${subject}, vault ${vault}`, name: `order-${name.slice(0, ID_DIGITS)}`,
    ...evidence({ roots: [root], down: true }, world),
  }
}

/** The order as it was intended: each later state, and each fill, is a child of the one before. Undefined where no record has such an id. */
function firstState(prefix: string, index: LineIndex): IndexedLine | undefined {
  const found = index.only(prefix)
  if ('candidates' in found) {
    if (found.candidates.length > 0) throw new Failure('negative', choiceOf(prefix, found.candidates))
    return undefined
  }
  const name = clientIdOf(found)
  for (let line = found; ;) {
    const before = line.parents.flatMap((id) => index.find(id) ?? []).find((parent) => name !== undefined && clientIdOf(parent) === name)
    if (before === undefined) return line
    line = before
  }
}

function clientIdOf({ bytes }: IndexedLine): string | undefined {
  const record = recordOfLine(bytes.toString('utf8'))
  return record?.kind === 'order' || record?.kind === 'fill' ? record.client_order_id : undefined
}

/** The first state of the order of that client order id. */
function orderNamed(prefix: string, { logs }: ActionWorld): IndexedLine {
  const log = new WholeLog(logs), found = new Map<string, IndexedLine>()
  try {
    for (const { line, record, text } of log.selected({ kinds: ['order'] })) {
      if (record.kind !== 'order' || !record.client_order_id.startsWith(prefix) || found.has(record.client_order_id)) continue
      found.set(record.client_order_id, lineOf(line, record, text))
    }
  } finally {
    log.close()
  }
  const [first, ...others] = found.values()
  if (first === undefined || others.length > 0) {
    throw new Failure('negative', first === undefined ? `no order ${prefix} in the log` : choiceOf(prefix, [...found.keys()]))
  }
  return first
}

const lineOf = (line: number, { id, parents }: Vanta, text: string): IndexedLine => ({ line, id, parents, bytes: Buffer.from(text) })

interface Span {
  readonly vault: readonly string[] | undefined
  readonly from: Millis | undefined
  readonly to: Millis | undefined
}

export function spanOf({ vault, from, to }: Span, world: ActionWorld): Subject {
  const selection = selectionOf({ vault, from, to, kind: undefined, subject: undefined }), roots: IndexedLine[] = []
  const log = new WholeLog(world.logs), seen = new Set<string>()
  try {
    for (const { line, record, text } of log.selected(selection)) {
      // Logged again after a rotation, it is what it was.
      if (!seen.has(record.id)) roots.push(lineOf(line, record, text))
      seen.add(record.id)
    }
  } finally {
    log.close()
  }
  const words = [
    vault === undefined ? 'all records' : `vault ${vault.join(', ')}`,
    ...(from === undefined ? [] : [`from ${formatInstant(from)}`]), ...(selection.toMs === undefined ? [] : [`to ${formatInstant(selection.toMs)}`]),
  ]
  if (roots.length === 0) throw new Failure('negative', `the log holds nothing of ${words.join(' ')}`)
  const days = [from, to].flatMap((ms) => (ms === undefined ? [] : [formatInstant(ms).slice(0, 10)]))
  const name = [...(vault ?? ['all']), ...days].join('-').replace(/[^a-z0-9_-]/g, '_').slice(0, NAME_CHARACTERS)
  return { subject: words.join(' '), name, ...evidence({ roots, down: false }, world) }
}

function evidence(sought: Sought, world: ActionWorld): Evidence {
  const log = new WholeLog(world.logs)
  try {
    return askIndex(world.logs, (index) => evidenceOf(index, log, sought), askingIn(world))
  } finally {
    log.close()
  }
}
