/** The trades and why: how their results spread, then the largest of them with the reasons the record holds. */
import { millisOf, parseInstant, type Fill } from '#record'
import { parseFixed, toNumber } from '../decimal.ts'
import { median as medianOf, mean as meanOf } from '../performance.ts'
import type { Gathered } from './gather.ts'
import { html, type Markup } from './markup.ts'
import { axisOf } from './scale.ts'
import type { Trip } from './trips.ts'
import { evidenceText, whyOf, type Term, type Why } from './why.ts'
import { change, counted, decimal, minute, money, price, quantity, shortId, stay, subjectName } from './wording.ts'

const FILLS_SHOWN = 12
const EVIDENCE_SHOWN = 6

export function tradesSection(trips: readonly Trip[], gathered: Gathered, top: number): Markup {
  if (trips.length === 0) return html`<section id="trades"><h2>Trades, and why</h2><p class="absent">The record holds no fill.</p></section>`
  const told = [...trips].sort(largestFirst).slice(0, top).map((trip) => ({ trip, entry: whyOf(trip.first, gathered), exit: exitWhy(trip, gathered) }))
  const scale = Math.max(...told.flatMap(({ entry }) => entry.terms.map(({ logOdds }) => Math.abs(logOdds))), 1e-9)
  const open = trips.filter(({ result }) => result === undefined).length
  const shown = trips.length > told.length ? `The ${told.length} largest results, gains and losses alike` : 'All of them, largest result first'
  return html`<section id="trades"><h2>Trades, and why</h2>
<p class="note">${counted(trips.length, 'position')} taken, ${open === 0 ? 'all closed' : `${open} still open at the end`}. ${shown}; times are UTC. Any id can be given to <code>vanta-audit lineage</code>.</p>
${spreadOf(trips)}
<div class="sorting" hidden>Sort by <button data-by="result" aria-pressed="true">result</button><button data-by="ratio">return</button><button data-by="when">date</button><button data-by="cost">size</button></div>
<ol class="trades">${told.map(({ trip, entry, exit }) => tradeOf(trip, entry, exit, scale))}</ol></section>`
}

/** By result in either direction; what is still open comes last, largest outlay first. */
function largestFirst(a: Trip, b: Trip): number {
  const size = (trip: Trip): number => (trip.result === undefined ? -1 : Math.abs(toNumber(trip.result)))
  return size(b) - size(a) || toNumber(b.cost) - toNumber(a.cost) || (a.enteredAt < b.enteredAt ? -1 : 1)
}

/** The decision behind the last fill of what was left again. */
function exitWhy({ last, result }: Trip, gathered: Gathered): Why | undefined {
  return result === undefined ? undefined : whyOf(last, gathered)
}

function tradeOf(trip: Trip, entry: Why, exit: Why | undefined, scale: number): Markup {
  const { subject, result, resultRatio, currency, enteredAt, leftAt, direction, band } = trip
  const look = result === undefined ? 'open' : result < 0n ? 'loss' : 'gain'
  const sortKeys = html`data-result="${Math.abs(toNumber(result ?? 0n))}" data-ratio="${resultRatio ?? -9}" data-when="${parseInstant(enteredAt) ?? 0}" data-cost="${toNumber(trip.cost)}"`
  return html`
<li class="trade ${look}" ${sortKeys}>
<header><h3>${subjectName(subject)}</h3>${direction === 'down' && html`<span class="chip">short</span>`}${band !== undefined && html`<span class="chip">${band}</span>`}
<p class="result">${result === undefined ? html`<b>still open</b>` : html`<b>${money(result, currency, true)}</b> <span>${change(resultRatio)}</span>`}</p></header>
<p class="deal">${quantity(trip.quantity)} at ${price(trip.entryPrice, currency)}${trip.exitPrice !== undefined && html` <span class="to">→</span> ${price(trip.exitPrice, currency)}`}, ${money(trip.cost, currency, false, 0)} in, fees ${money(trip.fees, currency)}</p>
<p class="when">${minute(enteredAt)} <span class="to">→</span> ${leftAt === undefined ? 'still held' : html`${minute(leftAt)}, held ${stay(millisOf(leftAt) - millisOf(enteredAt))}`}</p>
<p class="why">${entry.text}</p>
${termsOf(entry, scale)}
${exit !== undefined && html`<p class="why">${exit.text}</p>`}
<details><summary>Records</summary>${recordsOf(trip, entry, exit)}</details>
</li>`
}

