/**
 * Equity against the benchmark, the fall from the last peak below it, and how much was invested. The plots stretch with the page
 * and their labels are text beside them, so that a phone shows the same letters as a large screen.
 */
import { toNumber } from '../money/decimal.ts'
import type { Figures } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { axisOf, dayNumber, dayTicks, type Axis } from './scale.ts'
import { change, day, dayAndMonth, fixedOfNumber, money, monthAndYear, share } from './wording.ts'

interface Sample {
  readonly day: string
  readonly x: number
  /** Change since the start. */
  readonly equity: number
  readonly benchmark: number | undefined
  /** 0 or below. */
  readonly drawdown: number
  readonly invested: number | undefined
  readonly worth: number
}

/** Plots are drawn on a square of this size and stretched. */
const SIDE = 1000
const HOVER_MAX = 260

export function curveSection(figures: Figures): Markup {
  const samples = samplesOf(figures)
  const body = samples.length < 2
    ? html`<p class="absent">The record holds fewer than two daily closes, so there is no curve to draw.</p>`
    : plots(samples, figures)
  return html`<section id="curve"><h2>The money, day by day</h2>${body}</section>`
}

/** Every close with the benchmark's of that day or the last one before it. */
function samplesOf({ equity, equityStart, benchmarkCurve, invested }: Figures): Sample[] {
  const start = equityStart === undefined ? equity[0]?.value : toNumber(equityStart)
  const first = dayNumber(equity[0]?.day ?? ''), last = dayNumber(equity.at(-1)?.day ?? '')
  if (start === undefined || start <= 0 || first === undefined || last === undefined) return []
  let peak = start
  let next = 0
  let benchmark: number | undefined
  return equity.map(({ day, value }, i) => {
    for (let point = benchmarkCurve[next]; point !== undefined && point.day <= day; point = benchmarkCurve[++next]) benchmark = point.value
    peak = Math.max(peak, value)
    return {
      day, worth: value, equity: value / start - 1, drawdown: value / peak - 1,
      benchmark: benchmark === undefined ? undefined : benchmark - 1,
      invested: invested.length === equity.length ? invested[i] : undefined,
      x: last === first ? 0 : (((dayNumber(day) ?? first) - first) / (last - first)) * SIDE,
    }
  })
}

function plots(samples: readonly Sample[], figures: Figures): Markup {
  const own = samples.map(({ equity }) => equity)
  const benchmarks = samples.flatMap(({ benchmark }) => benchmark ?? [])
  const axis = axisOf([0, ...own, ...benchmarks])
  const falls = axisOf([0, ...samples.map(({ drawdown }) => drawdown)], 2)
  const invested = samples.flatMap((sample) => sample.invested ?? [])
  const isTold = invested.length === samples.length
  const draw: Drawing = { samples, benchmark: figures.benchmark ?? 'Benchmark', currency: figures.currency }
  return html`
    <figure class="plots">
    ${keysOf(samples, benchmarks.length > 0, figures)}
    ${plotOf(draw, 'tall', axis, described(draw), [['wash', 'equity'], ['line other', 'benchmark'], ['line own', 'equity']])}
    <p class="strip-name">Below its peak</p>
    ${plotOf(draw, 'strip', falls, fallText(samples), [['fall', 'drawdown'], ['line fall-edge', 'drawdown']])}
    ${isTold && html`<p class="strip-name">Invested</p>`}
    ${isTold && plotOf(draw, 'strip', SHARES, 'Share of the equity that was invested', [['held', 'invested']])}
    ${daysOf(samples)}
    </figure>
    <p class="note">Closing equity of each day, after fees and slippage.
    ${isTold && ` On average ${share(average(invested), 0)} of it was invested.`}</p>`
}

interface Drawing {
  readonly samples: readonly Sample[]
  readonly benchmark: string
  readonly currency: string
}

function keysOf(samples: readonly Sample[], hasBenchmark: boolean, figures: Figures): Markup {
  const last = samples.at(-1)
  const name = figures.benchmark ?? 'Benchmark'
  return html`
    <figcaption class="keys">
    <span class="key"><i class="line own"></i>Vault <b>${change(last?.equity)}</b></span>
    ${hasBenchmark
      ? html`<span class="key"><i class="line other"></i>${name} <b>${change(last?.benchmark)}</b></span>`
      : html`<span class="key absent">${benchmarkAbsent(figures)}</span>`}
    </figcaption>`
}

/** Looks that begin with `line` are drawn as lines, the rest as areas down to zero. */
type Layer = readonly [look: string, measure: Measure]

