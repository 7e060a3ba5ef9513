/**
 * A made-up audit log of any length, and questions to it.
 *   lineage_feed make HOME RECORDS     the log; prints ids of some fills and signals
 *   lineage_feed edges HOME            id, line and parents for other people's databases: nodes.tsv and edges.tsv
 *   lineage_feed ask HOME ID ...       how long each answer takes in this process, in the order asked
 */
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileLogs } from '../lib/adapter/file/logs.ts'
import { LINES } from '../lib/domain/audit/files.ts'
import { askIndex } from '../lib/domain/audit/index/store.ts'
import { lineageOf } from '../lib/domain/audit/lineage.ts'
import { LineCursor } from '../lib/domain/audit/lines.ts'
import { linksOf } from '../lib/domain/audit/links.ts'
import { make, type Kind, type Vanta } from '../lib/record/index.ts'

const AT = '2021-01-15T14:30:00.000Z'
const envelope = { at: AT, known_at: AT, source: 'reddit/wallstreetbets', by: 'vanta-made/0.1.0' }
const ID = '0'.repeat(40), subject = 'ticker:GME'

/** One record of each kind, as long as real ones are. */
const PATTERNS: readonly Vanta[] = [
  make('signal', { ...envelope, type: 'mention', key: 't3_kxlq2m#ticker:GME', subject, author: 'reddit:5f0c2a9e11d4b7c3', polarity: 0.5, magnitude: 3.25, language: 'en' }),
  make('belief', { ...envelope, subject, maker: 'social', direction: 'up', log_odds: 0.4123, horizon: '5d' }),
  make('conviction', {
    ...envelope, signal_id: ID, subject, direction: 'up', conviction_score: 1 / (1 + Math.exp(-0.447)), log_odds: 0.447, contributing_models: ['social'], horizon: '5d', ttl: 86400,
    reason_vector: [{ term: 'social: 12 posts by 9 authors', log_odds: 0.447, evidence: [ID] }], routing_tags: ['equity'],
  }),
  make('allocation', { ...envelope, vault: 'core', subject, direction: 'up', fraction: '0.02', band: 'mid', reason: 'entry', expires_at: AT }),
  make('order', {
    ...envelope, client_order_id: ID, vault: 'core', broker: 'paper', subject, side: 'buy', quantity: '12', type: 'market', state: 'intended', expires_at: AT,
  }),
  make('fill', {
    ...envelope, client_order_id: ID, vault: 'core', broker: 'paper', subject, side: 'buy', quantity: '12', price: '35.50', fee: '0.10', currency: 'USD',
  }),
]
const TAILS = new Map<Kind, string>(PATTERNS.map((record) => {
  const { kind, id, parents, ...rest } = record
  void id, parents
  return [kind, JSON.stringify(rest).slice(1)]
}))

/** Ten records: five signals, two beliefs of three signals each, a conviction on the last twelve beliefs, an order of it and its fill. */
const ROUND: readonly { readonly kind: Kind; readonly parents: readonly number[] }[] = [
  ...Array.from({ length: 5 }, () => ({ kind: 'signal' as const, parents: [] })),
  { kind: 'belief', parents: [5, 4, 3] }, { kind: 'belief', parents: [4, 3, 2] },
  { kind: 'conviction', parents: Array.from({ length: 12 }, (_, n) => 1 + (n % 2) + 10 * Math.floor(n / 2)) },
  { kind: 'order', parents: [1] }, { kind: 'fill', parents: [1] },
]
const RECENT = 128

const idOf = (n: number): string => createHash('sha256').update(`made-up ${n}`).digest('hex').slice(0, 40)

function makeLog(home: string, count: number): void {
  mkdirSync(join(home, 'logs'), { recursive: true })
  const file = openSync(join(home, 'logs', LINES), 'w'), recent: string[] = [], some: Record<string, string[]> = { fill: [], signal: [] }
  let text = ''
  for (let n = 0; n < count; n++) {
    const { kind, parents } = ROUND[n % ROUND.length] ?? { kind: 'signal', parents: [] }
    const id = idOf(n)
    recent[n % RECENT] = id
    const named = parents.flatMap((back) => (back > n ? [] : [recent[(n - back) % RECENT]]))
    text += `{"kind":"${kind}","id":"${id}","parents":${JSON.stringify(named)},${TAILS.get(kind)}\n`
    if (n % Math.floor(count / 12) < ROUND.length) some[kind]?.push(id)
    if (text.length > 1 << 20) {
      writeSync(file, text)
      text = ''
    }
  }
  writeSync(file, text)
  closeSync(file)
  console.log(JSON.stringify(some))
}

function writeEdges(home: string): void {
  const log = fileLogs(join(home, 'logs')).open(LINES), cursor = new LineCursor(log)
  const nodes = openSync(join(home, 'nodes.tsv'), 'w'), edges = openSync(join(home, 'edges.tsv'), 'w')
  let ids = '', links = ''
  const flush = (): void => {
    writeSync(nodes, ids)
    writeSync(edges, links)
    ids = links = ''
  }
  while (cursor.next()) {
    const found = linksOf(cursor.buffer, cursor.start, cursor.end)
    if (found === undefined) continue
    ids += `${found.id}\t${cursor.offset}\n`
    for (const parent of found.parents) links += `${parent}\t${found.id}\n`
    if (ids.length > 1 << 20) flush()
  }
  flush()
}

function ask(home: string, ids: readonly string[]): void {
  const logs = fileLogs(join(home, 'logs'))
  console.log(JSON.stringify(ids.map((id) => {
    const startMs = performance.now()
    const found = askIndex(logs, (index) => lineageOf(index, id, { up: true, down: true }))
    return { ms: performance.now() - startMs, records: 'root' in found ? 1 + found.ancestors.length + found.descendants.length : 0 }
  })))
}

const [what, home = '', ...rest] = process.argv.slice(2)
if (what === 'make') makeLog(home, Number(rest[0]))
else if (what === 'edges') writeEdges(home)
else ask(home, rest)
