/** What a record says of who has to do with whom, and the journal of it from which the graph grows day by day. */
import type { Vanta } from '#record'
import { Graph } from './graph.ts'

export interface EdgeSaid {
  readonly from: string
  readonly to: string
  readonly relation: string
  readonly weight: number
}

/** Links as they are, weighing their probability; readings tie their author to their subject, transfers one wallet to another. */
export function edgesOf(record: Vanta): readonly EdgeSaid[] {
  if (record.kind === 'link') {
    const { from, to, relation, probability } = record
    return probability > 0 ? [{ from, to, relation, weight: probability }] : []
  }
  if (record.kind !== 'signal') return []
  const { type, author, subject, facts } = record
  if (type === 'transfer') {
    const { chain, from, to } = facts ?? {}
    if (typeof chain !== 'string' || typeof from !== 'string' || typeof to !== 'string') return []
    return [{ from: `wallet:${chain}:${from}`, to: `wallet:${chain}:${to}`, relation: 'pays', weight: 1 }]
  }
  if (author === undefined || subject === undefined) return []
  const relation = RELATIONS[type]
  return relation === undefined ? [] : [{ from: `author:${author}`, to: subject, relation, weight: 1 }]
}

const RELATIONS: Readonly<Record<string, string | undefined>> = { mention: 'speaks_of', insider_trade: 'trades', form13f: 'holds' }

/**
 * Lines of the journal: edges, then a mark of how far in the log of records they go. Edges behind the last mark were not finished: they are left
 * out, and said again by whoever goes on from the mark.
 */
export const lineOfEdge = ({ from, to, relation, weight }: EdgeSaid): string => JSON.stringify({ from, to, relation, weight })
export const lineOfMark = (upto: number): string => JSON.stringify({ upto })

/** The graph of a journal, and the offset in the log of records that it goes up to. Throws RangeError with the line number on one that is neither. */
export function graphOfLines(lines: Iterable<string>): { readonly graph: Graph; readonly upto: number } {
  const graph = new Graph()
  let upto = 0, number = 0
  let waiting: EdgeSaid[] = []
  for (const line of lines) {
    number++
    const said = read(line)
    if (said === undefined) throw new RangeError(`line ${number}: neither an edge nor a mark`)
    if ('upto' in said) {
      for (const { from, to, relation, weight } of waiting) graph.add(from, to, relation, weight)
      upto = said.upto
      waiting = []
    } else if ('begin' in said) waiting = []
    else waiting.push(said)
  }
  return { graph, upto }
}

/** Begins a batch: what was begun before and has no mark is void. */
export const BATCH = JSON.stringify({ begin: true })

function read(line: string): EdgeSaid | { readonly upto: number } | { readonly begin: true } | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if ('upto' in value) return typeof value.upto === 'number' && Number.isSafeInteger(value.upto) ? { upto: value.upto } : undefined
  if ('begin' in value) return { begin: true }
  if (!('from' in value && 'to' in value && 'relation' in value && 'weight' in value)) return undefined
  const { from, to, relation, weight } = value
  const whole = typeof from === 'string' && typeof to === 'string' && typeof relation === 'string' && typeof weight === 'number' && weight > 0
  return whole ? { from, to, relation, weight } : undefined
}
