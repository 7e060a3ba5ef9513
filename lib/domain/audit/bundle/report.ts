/** The page of a bundle that a person reads: what was decided, when, by what, on what evidence, at what price, under which limits. */
import type { Fill, Json, Order, Vanta } from '#record'
import { html, verbatim, type Markup, type Part } from '../../report/markup.ts'
import type { EvidenceLine } from './evidence.ts'

/** A log that some of the records stand in, as it was signed. */
export interface ReportedLog {
  readonly origin: string
  readonly size: number
  readonly rootHex: string
  readonly cosigners: readonly string[]
}

export interface BundleReport {
  readonly subject: string
  readonly logs: readonly ReportedLog[]
  readonly lines: readonly EvidenceLine[]
  readonly lacking: readonly string[]
}

const STYLE = verbatim(`body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1f1e1b;background:#fff}
table{border-collapse:collapse;width:100%;font-size:13px;margin:.5rem 0 1.5rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
th{border-bottom:2px solid #999;white-space:nowrap}code{font-size:12px}h2{margin-top:2rem}.note{color:#5f5c55}`)

/** Rows of a table; all are in records.ndjson. */
const MOST_ROWS = 1000
const ID_DIGITS = 12

type Of<K extends Vanta['kind']> = Extract<Vanta, { kind: K }>

export function bundleReport({ subject, logs, lines, lacking }: BundleReport): string {
  const records = lines.map(({ record }) => record)
  const of = <K extends Vanta['kind']>(kind: K): Of<K>[] => records.filter((record): record is Of<K> => record.kind === kind)
  const page = html`
    <title>Evidence: ${subject}</title><style>${STYLE}</style>
    <h1>Evidence: ${subject}</h1>
    <p>${lines.length} records of ${logs.map(nameOfLog)}. Times are UTC. Ids are shortened;
    ${' '}records.ndjson has them in full, and proofs/ a proof for each.</p>
    ${lacking.map((one) => html`<p><strong>Lacking:</strong> ${one}</p>`)}
    ${section('Orders: what was decided, when, and at what price', orderRows(of('order'), of('fill'), records),
      ['decided', 'vault', 'order', 'why', 'became', 'fills', 'by', 'id'])}
    ${section('Refused, and warned of', [...of('refusal'), ...of('warning')].map(refusalRow),
      ['at', 'vault', 'subject', 'code', 'detail', 'id'])}
    ${section('Convictions: the probability stated, as an exact sum of reasons in log-odds', of('conviction').map(convictionRow),
      ['at', 'subject', 'direction', 'probability', 'over', 'reasons', 'by', 'id'])}
    ${section('Evidence: what had been heard', of('signal').map(signalRow),
      ['happened', 'known', 'source', 'what', 'subject', 'author', 'payload', 'id'])}
    ${section('Prices', [...of('price'), ...of('bar')].map(priceRow), ['at', 'known', 'subject', 'price', 'basis', 'source', 'id'])}
    ${section('Books: what was moved', of('entry').map((one) => [one.at, one.vault, `${one.type}, entry ${one.sequence}`, shortId(one.id)]),
      ['at', 'vault', 'what', 'id'])}
    ${section('Limits and settings in force, as the tools had read them', records.flatMap(settingRows), ['read', 'by', 'setting', 'value', 'id'])}
    ${section('Made by', makers(records).map(([by, count]) => [by, String(count)]), ['tool, version and options', 'records'])}
    <h2>Proof</h2>
    ${logs.map(({ origin, size, rootHex, cosigners }) => html`<p>Signed checkpoint of <code>${origin}</code>: ${size} lines, root <code>${rootHex}</code>.
    ${' '}${cosigners.length === 0 ? 'No witness that is known here has cosigned it.' : `Cosigned by ${cosigners.join(', ')}.`}</p>`)}
    <p>README.txt says how to verify all of this without the program that made it.</p>`
  return `<!doctype html>\n<html lang="en"><meta charset="utf-8">${page.text}</html>\n`
}

const nameOfLog = ({ origin, size }: ReportedLog, nth: number): Markup =>
  html`${nth === 0 ? '' : ', and of '}the log <code>${origin}</code>, of which ${size} lines are signed`

