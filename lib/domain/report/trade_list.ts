/** The trades and why: how their results spread, then the largest of them with the reasons the record holds. */
import { millisOf, parseInstant, type Fill } from '#record'
import { parseFixed, toNumber } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'
import { median as medianOf, mean as meanOf } from '../pnl/performance.ts'
import { BarScale } from './bars.ts'
import type { Gathered } from './gather.ts'
import { html, type Markup, type Part } from './markup.ts'
import { axisOf, type Axis } from './scale.ts'
import { resultAt, type Trip } from './trips.ts'
import { evidenceText, whyOf, type Term, type Why } from './why.ts'
import { change, counted, decimal, minute, money, price, quantity, shortId, stay, subjectName } from './wording.ts'

const FILLS_SHOWN = 12
const EVIDENCE_SHOWN = 6

interface Told {
  readonly trip: Trip
  /** What is still held of it, at the last close. */
  readonly worth: Fixed | undefined
  readonly entry: Why
  readonly exit: Why | undefined
}

/** `worths`: what open positions are worth by subject. */
export function tradesSection(trips: readonly Trip[], gathered: Gathered, worths: ReadonlyMap<string, Fixed>, top: number): Markup {
  const body = trips.length === 0 ? html`<p class="absent">The record holds no fill.</p>` : listOf(trips, gathered, worths, top)
  return html`<section id="trades"><h2>Trades, and why</h2>${body}</section>`
}

function listOf(trips: readonly Trip[], gathered: Gathered, worths: ReadonlyMap<string, Fixed>, top: number): Markup {
  const told = [...trips].sort(largestFirst).slice(0, top).map((trip): Told => {
    const exit = trip.result === undefined ? undefined : whyOf(trip.last, gathered)
    return { trip, worth: worths.get(trip.subject), entry: whyOf(trip.first, gathered), exit }
  })
  const scale = new BarScale(told.flatMap(({ entry }) => [entry.logOdds ?? 0, ...entry.terms.map(({ logOdds }) => logOdds)]))
  const open = trips.filter(({ result }) => result === undefined).length
  const ends = open === 0 ? 'all closed' : `${open} still open at the end`
  const isPart = trips.length > told.length
  const shown = isPart ? `The ${told.length} largest results, gains and losses alike` : 'All of them, largest result first'
  return html`
    <p class="note">${counted(trips.length, 'position')} taken, ${ends}. ${shown}; times are UTC. Any id can be given to
    ${' '}<code>vanta-audit lineage</code>.</p>
    ${histogramOf(trips)}
    ${SORTING}
    <ol class="trades">${told.map((trade) => tradeOf(trade, scale))}</ol>`
}

const SORTING = html`
  <div class="sorting" hidden>Sort by${' '}
    <button data-by="result" aria-pressed="true">result</button>
    <button data-by="ratio" aria-pressed="false">return</button>
    <button data-by="when" aria-pressed="false">date</button>
    <button data-by="cost" aria-pressed="false">size</button>
  </div>`

/** By result in either direction; what is still open comes last, largest outlay first. */
function largestFirst(a: Trip, b: Trip): number {
  const size = (trip: Trip): number => (trip.result === undefined ? -1 : Math.abs(toNumber(trip.result)))
  return size(b) - size(a) || toNumber(b.cost) - toNumber(a.cost) || (a.enteredAt < b.enteredAt ? -1 : 1)
}

const ARROW = html` <span class="to">\u2192</span> `

function tradeOf({ trip, worth, entry, exit }: Told, scale: BarScale): Markup {
  const { result } = trip
  const look = result === undefined ? 'open' : result < 0n ? 'loss' : 'gain'
  return html`
    <li class="trade ${look}" ${sortKeysOf(trip)}>
      ${titleOf(trip, worth)}
      <p class="deal">${dealOf(trip)}</p>
      <p class="when">${stayOf(trip)}</p>
      <p class="why">${entry.text}</p>
      ${termsOf(entry, scale)}
      ${exit !== undefined && html`<p class="why">${exit.text}</p>`}
      <details><summary>Records</summary>${recordsOf(trip, entry, exit)}</details>
    </li>`
}

/** What the script sorts by. */
function sortKeysOf({ result = 0n, resultRatio = -9, enteredAt, cost }: Trip): Markup {
  const whenMs = parseInstant(enteredAt) ?? 0
  const size = Math.abs(toNumber(result))
  return html`data-result="${size}" data-ratio="${resultRatio}" data-when="${whenMs}" data-cost="${toNumber(cost)}"`
}

function titleOf(trip: Trip, worth: Fixed | undefined): Markup {
  const { subject, direction, band, result, resultRatio, currency } = trip
  const outcome = result === undefined
    ? html`<b>still open</b>${worth !== undefined && html` <span>${money(resultAt(trip, worth), currency, true)} so far</span>`}`
    : html`<b>${money(result, currency, true)}</b> <span>${change(resultRatio)}</span>`
  return html`
    <header>
      <h3>${subjectName(subject)}</h3>
      ${direction === 'down' && html`<span class="chip">short</span>`}
      ${band !== undefined && html`<span class="chip">${band}</span>`}
      <p class="result">${outcome}</p>
    </header>`
}

function dealOf({ quantity: size, entryPrice, exitPrice, cost, fees, currency, result }: Trip): Markup {
  const out = exitPrice !== undefined && html`${result === undefined ? ', part sold at ' : ARROW}${price(exitPrice, currency)}`
  const sums = `${money(cost, currency, false, 0)} in, fees ${money(fees, currency)}`
  return html`${quantity(size)} at ${price(entryPrice, currency)}${out}, ${sums}`
}

