/**
 * To whom a fill is owed: the makers and sources behind the conviction that its order came from, weighed by what each of its reasons adds
 * to the sum. Read off the trade log and the audit log; where a link is missing nothing is guessed.
 */
import { check, type Conviction, type Vanta } from '#record'
import { idOfLine } from '../audit/files.ts'
import { linesBackward, type Bytes } from '../audit/lines.ts'
import type { Credit } from './attribution.ts'

/** Weights are whole numbers: so many are one. */
const UNIT = 1_000_000_000

interface Owed {
  readonly allocation: string
  readonly maker: string
  readonly weight: number
}

/** The allocations that fills came from, by fill. */
export function allocationsOf(trades: Iterable<string>): Map<string, string> {
  const byOrder = new Map<string, string>(), byFill = new Map<string, string>()
  for (const line of trades) {
    const isOrder = line.startsWith('{"kind":"order"')
    if (!isOrder && !line.startsWith('{"kind":"fill"')) continue
    const record = parsed(line)
    if (record?.kind === 'order' && record.state === 'intended') byOrder.set(record.client_order_id, record.parents[0] ?? '')
    else if (record?.kind === 'fill') {
      const allocation = byOrder.get(record.client_order_id)
      if (allocation !== undefined) byFill.set(record.id, allocation)
    }
  }
  return byFill
}

/** By allocation, from one walk backwards through the audit log: children stand after their parents there. */
export function creditsBy(allocations: ReadonlySet<string>, log: Bytes): Map<string, Credit[]> {
  const wanted = new Map<string, Owed[]>([...allocations].map((allocation) => [allocation, [{ allocation, maker: '', weight: 1 }]]))
  const found = new Map<string, Map<string, { maker: string; source: string; weight: number }>>()
  for (const line of linesBackward(log)) {
    if (wanted.size === 0) break
    const id = idOfLine(line, 0, line.length), owed = id === undefined ? undefined : wanted.get(id)
    if (id === undefined || owed === undefined) continue
    wanted.delete(id)
    const record = parsed(line.toString('utf8'))
    if (record === undefined) continue
    if (record.kind === 'signal') for (const one of owed) credit(found, one, record.source)
    else for (const [parent, share, maker] of reasonsOf(record)) {
      const more = owed.map((one) => ({ allocation: one.allocation, maker: maker ?? one.maker, weight: one.weight * share }))
      wanted.set(parent, [...(wanted.get(parent) ?? []), ...more])
    }
  }
  return new Map([...found].map(([allocation, credits]) => [allocation, [...credits.values()].map(({ maker, source, weight }) =>
    ({ maker, source, weight: BigInt(Math.max(1, Math.round(weight * UNIT))) }))]))
}

function credit(found: Map<string, Map<string, { maker: string; source: string; weight: number }>>, { allocation, maker, weight }: Owed, source: string): void {
  let credits = found.get(allocation)
  if (credits === undefined) found.set(allocation, (credits = new Map()))
  const key = `${maker} ${source}`, known = credits.get(key)
  if (known === undefined) credits.set(key, { maker, source, weight })
  else known.weight += weight
}

/** What a record rests on, by what share, and on whose word. */
function reasonsOf(record: Vanta): (readonly [parent: string, share: number, maker: string | undefined])[] {
  if (record.kind === 'conviction') return termsOf(record)
  const maker = record.kind === 'belief' ? record.maker : undefined
  return record.parents.map((parent) => [parent, 1 / record.parents.length, maker] as const)
}

function termsOf({ reason_vector: terms }: Conviction): (readonly [string, number, string | undefined])[] {
  const resting = terms.filter(({ evidence, log_odds: size }) => evidence.length > 0 && size !== 0)
  const whole = resting.reduce((sum, { log_odds: size }) => sum + Math.abs(size), 0)
  return resting.flatMap((term) => {
    const named = (term as { readonly maker?: unknown }).maker
    const share = Math.abs(term.log_odds) / whole / term.evidence.length
    return term.evidence.map((id) => [id, share, typeof named === 'string' ? named : undefined] as const)
  })
}

function parsed(line: string): Vanta | undefined {
  try {
    const checked = check(JSON.parse(line))
    return 'record' in checked ? checked.record : undefined
  } catch {
    return undefined
  }
}
