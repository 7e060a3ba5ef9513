/**
 * RSS in all its versions: 0.9x and 2.0 (https://www.rssboard.org/rss-specification), 1.0 as RDF (https://web.resource.org/rss/1.0/spec), and
 * the Channel Definition Format that came before them, with the modules that carry what RSS has no word for: Dublin Core, content, Atom
 * within RSS, Media RSS, iTunes, syndication.
 */
import { distinct, firstDate, resolved, stated, type Entry, type Feed } from './model.ts'
import { atomHtml, htmlIn, plainTitle, proseOf } from './prose.ts'
import { all, elementsIn, textAt, textIn, type Document, type Element } from './xml.ts'

export function readRss({ root, fault }: Document): Feed {
  const items = itemsOf(root)
  const channel = elementsIn(root).find(({ name }) => name.toLowerCase() === 'channel') ?? root
  const base = resolved(channel.attributes['xml:base'] ?? root.attributes['xml:base'], undefined)
  const site = resolved(channelLink(channel), base)
  const self = resolved(atomLink(channel, 'self'), base ?? site)
  const about = base ?? site ?? self
  const language = textAt(channel, 'language', 'dc:language') ?? channel.attributes['xml:lang'] ?? root.attributes['xml:lang']
  return {
    format: root.space === 'rdf' ? 'rdf' : 'rss',
    title: plainTitle(textAt(channel, 'title')),
    link: site,
    self,
    language,
    built: firstDate([textAt(channel, 'lastBuildDate'), textAt(channel, 'pubDate'), textAt(channel, 'dc:date'), textAt(channel, 'atom:updated')]),
    generator: textAt(channel, 'generator'),
    next: resolved(atomLink(channel, 'next'), about),
    ttlMinutes: ttlOf(channel),
    skipHours: skippedHours(channel),
    entries: items.map((item, i) => entryOf(item, i, about, language)),
    fault,
  }
}

/** All items, beside the channel (RDF) or in it, and those within an item that was never closed. */
function itemsOf(element: Element): readonly Element[] {
  return elementsIn(element).flatMap((each) => {
    if (each.name.toLowerCase() === 'item' && each.space !== 'media') return [each, ...itemsOf(each)]
    return /^(channel|items?|rss)$/i.test(each.name) ? itemsOf(each) : []
  })
}

/** RSS's own link; Atom's where there is none. */
const channelLink = (channel: Element): string | undefined => textAt(channel, 'link') ?? atomLink(channel, 'alternate')

function atomLink(element: Element, rel: string): string | undefined {
  return all(element, 'atom:link').find(({ attributes }) => (attributes['rel'] ?? 'alternate') === rel)?.attributes['href']
}

const PERIOD_MINUTES: Readonly<Record<string, number>> = { hourly: 60, daily: 1440, weekly: 10_080, monthly: 43_200, yearly: 525_600 }

function ttlOf(channel: Element): number | undefined {
  const ttl = Number(textAt(channel, 'ttl') ?? NaN)
  if (ttl > 0) return ttl
  const period = textAt(channel, 'sy:updatePeriod')?.toLowerCase() ?? ''
  const times = Number(textAt(channel, 'sy:updateFrequency') ?? 1)
  return Object.hasOwn(PERIOD_MINUTES, period) && times >= 1 ? (PERIOD_MINUTES[period] ?? 0) / times : undefined
}

function skippedHours(channel: Element): readonly number[] {
  const hours = all(channel, 'skipHours').flatMap((list) => all(list, 'hour').map((hour) => Number(textIn(hour).trim() || NaN)))
  return hours.filter((hour) => Number.isInteger(hour) && hour >= 0 && hour <= 24).map((hour) => hour % 24)
}

function entryOf(item: Element, index: number, feedBase: string | undefined, language: string | undefined): Entry {
  const base = resolved(item.attributes['xml:base'], feedBase) ?? feedBase
  const guid = all(item, 'guid')[0]
  const id = guid === undefined ? undefined : stated(textIn(guid))
  const isAddress = id !== undefined && guid?.attributes['isPermaLink']?.toLowerCase() !== 'false' && /^https?:\/\//i.test(id)
  const link = textAt(item, 'feedburner:origLink', 'link') ?? atomLink(item, 'alternate') ?? (isAddress ? id : item.attributes['HREF'])
  const content = bodyOf(item, ['content:encoded', 'xhtml:body', 'content']) ?? all(item, 'atom:content').map(atomHtml)[0]
  const summary = bodyOf(item, ['description', 'abstract', 'atom:summary', 'itunes:summary', 'media:description', 'dc:description'])
  return {
    place: `item ${index + 1}`,
    id: id ?? stated(item.attributes['about']),
    link: resolved(link, base),
    title: plainTitle(textAt(item, 'title', 'media:title', 'dc:title')),
    summary: proseOf(summary),
    text: proseOf(content),
    html: content ?? summary,
    authors: authorsOf(item),
    categories: distinct([...all(item, 'category').map(textIn), ...all(item, 'dc:subject').map(textIn), ...all(item, 'atom:category').map(termOf)]),
    published: firstDate(['pubDate', 'dc:date', 'dcterms:issued', 'dcterms:created', 'atom:published', 'date'].map((name) => textAt(item, name))),
    updated: firstDate([textAt(item, 'atom:updated'), textAt(item, 'dcterms:modified')]),
    language: textAt(item, 'dc:language') ?? item.attributes['xml:lang'] ?? language,
    via: plainTitle(textAt(item, 'source')),
    tickers: distinct(all(item, 'nasdaq:tickers').flatMap((list) => textIn(list).split(','))),
    whole: item.whole,
  }
}

const termOf = ({ attributes }: Element): string | undefined => attributes['label'] ?? attributes['term']

function bodyOf(item: Element, names: readonly string[]): string | undefined {
  for (const name of names) {
    const body = all(item, name).map(htmlIn).find((html) => html.trim() !== '')
    if (body !== undefined) return body
  }
  return undefined
}

/** RSS wants `address (Name)`; the name is who wrote it. */
const NAMED = /^\s*\S{1,100}@\S{1,100}\s*\(([^()]+)\)\s*$/

function authorsOf(item: Element): readonly string[] {
  const creators = all(item, 'dc:creator').map(textIn)
  const authors = all(item, 'author').map((author) => NAMED.exec(textIn(author))?.[1] ?? textAt(author, 'name') ?? textIn(author))
  const inAtom = all(item, 'atom:author').map((author) => textAt(author, 'atom:name', 'name'))
  const names = distinct([...creators, ...authors, ...inAtom].map(plainTitle))
  return names.length > 0 ? names : distinct(all(item, 'itunes:author').map(textIn))
}