function termsOf({ terms, logOdds }: Why, scale: number): Markup | undefined {
  if (terms.length === 0) return undefined
  const row = (text: string, value: number, note: string, look: string): Markup => html`<tr class="${look}"><th scope="row">${text}</th><td class="bar"><i class="${value < 0 ? 'minus' : 'plus'}" style="width:${Math.min(50, Math.round((Math.abs(value) / scale) * 500) / 10)}%"></i></td><td class="num">${decimal(value, 2, true)}</td><td class="of">${note}</td></tr>`
  const sum = logOdds !== undefined && terms.length > 1 && row('sum', logOdds, 'log-odds', 'sum')
  return html`<table class="terms"><caption>The terms of the conviction, in log-odds</caption><tbody>${terms.map((term) => row(term.text, term.logOdds, evidenceText(term), ''))}${sum}</tbody></table>`
}

const id = (text: string): Markup => html`<code class="id">${shortId(text)}</code>`

function recordsOf({ fills, currency }: Trip, entry: Why, exit: Why | undefined): Markup {
  const shown = fills.slice(0, FILLS_SHOWN)
  const rest = fills.length - shown.length
  return html`<dl class="records">
${shown.map((fill) => html`<div><dt>${fill.side === 'buy' ? 'bought' : 'sold'}</dt><dd>${fillText(fill, currency)} ${id(fill.id)}</dd></div>`)}
${rest > 0 && html`<div><dt></dt><dd>and ${counted(rest, 'more fill', 'more fills')}</dd></div>`}
${chainOf('into it', entry)}${exit !== undefined && chainOf('out of it', exit)}
${entry.terms.filter(({ evidence }) => evidence.length > 0).map((term) => html`<div><dt>evidence</dt><dd>${evidenceOf(term)}</dd></div>`)}
</dl>`
}

function fillText({ quantity: size, price: paid, fee, at }: Fill, currency: string): string {
  const sizeFixed = parseFixed(size), paidFixed = parseFixed(paid), feeFixed = parseFixed(fee)
  if (sizeFixed === undefined || paidFixed === undefined) return minute(at)
  return `${minute(at)}: ${quantity(sizeFixed)} at ${price(paidFixed, currency)}, fee ${money(feeFixed, currency)}`
}

function chainOf(name: string, { allocation, conviction }: Why): Markup | undefined {
  if (allocation === undefined) return undefined
  return html`<div><dt>${name}</dt><dd>allocation ${id(allocation.id)}${conviction !== undefined && html`, conviction ${id(conviction.id)}`}</dd></div>`
}

function evidenceOf({ text, evidence }: Term): Markup {
  const rest = evidence.length - EVIDENCE_SHOWN
  return html`<span class="term">${text}</span> ${evidence.slice(0, EVIDENCE_SHOWN).map((record) => html`${id(record)} `)}${rest > 0 && `and ${rest} more`}`
}

const BINS = 44

/** A histogram of what closed trades returned, with the mean and the median marked. */
function spreadOf(trips: readonly Trip[]): Markup | undefined {
  const ratios = trips.flatMap(({ resultRatio }) => resultRatio ?? []).sort((a, b) => a - b)
  const median = medianOf(ratios), mean = meanOf(ratios)
  if (ratios.length < 5 || median === null || mean === null) return undefined
  const axis = axisOf([0, ...ratios], 6)
  const width = (axis.high - axis.low) / BINS
  const bins = Array.from({ length: BINS }, () => 0)
  for (const ratio of ratios) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((ratio - axis.low) / width)))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const most = Math.max(...bins)
  const place = (value: number): number => Math.round(((value - axis.low) / (axis.high - axis.low)) * 1000) / 10
  const bars = bins.map((n, i) => n > 0 && html`<rect class="${axis.low + (i + 0.5) * width < 0 ? 'minus' : 'plus'}" x="${i + 0.06}" y="${Math.round((1 - n / most) * 920) / 10 + 8}" width=".88" height="${Math.round((n / most) * 920) / 10}"><title>${counted(n, 'trade')} between ${change(axis.low + i * width)} and ${change(axis.low + (i + 1) * width)}</title></rect>`)
  return html`<figure class="spread"><figcaption class="keys"><span class="key">Returns of ${counted(ratios.length, 'closed trade')}</span><span class="key"><i class="tick median"></i>median <b>${change(median)}</b></span><span class="key"><i class="tick mean"></i>mean <b>${change(mean)}</b></span></figcaption>
<div class="bins"><svg viewBox="0 0 ${BINS} 100" preserveAspectRatio="none" role="img" aria-label="Histogram of trade returns: median ${change(median)}, mean ${change(mean)}">${bars}</svg><i class="pin median" style="left:${place(median)}%"></i><i class="pin mean" style="left:${place(mean)}%"></i></div>
<div class="days">${axis.ticks.map((tick) => html`<span style="left:${place(tick)}%">${change(tick, axis.percentDigits)}</span>`)}</div></figure>`
}
