import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { readFeed } from '#wire/feed/read'
import { readXml, textIn } from '#wire/feed/xml'

const rss = (items: string, head = '', spaces = ''): string => `<?xml version="1.0"?><rss version="2.0" ${spaces}><channel>${head}${items}</channel></rss>`
const read = (text: string) => readFeed(text, 'x')
const one = (item: string, head = '', spaces = '') => {
  const { entries } = read(rss(`<item>${item}</item>`, head, spaces))
  assert.equal(entries.length, 1)
  return entries[0] ?? assert.fail()
}
const iso = (entry: { published: { moment: { ms: number } | undefined } | undefined }): string | undefined =>
  entry.published?.moment && new Date(entry.published.moment.ms).toISOString()

test('RSS: title, text, link, author, categories, dates', () => {
  const entry = one(
    '<title>AT&amp;amp;T &lt;b&gt;up&lt;/b&gt; 3 &lt; 4</title><link> /a?b=1 </link><guid isPermaLink="false">7</guid><author>j@x.org (Jane Doe)</author>' +
    '<category>Markets</category><category domain="d"> Tech </category><category>Markets</category><pubDate>Mon, 04 Jan 2021 09:30:00 EST</pubDate>' +
    '<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;</description>', '<link>https://www.example.com/</link><language>en</language>')
  assert.deepEqual(
    { title: entry.title, link: entry.link, id: entry.id, authors: entry.authors, categories: entry.categories, at: iso(entry), summary: entry.summary, language: entry.language },
    { title: 'AT&T up 3 < 4', link: 'https://www.example.com/a?b=1', id: '7', authors: ['Jane Doe'], categories: ['Markets', 'Tech'], at: '2021-01-04T14:30:00.000Z', summary: 'One\n\ntwo', language: 'en' })
})

test('a title may speak of tags', () => {
  assert.equal(one('<title>Use of &lt;script&gt; tags</title>').title, 'Use of <script> tags')
})

test('modules are known by their namespace, whatever their prefix; a prefix that nobody declared by its name', () => {
  const spaces = 'xmlns:x="http://purl.org/rss/1.0/modules/content/" xmlns:y="http://purl.org/dc/elements/1.1/" xmlns:a10="http://www.w3.org/2005/Atom" xmlns:m="https://search.yahoo.com/mrss"'
  const entry = one('<x:encoded><![CDATA[<p>whole</p>]]></x:encoded><y:creator>Jane</y:creator><a10:updated>2021-01-05T00:00:00Z</a10:updated><y:date>2021-01-04T00:00:00Z</y:date>' +
    '<m:content url="x"><m:title>no</m:title></m:content>', '', spaces)
  assert.deepEqual([entry.text, entry.authors, iso(entry), entry.updated?.text, entry.title], ['whole', ['Jane'], '2021-01-04T00:00:00.000Z', '2021-01-05T00:00:00Z', undefined])
  assert.deepEqual(one('<dc:creator>Jane</dc:creator><content:encoded>x</content:encoded>').authors, ['Jane'])
  assert.equal(one('<evil:encoded>x</evil:encoded>', '', 'xmlns:evil="http://example.com/"').text, undefined)
})

test('a date that means nothing gives way to one that does, and is kept where there is none', () => {
  assert.equal(iso(one('<pubDate>soon</pubDate><dc:date>2021-01-04</dc:date>')), '2021-01-04T00:00:00.000Z')
  assert.deepEqual(one('<pubDate>soon</pubDate>').published, { text: 'soon', moment: undefined })
})

test('links: permanent ids, Atom, what an alert or a counter leads to', () => {
  assert.equal(one('<guid>https://example.com/1</guid>').link, 'https://example.com/1')
  assert.equal(one('<guid isPermaLink="false">https://example.com/1</guid>').link, undefined)
  assert.equal(one('<atom:link href="https://example.com/2"/>').link, 'https://example.com/2')
  const alert = read('<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="https://www.google.com/url?rct=j&amp;url=https://example.com/x&amp;ct=ga"/></entry></feed>')
  assert.equal(alert.entries[0]?.link, 'https://example.com/x')
})