const shortId = (id: string): string => id.slice(0, ID_DIGITS)
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(3)}`

type Row = readonly (string | undefined)[]

/** Nothing where there are no rows. */
function section(title: string, rows: readonly Row[], head: readonly string[]): Markup | undefined {
  if (rows.length === 0) return undefined
  const cell = (value: string | undefined): Part => html`<td>${value ?? ''}</td>`
  const rest = rows.length - MOST_ROWS
  return html`
    <h2>${title}</h2>
    <table><tr>${head.map((name) => html`<th>${name}</th>`)}</tr>
    ${rows.slice(0, MOST_ROWS).map((row) => html`<tr>${row.map(cell)}</tr>`)}</table>
    ${rest > 0 && html`<p class="note">and ${rest} more in records.ndjson</p>`}`
}

const refusalRow = (one: Of<'refusal' | 'warning'>): Row => [one.at, one.vault, one.subject, one.code, one.detail, shortId(one.id)]

const convictionRow = (one: Of<'conviction'>): Row => [
  one.at, one.subject, one.direction, one.conviction_score.toFixed(4), one.horizon,
  one.reason_vector.map(({ term, log_odds }) => `${term} ${signed(log_odds)}`).join('; '), one.by, shortId(one.id),
]

const signalRow = (one: Of<'signal'>): Row => [
  one.at, one.known_at, one.source, `${one.type} ${one.key}`, one.subject, one.author, one.raw && `raw/${shortId(one.raw)}`, shortId(one.id),
]

const priceRow = (one: Of<'price' | 'bar'>): Row => [
  one.at, one.known_at, one.subject, one.kind === 'price' ? `${one.type} ${one.price}` : `close ${one.close} (${one.span})`, one.basis, one.source,
  shortId(one.id),
]

/** A row an order, over all its states. */
function orderRows(orders: readonly Order[], fills: readonly Fill[], records: readonly Vanta[]): readonly Row[] {
  const byId = new Map(records.map((record) => [record.id, record]))
  const states = new Map<string, Order[]>()
  for (const order of orders) {
    const known = states.get(order.client_order_id)
    if (known === undefined) states.set(order.client_order_id, [order])
    else known.push(order)
  }
  return [...states].map(([clientId, all]) => {
    const [first] = all, last = all.at(-1)
    const allocation = first?.parents.map((id) => byId.get(id)).find((record) => record?.kind === 'allocation')
    const why = allocation?.kind === 'allocation'
      ? `${allocation.reason}: ${allocation.fraction} of the vault ${allocation.direction}, band ${allocation.band}` : undefined
    const limit = first?.limit_price === undefined ? '' : ` at ${first.limit_price}`
    const became = `${last?.state ?? ''} at ${last?.at ?? ''}${last?.detail === undefined ? '' : `: ${last.detail}`}`
    const filled = fills.filter((fill) => fill.client_order_id === clientId)
      .map(({ quantity, price, currency, fee, at, broker }) => `${quantity} at ${price} ${currency}, fee ${fee}, ${at}, ${broker}`)
    return [
      first?.at, first?.vault, first && `${first.side} ${first.quantity} ${first.subject}, ${first.type}${limit}`, why, became,
      filled.length === 0 ? 'none' : filled.join('; '), first?.by, shortId(clientId),
    ]
  })
}

/** What a `memory` record says that a tool had read: the fields of each vault, and of files that are not of vaults. */
function settingRows(record: Vanta): readonly Row[] {
  const file = record.kind === 'control' && record.type === 'memory' ? record.facts?.['file'] : undefined
  const memory = record.kind === 'control' ? record.facts?.['memory'] as Json | undefined : undefined
  if (typeof file !== 'string' || !isFields(memory)) return []
  const vaults = memory['vaults'], row = (name: string, value: Json): Row => [record.at, record.by, name, worded(value), shortId(record.id)]
  if (!isFields(vaults)) return Object.entries(memory).map(([name, value]) => row(`${file}: ${name}`, value))
  return Object.entries(vaults).flatMap(([vault, settings]) =>
    isFields(settings) ? Object.entries(settings).map(([name, value]) => row(`vault ${vault}: ${name}`, value)) : [])
}

type Fields = { readonly [name: string]: Json }
const isFields = (value: Json | undefined): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `position 0.10, sector 1.00`, rather than braces. */
function worded(value: Json): string {
  if (typeof value === 'string') return value
  return isFields(value) ? Object.entries(value).map(([name, inner]) => `${name} ${inlined(inner)}`).join(', ') : JSON.stringify(value)
}

const inlined = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))

/** Tools with their versions and options, and how many of the records each made. */
export function makers(records: readonly Vanta[]): readonly (readonly [by: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const { by } of records) counts.set(by, (counts.get(by) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}
