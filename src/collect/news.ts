import { Failure } from '#port/failure'
import { HOUR_MS, MINUTE_MS } from '#record'
import { feed } from '#tool/feed'
import { parseAddress, pollFeeds } from '#wire/feed/poll'
import { newsParser } from '#wire/news/payload'

const addressOf = (text: string): string => {
  const address = parseAddress(text)
  if (address === undefined) throw new Failure('usage', `--feed: expected addresses like https://example.com/rss, got "${text}"`)
  return address.href
}

export default feed({
  name: 'vanta-news',
  summary: 'Read news: RSS, RDF, Atom and JSON feeds, trade halts, answers of news services, Hacker News, archives of headlines.',
  about:
    'A payload is told by what it holds. An article is known from when it was heard; archives of history, which say when ' +
    'each article was public, from then (a date without a time: from the end of that day). Where a feed states no date that ' +
    'can be believed, the fact "dated" says what stands in for it. XML that is not well formed is read as far as it goes, ' +
    'and no entity that a document declares is ever expanded. With --feed each address is asked on its own host, within a ' +
    'budget of its own, by the hints it gives (ttl, skipHours, unchanged since); one that fails is said, and the others go ' +
    'on.',
  options: {
    feed: { kind: 'list', help: 'addresses of feeds, separated by commas; --endpoint stands in for all their hosts' },
    pages: { kind: 'integer', default: '5', help: 'most pages of one feed to go back for what was missed, where it has pages' },
  },
  examples: [
    "printf '<rss><channel><item><title>Up</title><pubDate>Mon, 4 Jan 2021 09:30:00 EST</pubDate></item></channel></rss>' | vanta-news --from -",
    `printf '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x:1</id><title>Up</title></entry></feed>' | vanta-news --from -`,
    `printf '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":"Up"}]}' | vanta-news --from -`,
    {
      run: `printf '<rss xmlns:n="http://www.nasdaqtrader.com/"><item><n:HaltDate>06/10/2026</n:HaltDate><n:HaltTime>19:50:00</n:HaltTime>` +
        `<n:IssueSymbol>XYZ</n:IssueSymbol></item></rss>' | vanta-news --from -`,
      note: 'trade halts, in New York time',
    },
    {
      run: `printf '{"hits":[{"objectID":"1","created_at_i":1785703708,"title":"Up","points":3}]}' | vanta-news --from -`,
      note: 'Hacker News; Polygon, Alpaca, Finnhub, NewsAPI and GDELT likewise',
    },
    { run: "printf 'date,ticker,headline\\n2018-12-31,XYZ,Up\\n' | vanta-news --from -", note: 'an archive of headlines' },
  ],
  service: { name: 'news', origins: [], rate: { requests: 30, perMs: MINUTE_MS } },
  sources: [
    {
      name: 'feeds', reads: 'RSS 0.9x, 1.0 (RDF), 2.0, Atom 0.3 and 1.0, JSON Feed: articles; alerts of Google among them',
      address: 'each --feed',
      limits: '30 requests a minute for each host; ttl, skipHours and Retry-After obeyed',
      terms: 'those of each publisher',
    },
    {
      name: 'halts', reads: 'trade halts of the US exchanges (RSS)',
      address: 'https://www.nasdaqtrader.com/rss.aspx?feed=tradehalts',
      limits: 'once a minute (ttl)',
      terms: 'Nasdaq Trader terms of use: no redistribution',
    },
    {
      name: 'Hacker News', reads: 'stories and comments with points (JSON)',
      address: 'https://hn.algolia.com/api/v1/search_by_date?tags=story',
      limits: '10000 requests an hour for each address',
      terms: 'open; texts are their authors\'',
    },
    {
      name: 'GDELT', reads: 'lists of articles worldwide (JSON)',
      address: 'https://api.gdeltproject.org/api/v2/doc/doc?mode=artlist&format=json&query=...',
      limits: 'one request every 5 s',
      terms: 'free with attribution',
    },
    {
      name: 'services', reads: 'news of Polygon, Alpaca, Finnhub, NewsAPI (JSON)',
      address: 'files',
      limits: 'those of each plan',
      terms: 'those of each service',
    },
    {
      name: 'archives', reads: 'NDJSON with published_at, CSV of headlines with date and ticker',
      address: 'files',
      limits: 'none',
      terms: 'those of whoever made the file',
    },
  ],
  watch: { hours: 'always', quietMs: 24 * HOUR_MS },
  every: '5m',
  open: (_, reading) => newsParser(reading),
  live: ({ feed: addresses, pages, once }, world) => {
    if (addresses === undefined) throw new Failure('usage', '--feed says which feeds to ask for, such as https://example.com/rss')
    return pollFeeds(addresses.map(addressOf), { service: 'news', pages, once }, world)
  },
})
