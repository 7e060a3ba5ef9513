/**
 * The tags of a page one after another, without a tree: for pages whose parts are told by classes and attributes. No stack is kept, so
 * that no nesting, however deep or broken, costs more than its length.
 */
import { Tokenizer } from 'htmlparser2'

export interface Tag {
  /** In lower case. */
  readonly name: string
  readonly closes: boolean
  /** Names in lower case, entities decoded; of two of one name the first counts. */
  readonly attributes: Readonly<Record<string, string>>
  /** Where the tag begins and where what follows it begins, as places in the page. */
  readonly start: number
  readonly end: number
}

/** Longest page that is read, in characters: what comes after is cut off. */
const LONGEST = 4 * 1024 * 1024

export function tagsOf(page: string): readonly Tag[] {
  const html = page.length > LONGEST ? page.slice(0, LONGEST) : page
  const tags: Tag[] = []
  let start = 0, name = '', attributes: Record<string, string> = {}, key = '', value = ''
  const opened = (last: number): void => void tags.push({ name, closes: false, attributes, start, end: last + 1 })
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, {
    onopentagname(from, to) {
      start = from - 1
      name = html.slice(from, to).toLowerCase()
      attributes = Object.create(null) as Record<string, string>
    },
    onattribname(from, to) {
      key = html.slice(from, to).toLowerCase()
      value = ''
    },
    onattribdata: (from, to) => void (value += html.slice(from, to)),
    onattribentity: (codepoint) => void (value += String.fromCodePoint(codepoint)),
    onattribend: () => void (attributes[key] ??= value),
    onopentagend: opened,
    onselfclosingtag: opened,
    onclosetag(from, to) {
      const close = html.indexOf('>', to)
      tags.push({ name: html.slice(from, to).toLowerCase(), closes: true, attributes: {}, start: from - 2, end: close < 0 ? html.length : close + 1 })
    },
    oncdata() {}, oncomment() {}, ondeclaration() {}, onend() {}, onprocessinginstruction() {}, ontext() {}, ontextentity() {},
  })
  tokenizer.write(html)
  tokenizer.end()
  return tags
}

export const hasClass = ({ attributes }: Tag, name: string): boolean => (attributes['class'] ?? '').split(/\s+/).includes(name)

/** So many tags a part may hold: one that is never closed must not be looked for through the whole page, again and again. */
const MOST_INSIDE = 2000

/** What stands between an opening tag and the next closing one of its name, for parts that hold none of their own kind; empty where there is none. */
export function insideOf(html: string, tags: readonly Tag[], index: number): string {
  const open = tags[index]
  const last = Math.min(tags.length, index + MOST_INSIDE)
  for (let i = index + 1; i < last; i++) {
    const tag = tags[i]
    if (open !== undefined && tag?.closes === true && tag.name === open.name) return html.slice(open.end, tag.start)
  }
  return ''
}
