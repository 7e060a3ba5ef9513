/** `vanta-pnl --by`: profit and loss by any of its dimensions, from the logs and memory of the home. */
import { check, formatInstant, make, type JournalEntry, type Kind, type RecordOf, type Vanta } from '#record'
import { Failure, type ActionWorld, type Emit } from '#tool'
import { WholeLog } from '#domain/audit/whole'
import type { Kept } from '#domain/execute/kept'
import { formatCents } from '#domain/money/money'
import { attributed, DIMENSIONS, isOwed, MEASURES, profitOfRow, type Credit, type Dimension, type Row } from '#domain/pnl/attribution'
import { allocationsOf, creditsBy } from '#domain/pnl/credit'
import { dayPrices, PNL_LOG } from '#domain/pnl/day_prices'
import { columns } from '#domain/report/columns'

const isDimension = (name: string): name is Dimension => (DIMENSIONS as readonly string[]).includes(name)

/** Throws Failure `usage` where one is not known, or named twice. */
export function dimensionsOf(text: string): Dimension[] {
  const names = text.split(',').map((name) => name.trim())
  const dimensions = names.filter(isDimension)
  if (dimensions.length !== names.length || new Set(names).size !== names.length) {
    throw new Failure('usage', `--by: expected some of ${DIMENSIONS.join(', ')}, each once, with commas between, got "${text}"`)
  }
  return dimensions
}

export function answer(by: readonly Dimension[], world: ActionWorld, emit: Emit): void {
  const entries = [...recordsOf('entry', 'ledger.ndjson', world)]
  const kept = (world.store.read('ledger.json')?.memory ?? {}) as Partial<Kept>
  const prices = dayPrices(recordsOf('pnl', PNL_LOG, world), kept.marks ?? {})
  const rows = attributed({ by, creditsOf: credits(by, entries, world) }, entries, prices)
  if (world.terminal === true) return table(by, rows, world)
  const asOf = formatInstant(world.clock.now())
  for (const row of rows) emit(recordOf(row, asOf, world))
}

function recordOf(row: Row, at: string, { by }: ActionWorld): Vanta {
  const [realised, unrealised, dividends, interest, fees, adjustments] = MEASURES.map((measure) => formatCents(row.measures[measure])) as Texts
  return make('attribution', {
    at, known_at: at, source: 'pnl', by, group: row.group, currency: row.currency, profit: formatCents(profitOfRow(row)),
    realised, unrealised, dividends, interest, fees, adjustments, fills: row.fills,
  })
}
type Texts = [string, string, string, string, string, string]

function table(by: readonly Dimension[], rows: readonly Row[], world: ActionWorld): void {
  const shown = MEASURES.filter((measure) => rows.some((row) => row.measures[measure] !== 0n))
  const head = [...by, 'profit', ...shown, 'fills', '']
  const lines = rows.map((row) => [
    ...by.map((dimension) => row.group[dimension] ?? ''), formatCents(profitOfRow(row)), ...shown.map((measure) => formatCents(row.measures[measure])),
    String(row.fills), row.currency,
  ])
  const currencies = [...new Set(rows.map(({ currency }) => currency))]
  const totals = currencies.map((currency) => {
    const own = rows.filter((row) => row.currency === currency)
    const sum = (of: (row: Row) => bigint): string => formatCents(own.reduce((total, row) => total + of(row), 0n))
    const fills = own.reduce((total, row) => total + row.fills, 0)
    const sums = shown.map((measure) => sum((row) => row.measures[measure]))
    return [...by.map((_, i) => (i === 0 ? 'total' : '')), sum(profitOfRow), ...sums, String(fills), currency]
  })
  const numbers = new Set(head.map((_, i) => i).filter((i) => i >= by.length && i < head.length - 1))
  for (const line of columns([head, ...lines, ...totals], numbers)) world.print(line)
}

/** Only where reasons are asked for: the audit log may be long. */
function credits(by: readonly Dimension[], entries: readonly JournalEntry[], world: ActionWorld): (fill: string) => readonly Credit[] {
  if (!by.some(isOwed)) return () => []
  const allocations = allocationsOf(world.journal('trade_log.jsonl').lines())
  const named = entries.flatMap(({ parents }) => allocations.get(parents[0] ?? '') ?? [])
  const log = new WholeLog(world.logs)
  try {
    const found = creditsBy(new Set(named), log)
    return (fill) => found.get(allocations.get(fill) ?? '') ?? []
  } finally {
    log.close()
  }
}

function* recordsOf<K extends 'entry' | 'pnl'>(kind: K, log: string, world: ActionWorld): Generator<RecordOf<K>> {
  let number = 0
  for (const line of world.journal(log).lines()) {
    number++
    const checked = check(JSON.parse(line))
    if ('fault' in checked) throw new Failure('data', `logs/${log} line ${number}: ${checked.fault.path} ${checked.fault.message}`)
    if (isOf(kind, checked.record)) yield checked.record
  }
}

const isOf = <K extends Kind>(kind: K, record: Vanta): record is RecordOf<K> & Vanta => record.kind === kind
