/** Conviction by subject and day: hue is the direction, depth the log-odds; marks show where it was acted on. */
import { dayOf, type Fill } from '#record'
import type { Gathered, HeatCell } from './gather.ts'
import { html, type Markup } from './markup.ts'
import { dayNumber, dayTicks, finest, roundStep, startOf, type Period } from './scale.ts'
import { counted, day, dayAndMonth, decimal, monthAndYear, share, subjectName } from './wording.ts'

const ROWS_MAX = 25
const COLUMNS_MAX = 92
const ROW_PX = 20
const COLUMN_MIN_PX = 9
/** Depths of colour on each side. */
export const DEPTHS = 6
/** Share of the cells that the scale resolves; what is stronger gets the deepest colour. */
const RESOLVED = 0.98

interface Row {
  readonly subject: string
  /** By column. */
  readonly cells: ReadonlyMap<number, HeatCell>
  readonly total: number
}
interface Columns {
  readonly period: Period
  readonly starts: readonly string[]
  readonly indexByStart: ReadonlyMap<string, number>
}

export function heatmapSection({ heat, fills, countByKind }: Gathered): Markup {
  const body = bodyOf(heat, fills, countByKind.get('conviction') ?? 0)
  return html`<section id="convictions"><h2>What it believed, and when</h2>${body}</section>`
}

function bodyOf(heat: Gathered['heat'], fills: readonly Fill[], convictions: number): Markup {
  const days = [...heat.values()].flatMap((cells) => [...cells.keys()]).sort()
  const from = days[0], to = days.at(-1)
  if (from === undefined || to === undefined) return html`<p class="absent">The record holds no conviction.</p>`
  const { period, starts } = finest(from, to, COLUMNS_MAX)
  const columns = { period, starts, indexByStart: new Map(starts.map((start, i) => [start, i])) }
  const all = [...heat].map(([subject, cells]) => rowOf(subject, cells, columns)).sort(strongestFirst)
  const rows = all.slice(0, ROWS_MAX)
  const step = stepOf(rows)
  const others = all.length - rows.length
  const told = [
    `${counted(convictions, 'conviction')} about ${counted(all.length, 'subject')}. Each cell is the strongest of its ${period},`,
    'blank where nothing was stated; the rows are',
    others === 0 ? 'all subjects, most conviction first.' : `the ${rows.length} with most conviction in all, ${counted(others, 'other')} not shown.`,
  ]
  return html`
    <p class="note">${told.join(' ')}</p>
    <figure class="heat">
    ${legendOf(step)}
    <div class="map">
      <ul class="subjects">${rows.map(({ subject }) => html`<li title="${subject}">${subjectName(subject)}</li>`)}</ul>
      <div class="scroll"><div class="cells" style="min-width:${starts.length * COLUMN_MIN_PX}px">
        ${cellsOf(rows, columns, step, `Conviction by subject and ${period} from ${day(from)} to ${day(to)}`)}
        ${marksOf(fills, rows, columns)}
        <div class="days">${ticksOf(columns, to)}</div>
      </div></div>
    </div>
    </figure>`
}

function rowOf(subject: string, days: ReadonlyMap<string, HeatCell>, { period, indexByStart }: Columns): Row {
  const cells = new Map<number, HeatCell>()
  let total = 0
  for (const [on, cell] of days) {
    total += Math.abs(cell.logOdds)
    const column = indexByStart.get(startOf(period, on)) ?? 0
    const before = cells.get(column)
    const stronger = before === undefined || Math.abs(cell.logOdds) > Math.abs(before.logOdds)
    cells.set(column, { ...(stronger ? cell : before), count: cell.count + (before?.count ?? 0) })
  }
  return { subject, cells, total }
}

const strongestFirst = (a: Row, b: Row): number => b.total - a.total || (a.subject < b.subject ? -1 : 1)

/** Log-odds between two depths of colour, a round number. */
function stepOf(rows: readonly Row[]): number {
  const strengths = rows.flatMap(({ cells }) => [...cells.values()].map(({ logOdds }) => Math.abs(logOdds))).sort((a, b) => a - b)
  const resolved = strengths[Math.floor((strengths.length - 1) * RESOLVED)] ?? 0
  return resolved > 0 ? roundStep(resolved, DEPTHS) : 1
}

