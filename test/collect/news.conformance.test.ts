import { conforms } from './conformance.ts'

const item = (n: number, more = ''): string =>
  `<item><title>Article ${n}</title><guid isPermaLink="false">${n}</guid><pubDate>Mon, 04 Jan 2021 09:3${n}:00 EST</pubDate>${more}</item>`
const rss = (items: string, head = ''): string => `<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title><link>https://news.example.com/</link>${head}${items}</channel></rss>`

conforms({
  tool: 'vanta-news',
  words: ['--feed', 'https://news.example.com/rss,https://blog.example.org/feed.json,http://plain.example.net/atom'],
  routes: {
    '/rss': { body: rss(item(1) + item(2), '<atom:link rel="next" href="/rss?page=2"/>'), headers: { 'content-type': 'application/rss+xml', etag: '"a"' } },
    '/rss?page=2': { body: rss(item(2) + item(3) + '<item><title>Undated</title></item>'), headers: { 'content-type': 'application/rss+xml' } },
    '/feed.json': {
      body: JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items: [{ id: '1', content_text: 'Up', date_published: '2021-01-04T14:30:00Z' }] }),
      headers: { 'content-type': 'application/feed+json', etag: '"b"' },
    },
    '/atom': {
      body: '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><title>Up</title><updated>2021-01-04T14:30:00Z</updated></entry></feed>',
      headers: { 'content-type': 'application/atom+xml', etag: '"c"' },
    },
  },
  atLeast: 6,
})
