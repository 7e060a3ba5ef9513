/** Links of texts: Telegram marks them beside the text, by place (bots) or piece by piece (exports). */
import { exactList, exactNumber, exactObject, exactObjects, exactString, type Exact, type ExactObject } from '../json_exact.ts'

export interface Text {
  readonly text: string | undefined
  readonly links: readonly string[]
}

/** `entities` mark places of `text` in UTF-16 units (https://core.telegram.org/bots/api#messageentity). */
export function markedText(text: string | undefined, entities: Exact | undefined): Text {
  const links = new Set<string>()
  for (const entity of exactObjects(entities)) {
    const link = linkOf(entity, text)
    if (link !== undefined && link !== '') links.add(link)
  }
  return { text, links: [...links] }
}

function linkOf({ type, url, offset, length }: ExactObject, text: string | undefined): string | undefined {
  if (type === 'text_link') return exactString(url)
  const from = exactNumber(offset), count = exactNumber(length)
  return type === 'url' && from !== undefined && count !== undefined ? text?.slice(from, from + count) : undefined
}

/** A text in pieces: strings, and objects with a type, the text and perhaps where it leads. */
export function piecedText(pieces: Exact | undefined): Text {
  const whole = exactString(pieces)
  if (whole !== undefined) return { text: whole, links: [] }
  const links = new Set<string>()
  let text = ''
  for (const piece of exactList(pieces) ?? []) {
    const { type, text: words, href } = exactObject(piece) ?? { text: piece }
    const said = typeof words === 'string' ? words : ''
    text += said
    const link = exactString(href) ?? (type === 'link' ? said : undefined)
    if (link !== undefined && link !== '') links.add(link)
  }
  return { text: text === '' ? undefined : text, links: [...links] }
}
