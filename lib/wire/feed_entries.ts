/** The entries of an Atom feed (RFC 4287) or of RSS 2.0, as the texts of their fields. */
import { SaxesParser } from 'saxes'

/** By the name of the element as it is written, nested elements' text included; attributes as `link@href`. */
export type Entry = ReadonlyMap<string, string>

/** Throws Error where the XML is not well formed. Entities that it declares itself are not known, and so are an error. */
export function entriesOf(xml: string): readonly Entry[] {
  const entries: Map<string, string>[] = []
  const path: string[] = []
  let entry: Map<string, string> | undefined
  let entryDepth = 0
  const append = (text: string): void => {
    const name = path[entryDepth]
    if (entry !== undefined && name !== undefined) entry.set(name, (entry.get(name) ?? '') + text)
  }
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    path.push(name)
    if (name === 'entry' || name === 'item') {
      entry = new Map()
      entries.push(entry)
      entryDepth = path.length
    } else if (entry !== undefined && path.length === entryDepth + 1) {
      for (const [key, value] of Object.entries(attributes)) entry.set(`${name}@${key}`, value)
    } else append(' ')
  })
  parser.on('text', append)
  parser.on('cdata', append)
  parser.on('closetag', ({ name }) => {
    path.pop()
    if (name === 'entry' || name === 'item') entry = undefined
  })
  parser.write(xml).close()
  return entries
}

/** So much of the beginning tells a feed. */
const PROLOG = 4096

/** Whether it is the XML of a feed, by its first element. */
export const isFeed = (xml: string): boolean => /^(?:<\?xml[^>]*\?>)?\s*(?:<!--(?:(?!-->).)*-->\s*)*<(?:feed|rss)[\s>]/s.test(xml.slice(0, PROLOG))
