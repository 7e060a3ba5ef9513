/**
 * To whom a fill is owed: the models, sources and raw signals behind the conviction that its order came from, weighed by what each of its reasons adds
 * to the sum, and the persona that sized it. Read off the trade log and the audit log; where a link is missing nothing is guessed.
 */
import { check, type Conviction, type Vanta } from '#record'
import { idOfLine } from '../audit/files.ts'
import { linesBackward, type Bytes } from '../audit/lines.ts'
import type { Credit } from './attribution.ts'

const UNKNOWN = 'unknown'
/** An allocation that names no persona was sized without one. */
const PLAIN = 'plain'
/** Weights are whole numbers: so many are one. */
const UNIT = 1_000_000_000

/** A part of what an allocation owes to a record that is still to be found. */
interface Owed {
  readonly allocation: string
  readonly persona: string
  readonly model: string
  readonly weight: number
  /** The signal it was traced to so far, a reading of the record sought. */
  readonly reading: { readonly id: string; readonly source: string } | undefined
}
type Found = Map<string, Map<string, { readonly credit: Omit<Credit, 'weight'>; weight: number }>>

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
  const wanted = new Map<string, Owed[]>([...allocations].map((allocation) =>
    [allocation, [{ allocation, persona: UNKNOWN, model: UNKNOWN, weight: 1, reading: undefined }]]))
  const found: Found = new Map()
  for (const line of linesBackward(log)) {
    if (wanted.size === 0) break
    const id = idOfLine(line, 0, line.length), owed = id === undefined ? undefined : wanted.get(id)
    if (id === undefined || owed === undefined) continue
    wanted.delete(id)
    const record = parsed(line.toString('utf8'))
    if (record === undefined) continue
    const reading = record.kind === 'signal' ? { id: record.id, source: record.source } : undefined
    const reasons = reasonsOf(record)
    if (reading !== undefined && reasons.length === 0) for (const one of owed) credit(found, { ...one, reading })
    for (const [parent, share, model] of reasons) {
      const more = owed.map((one) => ({
        ...one, persona: record.kind === 'allocation' ? record.persona ?? PLAIN : one.persona, model: model ?? one.model, weight: one.weight * share,
        reading: reading ?? one.reading,
      }))
      wanted.set(parent, [...(wanted.get(parent) ?? []), ...more])
    }
  }
  // Readings of what the log does not hold are owed to as they are.
  for (const owed of wanted.values()) for (const one of owed) if (one.reading !== undefined) credit(found, one)
  return new Map([...found].map(([allocation, credits]) => [allocation, [...credits.values()].map(({ credit: owed, weight }) =>
    ({ ...owed, weight: BigInt(Math.max(1, Math.round(weight * UNIT))) }))]))
}

function credit(found: Found, { allocation, persona, model, weight, reading }: Owed): void {
  let credits = found.get(allocation)
  if (credits === undefined) found.set(allocation, (credits = new Map()))
  const { id: signal, source } = reading ?? { id: UNKNOWN, source: UNKNOWN }
  const key = `${model} ${source} ${signal}`, known = credits.get(key)
  if (known === undefined) credits.set(key, { credit: { persona, model, source, signal }, weight })
  else known.weight += weight
}

/** What a record rests on, by what share, and which model says so. */
function reasonsOf(record: Vanta): (readonly [parent: string, share: number, model: string | undefined])[] {
  if (record.kind === 'conviction') return termsOf(record)
  const model = record.kind === 'belief' ? record.maker : undefined
  return record.parents.map((parent) => [parent, 1 / record.parents.length, model] as const)
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
