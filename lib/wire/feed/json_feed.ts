/** JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/). */
import { exactId, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { distinct, firstDate, resolved, type Entry, type Feed } from './model.ts'
import { plainTitle, proseOf } from './prose.ts'

export const isJsonFeed = (value: Exact): value is ExactObject =>
  /^https?:\/\/(www\.)?jsonfeed\.org\//.test(exactString(exactObject(value)?.['version']) ?? '')

export function readJsonFeed(feed: ExactObject): Feed {
  const site = exactString(feed['home_page_url']), self = exactString(feed['feed_url'])
  const base = site ?? self
  const authors = authorsOf(feed), language = exactString(feed['language'])
  return {
    format: 'json',
    title: plainTitle(exactString(feed['title'])),
    link: site,
    self,
    language,
    built: undefined,
    generator: undefined,
    next: resolved(exactString(feed['next_url']), self ?? site),
    ttlMinutes: undefined,
    skipHours: [],
    entries: (exactList(feed['items']) ?? []).map((item, i) => entryOf(exactObject(item) ?? {}, i, base, authors, language)),
    fault: undefined,
  }
}

function entryOf(item: ExactObject, index: number, base: string | undefined, feedAuthors: readonly string[], language: string | undefined): Entry {
  const html = exactString(item['content_html'])
  const authors = authorsOf(item)
  return {
    place: `item ${index + 1}`,
    id: exactId(item['id']),
    link: resolved(exactString(item['url']) ?? exactString(item['external_url']), base),
    title: plainTitle(exactString(item['title'])),
    summary: proseOf(exactString(item['summary'])),
    text: exactString(item['content_text']) ?? proseOf(html),
    html,
    authors: authors.length > 0 ? authors : feedAuthors,
    categories: distinct((exactList(item['tags']) ?? []).map(exactString)),
    published: firstDate([exactString(item['date_published'])]),
    updated: firstDate([exactString(item['date_modified'])]),
    language: exactString(item['language']) ?? language,
    via: undefined,
    tickers: [],
    whole: true,
  }
}

/** `authors` of version 1.1, `author` of version 1. */
const authorsOf = (object: ExactObject): readonly string[] =>
  distinct([...(exactList(object['authors']) ?? []), object['author']].map((author) => exactString(exactObject(author)?.['name'])))
