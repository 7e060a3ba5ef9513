/**
 * Cover pages and information tables that come as separate files, in any order. They are joined by the accession number where both have
 * one, else by what the cover says of its table: so many entries, of such a value. A single cover and a single table belong together.
 */
import type { Signal } from '#record'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { coverlessSignals, reportSignals, type Cover, type Table } from './thirteenf.ts'

/** So many may wait: what is beyond is given as it stands. */
const MOST_WAITING = 1000

export class Pairs {
  #covers: Cover[] = []
  #tables: Table[] = []

  cover(cover: Cover): Signal[] {
    const table = this.#tables.find((each) => belong(cover, each))
    if (table === undefined) {
      this.#covers.push(cover)
      const [first] = this.#covers
      if (first === undefined || this.#covers.length <= MOST_WAITING) return []
      this.#covers.shift()
      return reportSignals(first, [])
    }
    this.#tables = this.#tables.filter((each) => each !== table)
    return joined(cover, table)
  }

  table(table: Table): Signal[] {
    const cover = this.#covers.find((each) => belong(each, table))
    if (cover === undefined) {
      this.#tables.push(table)
      const [first] = this.#tables
      if (first === undefined || this.#tables.length <= MOST_WAITING) return []
      this.#tables.shift()
      return coverlessSignals(first)
    }
    this.#covers = this.#covers.filter((each) => each !== cover)
    return joined(cover, table)
  }

  /** What is left stands by itself. */
  *end(): Generator<Signal> {
    const covers = this.#covers, tables = this.#tables
    this.#covers = []
    this.#tables = []
    const [cover] = covers, [table] = tables
    if (covers.length === 1 && tables.length === 1 && cover !== undefined && table !== undefined && !differ(cover, table)) {
      yield* joined(cover, table)
      return
    }
    for (const each of covers) yield* reportSignals(each, [])
    for (const each of tables) yield* coverlessSignals(each)
  }
}

const joined = (cover: Cover, table: Table): Signal[] => reportSignals(cover, table.holdings, table.received.raw)

const differ = (cover: Cover, table: Table): boolean => {
  const one = cover.received.accession, other = table.received.accession
  return one !== undefined && other !== undefined && one !== other
}

function belong(cover: Cover, table: Table): boolean {
  if (differ(cover, table)) return false
  if (cover.received.accession !== undefined && table.received.accession !== undefined) return true
  return cover.entries === String(table.holdings.length) && cover.total !== undefined && cover.total === totalOf(table)
}

function totalOf({ holdings }: Table): string {
  let total = 0n
  for (const { value = '' } of holdings) total += parseFixed(value) ?? 0n
  return formatFixed(total)
}
