/**
 * The rows of all tables of an HTML page, with what a program needs of their cells. In one pass over a tokeniser without a stack of
 * elements, so that no nesting costs more than its length; nothing is rendered, run or fetched. Rows of a table within a cell come
 * before the row around it.
 */
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'

export interface HtmlCell {
  /** Text without tags, blanks joined. */
  readonly text: string
  /** Addresses of the links in it. */
  readonly links: readonly string[]
}
export type HtmlRow = readonly HtmlCell[]

interface OpenRow {
  /** How many tables were open where it began. */
  readonly depth: number
  readonly cells: HtmlCell[]
  cell: { text: string; readonly links: string[] } | undefined
}

/** What comes after is cut off. */
const LONGEST = 16 * 1024 * 1024
const MOST_DEEP = 64

export function htmlRows(html: string): HtmlRow[] {
  const builder = new RowBuilder(html.slice(0, LONGEST))
  return builder.rows
}

class RowBuilder implements TokenizerCallbacks {
  readonly rows: HtmlRow[] = []
  readonly #html: string
  readonly #open: OpenRow[] = []
  #depth = 0
  /** The tag that is being read, the name of its attribute, and its link. */
  #tag = ''
  #attribute = ''
  #link = ''
  /** `script` or `style`, while in one. */
  #unread = ''

  constructor(html: string) {
    this.#html = html
    const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, this)
    tokenizer.write(html)
    tokenizer.end()
    while (this.#open.length > 0) this.#closeRow()
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#name(start, end)
    this.#link = ''
    const row = this.#row()
    if (this.#tag === 'script' || this.#tag === 'style') this.#unread = this.#tag
    else if (this.#tag === 'td' || this.#tag === 'th') {
      closeCell(row)
      if (row !== undefined) row.cell = { text: '', links: [] }
    } else if (this.#tag === 'table') this.#depth++
    else if (this.#tag === 'tr') {
      // A row of the same table that was left open ends here; one of a table within its cell does not end it.
      if (row !== undefined && row.depth >= this.#depth) this.#closeRow()
      if (this.#open.length < MOST_DEEP) this.#open.push({ depth: this.#depth, cells: [], cell: undefined })
    } else if (this.#tag === 'br') this.#add(' ')
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#name(start, end)
  }

  onattribdata(start: number, end: number): void {
    if (this.#tag === 'a' && this.#attribute === 'href') this.#link += this.#html.slice(start, end)
  }

  onattribentity(codepoint: number): void {
    if (this.#tag === 'a' && this.#attribute === 'href') this.#link += String.fromCodePoint(codepoint)
  }

  onopentagend(): void {
    if (this.#link !== '') this.#row()?.cell?.links.push(this.#link)
  }

  onselfclosingtag(): void {
    this.onopentagend()
    this.#unread = ''
  }

  onclosetag(start: number, end: number): void {
    const name = this.#name(start, end)
    if (name === this.#unread) this.#unread = ''
    else if (name === 'td' || name === 'th') closeCell(this.#row())
    else if (name === 'tr') this.#closeRow()
    else if (name === 'table' && this.#depth > 0) {
      if (this.#row()?.depth === this.#depth) this.#closeRow()
      this.#depth--
    }
  }

  ontext(start: number, end: number): void {
    this.#add(this.#html.slice(start, end))
  }

  ontextentity(codepoint: number): void {
    this.#add(String.fromCodePoint(codepoint))
  }

  onattribend(): void {}
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onend(): void {}
  onprocessinginstruction(): void {}

  #name(start: number, end: number): string {
    return this.#html.slice(start, end).toLowerCase()
  }

  #row(): OpenRow | undefined {
    return this.#open[this.#open.length - 1]
  }

  #add(text: string): void {
    const cell = this.#row()?.cell
    if (cell !== undefined && this.#unread === '') cell.text += text
  }

  #closeRow(): void {
    const row = this.#open.pop()
    closeCell(row)
    if (row !== undefined && row.cells.length > 0) this.rows.push(row.cells)
  }
}

function closeCell(row: OpenRow | undefined): void {
  if (row?.cell === undefined) return
  row.cells.push({ text: row.cell.text.replace(/[\s\u00a0]+/g, ' ').trim(), links: row.cell.links })
  row.cell = undefined
}

export interface HtmlTable {
  readonly titles: readonly string[]
  readonly rows: readonly HtmlRow[]
}

/** The rows below the row whose cells begin with these titles, as long as they have as many cells; undefined where there is none. */
export function tableUnder(rows: readonly HtmlRow[], titles: readonly string[]): HtmlTable | undefined {
  const at = rows.findIndex((row) => titles.every((title, i) => row[i]?.text === title))
  const head = rows[at]
  if (head === undefined) return undefined
  const below = rows.slice(at + 1)
  const end = below.findIndex((row) => row.length !== head.length)
  return { titles: head.map(({ text }) => text), rows: end < 0 ? below : below.slice(0, end) }
}
