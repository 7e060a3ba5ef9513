/**
 * XML as feeds really are: a small tree with mixed content, read as far as it goes. What is not well formed is recovered the way
 * readers do (stray ampersands and end tags are text, missing end tags are implied) and said. No entity is ever resolved but XML's
 * own and HTML's named characters: those that a DOCTYPE declares, inside or outside, stay as they are written.
 */
import { SaxesParser } from 'saxes'
import { Failure } from '#port/failure'
import { decodeEntities } from '../html_text.ts'
import { spaceOf } from './spaces.ts'

export interface Element {
  /** What its namespace is for (see spaces.ts): `''` for RSS's own elements, `atom`, `dc`, `content` ... */
  readonly space: string
  /** Local name. */
  readonly name: string
  /** By local name; `xml:base` and `xml:lang` under these names, with their prefix. */
  readonly attributes: { readonly [name: string]: string }
  readonly nodes: readonly (Element | string)[]
  /** Its end tag is there: of a document that breaks off, the last elements have none. */
  readonly whole: boolean
}

export interface Document {
  readonly root: Element
  /** The first place where it is not well formed, `LINE:COLUMN: what`; undefined where it is. */
  readonly fault: string | undefined
}

interface Growing extends Element {
  readonly attributes: { [name: string]: string }
  readonly nodes: (Element | string)[]
  whole: boolean
}

/** Bounds on what one document may hold; the largest feeds that are known have some ten thousand elements. */
const MOST_CHARACTERS = 64 * 1024 * 1024
const MOST_ELEMENTS = 500_000
const MOST_ATTRIBUTES = 1_000_000
const DEEPEST = 500
/** Beyond so many it is no XML with faults, but something else. */
const MOST_FAULTS = 10_000

/** The first element, and others that stand beside it put into it. Throws Failure `data` where there is none, or beyond the bounds. */
export function readXml(text: string, name: string): Document {
  if (text.length > MOST_CHARACTERS) throw new Failure('data', `${name}: more than ${MOST_CHARACTERS} characters of XML`)
  const parser = new SaxesParser({ xmlns: true, position: true })
  const top: Growing = { space: '', name: '', attributes: {}, nodes: [], whole: false }
  const open: Growing[] = [top]
  let fault: string | undefined
  let elements = 0, attributes = 0, faults = 0
  const tooMuch = (what: string): never => {
    throw new Failure('data', `${name}:${parser.line}:${parser.column}: ${what}`)
  }
  // Not thrown: the parser then goes on, with the text as it stands.
  parser.on('error', ({ message }) => {
    fault ??= message.replace(/^(\d+:\d+: )(?:\d+:\d+: )*/, '$1')
    if (++faults > MOST_FAULTS) tooMuch(`no XML: more than ${MOST_FAULTS} faults, the first at ${fault}`)
  })
  parser.on('attribute', () => {
    if (++attributes > MOST_ATTRIBUTES) tooMuch(`more than ${MOST_ATTRIBUTES} attributes`)
  })
  parser.on('opentag', (tag) => {
    if (open.length > DEEPEST) tooMuch(`more than ${DEEPEST} elements deep`)
    if (++elements > MOST_ELEMENTS) tooMuch(`more than ${MOST_ELEMENTS} elements`)
    const element: Growing = { space: spaceOf(tag.uri, tag.prefix), name: tag.local, attributes: {}, nodes: [], whole: false }
    for (const { prefix, local, value } of Object.values(tag.attributes)) {
      element.attributes[prefix === 'xml' ? `xml:${local}` : local] = value
    }
    open[open.length - 1]?.nodes.push(element)
    open.push(element)
  })
  const add = (characters: string): void => {
    const { nodes } = open[open.length - 1] ?? top
    const last = nodes.length - 1
    const before = nodes[last]
    if (typeof before === 'string') nodes[last] = before + characters
    else nodes.push(characters)
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const element = open.pop()
    if (element !== undefined) element.whole = true
  })
  const plain = text.replace(/^\s+/, '')
  defineEntities(parser.ENTITIES, plain)
  parser.write(mended(plain, (what) => (fault ??= what))).close()
  const [root, ...beside] = top.nodes.filter((node): node is Growing => typeof node !== 'string')
  if (root === undefined) throw new Failure('data', `${name}: no XML element${fault === undefined ? '' : ` (${fault})`}`)
  root.nodes.push(...beside)
  return { root, fault }
}

/**
 * What a parser would trip over: CDATA and comments, which are left alone; a declaration that stands after the beginning, where two
 * documents were joined; ampersands that begin no reference and `<` that begins no tag, which people forget to escape.
 */
const STUMBLES = new RegExp([
  String.raw`<!\[CDATA\[[^]*?(?:\]\]>|$)|<!--[^]*?(?:-->|$)`,
  String.raw`(?!^)<\?xml\s[^<>]{0,200}\?>`,
  String.raw`&(?!(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z_][\w.-]{0,63});)`,
  String.raw`<(?![\w:!?/])`,
].join('|'), 'g')

function mended(text: string, say: (fault: string) => void): string {
  return text.replace(STUMBLES, (found, offset: number) => {
    if (found.length > 1) return found.startsWith('<?') ? '' : found
    say(`character ${offset + 1}: ${found} that is not escaped`)
    return found === '&' ? '&amp;' : '&lt;'
  })
}

/** Names of characters that HTML knows and XML does not, `&nbsp;`, where nobody declared them. */
function defineEntities(known: { [name: string]: string }, text: string): void {
  const names = new Set(text.match(/&[A-Za-z][A-Za-z0-9]{1,31};/g) ?? [])
  for (const entity of names) {
    const character = decodeEntities(entity)
    if (character !== entity) known[entity.slice(1, -1)] ??= character
  }
}

/** All character data within, that of nested elements too. */
export function textIn(element: Element | undefined): string {
  let text = ''
  for (const node of element?.nodes ?? []) text += typeof node === 'string' ? node : textIn(node)
  return text
}

/** What stands within, written as HTML: for content that holds markup as elements (XHTML, or HTML that was not escaped). */
export function markupIn(element: Element): string {
  let html = ''
  for (const node of element.nodes) {
    if (typeof node === 'string') html += node.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    else html += `<${node.name}>${markupIn(node)}</${node.name}>`
  }
  return html
}

export const elementsIn = (element: Element | undefined): readonly Element[] =>
  (element?.nodes ?? []).filter((node): node is Element => typeof node !== 'string')

/** `a10:updated` as `atom:updated`, RSS's own `title` as `title`. */
export const nameOf = ({ space, name }: Element): string => (space === '' ? name : `${space}:${name}`)

/** The children of that name, `dc:date` or `title`, upper and lower case alike. */
export function all(element: Element | undefined, name: string): readonly Element[] {
  const wanted = name.toLowerCase()
  return elementsIn(element).filter((each) => nameOf(each).toLowerCase() === wanted)
}

/** The first of the names that has a child with text. */
export function textAt(element: Element | undefined, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const each of all(element, name)) {
      const text = textIn(each).trim()
      if (text !== '') return text
    }
  }
  return undefined
}
