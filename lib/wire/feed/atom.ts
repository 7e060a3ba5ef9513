/** Atom 1.0 (RFC 4287) and 0.3. */
import { distinct, firstDate, resolved, stated, type Entry, type Feed } from './model.ts'
import { atomHtml, proseOf } from './prose.ts'
import { all, elementsIn, textAt, textIn, type Document, type Element } from './xml.ts'

export function readAtom({ root, fault }: Document): Feed {
  const base = root.attributes['xml:base']
  const self = resolved(linkOf(root, 'self'), base)
  const site = resolved(linkOf(root, 'alternate'), base ?? self)
  const feed: Feed = {
    format: 'atom',
    title: titleOf(root, 'atom:title'),
    link: site,
    self,
    language: root.attributes['xml:lang'],
    built: firstDate([textAt(root, 'atom:updated'), textAt(root, 'atom:modified')]),
    generator: textAt(root, 'atom:generator'),
    next: resolved(linkOf(root, 'next'), base ?? self ?? site),
    ttlMinutes: undefined,
    skipHours: [],
    entries: [],
    fault,
  }
  const authors = authorsOf(root)
  // A document may be a single entry.
  const entries = root.name === 'entry' ? [root] : entriesIn(root)
  return { ...feed, entries: entries.map((entry, i) => entryOf(entry, i, base ?? self ?? site, feed.language, authors)) }
}

/** Those within an entry that was never closed, too. */
function entriesIn(element: Element): readonly Element[] {
  return elementsIn(element).flatMap((each) => (each.name === 'entry' && each.space === 'atom' ? [each, ...entriesIn(each)] : []))
}

function entryOf(entry: Element, index: number, feedBase: string | undefined, language: string | undefined, feedAuthors: readonly string[]): Entry {
  const base = resolved(entry.attributes['xml:base'], feedBase) ?? feedBase
  const id = textAt(entry, 'atom:id')
  const html = all(entry, 'atom:content').map(atomHtml).find((content) => content !== undefined && content.trim() !== '')
  const summary = all(entry, 'atom:summary').map(atomHtml)[0]
  const authors = authorsOf(entry)
  const source = all(entry, 'atom:source')[0]
  const link = textAt(entry, 'feedburner:origLink') ?? linkOf(entry, 'alternate') ?? (/^https?:/.test(id ?? '') ? id : undefined)
  return {
    place: `entry ${index + 1}`,
    id,
    link: unwrapped(resolved(link, base)),
    title: titleOf(entry, 'atom:title'),
    summary: proseOf(summary),
    text: proseOf(html),
    html: html ?? summary,
    authors: authors.length > 0 ? authors : source === undefined ? feedAuthors : authorsOf(source),
    categories: distinct(all(entry, 'atom:category').map(({ attributes }) => attributes['label'] ?? attributes['term'])),
    published: firstDate(['atom:published', 'atom:issued', 'atom:created'].map((name) => textAt(entry, name))),
    updated: firstDate([textAt(entry, 'atom:updated'), textAt(entry, 'atom:modified')]),
    language: entry.attributes['xml:lang'] ?? language,
    via: source === undefined ? undefined : titleOf(source, 'atom:title'),
    tickers: [],
    whole: entry.whole,
  }
}

function titleOf(element: Element, name: string): string | undefined {
  const title = all(element, name)[0]
  return title === undefined ? undefined : stated(proseOf(atomHtml(title))?.replace(/\s+/g, ' '))
}

function authorsOf(element: Element): readonly string[] {
  return distinct([...all(element, 'atom:author').map((author) => textAt(author, 'atom:name')), ...all(element, 'dc:creator').map(textIn)])
}

/** The address of a relation; of several alternatives that of the page. */
function linkOf(element: Element, rel: string): string | undefined {
  const links = all(element, 'atom:link').filter(({ attributes }) => (attributes['rel'] ?? 'alternate') === rel && attributes['href'] !== undefined)
  return (links.find(({ attributes }) => /html/.test(attributes['type'] ?? 'html')) ?? links[0])?.attributes['href']
}

/** Alerts link through a counter of clicks that names where it leads. */
function unwrapped(link: string | undefined): string | undefined {
  if (link === undefined || !URL.canParse(link) || !/^https?:\/\/(www\.)?google\.[a-z.]+\/url\?/.test(link)) return link
  const target = new URL(link).searchParams.get('url') ?? new URL(link).searchParams.get('q')
  return target !== null && /^https?:\/\//.test(target) ? target : link
}
