/** Whether conviction meant what it said: the reliability diagram, each point as large as what stands behind it. */
import { wilson } from '../backtest/precision.ts'
import { fieldsIn, listIn, numberIn, type Fields, type Figures, type Material } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { axisOf } from './scale.ts'
import { count, counted, decimal, horizonText, share } from './wording.ts'

interface Bin {
  readonly low: number
  readonly high: number
  readonly count: number
  readonly said: number
  readonly happened: number
}

const SIDE = 400
/** Fewer than so many judged say nothing of a bin: drawn faint. */
const FEW = 10

export function calibrationSection({ summary }: Material, figures: Figures): Markup {
  const found = fieldsIn(summary.calibration), bins = listIn(found?.bins).flatMap((entry) => binIn(fieldsIn(entry) ?? {}))
  const body = found === undefined || bins.length === 0
    ? html`<p class="absent">No conviction could be held against what became of it: the record tells no later prices.</p>`
    : html`<div class="meant">${diagram(bins)}<div>${wordsOf(found, bins)}${precisionOf(figures)}</div></div>`
  return html`<section id="calibration"><h2>Did conviction mean what it said</h2>${body}</section>`
}

function binIn(entry: Fields): Bin[] {
  const [low, high, n, said, happened] = [entry.low, entry.high, entry.count, entry.said, entry.happened].map((value) => numberIn(value))
  return low === undefined || high === undefined || n === undefined || said === undefined || happened === undefined || n < 1
    ? [] : [{ low, high, count: n, said, happened }]
}

type Scale = (value: number) => number

/** What was said to the right, what happened upwards; on the diagonal they agree. */
function diagram(bins: readonly Bin[]): Markup {
  const { low, high, ticks, percentDigits } = axisOf([0.5, ...bins.flatMap((bin) => [bin.low, bin.high])], 5)
  const part: Scale = (value) => (value - low) / (high - low), x: Scale = (value) => round(part(value) * SIDE), y: Scale = (value) => round((1 - value) * SIDE)
  const most = Math.max(...bins.map((bin) => bin.count))
  const down = [0, 0.25, 0.5, 0.75, 1].map((tick) => html`<span class="rule" style="top:${(1 - tick) * 100}%"><b>${share(tick, 0)}</b></span>`)
  const along = ticks.map((tick) => html`<span style="left:${round(part(tick) * 100)}%">${share(tick, percentDigits)}</span>`)
  const told = bins.map((bin) => `said ${share(bin.said, 0)}, happened ${share(bin.happened, 0)}`).join('; ')
  return html`
    <figure class="reliability">
    <div class="plot square">${down}
    <svg viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none" role="img" aria-label="Reliability diagram: ${told}">
    <path class="agree" d="M${x(low)},${y(low)}L${x(high)},${y(high)}"/>${bins.map((bin) => pointOf(bin, most, x, y))}</svg></div>
    <div class="plot counts">
    <svg viewBox="0 0 ${SIDE} 100" preserveAspectRatio="none" role="img" aria-label="How many there were of each">
    ${bins.map((bin) => columnOf(bin, most, low, x))}</svg></div>
    <div class="days">${along}</div>
    <p class="axis">probability said; upwards, the share that came true; below, how many</p>
    </figure>`
}

/** Its whiskers are Wilson's at 95 %, as if none overlapped. */
function pointOf({ said, happened, count: n }: Bin, most: number, x: Scale, y: Scale): Markup {
  const [from, to] = wilson(Math.round(happened * n), n), radius = round(4 + 10 * Math.sqrt(n / most))
  const told = `Said ${share(said)}, happened ${share(happened)} of ${counted(n, 'time')} (95%: ${share(from, 0)} to ${share(to, 0)})`
  return html`
    <g class="${n < FEW ? 'point few' : 'point'}"><path d="M${x(said)},${y(to)}V${y(from)}"/>
    <circle cx="${x(said)}" cy="${y(happened)}" r="${radius}"/>
    <rect class="hover" x="${round(x(said) - 12)}" y="0" width="24" height="${SIDE}"><title>${told}</title></rect></g>`
}

function columnOf({ low, high, count: n }: Bin, most: number, from: number, x: Scale): Markup {
  const left = x(Math.max(from, low)), height = round((n / most) * 100)
  const told = `${counted(n, 'conviction')} between ${share(low, 0)} and ${share(high, 0)}`
  const box = html`x="${left}" y="${round(100 - height)}" width="${round(Math.max(2, x(high) - left - 2))}" height="${height}"`
  return html`<rect ${box}><title>${told}</title></rect>`
}

function wordsOf(found: Fields, bins: readonly Bin[]): Markup {
  const n = numberIn(found.n), said = numberIn(found.said), happened = numberIn(found.happened), unjudged = numberIn(found.unjudged)
  const off = said === undefined || happened === undefined ? undefined : happened - said
  const verdict = off === undefined || Math.abs(off) < 0.02 ? 'On the whole they meant what they said.'
    : off > 0 ? 'On the whole they promised too little.' : 'On the whole they promised too much.'
  const rest = unjudged === undefined || unjudged === 0 ? '' : ` ${counted(unjudged, 'other')} reach beyond the prices.`
  const largest = [...bins].sort((a, b) => b.count - a.count)[0]
  const held = `${counted(n ?? 0, 'conviction')}, the last of each subject before an open, were held against prices at the end of the horizon they state:`
  const brier = `The Brier score is ${decimal(numberIn(found.brier), 3)}, where saying one half of everything scores 0.250;`
  const most = largest === undefined ? '' : ` Most were said with ${share(largest.low, 0)} to ${share(largest.high, 0)}.`
  return html`
    <p>${`${held} they said ${share(said)} and ${share(happened)} came true. ${verdict}${rest}`}</p>
    <p>${`${brier} the mean gap between said and happened is ${share(numberIn(found.error))}.${most}`}</p>
    <p class="note">Convictions of neighbouring days overlap in what becomes of them: there is less behind each point than its count.</p>`
}

function precisionOf({ precision }: Figures): Markup | undefined {
  if (precision === undefined) return undefined
  const { value, baseRate, low, high, n, horizon } = precision
  const interval = low === undefined || high === undefined ? '' : ` (95%: ${share(low, 0)} to ${share(high, 0)})`
  const over = horizon === undefined ? '' : ` over ${horizonText(horizon)}`
  const told = `Of the five best of each session, ${share(value, 0)} of ${count(n)} moved as stated${over}${interval}`
  return html`<p>${`${told}; blindly ${share(baseRate, 0)} would have.`}</p>`
}

const round = (value: number): number => Math.round(value * 10) / 10
