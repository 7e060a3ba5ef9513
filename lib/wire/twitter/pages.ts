/**
 * Where the API is not to be had: the pages that X gives for embedding (https://syndication.twitter.com/srv/timeline-profile/...), whose tweets
 * stand in a script as JSON, and the pages and feeds of Nitter (https://github.com/zedeus/nitter), a reader of X that anyone may run.
 */
import type { Signal } from '#record'
import { readMoment } from '../dates.ts'
import { entriesOf } from '../feed_entries.ts'
import { hasClass, insideOf, tagsOf, type Tag } from '../html_tags.ts'
import { decodeEntities, textOfHtml } from '../html_text.ts'
import { isTweetId, signalsOfTweet, snowflakeMs, type Counts, type Hearing, type Tweet } from './tweet.ts'

/** The JSON of a page for embedding; undefined where it has none. */
export function scriptOf(html: string): string | undefined {
  if (!html.includes('__NEXT_DATA__')) return undefined
  const tags = tagsOf(html)
  const index = tags.findIndex(({ name, closes, attributes }) => name === 'script' && !closes && attributes['id'] === '__NEXT_DATA__')
  return index < 0 ? undefined : insideOf(html, tags, index)
}

const STATUS = /^(?:https?:\/\/[^/]+)?\/([A-Za-z0-9_]{1,20})\/status\/(\d{1,20})(?:[#?/]|$)/

/** Whose tweet a link leads to, and which. */
function statusIn(link: string | undefined): { readonly username: string; readonly id: string } | undefined {
  const [, username, id] = STATUS.exec(link?.trim() ?? '') ?? []
  return username !== undefined && isTweetId(id) ? { username, id } : undefined
}

/** What neither a page nor a feed tells. */
const UNTOLD = { userId: undefined, language: undefined, cashtags: [], links: [] }

/** A feed knows minutes or seconds; an id of X's own knows better. */
const statedMs = (id: string, text: string | undefined): number | undefined => {
  const moment = snowflakeMs(id) === undefined && text !== undefined ? readMoment(text) : undefined
  return moment?.zoned === true ? moment.ms : undefined
}

/** `RT by @who: ` before what others said, `R to @whom: ` before an answer. */
const PREFIX = /^(?:RT by|R to) @\w{1,20}: /

/** Undefined where the feed is none of tweets. Throws Error where it is not well formed. */
export function signalsOfNitterFeed(xml: string, hearing: Hearing): readonly Signal[] | undefined {
  const entries = entriesOf(xml)
  const found = entries.map((entry) => statusIn(entry.get('link') ?? entry.get('guid')) ?? statusIn(entry.get('guid')))
  if (entries.length > 0 && found.every((status) => status === undefined)) return undefined
  if (entries.length === 0) hearing.reject('feed', 'nothing is listed')
  return entries.flatMap((entry, i) => {
    const status = found[i]
    if (status === undefined) {
      hearing.reject(`item ${i + 1}`, 'expected a link to a tweet')
      return []
    }
    const text = entry.get('title')?.trim().replace(PREFIX, '')
    const creator = entry.get('dc:creator')?.trim().replace(/^@/, '')
    return [...signalsOfTweet({
      ...UNTOLD, id: status.id, createdMs: statedMs(status.id, entry.get('pubDate')),
      username: creator === undefined || creator === '' ? status.username : creator,
      text: text === undefined || text === '' ? textOfHtml(entry.get('description') ?? '') : decodeEntities(text),
    }, `item ${i + 1}`, hearing)]
  })
}

export const isNitterPage = (html: string): boolean => /\bclass="[^"]{0,200}\b(?:timeline-item|timeline-none|main-tweet)\b/.test(html)

interface Item {
  link?: string
  username?: string
  time?: string | undefined
  text?: string
  quotes?: string | undefined
  readonly counts: { [name: string]: number }
}

const ICONS: Readonly<Record<string, keyof Counts>> = {
  'icon-comment': 'replies', 'icon-retweet': 'retweets', 'icon-quote': 'quotes', 'icon-heart': 'likes', 'icon-play': 'impressions', 'icon-views': 'impressions',
}

export function* signalsOfNitterPage(html: string, hearing: Hearing): Generator<Signal> {
  const items = itemsOf(html)
  if (items.length === 0) hearing.reject('page', 'nothing is listed')
  for (const [i, { link, username, time, text, quotes, counts }] of items.entries()) {
    const status = statusIn(link)
    if (status === undefined) {
      hearing.reject(`item ${i + 1}`, 'expected a link to a tweet')
      continue
    }
    const tweet: Tweet = {
      ...UNTOLD, id: status.id, createdMs: statedMs(status.id, time?.replace('·', ' ')), username: username ?? status.username,
      text: text === undefined ? undefined : textOfHtml(text), quotes: statusIn(quotes)?.id, counts,
    }
    yield* signalsOfTweet(tweet, `item ${i + 1}`, hearing)
  }
}

/** Whatever stands after an item's tag is its own until the next item; of what is quoted in it only the link counts. */
function itemsOf(html: string): readonly Item[] {
  const items: Item[] = []
  const tags = tagsOf(html)
  for (const [i, tag] of tags.entries()) {
    if (tag.closes) continue
    if (tag.name === 'div' && hasClass(tag, 'timeline-item') && !hasClass(tag, 'show-more')) items.push({ counts: {} })
    const item = items.at(-1)
    if (item !== undefined) take(item, tag, i, tags, html)
  }
  return items
}

function take(item: Item, tag: Tag, index: number, tags: readonly Tag[], html: string): void {
  const { name, attributes } = tag
  if (name === 'a' && hasClass(tag, 'tweet-link')) item.link ??= attributes['href'] ?? ''
  else if (name === 'a' && hasClass(tag, 'quote-link')) item.quotes ??= attributes['href']
  else if (name === 'a' && hasClass(tag, 'username')) item.username ??= (attributes['title'] ?? '').replace(/^@/, '')
  else if (name === 'a' && / UTC$/.test(attributes['title'] ?? '')) item.time ??= attributes['title']
  else if (name === 'div' && hasClass(tag, 'tweet-content')) item.text ??= insideOf(html, tags, index)
  else if (name === 'span') {
    const icon = Object.keys(ICONS).find((each) => hasClass(tag, each))
    const close = tags[index + 1], after = tags[index + 2]
    const count = close === undefined ? '' : html.slice(close.end, after?.start).replaceAll(',', '').trim()
    if (icon !== undefined && /^\d{1,12}$/.test(count)) item.counts[ICONS[icon] ?? icon] ??= Number(count)
  }
}
