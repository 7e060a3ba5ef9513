/** Any feed, told by what it holds. */
import { Failure } from '#port/failure'
import { parseExact } from '../json_exact.ts'
import { readAtom } from './atom.ts'
import { isJsonFeed, readJsonFeed } from './json_feed.ts'
import type { Feed } from './model.ts'
import { readRss } from './rss.ts'
import { elementsIn, readXml, textAt, type Document, type Element } from './xml.ts'

/** Throws Failure `data` where it is no feed, with what it is instead as far as that can be told. */
export function readFeed(text: string, name: string): Feed {
  const start = text.slice(0, 200).trimStart()
  if (start === '') throw new Failure('data', `${name}: empty`)
  if (start.startsWith('{')) {
    const value = parseExact(text, name)
    if (isJsonFeed(value)) return readJsonFeed(value)
    throw new Failure('data', `${name}: JSON, but no JSON Feed`)
  }
  if (!start.startsWith('<')) throw new Failure('data', `${name}: no feed (it starts ${JSON.stringify(start.slice(0, 40))})`)
  return feedIn(readXml(text, name), name)
}

/** The feed that a parsed document is. Throws Failure `data` where it is none. */
export function feedIn({ root: outer, fault }: Document, name: string): Feed {
  const root = feedElement(outer, true)
  if (root !== undefined && /^(feed|entry)$/i.test(root.name)) return readAtom({ root: respaced(root, root.space, 'atom'), fault })
  if (root !== undefined) {
    // Some put RSS's own elements into a namespace of their making.
    const own = elementsIn(root).find((each) => /^(channel|item)$/i.test(each.name))?.space ?? ''
    return readRss({ root: respaced(root, own, ''), fault })
  }
  return refuse(outer, name)
}

/** The outermost element that begins a feed, by whatever namespace; some stand within a page, and are then known by theirs. */
function feedElement(element: Element, isRoot = false): Element | undefined {
  const kind = element.name.toLowerCase()
  const isAtom = (kind === 'feed' || kind === 'entry') && (isRoot || element.space === 'atom')
  if (isAtom || kind === 'rss' || (kind === 'channel' && isRoot) || (kind === 'rdf' && (isRoot || element.space === 'rdf'))) return element
  for (const each of elementsIn(element)) {
    const found = feedElement(each)
    if (found !== undefined) return found
  }
  return undefined
}

function refuse(root: Element, name: string): never {
  const title = textAt(elementsIn(root).find((each) => each.name.toLowerCase() === 'head') ?? root, 'title', 'xhtml:title')
  const called = title === undefined ? '' : `, "${title.replace(/\s+/g, ' ').slice(0, 80)}"`
  if (/^(html|head|body)$/i.test(root.name)) throw new Failure('data', `${name}: an HTML page${called}, where a feed was expected`)
  throw new Failure('data', `${name}: root element "${root.name}" is no feed`)
}

/** The same tree with the elements of one namespace in another. */
function respaced(element: Element, from: string, to: string): Element {
  if (from === to) return element
  const nodes = element.nodes.map((node) => (typeof node === 'string' ? node : respaced(node, from, to)))
  return { ...element, space: element.space === from ? to : element.space, nodes }
}
