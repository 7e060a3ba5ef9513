/** The lines of the logs as they stand on the disk, read by no code that writes them. */

export interface OrderLine {
  readonly kind: 'order'
  readonly id: string
  readonly client_order_id: string
  readonly vault: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: string
  readonly state: string
  readonly at: string
  readonly leg?: string
  readonly maker?: string
  readonly parents: readonly string[]
}
export interface FillLine {
  readonly kind: 'fill'
  readonly id: string
  readonly client_order_id: string
  readonly vault: string
  readonly subject: string
  readonly side: 'buy' | 'sell'
  readonly quantity: string
  readonly price: string
  readonly fee: string
  readonly at: string
  readonly maker?: string
  readonly venue_fill_id?: string
}
/** What moved the books and was no fill: a split, a dividend, money that people moved. */
export interface EntryLine {
  readonly kind: 'entry'
  readonly id: string
  readonly vault: string
  readonly type: string
  readonly postings: readonly { readonly account: string; readonly amount: string; readonly quantity?: string }[]
}
/** A stop that was decided on. */
export interface StopLine {
  readonly kind: 'control'
  readonly type: 'stop'
  readonly id: string
  readonly at: string
  readonly facts: { readonly vault: string; readonly subject: string; readonly rule: string }
}
export type Line = OrderLine | FillLine | EntryLine | StopLine

export const ENDED: ReadonlySet<string> = new Set(['filled', 'cancelled', 'rejected', 'expired'])

/** Whole cents, so that plain numbers are exact. */
export const cents = (text: string): number => Math.round(Number(text) * 100)

/** What was read last: a log only grows, but for what a power cut takes off its end. */
let read: { content: Buffer; lines: Line[] } = { content: Buffer.alloc(0), lines: [] }

export function linesOf(log: Buffer | undefined): readonly Line[] {
  if (log === undefined) return []
  const { content, lines } = read
  if (content.length === log.length && content.equals(log)) return lines
  const grew = content.length > 0 && log.length > content.length && content.at(-1) === 0x0a && log.subarray(0, content.length).equals(content)
  const fresh = parsed(grew ? log.subarray(content.length) : log)
  read = { content: log, lines: grew ? [...lines, ...fresh] : fresh }
  return read.lines
}

const parsed = (bytes: Buffer): Line[] => bytes.toString('utf8').split('\n').slice(0, -1).flatMap(lineOf)

/** One line, where it is one that the laws speak of. */
export function lineOf(text: string): Line[] {
  if (text === '') return []
  const line = JSON.parse(text) as Line
  return line.kind === 'order' || line.kind === 'fill' || line.kind === 'entry' || (line.kind === 'control' && line.type === 'stop') ? [line] : []
}
