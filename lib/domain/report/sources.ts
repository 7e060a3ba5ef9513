/** Where the money came from: profit by subject, model, band, source, persona, vault and raw signal; each table adds up to all of it. */
import type { Attribution } from '#record'
import { toNumber } from '../money/decimal.ts'
import { fixedOf, type Fixed } from '../money/money.ts'
import { BarScale } from './bars.ts'
import { CUTS, fieldsIn, fixedIn, numberIn, textIn, type Cut, type Fields, type Material } from './figures.ts'
import { html, type Markup } from './markup.ts'
import type { Trip } from './trips.ts'
import { counted, money, shortId, subjectName } from './wording.ts'

interface Source {
  readonly name: string
  readonly profit: Fixed
  readonly fills: number | undefined
}

/** Best and worst shown, each. */
const EACH_END = 8

const TITLES: Readonly<Record<Cut, string>> = {
  subject: 'By subject', model: 'By model', band: 'By band of conviction', source: 'By source', persona: 'By persona', vault: 'By vault',
  signal: 'By raw signal',
}

/** Those with many rows stand in a column of their own. */
const LONG: readonly Cut[] = ['subject', 'signal']

export function sourcesSection(material: Material, trips: readonly Trip[], currency: string): Markup {
  const { pnl, attribution } = material
  const own = attribution?.filter((row) => row.currency === currency) ?? []
  const tables = own.length === 0 ? toldBy(pnl, trips) : CUTS.map((cut) => [cut, cutBy(cut, own)] as const)
  const scope = own.length > 0 ? 'Realised and on paper, dividends and interest, fees deducted; every table adds up to the same sum, to the cent.'
    : pnl.by_subject === undefined ? 'Closed positions only.' : 'Realised and unrealised, fees deducted.'
  const column = (cuts: readonly Cut[]): Markup[] =>
    tables.filter(([cut]) => cuts.includes(cut)).map(([cut, sources]) => tableOf(TITLES[cut], sources, currency))
  const body = tables.length === 0 ? html`<p class="absent">The record does not tell.</p>` : html`
    <p class="note">${scope}${ledgerText(pnl)}</p>
    <div class="sources"><div>${column(LONG)}</div><div>${column(CUTS.filter((cut) => !LONG.includes(cut)))}</div></div>`
  return html`<section id="sources"><h2>Where the money came from</h2>${body}</section>`
}

function cutBy(cut: Cut, rows: readonly Attribution[]): Source[] {
  const sums = new Map<string, { profit: Fixed; fills: number }>()
  for (const { group, profit, fills } of rows) {
    const name = String(group[cut] ?? 'unknown'), sum = sums.get(name) ?? { profit: 0n, fills: 0 }
    sums.set(name, { profit: sum.profit + fixedOf(profit), fills: sum.fills + fills })
  }
  return [...sums].map(([name, sum]) => ({ name: nameOf(cut, name), ...sum }))
}

function nameOf(cut: Cut, name: string): string {
  if (name === 'none') return 'no position'
  return cut === 'subject' ? subjectName(name) : cut === 'signal' ? shortId(name) : name
}

/** Without a journal: as the daily books tell it, or the fills alone. */
function toldBy(pnl: Fields, trips: readonly Trip[]): (readonly [Cut, readonly Source[]])[] {
  const subjects = (sourcesIn(pnl.by_subject) ?? bySubject(trips)).map((source) => ({ ...source, name: subjectName(source.name) }))
  const models = sourcesIn(pnl.by_maker) ?? sourcesIn(pnl.by_source) ?? [], bands = sourcesIn(pnl.by_band) ?? []
  const told = [['subject', subjects], ['model', models], ['band', bands]] as const
  return told.filter(([, sources]) => sources.length > 0).map(([cut, sources]) => [cut, sources] as const)
}

function ledgerText(pnl: Fields): string {
  if (pnl.ledger_checked === true) return ' Recomputed from the fills alone, it agrees with the executor\u2019s ledger to the cent.'
  return pnl.ledger_checked === false ? ' It could not be compared with the executor\u2019s ledger.' : ''
}

/** From `{NAME: {profit, fills}}`, `{NAME: "1.00"}` or a list of `{name, profit}`; undefined where there is none. */
function sourcesIn(value: Fields[string]): Source[] | undefined {
  const named = fieldsIn(value)
  if (named === undefined) return undefined
  return Object.entries(named).flatMap(([name, entry]) => {
    const fields = fieldsIn(entry)
    const profit = fixedIn(fields === undefined ? entry : fields.profit ?? fields.realised)
    return profit === undefined ? [] : [{ name: textIn(name) ?? 'unknown', profit, fills: numberIn(fields?.fills) }]
  })
}

function bySubject(trips: readonly Trip[]): Source[] {
  const sums = new Map<string, { profit: Fixed; fills: number }>()
  for (const { subject, result, fills } of trips) {
    if (result === undefined) continue
    const sum = sums.get(subject) ?? { profit: 0n, fills: 0 }
    sums.set(subject, { profit: sum.profit + result, fills: sum.fills + fills.length })
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum }))
}

function tableOf(title: string, sources: readonly Source[], currency: string): Markup {
  const sorted = [...sources].sort((a, b) => toNumber(b.profit - a.profit) || (a.name < b.name ? -1 : 1))
  const scale = new BarScale(sorted.map(({ profit }) => toNumber(profit)))
  const isLong = sorted.length > 2 * EACH_END + 1
  const middle = isLong ? sorted.slice(EACH_END, -EACH_END) : []
  const rows = isLong ? [...sorted.slice(0, EACH_END), undefined, ...sorted.slice(-EACH_END)] : sorted
  const rest = html`
    <tr class="rest">
      <th scope="row">${counted(middle.length, 'other')}</th><td class="bar"></td>
      <td class="num">${money(sumOf(middle), currency, true)}</td>
    </tr>`
  const body = rows.map((source) => (source === undefined ? rest : rowOf(source, scale, currency)))
  return html`<table class="amounts"><caption>${title}</caption><tbody>${body}</tbody></table>`
}

const sumOf = (sources: readonly Source[]): Fixed => sources.reduce((sum, { profit }) => sum + profit, 0n)

function rowOf({ name, profit, fills }: Source, scale: BarScale, currency: string): Markup {
  const title = fills !== undefined && html` title="${counted(fills, 'fill')}"`
  return html`
    <tr${title}>
      <th scope="row">${name}</th>${scale.cell(toNumber(profit))}<td class="num">${money(profit, currency, true)}</td>
    </tr>`
}
