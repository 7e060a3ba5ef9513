/**
 * A folder of history as it was at a moment: rows that were not known then are not there, and of a bar that is under way everything but its start,
 * its opening price and what befell its shares is nonsense. Whoever looks ahead finds nothing, or something else than in the whole record.
 */
import { HOUR_MS, SECOND_MS, parseInstant, type Millis } from '#record'
import type { Folder } from '#port/folder'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { dailyStart, timestamp } from './csv/bar_row.ts'
import { endOf } from './csv/bar_table.ts'
import { linesIn, openCsv, splitRow } from './csv/rows.ts'
import { DAILY_BARS, HOLDINGS, INTRADAY_BARS } from './data_folder.ts'

export interface CutFolder extends Pick<Folder, 'read' | 'list'> {
  /** From now on it is as it was then; Infinity for the whole. */
  cutAt(ms: Millis): void
}

/** Where the rows of a file stand, in bytes, and from when on something, then all of each is known. */
interface Index {
  readonly text: string
  readonly bytes: Buffer
  readonly columns: readonly string[]
  /** Row i is from places[i] to places[i + 1]; what stands before the first is the header. */
  readonly places: Uint32Array
  readonly beginMs: Float64Array
  readonly knownMs: Float64Array
}

/** The columns that say when a row became known, the most telling first: when it was seen, or filed (on a day), else when it was written. */
const KNOWN_BY = ['first_seen_utc', 'snapshot_utc', 'filing_date', 'filingDate', 'created_utc'] as const

/** Folders below `root` are cut; each file is put in order once. */
export function cutFolder(files: Pick<Folder, 'read' | 'list'>, root: string): CutFolder {
  const indexes = new Map<string, Index | undefined>()
  let cutMs = Infinity
  const isCut = (path: string): boolean => cutMs !== Infinity && path.startsWith(`${root}/`)
  const indexAt = (path: string): Index | undefined => {
    if (!indexes.has(path)) {
      const bytes = files.read(path)
      indexes.set(path, bytes === undefined ? undefined : indexOf(bytes, path))
    }
    return indexes.get(path)
  }
  return {
    cutAt(ms) {
      cutMs = ms
    },
    /** A file that did not have a row yet was not there. */
    list(path) {
      const names = files.list(path)
      return isCut(`${path}/`) ? names.filter((name) => !isPlayed(name) || indexAt(`${path}/${name}`)?.beginMs.some((ms) => ms <= cutMs)) : names
    },
    read(path) {
      const index = isCut(path) ? indexAt(path) : undefined
      return index === undefined ? files.read(path) : cut(index, cutMs)
    },
  }
}

const PLAYED = [...Object.values(HOLDINGS).flat().map(({ pattern }) => pattern), ...DAILY_BARS, ...INTRADAY_BARS]
const isPlayed = (name: string): boolean => PLAYED.some((pattern) => pattern.test(name))

function indexOf(bytes: Buffer, path: string): Index {
  // One character a byte, so that places in the text are places in the bytes.
  const text = bytes.toString('latin1')
  const isLines = /\.ndjson(\.gz)?$/.test(path)
  const header: string[] = []
  const first = isLines ? 0 : splitRow(text, 0, header)
  const columns = header.map((cell) => cell.trim())
  const most = linesIn(text, 0, text.length) + 2
  const places = new Uint32Array(most + 1), beginMs = new Float64Array(most), knownMs = new Float64Array(most)
  const bar = columns.includes('open') && columns.includes('close')
  const times = isLines ? ofObjects : bar ? ofBars(columns) : ofRows(columns)
  let rows = 0
  for (let from = first; from < text.length; rows++) {
    const cells: string[] = []
    const newline = text.indexOf('\n', from)
    const next = isLines ? (newline < 0 ? text.length : newline + 1) : splitRow(text, from, cells)
    const [begin, known] = times(text, from, next, cells)
    places[rows] = from
    beginMs[rows] = begin
    knownMs[rows] = known
    from = next < 0 ? text.length : next
  }
  places[rows] = text.length
  return { text, bytes, columns, places: places.subarray(0, rows + 1), beginMs: beginMs.subarray(0, rows), knownMs: knownMs.subarray(0, rows) }
}

type Times = (text: string, from: number, to: number, cells: readonly string[]) => readonly [begin: Millis, known: Millis]