test('RDF: items beside the channel, names for ids', () => {
  const feed = read('<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel r:about="x"><title>T</title>' +
    '<items><r:Seq><r:li resource="y"/></r:Seq></items></channel><item r:about="https://example.com/1"><title>One</title></item></r:RDF>')
  assert.deepEqual([feed.format, feed.title, feed.entries.map(({ id, title }) => [id, title])], ['rdf', 'T', [['https://example.com/1', 'One']]])
})

test('Atom: constructs of text, html and xhtml; authors of the feed; bases', () => {
  const feed = read(`<f:feed xmlns:f="http://www.w3.org/2005/Atom" xml:base="https://example.com/blog/"><f:author><f:name>Jane</f:name></f:author>
    <f:entry xml:base="posts/"><f:id>tag:1</f:id><f:title>a &lt;b&gt; c &amp;amp;</f:title><f:link href="1.html"/><f:category term="t" label="Label"/>
    <f:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x &amp; y</p><p>z</p></div></f:content><f:published>2021-01-04T00:00:00Z</f:published></f:entry>
    <f:entry><f:title type="html">a &lt;b&gt;c&lt;/b&gt;</f:title><f:author><f:name>Joe</f:name></f:author><f:content type="application/octet-stream">AAAA</f:content></f:entry></f:feed>`)
  const [first, second] = feed.entries
  assert.deepEqual([first?.title, first?.link, first?.text, first?.authors, first?.categories], ['a <b> c &amp;', 'https://example.com/blog/posts/1.html', 'x & y\n\nz', ['Jane'], ['Label']])
  assert.deepEqual([second?.title, second?.authors, second?.text], ['a c', ['Joe'], undefined])
})

test('JSON Feed', () => {
  const feed = read('{"version":"https://jsonfeed.org/version/1","home_page_url":"https://example.com/","next_url":"?page=2","author":{"name":"Jane"},' +
    '"items":[{"id":12345678901234567890,"url":"/1","content_html":"<p>x</p>","date_published":"2021-01-04T09:30:00-05:00","tags":["a"]}]}')
  const [entry] = feed.entries
  assert.deepEqual([entry?.id, entry?.link, entry?.text, entry?.authors, entry?.categories, feed.next], ['12345678901234567890', 'https://example.com/1', 'x', ['Jane'], ['a'], 'https://example.com/?page=2'])
})

test('feeds of other ages and makers', () => {
  const cdf = read('<CHANNEL HREF="https://e.com"><TITLE>T</TITLE><ITEM HREF="https://e.com/1"><TITLE>One</TITLE><ABSTRACT>x</ABSTRACT></ITEM></CHANNEL>')
  assert.deepEqual(cdf.entries.map(({ title, link, summary }) => [title, link, summary]), [['One', 'https://e.com/1', 'x']])
  const own = read('<rss xmlns="http://e.com/ns"><channel><title>T</title><item><title>One</title></item></channel></rss>')
  assert.deepEqual([own.title, own.entries[0]?.title], ['T', 'One'])
  const old = read('<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title mode="escaped" type="text/html">a &lt;b&gt;b&lt;/b&gt;</title><issued>2004-01-01T00:00:00Z</issued></entry></feed>')
  assert.deepEqual([old.entries[0]?.title, old.entries[0] && iso(old.entries[0])], ['a b', '2004-01-01T00:00:00.000Z'])
  assert.equal(read('<entry xmlns="http://www.w3.org/2005/Atom"><title>One</title></entry>').entries[0]?.title, 'One')
})

test('hints: ttl, hours to skip, the next page', () => {
  const feed = read(rss('', '<ttl>15</ttl><skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>x</hour></skipHours><link>https://example.com</link>' +
    '<atom:link rel="next" href="/feed?page=2"/>'))
  assert.deepEqual([feed.ttlMinutes, feed.skipHours, feed.next], [15, [0, 0, 7], 'https://example.com/feed?page=2'])
  assert.equal(read(rss('', '<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>')).ttlMinutes, 15)
})

