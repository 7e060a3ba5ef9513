/** What the namespaces of feeds are for, whatever prefix a feed gives them and however it spells their address. */

/** By address, in lower case and without a slash or hash at its end. `''` are RSS's own elements, in all its versions. */
const SPACES: Readonly<Record<string, string>> = {
  'http://purl.org/rss/1.0': '',
  'http://my.netscape.com/rdf/simple/0.9': '',
  'http://channel.netscape.com/rdf/simple/0.9': '',
  'http://purl.org/net/rss1.1': '',
  'http://backend.userland.com/rss': '',
  'http://backend.userland.com/rss2': '',
  'http://backend.userland.com/rss091': '',
  'http://blogs.law.harvard.edu/tech/rss': '',
  'http://www.w3.org/2005/atom': 'atom',
  'http://purl.org/atom/ns': 'atom',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns': 'rdf',
  'http://purl.org/dc/elements/1.0': 'dc',
  'http://purl.org/dc/elements/1.1': 'dc',
  'http://purl.org/dc/terms': 'dcterms',
  'http://purl.org/rss/1.0/modules/content': 'content',
  'http://purl.org/rss/1.0/modules/syndication': 'sy',
  'http://search.yahoo.com/mrss': 'media',
  'http://video.search.yahoo.com/mrss': 'media',
  'http://www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'http://rssnamespace.org/feedburner/ext/1.0': 'feedburner',
  'http://www.nasdaqtrader.com': 'ndaq',
  'http://nasdaq.com/reference/feeds/1.0': 'nasdaq',
  'http://www.w3.org/1999/xhtml': 'xhtml',
  'http://www.w3.org/xml/1998/namespace': 'xml',
}
const NAMES: ReadonlySet<string> = new Set(Object.values(SPACES))

/** The address itself where it is not known; by the usual prefix where the feed declares none. */
export function spaceOf(uri: string, prefix: string): string {
  const address = uri.trim().toLowerCase().replace(/[/#]+$/, '').replace(/^https:/, 'http:')
  const known = Object.hasOwn(SPACES, address) ? SPACES[address] : undefined
  if (known !== undefined) return known
  // A prefix that was never declared has itself for an address here.
  return NAMES.has(prefix) && prefix !== '' && (address === prefix || address === '') ? prefix : uri
}
