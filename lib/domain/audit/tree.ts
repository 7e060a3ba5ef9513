/** A lineage for people: a tree of records, each told in a line. */
import type { Vanta } from '#record'

const ID_DIGITS = 12
const PER_PARENT = 5

export interface TreeOptions {
  /** Show every sibling. */
  readonly all: boolean
}

/**
 * The record first, what is below it (its parents, or its children) indented. A record reached twice is told once; of many siblings of one
 * kind the first few are shown.
 */
export function* treeOf(root: Vanta, belowOf: (record: Vanta) => readonly Vanta[], { all }: TreeOptions): Generator<string> {
  const told = new Set<string>()
  yield* branch(root, '', '')

  function* branch(record: Vanta, lead: string, indent: string): Generator<string> {
    told.add(record.id)
    yield `${lead}${tell(record)}`
    const entries = [...entriesOf(record)]
    for (const [i, entry] of entries.entries()) {
      const isLast = i === entries.length - 1
      const nextLead = `${indent}${isLast ? '└─ ' : '├─ '}`
      const nextIndent = `${indent}${isLast ? '   ' : '│  '}`
      if (typeof entry === 'string') yield `${nextLead}${entry}`
      // Told meanwhile by an elder sibling's branch.
      else if (told.has(entry.id)) yield `${nextLead}${short(entry)} (told above)`
      else yield* branch(entry, nextLead, nextIndent)
    }
  }

  /** What is yet to be told below a record, and notes on what is left out. */
  function* entriesOf(record: Vanta): Generator<Vanta | string> {
    const below = belowOf(record)
    const again = below.filter(({ id }) => told.has(id)).length
    const rest = new Map<string, number>()
    const shown = new Map<string, number>()
    for (const one of below) {
      if (told.has(one.id)) continue
      const count = shown.get(one.kind) ?? 0
      if (all || count < PER_PARENT) yield one
      else rest.set(one.kind, (rest.get(one.kind) ?? 0) + 1)
      shown.set(one.kind, count + 1)
    }
    for (const [kind, count] of rest) yield `… ${count} more ${count === 1 ? kind : `${kind}s`} (--all shows them)`
    if (again > 0) yield `… ${again} told above`
  }
}

export const short = ({ kind, id }: Vanta): string => `${kind} ${id.slice(0, ID_DIGITS)}`

/** Kind, short id, moment, and the fields that tell most. */
export const tell = (record: Vanta): string => partsOf(record).join('  ')

export const partsOf = (record: Vanta): readonly string[] =>
  [short(record), record.at, ...fieldsOf(record)].filter((part): part is string => part !== undefined && part !== '')

const sign = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`

type Told = readonly (string | undefined)[]

function fieldsOf(record: Vanta): Told {
  switch (record.kind) {
    case 'fill':
      return [`${record.side} ${record.quantity} ${record.subject} at ${record.price} ${record.currency}`, `fee ${record.fee}`,
        record.vault]
    case 'order':
      return [`${record.side} ${record.quantity} ${record.subject}`, record.type, record.state, record.vault]
    case 'refusal':
    case 'warning':
      return [record.subject, record.code, record.detail]
    case 'allocation':
      return [`${record.fraction} of ${record.vault} in ${record.subject} ${record.direction}`, `band ${record.band}`,
        record.reason]
    case 'conviction':
      return [`${record.subject} ${record.direction} ${record.conviction_score.toFixed(3)}`, `horizon ${record.horizon}`,
        record.reason_vector.map(({ term, log_odds }) => `${term} ${sign(log_odds)}`).join(', ')]
    case 'belief':
      return [`${record.maker}: ${record.subject} ${record.direction}`, `log-odds ${sign(record.log_odds)}`,
        `horizon ${record.horizon}`]
    case 'signal':
      return tellSignal(record)
    case 'bar':
      return [`${record.subject} ${record.span}`, `open ${record.open} high ${record.high} low ${record.low}`,
        `close ${record.close}`, record.basis]
    case 'price':
      return [`${record.subject} ${record.type} ${record.price}`, record.basis]
    case 'outcome':
      return [`${record.subject} ${record.direction} over ${record.horizon}`, record.hit ? 'hit' : 'missed',
        `moved ${sign(record.move * 100)}%`]
    case 'pnl':
      return [`${record.vault} ${record.day}`, `equity ${record.equity} ${record.currency}`]
    case 'ranking':
      return [record.ranked.slice(0, PER_PARENT).map(({ subject, rank_score }) => `${subject} ${sign(rank_score)}`).join(', ')]
    case 'vault':
      return [record.vault, `version ${record.version}`, `capital ${record.capital} ${record.currency}`, record.method]
    case 'control':
      return [record.type]
    case 'entry':
      return [`${record.type}, entry ${record.sequence}`, record.vault]
    case 'link':
      return [`${record.from} ${record.relation} ${record.to}`, `probability ${record.probability.toFixed(2)}`]
    default:
      return [record.source]
  }
}

function tellSignal({ type, key, subject, author, polarity, magnitude }: Extract<Vanta, { kind: 'signal' }>): Told {
  return [type, key, subject, author && `by ${author}`, polarity === undefined ? undefined : `polarity ${sign(polarity)}`,
    magnitude === undefined ? undefined : `magnitude ${magnitude}`]
}
