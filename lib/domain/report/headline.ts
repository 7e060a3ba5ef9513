/** The top of a report: the figures a reader looks for, none without what it must be read with. */
import type { Figures, Precision } from './figures.ts'
import { html, type Markup, type Part } from './markup.ts'
import { sharpeError } from '../pnl/performance.ts'
import type { Sentence, Sentences } from './sentences.ts'
import { change, count, counted, decimal, longDay, money, share, UNKNOWN } from './wording.ts'

const WORLDS: Readonly<Record<string, string>> = {
  replay: 'A replay of history, on paper', paper: 'Trading on paper', live: 'Trading',
}

/** The title where the user gives none. */
export const TITLE = 'What Vanta did, and why'

/** `25 November 2020 to 17 January 2021`; undefined where it is not known. */
export const spanOf = ({ from, to }: Figures): string | undefined =>
  from === undefined || to === undefined ? undefined : `${longDay(from)} to ${longDay(to)}`

export function headlineSection(title: string, world: string | undefined, figures: Figures, sentences: Sentences): Markup {
  const setting = world === undefined ? undefined : WORLDS[world] ?? world
  return html`
    <header class="top">
    <p class="eyebrow">${[setting, spanOf(figures)].filter((part) => part !== undefined).join(' \u00b7 ')}</p>
    <h1>${title}</h1>
    <p class="lede">${sentences.lede.map(({ text }) => html`${text} `)}</p>
    </header>
    <dl class="figures">${cardsOf(figures)}</dl>
    <section class="caveats"><h2>Read it with this in mind</h2><ul>${sentences.caveats.map(caveatOf)}</ul></section>`
}

const caveatOf = ({ text }: Sentence): Markup => html`<li>${text}</li>`

function card(name: string, value: string, beside: Part, look = ''): Markup {
  return html`
    <div class="${value === UNKNOWN ? 'figure unknown' : 'figure'}">
      <dt>${name}</dt>
      <dd class="value ${look}">${value}</dd>
      <dd class="beside">${beside}</dd>
    </div>`
}

function lookOf(value: number | undefined): string {
  if (value === undefined || Math.abs(value) < 0.0005) return ''
  return value < 0 ? 'minus' : 'plus'
}

function cardsOf(figures: Figures): Markup[] {
  const { benchmark = 'benchmark', benchmarkReturn, returnWithoutBest, maxDrawdown, trades, fees, currency } = figures
  const median = figures.medianTradeReturn
  return [
    card('Return', change(figures.return), `${benchmark} ${change(benchmarkReturn)}`, lookOf(figures.return)),
    card('Without the best subject', change(returnWithoutBest), 'one name taken out', lookOf(returnWithoutBest)),
    card('Largest drawdown', share(maxDrawdown), 'from a peak, at daily closes'),
    card('Sharpe', decimal(figures.sharpe, 2), sharpeBeside(figures)),
    card('Closed trades', count(trades), tradesBeside(figures)),
    card('Median trade', change(median), `mean ${change(figures.meanTradeReturn)}`, lookOf(median)),
    card('Fees', money(fees, currency), feesBeside(figures)),
    precisionCard(figures.precision),
  ]
}

const tradesBeside = ({ winRate, trades }: Figures): string =>
  trades === 0 ? '' : winRate === undefined ? `share that gained: ${UNKNOWN}` : `${share(winRate, 0)} gained`

function sharpeBeside({ sharpe, sharpeN }: Figures): string {
  if (sharpeN === undefined) return `n ${UNKNOWN}`
  const error = sharpe === undefined || sharpeN < 1 ? '' : `\u00b1 ${decimal(sharpeError(sharpe, sharpeN), 1)}, `
  return `${error}n = ${counted(sharpeN, 'day')}`
}

function feesBeside({ fees, equityStart }: Figures): string {
  if (fees === undefined || equityStart === undefined || equityStart <= 0n) return ''
  return `${share(Number(fees) / Number(equityStart), 2)} of the start`
}

function precisionCard(precision: Precision | undefined): Markup {
  if (precision === undefined) return card('Precision@5', UNKNOWN, 'nothing could be judged')
  const { value, baseRate, n, low, high } = precision
  const beside = [`base rate ${share(baseRate)}`, n === undefined ? `n ${UNKNOWN}` : `n = ${count(n)}`]
  if (low !== undefined && high !== undefined) beside.push(`95%: ${share(low, 0)} to ${share(high, 0)}`)
  return card('Precision@5', share(value), html`${beside.join(', ')}${intervalOf(precision)}`)
}

/** The interval on a line from 0 to 100 %, with the value as a dot and the base rate as a stroke. */
function intervalOf({ value, baseRate, low, high }: Precision): Markup | undefined {
  if (low === undefined || high === undefined) return undefined
  return html`
    <span class="interval" aria-hidden="true">
      <i class="range" style="left:${at(low)}%;width:${at(high - low)}%"></i>
      ${baseRate !== undefined && html`<i class="base" style="left:${at(baseRate)}%"></i>`}
      <i class="dot" style="left:${at(value)}%"></i>
    </span>`
}

const at = (fraction: number): number => Math.round(Math.min(1, Math.max(0, fraction)) * 1000) / 10