function stayOf({ enteredAt, leftAt }: Trip): Markup {
  const left = leftAt === undefined ? 'still held' : `${minute(leftAt)}, held ${stay(millisOf(leftAt) - millisOf(enteredAt))}`
  return html`${minute(enteredAt)}${ARROW}${left}`
}

function termsOf({ terms, logOdds }: Why, scale: BarScale): Markup | undefined {
  if (terms.length === 0) return undefined
  const rows = terms.map((term) => termRow(term.text, term.logOdds, evidenceText(term), scale))
  const sum = logOdds !== undefined && terms.length > 1 && termRow('sum', logOdds, 'log-odds', scale)
  return html`
    <table class="terms"><caption>The terms of the conviction, in log-odds</caption><tbody>${rows}${sum}</tbody></table>`
}

function termRow(text: string, value: number, note: string, scale: BarScale): Markup {
  const look = note === 'log-odds' && html` class="sum"`
  return html`
    <tr${look}>
      <th scope="row">${text}</th>${scale.cell(value)}<td class="num">${decimal(value, 2, true)}</td><td class="of">${note}</td>
    </tr>`
}

const id = (text: string): Markup => html`<code class="id">${shortId(text)}</code>`

const line = (name: string, text: Part): Markup => html`<div><dt>${name}</dt><dd>${text}</dd></div>`

function recordsOf({ fills, currency }: Trip, entry: Why, exit: Why | undefined): Markup {
  const shown = fills.slice(0, FILLS_SHOWN)
  const rest = fills.length - shown.length
  return html`
    <dl class="records">
    ${shown.map((fill) => line(fill.side === 'buy' ? 'bought' : 'sold', html`${fillText(fill, currency)} ${id(fill.id)}`))}
    ${rest > 0 && line('', `and ${counted(rest, 'more fill', 'more fills')}`)}
    ${chainOf('into it', entry)}${exit !== undefined && chainOf('out of it', exit)}
    ${entry.terms.filter(({ evidence }) => evidence.length > 0).map((term) => line('evidence', evidenceOf(term)))}
    </dl>`
}

function fillText({ quantity: size, price: paid, fee, at }: Fill, currency: string): string {
  const sizeFixed = parseFixed(size), paidFixed = parseFixed(paid), feeFixed = parseFixed(fee)
  if (sizeFixed === undefined || paidFixed === undefined) return minute(at)
  return `${minute(at)}: ${quantity(sizeFixed)} at ${price(paidFixed, currency)}, fee ${money(feeFixed, currency)}`
}

function chainOf(name: string, { allocation, conviction }: Why): Markup | undefined {
  if (allocation === undefined) return undefined
  return line(name, html`allocation ${id(allocation.id)}${conviction !== undefined && html`, conviction ${id(conviction.id)}`}`)
}

function evidenceOf({ text, evidence }: Term): Markup {
  const rest = evidence.length - EVIDENCE_SHOWN
  const ids = evidence.slice(0, EVIDENCE_SHOWN).map((record) => html`${id(record)} `)
  return html`<span class="term">${text}</span> ${ids}${rest > 0 && `and ${rest} more`}`
}

const BINS = 44
/** Height of the highest column in hundredths of the plot: marks stand out above it. */
const FULL = 92
/** Fewer trades are no distribution. */
const HISTOGRAM_MIN = 5

/** What closed trades returned, with the mean and the median marked. */
function histogramOf(trips: readonly Trip[]): Markup | undefined {
  const ratios = trips.flatMap(({ resultRatio }) => resultRatio ?? [])
  const median = medianOf(ratios), mean = meanOf(ratios)
  if (ratios.length < HISTOGRAM_MIN || median === null || mean === null) return undefined
  const axis = axisOf([0, ...ratios], 6)
  const place = (value: number): number => tenths(((value - axis.low) / (axis.high - axis.low)) * 100)
  const ticks = axis.ticks.map((tick) => html`<span style="left:${place(tick)}%">${change(tick, axis.percentDigits)}</span>`)
  const label = `Histogram of trade returns: median ${change(median)}, mean ${change(mean)}`
  return html`
    <figure class="spread">
    <figcaption class="keys">
      <span class="key">Returns of ${counted(ratios.length, 'closed trade')}</span>
      <span class="key"><i class="tick median"></i>median <b>${change(median)}</b></span>
      <span class="key"><i class="tick mean"></i>mean <b>${change(mean)}</b></span>
    </figcaption>
    <div class="bins">
      <svg viewBox="0 0 ${BINS} 100" preserveAspectRatio="none" role="img" aria-label="${label}">${columnsOf(ratios, axis)}</svg>
      <i class="pin median" style="left:${place(median)}%"></i>
      <i class="pin mean" style="left:${place(mean)}%"></i>
    </div>
    <div class="days">${ticks}</div>
    </figure>`
}

function columnsOf(ratios: readonly number[], axis: Axis): Part[] {
  const width = (axis.high - axis.low) / BINS
  const bins = Array.from({ length: BINS }, () => 0)
  for (const ratio of ratios) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((ratio - axis.low) / width)))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const most = Math.max(...bins)
  return bins.map((n, i) => {
    const from = axis.low + i * width
    const height = tenths((n / most) * FULL)
    const look = from + width / 2 < 0 ? 'minus' : 'plus'
    const told = `${counted(n, 'trade')} between ${change(from)} and ${change(from + width)}`
    const box = html`x="${i + 0.06}" y="${tenths(100 - height)}" width=".88" height="${height}"`
    return n > 0 && html`<rect class="${look}" ${box}><title>${told}</title></rect>`
  })
}

const tenths = (value: number): number => Math.round(value * 10) / 10
