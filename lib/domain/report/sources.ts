/** Where the money came from: profit by subject, by maker of the conviction and by band, as the books tell it. */
import { toNumber } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'
import { BarScale } from './bars.ts'
import { fieldsIn, fixedIn, numberIn, textIn, type Fields, type Material } from './figures.ts'
import { html, type Markup } from './markup.ts'
import type { Trip } from './trips.ts'
import { counted, money, subjectName } from './wording.ts'

interface Source {
  readonly name: string
  readonly profit: Fixed
  readonly fills: number | undefined
}

/** Best and worst subjects shown, each. */
const EACH_END = 8

export function sourcesSection({ pnl }: Material, trips: readonly Trip[], currency: string): Markup {
  const subjects = sourcesIn(pnl.by_subject) ?? bySubject(trips)
  const makers = sourcesIn(pnl.by_maker) ?? sourcesIn(pnl.by_source)
  const bands = sourcesIn(pnl.by_band)
  const ours = subjects.map((source) => ({ ...source, name: subjectName(source.name) }))
  const scope = pnl.by_subject === undefined ? 'Closed positions only.' : 'Realised and unrealised, fees deducted.'
  const blocks = html`
    ${tableOf('By subject', ours, currency)}
    <div>
      ${makers && tableOf('By source', makers, currency)}
      ${bands && tableOf('By band of conviction', bands, currency)}
    </div>`
  const body = subjects.length + (makers?.length ?? 0) + (bands?.length ?? 0) === 0
    ? html`<p class="absent">The record does not tell.</p>`
    : html`<p class="note">${scope}${ledgerText(pnl)}</p><div class="sources">${blocks}</div>`
  return html`<section id="sources"><h2>Where the money came from</h2>${body}</section>`
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

function tableOf(title: string, sources: readonly Source[], currency: string): Markup | undefined {
  if (sources.length === 0) return undefined
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