function plotOf(drawing: Drawing, size: string, axis: Axis, label: string, layers: readonly Layer[]): Markup {
  const { samples } = drawing
  const shapes = layers.map(([look, measure]) => {
    const path = look.startsWith('line') ? pathOf(samples, axis, measure) : areaOf(samples, axis, measure)
    return path !== '' && html`<path class="${look}" d="${path}"/>`
  })
  return html`
    <div class="plot ${size}">${gridOf(axis)}
    <svg viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none" role="img" aria-label="${label}">${shapes}${hoversOf(drawing)}</svg>
    </div>`
}

const SHARES: Axis = { low: 0, high: 1, ticks: [0, 1], percentDigits: 0 }
const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function fallText(samples: readonly Sample[]): string {
  const worst = samples.reduce((least, { drawdown }) => Math.min(least, drawdown), 0)
  return `Fall from the last peak, ${share(-worst)} at worst`
}

function benchmarkAbsent({ benchmark, benchmarkReturn }: Figures): string {
  if (benchmarkReturn === undefined) return 'No benchmark is in the record.'
  return `${benchmark ?? 'The benchmark'} made ${change(benchmarkReturn)}; its path is not in the record.`
}

function described({ samples, benchmark }: Drawing): string {
  const first = samples[0], last = samples.at(-1)
  if (first === undefined || last === undefined) return ''
  const other = last.benchmark === undefined ? '' : `, ${benchmark} ${change(last.benchmark)}`
  return `Equity from ${day(first.day)} to ${day(last.day)}: ${change(last.equity)}${other}`
}

type Measure = 'equity' | 'benchmark' | 'drawdown' | 'invested'

const coordinate = (value: number): string => String(Math.round(value * 10) / 10)
const heightOf = (value: number, { low, high }: Axis): number => ((high - value) / (high - low)) * SIDE

function pathOf(samples: readonly Sample[], axis: Axis, measure: Measure): string {
  const points = samples.flatMap((sample) => {
    const value = sample[measure]
    return value === undefined ? [] : [`${coordinate(sample.x)},${coordinate(heightOf(value, axis))}`]
  })
  return points.length === 0 ? '' : `M${points.join('L')}`
}

function areaOf(samples: readonly Sample[], axis: Axis, measure: Measure): string {
  const zero = coordinate(heightOf(0, axis))
  const first = coordinate(samples[0]?.x ?? 0), last = coordinate(samples.at(-1)?.x ?? 0)
  return `${pathOf(samples, axis, measure)}L${last},${zero}L${first},${zero}Z`
}

function gridOf(axis: Axis): Markup[] {
  return axis.ticks.map((tick) => {
    const label = axis === SHARES ? share(tick, 0) : change(tick, axis.percentDigits)
    const top = coordinate(heightOf(tick, axis) / 10)
    return html`<span class="${Math.abs(tick) < 1e-9 ? 'rule zero' : 'rule'}" style="top:${top}%"><b>${label}</b></span>`
  })
}

/** Invisible columns that tell their day: the nearest to a pointer, without any script. */
function hoversOf(drawing: Drawing): Markup[] {
  const { samples } = drawing
  const every = Math.ceil(samples.length / HOVER_MAX)
  const shown = samples.filter((_, i) => i % every === 0 || i === samples.length - 1)
  return shown.map((sample, i) => {
    const from = ((shown[i - 1]?.x ?? sample.x) + sample.x) / 2, to = ((shown[i + 1]?.x ?? sample.x) + sample.x) / 2
    const place = html`x="${coordinate(from)}" width="${coordinate(Math.max(1, to - from))}" height="${SIDE}"`
    return html`<rect class="hover" ${place}><title>${told(sample, drawing)}</title></rect>`
  })
}

function told(sample: Sample, { benchmark: name, currency }: Drawing): string {
  const { day: on, worth, equity, benchmark, drawdown, invested } = sample
  const parts = [
    `${day(on)}: ${money(fixedOfNumber(worth), currency)}, ${change(equity)}`,
    benchmark === undefined ? '' : `${name} ${change(benchmark)}`,
    drawdown === 0 ? 'at its peak' : `${share(-drawdown)} below its peak`,
    invested === undefined ? '' : `${share(invested, 0)} invested`,
  ]
  return parts.filter((part) => part !== '').join(' \u00b7 ')
}

function daysOf(samples: readonly Sample[]): Markup {
  const from = samples[0]?.day ?? '', to = samples.at(-1)?.day ?? ''
  const first = dayNumber(from) ?? 0, last = dayNumber(to) ?? 0
  const isLong = last - first > 700
  const labels = dayTicks(from, to).map((tick) => {
    const left = (((dayNumber(tick) ?? first) - first) / Math.max(1, last - first)) * 100
    return html`<span style="left:${coordinate(left)}%">${isLong ? monthAndYear(tick) : dayAndMonth(tick)}</span>`
  })
  return html`<div class="days">${labels}</div>`
}