/** What cannot be dated was always there: its reader says what is wrong with it. */
const ALWAYS = [-Infinity, -Infinity] as const

const ofObjects: Times = (text, from, to) => {
  for (const name of KNOWN_BY) {
    const [, quoted, digits] = new RegExp(`"${name}": ?(?:"([^"]*)"|(\\d+))`).exec(text.slice(from, to)) ?? []
    const ms = quoted !== undefined ? momentOf(quoted) : digits !== undefined ? Number(digits) * SECOND_MS : undefined
    if (ms !== undefined) return [ms, ms]
  }
  return ALWAYS
}

function ofRows(columns: readonly string[]): Times {
  const name = KNOWN_BY.find((column) => columns.includes(column)), place = columns.indexOf(name ?? '')
  return (_text, _from, _to, cells) => {
    const ms = momentOf(cells[place]?.trim() ?? '')
    return ms === undefined ? ALWAYS : [ms, ms]
  }
}

/** A bare date is its first moment anywhere: the reader, who knows the hour, leaves out what is still too early. */
function momentOf(text: string): Millis | undefined {
  if (/^\d{9,10}(\.0)?$/.test(text)) return Number(text) * SECOND_MS
  return /^\d{4}-\d\d-\d\d$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : parseInstant(text)
}

/** Daily bars have a date; of others, none here is longer than an hour. */
function ofBars(columns: readonly string[]): Times {
  const isDaily = !columns.includes('timestamp'), place = columns.indexOf(isDaily ? 'date' : 'timestamp')
  return (_text, _from, _to, cells) => {
    const cell = cells[place]?.trim() ?? ''
    const ms = isDaily ? dailyStart(cell, 0, cell.length) : timestamp(cell, 0, cell.length)
    return Number.isNaN(ms) ? ALWAYS : [ms, endOf(ms, isDaily ? undefined : HOUR_MS)]
  }
}

function cut({ text, bytes, columns, places, beginMs, knownMs }: Index, cutMs: Millis): Buffer {
  const parts: Buffer[] = [bytes.subarray(0, places[0])]
  let from = -1
  const flush = (row: number): void => {
    if (from >= 0) parts.push(bytes.subarray(places[from], places[row]))
    from = -1
  }
  for (let row = 0; row < knownMs.length; row++) {
    if ((knownMs[row] ?? 0) <= cutMs) {
      if (from < 0) from = row
      continue
    }
    flush(row)
    if ((beginMs[row] ?? 0) <= cutMs) parts.push(Buffer.from(masked(text, places[row] ?? 0, columns), 'latin1'))
  }
  flush(knownMs.length)
  return Buffer.concat(parts)
}

/** By how much what is still to come is too large; whole, so that the ratio of a close to its adjusted close stays exact. */
const NONSENSE = 7n

function masked(text: string, place: number, columns: readonly string[]): string {
  const cells: string[] = []
  splitRow(text, place, cells)
  const of = (column: string): bigint => parseFixed(cells[columns.indexOf(column)] ?? '') ?? 0n
  const open = of('open'), close = of('close') * NONSENSE
  const changed: { readonly [column: string]: bigint } = {
    high: open > of('high') * NONSENSE ? open : of('high') * NONSENSE, low: open < close ? open : close, close,
    adj_close: of('adj_close') * NONSENSE, volume: of('volume') * NONSENSE,
  }
  const row = cells.map((cell, i) => {
    const value = changed[columns[i] ?? '']
    return value === undefined ? cell : formatFixed(value)
  })
  return `${row.join(',')}\n`
}

/** Closes by day of the daily bars as they stand in a folder now: what a stage that peeks would look into. */
export function closesIn(files: Pick<Folder, 'read'>, path: string): ReadonlyMap<string, readonly (readonly [startMs: Millis, close: number])[]> {
  const closes = new Map<string, (readonly [Millis, number])[]>()
  const bytes = files.read(path)
  if (bytes === undefined) return closes
  for (const row of openCsv(bytes.toString('utf8'), path).rows()) {
    const date = row.cell('date'), close = [dailyStart(date, 0, date.length), Number(row.cell('close'))] as const
    const known = closes.get(row.cell('ticker'))
    if (known === undefined) closes.set(row.cell('ticker'), [close])
    else known.push(close)
  }
  return closes
}