/** `u3`: third depth of up. */
function lookOf(logOdds: number, step: number): string {
  const depth = Math.min(DEPTHS, Math.max(1, Math.ceil(Math.abs(logOdds) / step - 1e-9)))
  return `${logOdds < 0 ? 'd' : 'u'}${depth}`
}

function cellsOf(rows: readonly Row[], columns: Columns, step: number, label: string): Markup {
  const cells = rows.map(({ subject, cells }, y) => [...cells].map(([x, cell]) => {
    const title = told(subject, x, cell, columns)
    return html`<rect class="${lookOf(cell.logOdds, step)}" x="${x}" y="${y}" width=".94" height=".9"><title>${title}</title></rect>`
  }))
  const box = html`viewBox="0 0 ${columns.starts.length} ${rows.length}" style="height:${rows.length * ROW_PX}px"`
  return html`<svg ${box} preserveAspectRatio="none" role="img" aria-label="${label}">${cells}</svg>`
}

function told(subject: string, column: number, { logOdds, score, count }: HeatCell, { period, starts }: Columns): string {
  const first = day(starts[column] ?? '')
  const when = period === 'day' ? first : `${period} of ${first}`
  const many = count > 1 ? `, strongest of ${count}` : ''
  const strength = `${logOdds < 0 ? 'down' : 'up'} with ${share(score, 0)} (log-odds ${decimal(Math.abs(logOdds), 2)}${many})`
  return `${subjectName(subject)}, ${when}: ${strength}`
}

/** Where fills are: a dot for what was bought, a ring for what was sold. */
function marksOf(fills: readonly Fill[], rows: readonly Row[], { period, starts, indexByStart }: Columns): Markup[] {
  const rowBySubject = new Map(rows.map(({ subject }, i) => [subject, i]))
  const sides = new Map<string, Set<string>>()
  for (const { subject, at, side } of fills) {
    const row = rowBySubject.get(subject), column = indexByStart.get(startOf(period, dayOf(at)))
    if (row === undefined || column === undefined) continue
    const place = `${column} ${row}`
    sides.set(place, (sides.get(place) ?? new Set<string>()).add(side))
  }
  return [...sides].map(([place, traded]) => {
    const [column = 0, row = 0] = place.split(' ').map(Number)
    const look = traded.size > 1 ? 'both' : traded.has('buy') ? 'bought' : 'sold'
    const style = `left:${percentOf(column + 0.47, starts.length)}%;top:${row * ROW_PX + 9}px`
    return html`<i class="mark ${look}" style="${style}"></i>`
  })
}

function legendOf(step: number): Markup {
  const depths = Array.from({ length: DEPTHS }, (_, i) => i + 1)
  const edge = (depth: number): string => share(1 / (1 + Math.exp(-depth * step)), 0)
  const most = edge(DEPTHS - 1)
  const swatches = (side: string, order: readonly number[]): Markup[] =>
    order.map((depth) => html`<i class="sw ${side}${depth}"></i>`)
  return html`
    <figcaption class="keys">
    <span class="ramp">
      <b>down, over ${most}</b>${swatches('d', [...depths].reverse())}<i class="gap"></i>
      ${swatches('u', depths)}<b>up, over ${most}</b>
    </span>
    <span class="key">one step is ${decimal(step, 2)} in log-odds</span>
    <span class="key"><i class="mark bought"></i>bought</span>
    <span class="key"><i class="mark sold"></i>sold</span>
    <span class="key"><i class="mark both"></i>both</span>
    </figcaption>`
}

function ticksOf({ starts, period }: Columns, to: string): Markup[] {
  const first = dayNumber(starts[0] ?? ''), last = dayNumber(to)
  if (first === undefined || last === undefined) return []
  const isLong = last - first > 700
  return dayTicks(starts[0] ?? '', to).map((tick) => {
    const start = startOf(period, tick)
    const column = starts.findLastIndex((other) => other <= start)
    return html`<span style="left:${percentOf(column, starts.length)}%">${isLong ? monthAndYear(tick) : dayAndMonth(tick)}</span>`
  })
}

const percentOf = (part: number, whole: number): number => Math.round((part / whole) * 1e4) / 100
