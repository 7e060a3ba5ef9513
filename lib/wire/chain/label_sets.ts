/**
 * Lists of labelled addresses: maps of address to name, rows of address, name and kind (JSON or CSV), and Etherscan's label pages
 * (https://etherscan.io/labelcloud). Read as payloads they are signals; named by `--labels` they are looked up.
 */
import { Parser } from 'htmlparser2'
import type { Signal } from '#record'
import { bitcoinAddress, chainNamed, chainOfId, evmAddress } from '#domain/chain/address'
import type { LabelEntry } from '#domain/chain/labels'
import { openCsv } from '../csv/rows.ts'
import { exactList, exactObject, exactString, parseExact, type Exact } from '../json_exact.ts'
import { count, signal, type Row, type Scope } from './signals.ts'

/** What one list says, before it is said of whom: `reject` hears what names nobody. */
interface LabelRow {
  readonly place: string
  readonly address: string | undefined
  readonly name: string | undefined
  readonly kind?: string | undefined
  readonly exchange?: string | undefined
  readonly chain?: string | undefined
}

const addressOf = (value: string | undefined): string | undefined => evmAddress(value) ?? bitcoinAddress(value)

/** Undefined where `doc` is no list of labels. */
export function labelRowsOf(doc: Exact): readonly LabelRow[] | undefined {
  const list = exactList(doc)
  if (list !== undefined) {
    const rows = list.map((each) => exactObject(each) ?? {})
    return rows.length > 0 && rows.some(isLabelRow) ? rows.map((row, i) => rowOf((name) => exactString(row[name]), row, `label ${i + 1}`)) : undefined
  }
  const map = exactObject(doc)
  const entries = map === undefined ? [] : Object.entries(map)
  if (!entries.some(([key, value]) => addressOf(key) !== undefined && typeof value === 'string')) return undefined
  return entries.map(([key, value], i) => ({ place: `label ${i + 1}`, address: addressOf(key), name: exactString(value) }))
}

const hasAny = (row: Row, ...names: readonly string[]): boolean => names.some((name) => name in row)
const isLabelRow = (row: Row): boolean =>
  'address' in row && hasAny(row, 'name', 'nameTag', 'label', 'labels') && !hasAny(row, 'decimals', 'topics', 'balance')

export const isLabelTable = (columns: readonly string[]): boolean =>
  columns.includes('address') && columns.includes('name') && !columns.includes('decimals')

export function labelRowsOfCsv(text: string, name: string): readonly LabelRow[] {
  const rows: LabelRow[] = []
  for (const row of openCsv(text, name).rows()) rows.push(rowOf((column) => exactString(row.cell(column)), {}, `line ${row.line}`))
  return rows
}

function rowOf(cell: (name: string) => string | undefined, row: Row, place: string): LabelRow {
  const chainId = count(row['chainId'])
  const chain = chainId === undefined ? cell('chain') : chainOfId(chainId)?.name
  return {
    place, address: addressOf(cell('address')), name: cell('name') ?? cell('nameTag') ?? cell('label'),
    kind: cell('kind') ?? (cell('nameTag') === undefined ? undefined : cell('label')),
    exchange: cell('exchange'), chain: chain !== undefined && chainNamed(chain) !== undefined ? chain : undefined,
  }
}

export const isLabelPage = (text: string): boolean =>
  /^\s*(?:<!--[\s\S]{0,1000}?-->\s*)*<(?:!doctype html|html)/i.test(text) && /href="\/(?:address|token)\/0x[0-9a-f]{40}"/i.test(text)

/** Rows of a page: the address that one links to first, and the cell after it as its name. */
export function labelRowsOfPage(html: string): readonly LabelRow[] {
  const rows: LabelRow[] = []
  let address: string | undefined, name = '', cell = 0, named = 0, isInRow = false
  const parser = new Parser({
    onopentag(tag, attributes) {
      if (tag === 'tr') {
        isInRow = true
        cell = 0
        address = undefined
        name = ''
      } else if (tag === 'td') cell++
      else if (tag === 'a' && isInRow && address === undefined) {
        address = addressOf(/^\/(?:address|token)\/(0x[0-9a-fA-F]{40})$/.exec(attributes['href'] ?? '')?.[1])
        named = cell + 1
      }
    },
    ontext(text) {
      if (isInRow && address !== undefined && cell === named) name += text
    },
    onclosetag(tag) {
      if (tag !== 'tr' || !isInRow) return
      isInRow = false
      if (address !== undefined) rows.push({ place: `row ${rows.length + 1}`, address, name: name.trim() === '' ? undefined : name.trim() })
    },
  })
  parser.end(html)
  return rows
}

/** Signals of a list. A label has no time of its own: it is so when it was read. */
export function* signalsOfLabels(rows: readonly LabelRow[], scope: Scope): Iterable<Signal> {
  for (const { place, address, name, kind, exchange, chain = scope.chain } of rows) {
    if (address === undefined) scope.reject(place, 'a label without an address')
    else if (name === undefined) scope.reject(place, 'an address without a name')
    else {
      const of = bitcoinAddress(address) === undefined ? chain : 'bitcoin'
      yield signal(scope, {
        type: 'label', key: `${of}:label:${address}`, source: `${of}/labels`, subject: `wallet:${of}:${address}`, atMs: undefined,
        facts: { chain: of, address, name, kind, exchange },
      })
    }
  }
}

/** The name of an exchange as a word: `Binance: Hot Wallet 12` is `binance`. */
const exchangeOf = (name: string): string =>
  name.replace(/:.*$/, '').replace(/(?:\s(?:Dep|Hot Wallet|Cold Wallet)\b.*|\s\d+)$/i, '').replace(/\.com$/i, '')
    .trim().toLowerCase().replace(/[^a-z0-9]+/g, '-')

/**
 * The labels of a file that the user names, `kind` being that of all its addresses where the user says so. Undefined where it is no list of
 * labels.
 */
export function labelEntries(text: string, name: string, kind: string | undefined): readonly LabelEntry[] | undefined {
  const rows = isLabelPage(text) ? labelRowsOfPage(text) : /^\s*[[{]/.test(text) ? labelRowsOf(parseExact(text, name)) : labelRowsOfCsv(text, name)
  return rows?.flatMap(({ address, name: said, kind: own, exchange, chain }) => {
    if (address === undefined || said === undefined) return []
    const of = own ?? kind
    return [{
      address, chain, label: { name: said, kind: of, exchange: exchange ?? (of === 'exchange' ? exchangeOf(said) : undefined), source: 'user' },
    }]
  })
}
