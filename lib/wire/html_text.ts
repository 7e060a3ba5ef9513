/**
 * What a reader sees of HTML, as plain text: tags gone, entities decoded, blocks on lines of their own, scripts and styles left out.
 * In one pass over a tokeniser without a stack, so that no nesting, however deep or broken, costs more than its length.
 */
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'
import { westernOf } from './text.ts'

/** Longest HTML that is read, in characters: what comes after is cut off. */
const LONGEST = 4 * 1024 * 1024

/** Elements that begin and end a line. */
export const BLOCKS: ReadonlySet<string> = new Set([
  'address', 'article', 'aside', 'blockquote', 'br', 'dd', 'div', 'dl', 'dt', 'fieldset', 'figcaption', 'figure', 'footer', 'form', 'h1', 'h2', 'h3',
  'h4', 'h5', 'h6', 'header', 'hr', 'li', 'main', 'nav', 'ol', 'option', 'p', 'pre', 'section', 'table', 'td', 'th', 'tr', 'ul',
])
/** Elements whose content is not for reading. */
const UNREAD: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'object', 'svg', 'head'])

/** The text of HTML, or of plain text that may hold entities; lines trimmed, runs of blanks one, at most one empty line in a row. */
export function textOfHtml(html: string): string {
  const source = html.length > LONGEST ? html.slice(0, LONGEST) : html
  if (!/[<&]/.test(source)) return tidy(source)
  const parts: string[] = []
  /** The element that is being passed over, up to its end tag. */
  let unread: string | undefined
  const nameOf = (start: number, end: number): string => source.slice(start, end).toLowerCase()
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, {
    ...NOTHING,
    ontext(start, end) {
      if (unread === undefined) parts.push(source.slice(start, end))
    },
    ontextentity(codepoint) {
      if (unread === undefined) parts.push(String.fromCodePoint(codepoint))
    },
    onopentagname(start, end) {
      const name = nameOf(start, end)
      if (unread === undefined && UNREAD.has(name)) unread = name
      if (BLOCKS.has(name)) parts.push('\n')
    },
    onselfclosingtag() {
      unread = undefined
    },
    onclosetag(start, end) {
      const name = nameOf(start, end)
      if (name === unread) unread = undefined
      if (BLOCKS.has(name)) parts.push('\n')
    },
  })
  tokenizer.write(source)
  tokenizer.end()
  return tidy(parts.join(''))
}

const NOTHING: TokenizerCallbacks = {
  onattribdata() {}, onattribentity() {}, onattribend() {}, onattribname() {}, oncdata() {}, onclosetag() {}, oncomment() {}, ondeclaration() {},
  onend() {}, onopentagend() {}, onopentagname() {}, onprocessinginstruction() {}, onselfclosingtag() {}, ontext() {}, ontextentity() {},
}

/** Control characters, soft hyphens and zero-width marks are no text; those of 0x80 to 0x9f are what windows-1252 has there. */
export function withoutControls(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff]/g, '')
    .replace(/[\x80-\x9f]/g, westernOf)
}

/** Lines trimmed, runs of blanks one, at most one empty line in a row. */
export function tidy(text: string): string {
  return withoutControls(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const NAMED = /&(#[xX][0-9a-fA-F]{1,6}|#\d{1,7}|[A-Za-z][A-Za-z0-9]{1,31});/g

/** HTML's entities in a text without tags; what is none of them stays as it stands. */
export const decodeEntities = (text: string): string => (text.includes('&') ? text.replace(NAMED, (entity) => characterOf(entity)) : text)

/** The character or characters of one entity, `&eacute;`; the same text where there is none such. */
function characterOf(entity: string): string {
  let decoded = ''
  let whole = true
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, {
    ...NOTHING,
    ontext: () => (whole = false),
    ontextentity: (codepoint) => (decoded += String.fromCodePoint(codepoint)),
  })
  tokenizer.write(entity)
  tokenizer.end()
  return whole && decoded !== '' ? decoded : entity
}
