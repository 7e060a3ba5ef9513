/** The top of a report: the figures a reader looks for, none without what it must be read with. */
import type { Figures } from './figures.ts'
import { html, type Markup, type Part } from './markup.ts'
import { PRECISION_GATE, sharpeError, type Sentence, type Sentences } from './sentences.ts'
import { change, count, counted, decimal, longDay, money, share, UNKNOWN } from './wording.ts'

const WORLDS: Readonly<Record<string, string>> = {
  replay: 'A replay of history, on paper', paper: 'Trading on paper', live: 'Trading',
}

/** The title where the user gives none. */
export const titleOf = ({ from, to }: Figures): string =>
  from === undefined || to === undefined ? 'What Vanta did, and why' : `What Vanta did, ${longDay(from)} to ${longDay(to)}`

export function headlineSection(title: string, world: string | undefined, figures: Figures, sentences: Sentences): Markup {
  return html`<header class="top">
<p class="eyebrow">Vanta${world !== undefined && html` <span>\u00b7</span> ${WORLDS[world] ?? world}`}</p>
<h1>${title}</h1>
<p class="lede">${sentences.lede.map(({ text }) => html`${text} `)}</p>
</header>
<dl class="figures">${cardsOf(figures)}</dl>
<section class="caveats"><h2>Read it with this in mind</h2><ul>${sentences.caveats.map(caveatOf)}</ul></section>`
}

const caveatOf = ({ text }: Sentence): Markup => html`<li>${text}</li>`

function card(name: string, value: string, beside: Part, look = ''): Markup {
  return html`<div class="${value === UNKNOWN ? 'figure unknown' : 'figure'}"><dt>${name}</dt><dd class="value ${look}">${value}</dd><dd class="beside">${beside}</dd></div>`
}

const lookOf = (value: number | undefined): string => (value === undefined || Math.abs(value) < 0.0005 ? '' : value < 0 ? 'minus' : 'plus')

function cardsOf(figures: Figures): Markup[] {
  const { benchmark = 'benchmark', benchmarkReturn, returnWithoutBest, maxDrawdown, trades, fees, currency, winRate } = figures
  return [
    card('Return', change(figures.return), `${benchmark} ${change(benchmarkReturn)}`, lookOf(figures.return)),
    card('Without the best subject', change(returnWithoutBest), 'one name taken out', lookOf(returnWithoutBest)),
    card('Largest drawdown', share(maxDrawdown), 'from a peak, at daily closes'),
    card('Sharpe', decimal(figures.sharpe, 2), sharpeBeside(figures)),
    card('Closed trades', count(trades), winRate === undefined ? 'share that gained: not known' : `${share(winRate, 0)} gained`),
    card('Median trade', change(figures.medianTradeReturn), `mean ${change(figures.meanTradeReturn)}`, lookOf(figures.medianTradeReturn)),
    card('Fees', money(fees, currency), feesBeside(figures)),
    precisionCard(figures),
  ]
}

function sharpeBeside({ sharpe, sharpeN }: Figures): string {
  if (sharpeN === undefined) return `n ${UNKNOWN}`
  const error = sharpe === undefined || sharpeN < 1 ? '' : `\u00b1 ${decimal(sharpeError(sharpe, sharpeN), 1)}, `
  return `${error}n = ${counted(sharpeN, 'day')}`
}

function feesBeside({ fees, equityStart }: Figures): string {
  if (fees === undefined || equityStart === undefined || equityStart <= 0n) return ''
  return `${share(Number(fees) / Number(equityStart), 2)} of the start`
}

function precisionCard({ precision }: Figures): Markup {
  if (precision === undefined) return card('Precision@5', UNKNOWN, 'nothing could be judged')
  const { value, baseRate, n, low, high } = precision
  const interval = low === undefined || high === undefined
    ? undefined
    : html`<span class="interval" title="95% interval ${share(low, 0)} to ${share(high, 0)}; base rate ${share(baseRate, 0)}; gate ${share(PRECISION_GATE, 0)}"><i class="range" style="left:${at(low)}%;width:${at(high - low)}%"></i>${baseRate !== undefined && html`<i class="base" style="left:${at(baseRate)}%"></i>`}<i class="dot" style="left:${at(value)}%"></i></span>`
  const figuresText = [`base rate ${share(baseRate)}`, n === undefined ? `n ${UNKNOWN}` : `n = ${count(n)}`].join(', ')
  const intervalText = low === undefined || high === undefined ? '' : `, 95%: ${share(low, 0)} to ${share(high, 0)}`
  return card('Precision@5', share(value), html`${figuresText}${intervalText}${interval}`)
}

const at = (fraction: number): number => Math.round(Math.min(1, Math.max(0, fraction)) * 1000) / 10
