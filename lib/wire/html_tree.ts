/**
 * HTML as a small tree, for pages whose parts are told by their classes. Built on a tokeniser with a bounded stack: no nesting, however
 * deep or broken, costs more than its length. What is not for reading (scripts, styles, frames) is not in the tree.
 */
import { Tokenizer } from 'htmlparser2'
import { BLOCKS } from './html_text.ts'

export interface HtmlElement {
  /** In lower case. */
  readonly name: string
  readonly attributes: { readonly [name: string]: string }
  readonly parent: HtmlElement | undefined
  /** Elements and texts in their order, entities decoded. */
  readonly children: readonly (HtmlElement | string)[]
}

interface Growing extends HtmlElement {
  readonly attributes: { [name: string]: string }
  readonly parent: Growing | undefined
  readonly children: (Growing | string)[]
}

/** Longest page that is read, in characters: what comes after is cut off. */
const LONGEST = 8 * 1024 * 1024
/** Elements within so many others stand beside one another instead. */
const DEEPEST = 200

const VOID: ReadonlySet<string> = new Set([
  'area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'param', 'source', 'track', 'wbr',
])
const UNREAD: ReadonlySet<string> = new Set(['script', 'style', 'template', 'iframe', 'object', 'svg', 'noembed', 'noframes'])
const TABLE: ReadonlySet<string> = new Set(['caption', 'tbody', 'thead', 'tfoot', 'tr', 'td', 'th'])
/** End tags within these leave what is outside alone. */
const CELLS: ReadonlySet<string> = new Set(['td', 'th', 'caption', 'table'])

/** Start tags that end open elements, and the elements beyond which they do not (HTML, 13.1.2.4 "optional tags"). */
const ENDS: { readonly [name: string]: { readonly closes: ReadonlySet<string>; readonly within: ReadonlySet<string> } | undefined } = {
  li: { closes: new Set(['li']), within: new Set(['ul', 'ol', 'menu']) },
  dt: { closes: new Set(['dt', 'dd']), within: new Set(['dl']) },
  dd: { closes: new Set(['dt', 'dd']), within: new Set(['dl']) },
  option: { closes: new Set(['option']), within: new Set(['select']) },
  td: { closes: new Set(['td', 'th']), within: new Set(['tr', 'table']) },
  th: { closes: new Set(['td', 'th']), within: new Set(['tr', 'table']) },
  tr: { closes: new Set(['tr', 'td', 'th']), within: new Set(['table']) },
  tbody: { closes: new Set(['tbody', 'thead', 'tfoot', 'tr', 'td', 'th', 'caption']), within: new Set(['table']) },
  tfoot: { closes: new Set(['tbody', 'thead', 'tfoot', 'tr', 'td', 'th', 'caption']), within: new Set(['table']) },
}
const PARAGRAPH = { closes: new Set(['p']), within: new Set([...BLOCKS].filter((name) => name !== 'p')) }

/** The root, which has no name, of the page's elements. Never throws. */
export function parseHtml(html: string): HtmlElement {
  const source = html.length > LONGEST ? html.slice(0, LONGEST) : html
  const builder = new Builder()
  let element = '', attribute = '', value = ''
  let attributes: { [name: string]: string } = {}
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, {
    ontext: (start, end) => builder.text(source.slice(start, end)),
    ontextentity: (code) => builder.text(String.fromCodePoint(code)),
    onopentagname(start, end) {
      element = source.slice(start, end).toLowerCase()
      attributes = {}
    },
    onattribname(start, end) {
      attribute = source.slice(start, end).toLowerCase()
      value = ''
    },
    onattribdata: (start, end) => void (value += source.slice(start, end)),
    onattribentity: (code) => void (value += String.fromCodePoint(code)),
    onattribend() {
      // Of two the first counts. Assigning to this one name would set the prototype.
      if (attribute !== '__proto__' && !Object.hasOwn(attributes, attribute)) attributes[attribute] = value
    },
    onopentagend: () => builder.open(element, attributes, false),
    onselfclosingtag: () => builder.open(element, attributes, true),
    onclosetag: (start, end) => builder.close(source.slice(start, end).toLowerCase()),
    oncdata() {}, oncomment() {}, ondeclaration() {}, onend() {}, onprocessinginstruction() {},
  })
  tokenizer.write(source)
  tokenizer.end()
  return builder.root
}

class Builder {
  readonly root: Growing = { name: '', attributes: {}, parent: undefined, children: [] }
  readonly #open: Growing[] = [this.root]
  /** Elements that were not opened because others are too deep, by name: their end tags are nobody's. */
  readonly #unopened = new Map<string, number>()
  #unread: string | undefined

  text(text: string): void {
    if (this.#unread === undefined) this.#top.children.push(text)
  }

  open(name: string, attributes: { [name: string]: string }, selfClosing: boolean): void {
    if (this.#unread !== undefined) return
    if (UNREAD.has(name)) {
      // Only elements of SVG can close themselves.
      if (!(selfClosing && name === 'svg')) this.#unread = name
      return
    }
    if (TABLE.has(name) && !this.#open.some((open) => open.name === 'table')) return
    const ends = Object.hasOwn(ENDS, name) ? ENDS[name] : BLOCKS.has(name) && name !== 'br' ? PARAGRAPH : undefined
    if (ends !== undefined) this.#end(ends.closes, ends.within)
    const element: Growing = { name, attributes, parent: this.#top, children: [] }
    this.#top.children.push(element)
    if (VOID.has(name)) return
    if (this.#open.length < DEEPEST) this.#open.push(element)
    else this.#unopened.set(name, (this.#unopened.get(name) ?? 0) + 1)
  }

  close(name: string): void {
    if (this.#unread !== undefined) {
      if (name === this.#unread) this.#unread = undefined
      return
    }
    const unopened = this.#unopened.get(name) ?? 0
    if (unopened > 0) return void this.#unopened.set(name, unopened - 1)
    if (name === 'html' || name === 'body') return
    const isInline = !BLOCKS.has(name)
    for (let i = this.#open.length - 1; i > 0; i--) {
      const open = this.#open[i]?.name ?? ''
      if (open === name) return void (this.#open.length = i)
      // An end tag out of its place ends no more than it should: inline no block, and nothing but a table's part a cell.
      if (isInline && !TABLE.has(name) && BLOCKS.has(open)) return
      if (CELLS.has(open) && !TABLE.has(name) && name !== 'table') return
      if (open === 'table' && TABLE.has(name)) return
    }
  }

  get #top(): Growing {
    return this.#open[this.#open.length - 1] ?? this.root
  }

  #end(closes: ReadonlySet<string>, within: ReadonlySet<string>): void {
    let from: number | undefined
    for (let i = this.#open.length - 1; i > 0; i--) {
      const { name } = this.#open[i] ?? this.root
      if (within.has(name)) break
      if (closes.has(name)) from = i
    }
    if (from !== undefined) this.#open.length = from
  }
}
