/**
 * What a manager did since his filing of the quarter before: bought anew, added, reduced, closed. Rows of a filing (form 13F) come one by one, so a
 * table is whole once anything is heard that was known later; only then can be said what is no longer in it.
 */
import { DAY_MS, millisOf, type Millis, type Signal } from '#record'
import { numberIn, textIn, type Finding } from './finding.ts'

interface Row {
  readonly subject: string
  readonly isPut: boolean
  amount: number
  value: number
  readonly ids: string[]
}

/** Of the first row; copied, since a record that was passed on is another's. */
type Origin = Pick<Signal, 'id' | 'at' | 'known_at' | 'source' | 'key'>

interface Table {
  readonly manager: string
  readonly period: string
  readonly first: Origin
  readonly amends: boolean
  knownMs: Millis
  readonly rows: Map<string, Row>
}

export interface Change extends Finding {
  /** A row of the filing it follows from; where it tells the closing of a position, some other row of it. */
  readonly from: Origin
  readonly parents: readonly string[]
}

/** Rows of last filings that are held, of those managers that filed last. */
const MOST_ROWS = 200_000
/** A quarter is at least and at most so long. */
const QUARTER_MS: readonly [Millis, Millis] = [85 * DAY_MS, 97 * DAY_MS]
/** Less of a position is no change. */
const LEAST = 0.01
/** A change of a twentieth of the portfolio has a magnitude of 1, each doubling of that about 1 more. */
const UNIT = 0.05
/** Shares and prices that move against one another by a whole number are a split. */
const SPLIT_PRICE = 0.35, SPLIT_WHOLE = 0.002

export class HoldingChanges {
  /** By manager, the least recently filed first. */
  readonly #last = new Map<string, Table>()
  readonly #open = new Map<string, Table>()
  #rows = 0

  /** Rows held, for tests of the bound. */
  get size(): number {
    return this.#rows
  }

  /** Hears any signal: it may close tables, and be a row of one. */
  *hear(signal: Signal): Generator<Change> {
    const isRow = signal.type === 'form13f' && signal.subject !== undefined && signal.author !== undefined
    if (this.#open.size === 0 && !isRow) return
    const knownMs = millisOf(signal.known_at)
    for (const table of this.#open.values()) if (table.knownMs < knownMs) yield* this.#close(table)
    if (isRow) this.#add(signal, knownMs)
  }

  /** At the end of what there is to hear. */
  *end(): Generator<Change> {
    for (const table of this.#open.values()) yield* this.#close(table)
  }

  #add(signal: Signal, knownMs: Millis): void {
    const { author: manager = '', subject = '' } = signal
    const period = textIn(signal, 'period'), amount = numberIn(signal, 'amount')
    if (period === undefined || amount === undefined) return
    const name = `${manager} ${period}`
    let table = this.#open.get(name)
    if (table === undefined) {
      const { id, at, known_at, source, key } = signal
      table = { manager, period, first: { id, at, known_at, source, key }, amends: signal.facts?.['amends'] !== undefined, knownMs, rows: new Map() }
      this.#open.set(name, table)
    }
    table.knownMs = Math.max(table.knownMs, knownMs)
    const side = textIn(signal, 'put_call')?.toLowerCase() ?? '', position = `${subject} ${textIn(signal, 'class') ?? ''} ${side}`
    const row = table.rows.get(position)
    const value = numberIn(signal, 'value') ?? 0
    if (row === undefined) {
      table.rows.set(position, { subject, isPut: side === 'put', amount, value, ids: [signal.id] })
      return
    }
    row.amount += amount
    row.value += value
    row.ids.push(signal.id)
  }

  *#close(table: Table): Generator<Change> {
    this.#open.delete(`${table.manager} ${table.period}`)
    const last = this.#last.get(table.manager)
    if (last !== undefined && last.period > table.period) return
    const gapMs = last === undefined ? 0 : millisOf(`${table.period}T00:00:00.000Z`) - millisOf(`${last.period}T00:00:00.000Z`)
    if (last !== undefined && !table.amends && gapMs >= QUARTER_MS[0] && gapMs <= QUARTER_MS[1]) yield* changes(last, table)
    // What amends may tell some rows only: it is not what the next filing is held against, unless it is all there is.
    if (table.amends && last?.period === table.period) return
    this.#keep(table)
  }

  #keep(table: Table): void {
    this.#rows += table.rows.size - (this.#last.get(table.manager)?.rows.size ?? 0)
    this.#last.delete(table.manager)
    this.#last.set(table.manager, table)
    for (const [manager, { rows }] of this.#last) {
      if (this.#rows <= MOST_ROWS || manager === table.manager) break
      this.#last.delete(manager)
      this.#rows -= rows.size
    }
  }
}

function* changes(last: Table, table: Table): Generator<Change> {
  const before = totalOf(last), after = totalOf(table)
  for (const key of new Set([...table.rows.keys(), ...last.rows.keys()])) {
    const now = table.rows.get(key), then = last.rows.get(key)
    const row = now ?? then
    if (row === undefined) continue
    const had = then?.amount ?? 0, has = now?.amount ?? 0
    const part = Math.abs(has - had) / Math.max(has, had)
    if (!(part >= LEAST) || isSplit(then, now)) continue
    const weight = Math.max(before > 0 ? (then?.value ?? 0) / before : 0, after > 0 ? (now?.value ?? 0) / after : 0)
    const change = then === undefined ? 'new' : now === undefined ? 'closed' : has > had ? 'added' : 'reduced'
    yield {
      type: 'holding_change', key: `13f:${table.manager}:${table.period}:${key.trim()}`, subject: row.subject, from: table.first,
      polarity: (has > had) === row.isPut ? -1 : 1,
      magnitude: weight > 0 ? Math.round((1000 * Math.log(1 + (weight * part) / UNIT)) / Math.LN2) / 1000 : undefined,
      author: table.manager, parents: [...new Set([...(now?.ids ?? [table.first.id]), ...then?.ids ?? []])],
      facts: { change, period: table.period, held: String(has), held_before: String(had), ...(row.isPut && { put: true }) },
    }
  }
}

const totalOf = ({ rows }: Table): number => [...rows.values()].reduce((sum, { value }) => sum + value, 0)

function isSplit(then: Row | undefined, now: Row | undefined): boolean {
  if (then === undefined || now === undefined || !(then.value > 0) || !(now.value > 0)) return false
  const ratio = now.amount > then.amount ? now.amount / then.amount : then.amount / now.amount
  const whole = Math.round(ratio)
  if (whole < 2 || Math.abs(ratio / whole - 1) > SPLIT_WHOLE) return false
  const price = (now.value / now.amount) / (then.value / then.amount)
  return Math.abs(price * (now.amount > then.amount ? whole : 1 / whole) - 1) < SPLIT_PRICE
}
