import { Failure } from '#port/failure'
import { HOUR_MS, MINUTE_MS } from '#record'
import { feed } from '#tool/feed'
import { parseAddress, pollFeeds } from '#wire/feed/poll'
import { substackParser } from '#wire/substack/payload'

/** Posts that the archive gives in one answer. */
const PAGE = 12

/** `example` → https://example.substack.com; a host of its own, or an address, is taken as it is. */
function originOf(publication: string): string {
  const host = /^[a-z0-9][a-z0-9-]*$/i.test(publication) ? `${publication}.substack.com` : publication
  const address = parseAddress(/^https?:\/\//i.test(host) ? host : `https://${host}`)
  if (address === undefined) {
    throw new Failure('usage', `--publication: expected names like "example" or hosts like www.example.com, got "${publication}"`)
  }
  return address.origin
}

export default feed({
  name: 'vanta-substack',
  summary: 'Read Substack publications: posts with their whole text, as far as it is free.',
  about:
    'Reads the feed of a publication (RSS with the whole text) and the answers of its own API (archive and posts). A post ' +
    'has one key, its host and slug, however it was heard. The fact "preview" marks posts of which only a part is free; no ' +
    'wall is climbed. A post is known from when it was heard.',
  options: {
    publication: { kind: 'list', help: 'names (example for example.substack.com), hosts or addresses of publications, separated by commas' },
    via: {
      kind: 'choice', choices: ['feed', 'archive'], default: 'feed',
      help: 'what to ask for: the feed (newest 20, whole texts) or the archive (all, beginnings of texts)',
    },
    pages: { kind: 'integer', default: '5', help: 'most pages of the archive to go back for what was missed' },
  },
  examples: [
    "printf '<rss><channel><link>https://x.substack.com</link><item><title>Up</title><link>https://x.substack.com/p/up</link>" +
      "<pubDate>Mon, 04 Jan 2021 14:30:00 GMT</pubDate></item></channel></rss>' | vanta-substack --from -",
    `printf '[{"slug":"up","title":"Up","post_date":"2021-01-04T14:30:00Z",` +
      `"canonical_url":"https://x.substack.com/p/up"}]' | vanta-substack --from -`,
  ],
  service: { name: 'substack', origins: [], rate: { requests: 10, perMs: MINUTE_MS } },
  sources: [
    {
      name: 'feed', reads: 'RSS 2.0 with whole texts',
      address: 'https://NAME.substack.com/feed',
      limits: 'not published; 30 requests a minute for each host are never passed',
      terms: 'Substack terms: personal use; texts are their authors\'',
    },
    {
      name: 'archive', reads: 'lists of posts and single posts (JSON)',
      address: 'https://NAME.substack.com/api/v1/archive?sort=new',
      limits: 'not published; answers 429 when asked too fast',
      terms: 'not a documented API; the same',
    },
  ],
  watch: { hours: 'always', quietMs: 7 * 24 * HOUR_MS },
  every: '30m',
  open: (_, reading) => substackParser(reading),
  live: ({ publication, via, pages, once }, world) => {
    if (publication === undefined) throw new Failure('usage', '--publication says which to ask for, such as example or https://www.example.com')
    const origins = publication.map(originOf)
    const archive = (origin: string, page: number): string => `${origin}/api/v1/archive?sort=new&offset=${page * PAGE}&limit=${PAGE}`
    return via === 'feed'
      ? pollFeeds(origins.map((origin) => `${origin}/feed`), { service: 'substack', pages, once }, world)
      : pollFeeds(origins.map((origin) => archive(origin, 0)), {
        service: 'substack', pages, once, next: ({ url }, page) => archive(new URL(url).origin, page),
      }, world)
  },
})
