/** The entries of a feed as articles. */
import type { Signal } from '#record'
import type { Reading } from '#port/payload'
import type { Entry, Feed } from '../feed/model.ts'
import { articleSignal, hostOf, wordsKey, type Article } from './article.ts'
import type { Hearing } from '../signal.ts'

/** Which entry is none is said; so is where the feed is not well formed. `more` adds what is particular to a service. */
export function* feedArticles(
  feed: Feed, name: string, service: string, hearing: Hearing, reading: Reading, more: (entry: Entry) => Partial<Article> = () => ({}),
): Generator<Signal> {
  if (feed.fault !== undefined) reading.log.warn(`${name}: not well formed (${feed.fault}); read as far as it goes`)
  if (feed.entries.length === 0) reading.reject(feed.format, 'a feed without entries')
  const site = hostOf(feed.link) ?? hostOf(feed.self)
  const shared = sharedIds(feed.entries)
  for (const entry of feed.entries) {
    if (!entry.whole) reading.reject(entry.place, 'cut off: the feed ends within it')
    else if ((entry.title ?? entry.summary ?? entry.text) === undefined) reading.reject(entry.place, 'neither a title nor a text')
    else {
      const extra = more(entry)
      const host = site ?? hostOf(entry.link)
      const { title, summary, text, link, authors, categories, tickers, published, updated, language } = entry
      yield articleSignal({
        source: host === undefined ? service : `${service}/${host}`,
        key: `${service}:${keyOf(entry, host, shared)}`,
        title, link, authors, categories, tickers, published, updated, language,
        // A feed that has one text for an article gives it here or there.
        ...(text === undefined ? { text: summary } : { summary, text }),
        built: feed.built,
        ...extra,
        more: { feed: feed.title, via: entry.via, ...extra.more },
      }, hearing)
    }
  }
}

/** Ids that several entries with different addresses bear: they name none of them. */
function sharedIds(entries: readonly Entry[]): ReadonlySet<string> {
  const links = new Map<string, string | undefined>()
  const shared = new Set<string>()
  for (const { id, link } of entries) {
    if (id === undefined) continue
    if (links.has(id) && links.get(id) !== link) shared.add(id)
    links.set(id, link)
  }
  return shared
}

/** Its id, made unique by its host where it is no address or tag itself; else its address, else its words. */
function keyOf({ id, link, title, summary, text }: Entry, host: string | undefined, shared: ReadonlySet<string>): string {
  if (id !== undefined && !shared.has(id)) return /^[a-z][a-z0-9+.-]*:/i.test(id) || host === undefined ? id : `${host}/${id}`
  return link ?? wordsKey(title, summary ?? text)
}