test('what is not well formed is read as far as it goes, and said', () => {
  const stray = read(rss('<item><title>A & B</title><link>https://e.com/?a=1&b=2</link><description><![CDATA[x & <y]]></description></item><item><title>C</title></item>'))
  assert.deepEqual(stray.entries.map(({ title, link }) => [title, link]), [['A & B', 'https://e.com/?a=1&b=2'], ['C', undefined]])
  assert.equal(stray.entries[0]?.summary, 'x &', 'CDATA is left alone, and is HTML')
  assert.match(stray.fault ?? '', /& that is not escaped/)
  const cut = read('<rss><channel><item><title>A</title></item><item><title>B</title><description>bro')
  assert.deepEqual(cut.entries.map(({ title, whole }) => [title, whole]), [['A', true], ['B', false]])
  const open = read('<rss><channel><item><title>A</title><item><title>B</title></item></channel></rss>')
  assert.deepEqual(open.entries.map(({ title }) => title), ['A', 'B'])
  assert.equal(read('\n\n<!-- x --><?xml version="1.0"?><rss><channel><title>T</title></channel></rss>').fault, undefined)
  assert.equal(read('<!DOCTYPE html><html><body><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed></body></html>').title, 'T')
})

test('entities: HTML\'s characters without a declaration; those that a document declares stay as written', () => {
  assert.equal(one('<title>Caf&eacute;&nbsp;&#8217;&nosuch;</title>').title, 'Café \u2019&nosuch;')
  const bomb = `<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'.split('').map((name, i) => `<!ENTITY ${name} "${`&${'abcdefghi'[i] ?? ''};`.repeat(10)}">`).join('')}` +
    '<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY % out SYSTEM "http://127.0.0.1:1/x">%out;]>'
  const [entry] = read(`${bomb}<rss><channel><item><title>&j; &file;</title></item></channel></rss>`).entries
  assert.equal(entry?.title, '&j; &file;')
})

test('what is no feed is said to be what it is', () => {
  const says = (text: string, pattern: RegExp): void => assert.throws(() => read(text), (error) => error instanceof Failure && error.exit === 'data' && pattern.test(error.message))
  says('', /empty/)
  says('<html><head><title>Just a\nmoment</title></head></html>', /an HTML page, "Just a moment"/)
  says('<head><title>Moved</title></head><body/>', /an HTML page/)
  says('<opml/>', /root element "opml" is no feed/)
  says('{"items":[]}', /no JSON Feed/)
  says('hello', /no feed \(it starts "hello"\)/)
  says('<!-- nothing -->', /no XML element/)
})

test('bounds: depth, faults, elements', () => {
  const refused = (text: string, pattern: RegExp): void => assert.throws(() => readXml(text, 'x'), (error) => error instanceof Failure && pattern.test(error.message))
  refused('<a>'.repeat(600), /elements deep/)
  refused(`<a>${'</b>'.repeat(20_000)}`, /faults/)
  refused(`<a>${'<b/>'.repeat(600_000)}`, /more than 500000 elements/)
  assert.equal(textIn(readXml(`<a>${'&'.repeat(100_000)}</a>`, 'x').root).length, 100_000)
})

const SAMPLE = rss('<item><title>A &amp; B</title><link>https://e.com/1</link><content:encoded><![CDATA[<p>x</p>]]></content:encoded><pubDate>Mon, 04 Jan 2021 09:30:00 EST</pubDate></item>' +
  '<item><title>C</title><guid>2</guid></item>', '<link>https://e.com</link>', 'xmlns:content="http://purl.org/rss/1.0/modules/content/"')
const orFailure = (text: string): void => {
  try {
    read(text)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

test('cut at any character, or with characters changed, it is read or refused', () => {
  for (let end = 0; end <= SAMPLE.length; end++) orFailure(SAMPLE.slice(0, end))
  const change = fc.record({ at: fc.nat(SAMPLE.length - 1), by: fc.constantFrom('<', '>', '&', '"', '/', '!', '[', ']', '?', '-', ' ', '\0', 'x', '') })
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
    let text = SAMPLE
    for (const { at, by } of changes) text = text.slice(0, at) + by + text.slice(at + 1)
    orFailure(text)
  }), { numRuns: 1000 })
})
