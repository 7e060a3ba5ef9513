import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { check, formatInstant, identify, type Signal } from '#record'
import { Failure } from '#tool'
import { redditParser, type RedditOptions } from '#wire/reddit/payload'
import { unescapeHtml } from '#wire/reddit/signals'
import { sharedFolder } from './payload_world.ts'

const NOW = Date.UTC(2024, 5, 1, 12)
const NOW_TEXT = formatInstant(NOW)

interface Heard {
  readonly signals: Signal[]
  /** `place: why` of every part that gave none. */
  readonly rejects: string[]
}
function hear(content: string | Buffer, options: RedditOptions = {}): Heard {
  const rejects: string[] = []
  const log = { debug() {}, info() {}, error() {}, warn() {} }
  const parser = redditParser(options, { by: 'vanta-reddit/test', log, reject: (place, why) => void rejects.push(`${place}: ${why}`) })
  const signals = [...parser.read({ name: 'payload', bytes: Buffer.from(content), heardMs: NOW }) as Iterable<Signal>]
  for (const signal of signals) {
    assert.deepEqual(check(signal), { record: signal })
    assert.equal(identify(signal), signal.id)
    assert.ok(signal.known_at >= signal.at, 'nothing is known before it happens')
  }
  return { signals, rejects }
}
const refused = (content: string | Buffer, message: RegExp): void =>
  assert.throws(() => hear(content), (error: unknown) => error instanceof Failure && error.exit === 'data' && message.test(error.message))

const POST = {
  id: 'abc12', subreddit: 'WallStreetBets', author: 'someone', created_utc: 1606246636, first_seen_utc: '2020-11-25T22:54:02Z',
  title: 'A made-up title', selftext: 'A made-up text', link_flair_text: 'DD', score_first: 73, num_comments_first: 18,
}
const rows = (...list: readonly object[]): string => list.map((row) => `${JSON.stringify(row)}\n`).join('')

test('a crawled post is known from its first sight, and so are its first counts', () => {
  const [post, snapshot, ...rest] = hear(rows(POST)).signals
  assert.deepEqual(rest, [])
  assert.equal(post?.type, 'post')
  assert.equal(post?.key, 'reddit:t3_abc12')
  assert.equal(post?.source, 'reddit/wallstreetbets')
  assert.equal(post?.author, 'reddit:someone')
  assert.equal(post?.at, '2020-11-24T19:37:16.000Z')
  assert.equal(post?.known_at, '2020-11-25T22:54:02.000Z')
  assert.deepEqual(post?.facts, { title: 'A made-up title', text: 'A made-up text', flair: 'DD' })
  assert.deepEqual([snapshot?.type, snapshot?.key, snapshot?.at, snapshot?.known_at, snapshot?.facts],
    ['snapshot', post?.key, post?.known_at, post?.known_at, { score: 73, comments: 18 }])
})

test('a row without a first sight is known when created, and its later score is left out', () => {
  const { id, author, title } = POST
  const { signals } = hear(rows({ id, author, title, subreddit: 'stocks', created_utc: 1514771528, selftext: '[removed]', score: 9000, num_comments: 77 }))
  assert.equal(signals.length, 1)
  assert.equal(signals[0]?.known_at, signals[0]?.at)
  assert.deepEqual(signals[0]?.facts, { title })
})

test('what was made while the crawl ran was known once it existed; a deleted author is no author', () => {
  const late = { id: 'c1', post_id: 'abc12', author: '[deleted]', created_utc: 1606345000, first_seen_utc: '2020-11-25T22:54:02Z', score_first: 2, body: 'hm' }
  const [comment] = hear(rows(late)).signals
  assert.equal(comment?.type, 'comment')
  assert.equal(comment?.key, 'reddit:t1_c1')
  assert.equal(comment?.known_at, comment?.at)
  assert.equal('author' in (comment ?? {}), false)
  assert.deepEqual(comment?.facts, { text: 'hm', post: 'reddit:t3_abc12' })
  assert.equal(comment?.source, 'reddit', 'no forum is named')
  assert.equal(hear(rows(late), { subreddit: ['r/Stocks'] }).signals[0]?.source, 'reddit/stocks')
})

test('facts-only rows carry their mentions', () => {
  const mentions = [{ subject: 'ticker:GME', polarity: 0.5, how: 'symbol' }]
  const { id, created_utc, first_seen_utc } = POST
  const [post] = hear(rows({ id, created_utc, first_seen_utc, mentions, fingerprint: '00ff' })).signals
  assert.deepEqual(post?.mentions, mentions)
  assert.equal(post?.fingerprint, '00ff')
  assert.match(hear(rows(POST, { ...POST, mentions: [{ subject: 'GME' }] })).rejects[0] ?? '', /^line 2: field "mentions"/)
})

const CSV = `snapshot_utc,id,score,upvote_ratio,num_comments,total_awards,stickied,removed_by_category,subreddit_subscribers
2020-11-25T22:54:02Z,abc12,7363,0.98,185,12,0,,1615395
2020-11-25T23:54:02Z,abc12,7400,0.97,190,12,0,moderator,1615400
`
test('hourly snapshots', () => {
  const { signals } = hear(CSV)
  assert.deepEqual(signals.filter(({ type }) => type === 'snapshot').map(({ key, at, known_at, facts }) => ({ key, at, known_at, facts })), [
    { key: 'reddit:t3_abc12', at: '2020-11-25T22:54:02.000Z', known_at: '2020-11-25T22:54:02.000Z', facts: { score: 7363, comments: 185, upvote_ratio: 0.98 } },
    {
      key: 'reddit:t3_abc12', at: '2020-11-25T23:54:02.000Z', known_at: '2020-11-25T23:54:02.000Z',
      facts: { score: 7400, comments: 190, upvote_ratio: 0.97, removed: 'moderator' },
    },
  ])
  assert.deepEqual(hear(CSV.replaceAll('\n', '\r\n')).signals.map(({ id }) => id), signals.map(({ id }) => id))
})

test('bad rows are named with their line, counted, and the others kept; with strict they end it', () => {
  const bad = `${rows(POST)}garbage\n{"id":"x"}\n[]\n\n${rows({ ...POST, id: 'def34' }, { ...POST, created_utc: 5 }, { ...POST, first_seen_utc: 'soon' }, { ...POST, id: 'A B' })}`
  const { signals, rejects } = hear(bad)
  assert.deepEqual(signals.filter(({ type }) => type === 'post').map(({ key }) => key), ['reddit:t3_abc12', 'reddit:t3_def34'])
  assert.match(rejects[0] ?? '', /^line 2: expected a JSON object/)
  assert.match(rejects[1] ?? '', /^line 3: field "created_utc"/)
  assert.match(rejects[3] ?? '', /^line 7: field "created_utc"/)
  assert.equal(rejects.length, 6)
  assert.throws(() => hear(bad, { strict: true }), (error: unknown) => error instanceof Failure && error.exit === 'data' && /payload: line 2/.test(error.message))
  assert.match(hear(`${CSV}soon,abc12,1,1,1,0,0,,\n`).rejects[0] ?? '', /^line 4: column "snapshot_utc"/)
  assert.match(hear(`${CSV}2020-11-25T22:54:02Z,abc12,many,1,1,0,0,,\n`).rejects[0] ?? '', /^line 4: expected numbers/)
  assert.match(hear(`${CSV}2020-11-25T22:54:02Z\n`).rejects[0] ?? '', /^line 4: expected 9 columns/)
})

const t3 = (data: object): object => ({ kind: 't3', data: { id: 'p1', subreddit: 'stocks', author: 'a', created_utc: 1600000000.0, title: 't', ...data } })
const t1 = (data: object): object => ({ kind: 't1', data: { id: 'c1', subreddit: 'stocks', author: 'b', created_utc: 1600000100, body: 'b', link_id: 't3_p1', ...data } })
const listing = (...children: readonly object[]): object => ({ kind: 'Listing', data: { children, after: null } })

test('an API listing is known now, escapes undone, other things passed over', () => {
  const { signals } = hear(JSON.stringify(listing(t3({ title: 'P&amp;L &gt; 0', score: 5, num_comments: 3, upvote_ratio: 0.9 }), { kind: 't5', data: {} })))
  assert.deepEqual(signals.map(({ type, key, known_at, facts }) => ({ type, key, known_at, facts })), [
    { type: 'post', key: 'reddit:t3_p1', known_at: NOW_TEXT, facts: { title: 'P&L > 0' } },
    { type: 'snapshot', key: 'reddit:t3_p1', known_at: NOW_TEXT, facts: { score: 5, comments: 3, upvote_ratio: 0.9 } },
  ])
})

test('a thread holds its comments with all their replies; hidden scores are no scores', () => {
  const thread = [listing(t3({})), listing(t1({ score: 1, score_hidden: true, replies: listing(t1({ id: 'c2', score: 4, replies: '' }), { kind: 'more', data: {} }) }))]
  const { signals } = hear(JSON.stringify(thread))
  assert.deepEqual(signals.map(({ type, key }) => `${type} ${key}`),
    ['post reddit:t3_p1', 'comment reddit:t1_c1', 'comment reddit:t1_c2', 'snapshot reddit:t1_c2'])
})

test('answers to morechildren, pretty-printed too', () => {
  const { signals } = hear(JSON.stringify({ json: { errors: [], data: { things: [t1({})] } } }, null, 2))
  assert.deepEqual(signals.map(({ key }) => key), ['reddit:t1_c1'])
})

const ATOM = `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>stocks</title>
<entry><author><name>/u/someone</name><uri>https://www.reddit.com/user/someone</uri></author><category term="stocks" label="r/stocks"/>
<content type="html">&lt;!-- SC_OFF --&gt;&lt;div class=&quot;md&quot;&gt;&lt;p&gt;Fish &amp;amp; chips&amp;#39; day&lt;/p&gt;&lt;/div&gt;&lt;!-- SC_ON --&gt; submitted by</content>
<id>t3_zz9</id><link href="https://www.reddit.com/r/stocks/comments/zz9/a_title/"/><updated>2021-01-04T15:00:00+00:00</updated>
<published>2021-01-04T14:00:00+00:00</published><title>A title</title></entry>
<entry><title>no id</title></entry></feed>`

test('an Atom feed', () => {
  const { signals, rejects } = hear(ATOM)
  assert.deepEqual(signals.map(({ key, source, author, at, known_at, facts }) => ({ key, source, author, at, known_at, facts })), [{
    key: 'reddit:t3_zz9', source: 'reddit/stocks', author: 'reddit:someone', at: '2021-01-04T14:00:00.000Z', known_at: NOW_TEXT,
    facts: { title: 'A title', text: "Fish & chips' day" },
  }])
  assert.match(rejects[0] ?? '', /^entry 2: expected an id and a time/)
  refused(ATOM.replace('</feed>', ''), /^payload: /)
})

test('an RSS feed', () => {
  const { signals } = hear(`<rss version="2.0"><channel><title>x</title><item><title>A title</title><category>space</category>
<link>https://www.reddit.com/r/space/comments/42ba/a_title/</link><pubDate>Sat, 23 Jan 2016 15:40:37 +0000</pubDate>
<description>submitted by &lt;a href="https://www.reddit.com/user/someone"&gt;someone&lt;/a&gt;</description></item></channel></rss>`)
  assert.deepEqual(signals.map(({ key, source, author, at, facts }) => ({ key, source, author, at, facts })), [{
    key: 'reddit:t3_42ba', source: 'reddit/space', author: 'reddit:someone', at: '2016-01-23T15:40:37.000Z', facts: { title: 'A title' },
  }])
})

test('what is no Reddit payload is refused, with what it is', () => {
  refused('', /empty/)
  refused('<!doctype html><html><body>Too Many Requests</body></html>', /HTML/)
  refused('{"message": "Too Many Requests", "error": 429}', /error: Too Many Requests/)
  refused('{"error": 403}', /error: 403/)
  refused('{"json": {"errors": [["RATELIMIT", "wait", "ratelimit"]]}}', /RATELIMIT/)
  refused('{"access_token": "sesame"}', /no Reddit listing/)
  refused('{"kind": "Listing", "data"', /neither JSON nor NDJSON/)
  refused('a,b,c\n1,2,3\n', /not a Reddit payload/)
  refused(Buffer.from([0x1f, 0x8b, 0x00, 0xff]), /not a Reddit payload/)
  assert.throws(() => hear('{"access_token": "sesame"}'), (error: unknown) => error instanceof Error && !error.message.includes('sesame'))
})

test('escapes are undone only in texts that were escaped', () => {
  assert.equal(unescapeHtml('a &amp; b &lt; c'), 'a & b < c')
  assert.equal(unescapeHtml('a & b &lt; c'), 'a & b &lt; c')
  assert.equal(unescapeHtml('&amp;lt;'), '&lt;')
})

test('an edit is a fact of its own, at its moment; one without a moment is known when it was seen', () => {
  const edited = (when: unknown): Signal[] => hear(JSON.stringify(listing(t3({ selftext: 'now so', edited: when })))).signals.filter(({ type }) => type === 'edit')
  assert.deepEqual(edited(1600000500).map(({ key, at, known_at, facts }) => ({ key, at, known_at, facts })),
    [{ key: 'reddit:t3_p1', at: '2020-09-13T12:35:00.000Z', known_at: NOW_TEXT, facts: { text: 'now so' } }])
  assert.equal(edited(true)[0]?.at, NOW_TEXT)
  for (const never of [false, 1500000000, NOW / 1000 + 200_000, 'soon', undefined]) assert.deepEqual(edited(never), [], `before it was made, in the future, no time: ${never}`)
})

test('a removal is a fact of its own, at the moment when it was seen; an account that is gone removes nothing', () => {
  const removals = (thing: object): Signal[] => hear(JSON.stringify(listing(thing))).signals.filter(({ type }) => type === 'removal')
  assert.deepEqual(removals(t3({ selftext: '[removed]', removed_by_category: 'moderator' })).map(({ key, at, known_at, facts }) => ({ key, at, known_at, facts })),
    [{ key: 'reddit:t3_p1', at: NOW_TEXT, known_at: NOW_TEXT, facts: { by: 'moderator', shown: '[removed]' } }])
  assert.deepEqual(removals(t1({ body: '[deleted]', author: '[deleted]' })).map(({ key, facts }) => [key, facts]), [['reddit:t1_c1', { shown: '[deleted]' }]])
  assert.deepEqual(removals(t3({ selftext: '[ Removed by Reddit ]' })).length, 1)
  assert.deepEqual(removals(t1({ author: '[deleted]' })), [])
  const [first, second, ...rest] = hear(`${CSV}2020-11-26T00:54:02Z,abc12,7400,0.97,190,12,0,moderator,1\n`).signals.filter(({ type }) => type === 'removal')
  assert.deepEqual([first?.at, first?.facts, second, rest], ['2020-11-25T23:54:02.000Z', { by: 'moderator' }, undefined, []], 'in a table once, where first seen')
})

test('what an answer only counts, or is no post, is said', () => {
  const more = { kind: 'more', data: { count: 7, children: ['x'] } }
  const { rejects } = hear(JSON.stringify([listing(t3({})), listing(t1({ replies: listing(more) }), more, { kind: 't5', data: {} }, { kind: 'zz' })]))
  assert.deepEqual(rejects, [
    'thing 5: a forum: no post or comment', 'thing 6: expected a post (t3) or a comment (t1)', '14 comments: counted in the answer, but not shown',
  ])
  assert.deepEqual(hear(JSON.stringify(listing())).rejects, ['listing: nothing is listed'])
  assert.deepEqual(hear(JSON.stringify(listing(t3({}))), { subreddit: ['options'] }), { signals: [], rejects: ['1 signals: of other forums than those asked for'] })
})

test('nobody posts in the future', () => {
  assert.deepEqual(hear(JSON.stringify(listing(t3({ created_utc: NOW / 1000 + 90_000 })))).rejects, ['thing 1: made in the future'])
  assert.equal(hear(JSON.stringify(listing(t3({ created_utc: NOW / 1000 + 60 })))).signals.length, 1, 'clocks differ a little')
  for (const year of ['0001', '9999']) assert.deepEqual(hear(ATOM.replaceAll(/>2021-/g, `>${year}-`)).signals.filter(({ at }) => at > NOW_TEXT), [])
  assert.match(hear(ATOM.replaceAll('+00:00', '')).rejects[0] ?? '', /^entry 1: a time without its zone/)
})

test('rows as one list, or as an archive wraps them', () => {
  const { signals } = hear(rows(POST))
  for (const wrapped of [[POST], { data: [POST] }]) assert.deepEqual(hear(JSON.stringify(wrapped, null, 1)).signals, signals)
})

test('tables: posts and comments with ids, posts without, posts of a day, mention counts', () => {
  const library = hear('title,score,id,url,comms_num,created,body,timestamp\n' +
    '"Up, ""up""",1,s9i9bw,https://www.reddit.com/r/Stocks/comments/s9i9bw/up/,0,1642792067.0,"a\nb",2022-01-21 11:07:47\n' +
    'Comment,5,htmw9gs,,0,1642792117.0,hm,2022-01-21 11:08:37\n')
  assert.deepEqual(library.signals.map(({ type, key, source, at, known_at, facts }) => [type, key, source, at, known_at, facts]), [
    ['post', 'reddit:t3_s9i9bw', 'reddit/stocks', '2022-01-21T19:07:47.000Z', '2022-01-21T19:07:47.000Z', { title: 'Up, "up"', text: 'a\nb' }],
    ['comment', 'reddit:t1_htmw9gs', 'reddit', '2022-01-21T19:08:37.000Z', '2022-01-21T19:08:37.000Z', { text: 'hm' }],
  ])
  const nameless = hear('date,author,title,num_comments,text\n1609459326,A,Up,20,x\n1609459326,A,Up,20,x\n1609459326,B,Up,20,x\nsoon,B,Up,2,x\n')
  assert.deepEqual(nameless.signals.map(({ key }) => key.slice(0, 17)), Array(3).fill('reddit:t3_unnamed'))
  assert.equal(new Set(nameless.signals.map(({ id }) => id)).size, 2)
  assert.deepEqual(nameless.rejects, ['line 5: column "date": expected seconds since 1970'])
  const [day] = hear('id,timestamp,created,author,flair,title,text,score,upvote_ratio,num_comments,url,ticker\n' +
    'krsa5c,1609909200,2021-01-06,dh,YOLO,up,words,15,1,290,https://www.reddit.com/r/wallstreetbets/comments/krsa5c/up/,None\n').signals
  assert.deepEqual([day?.at, day?.known_at, day?.facts], ['2021-01-06T05:00:00.000Z', '2021-01-07T05:00:00.000Z', { title: 'up', text: 'words', flair: 'YOLO' }])
  const [count] = hear('date,ticker,mentions,rank,sentiment\n2018-08-01,NVDA,1,47,0.3818\n').signals
  assert.deepEqual([count?.type, count?.key, count?.subject, count?.at, count?.known_at, count?.facts], [
    'mention_count', 'reddit:mentions/1d/NVDA/2018-08-01T00:00:00.000Z', 'ticker:NVDA', '2018-08-01T00:00:00.000Z', '2018-08-02T00:00:00.000Z',
    { span: '1d', mentions: 1, rank: 47, sentiment: 0.3818 },
  ])
  assert.deepEqual(hear('id,created_utc,title,selftext\nabc,1609459326,Up,\nabd,,Up,\n').rejects, ['line 3: field "created_utc": expected seconds since 1970'])
  assert.deepEqual(hear('date,ticker,mentions\n').rejects, ['table: no rows'])
})

const PAGE = `<!doctype html><html><body><div id="siteTable" class="sitetable linklisting">
<div class=" thing id-t3_pp link self" data-fullname="t3_pp" data-promoted="true" data-timestamp="1609772400000"></div>
<div class=" thing id-t3_zz1 link self" data-fullname="t3_zz1" data-author="someone" data-subreddit="stocks" data-timestamp="1609772400000"
 data-score="12" data-comments-count="3" data-permalink="/r/stocks/comments/zz1/fish/"><div class="score unvoted" title="12">12</div>
<p class="title"><a class="title may-blank" href="/r/stocks/comments/zz1/fish/">Fish &amp; chips</a> <span class="linkflairlabel" title="DD">DD</span></p>
<div class="expando"><form><div class="usertext-body"><div class="md"><p>One</p>\n<p>Two &lt;3</p></div></div></form></div></div>
<div class="thing id-t1_c1 comment" data-fullname="t1_c1" data-permalink="/r/stocks/comments/zz1/fish/c1/" data-subreddit="stocks">
<p class="tagline"><a href="https://old.reddit.com/user/other" class="author">other</a> <span class="score-hidden">[score hidden]</span>
<time datetime="2021-01-04T16:00:00+00:00"></time></p><div class="md"><p>[removed]</p></div></div>
<span class="next-button"><a href="https://old.reddit.com/r/stocks/new/?count=25&amp;after=t3_zz1" rel="nofollow next">next</a></span></div></body></html>`

test('a page of old Reddit', () => {
  const { signals, rejects } = hear(PAGE)
  assert.deepEqual(signals.map(({ type, key, author, at, facts }) => [type, key, author, at, facts]), [
    ['post', 'reddit:t3_zz1', 'reddit:someone', '2021-01-04T15:00:00.000Z', { title: 'Fish & chips', text: 'One\n\nTwo <3', flair: 'DD' }],
    ['snapshot', 'reddit:t3_zz1', undefined, NOW_TEXT, { score: 12, comments: 3 }],
    ['comment', 'reddit:t1_c1', 'reddit:other', '2021-01-04T16:00:00.000Z', { post: 'reddit:t3_zz1' }],
    ['removal', 'reddit:t1_c1', undefined, NOW_TEXT, { shown: '[removed]' }],
  ])
  assert.deepEqual(rejects, ['thing 1: an advertisement'])
  assert.deepEqual(hear('<html><div class="x" id="siteTable"></div></html>').rejects, ['page: nothing is listed'])
})

/** Whatever is thrown is a Failure that says it is the data. */
function onlyFails(content: string | Buffer): void {
  try {
    hear(content)
  } catch (error) {
    if (!(error instanceof Failure && error.exit === 'data')) throw error
  }
}
const SAMPLES = [
  rows(POST), CSV, ATOM, PAGE, JSON.stringify(listing(t3({ edited: 1600000500 }), t1({ replies: listing(t1({ id: 'c2' })) }))),
  'title,score,id,url,comms_num,created,body\nUp,1,s9i9bw,,0,1642792067.0,"a b"\n',
]

test('law: cut anywhere or with any byte changed, a payload gives signals or a Failure', () => {
  for (const sample of SAMPLES) for (let length = 0; length < sample.length; length++) onlyFails(sample.slice(0, length))
  fc.assert(fc.property(fc.constantFrom(...SAMPLES), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }), (sample, changes) => {
    const bytes = Buffer.from(sample)
    for (const [place, byte] of changes) bytes[place % bytes.length] = byte
    onlyFails(bytes)
  }))
})

test('law: repeated and reordered things give the same ids', () => {
  const things = [t3({}), t1({}), t3({ id: 'p2', edited: 1600000500 }), t1({ id: 'c9', body: '[removed]' })]
  const ids = (list: readonly object[]): string[] => [...new Set(hear(JSON.stringify(listing(...list))).signals.map(({ id }) => id))].sort()
  fc.assert(fc.property(fc.shuffledSubarray([...things, ...things], { minLength: 8, maxLength: 8 }), (list) => assert.deepEqual(ids(list), ids(things))))
})

test('nesting and brackets without end hurt nobody', () => {
  onlyFails('['.repeat(200_000))
  const [before = '', after = ''] = JSON.stringify(listing(t1({ replies: 'HERE' }))).split('"HERE"')
  assert.equal(hear(`${before.repeat(3000)}""${after.repeat(3000)}`).signals.length, 3000, 'as deep as it likes')
  onlyFails(`<div id="siteTable">${'<div class="thing" data-fullname="t3_a"><a class="title">'.repeat(20_000)}`)
  onlyFails('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><feed><entry><id>&b;</id></entry></feed>')
})

const fixtures = sharedFolder('fixtures', 'reddit')
const skip = fixtures === undefined ? 'no shared/fixtures/reddit: set VANTA_SHARED' : false
const contentOf = (path: string): Buffer => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))

test('recorded answers and feeds of every sort are read, recorded errors are refused', { skip }, () => {
  for (const folder of ['listing', 'goreddit', 'rss']) {
    for (const name of readdirSync(join(fixtures ?? '', folder)).filter((each) => !each.includes('headers'))) {
      const { signals, rejects } = hear(contentOf(join(fixtures ?? '', folder, name)))
      assert.ok(signals.length > 0, name)
      assert.deepEqual(rejects.filter((reject) => !/counted in the answer|a forum/.test(reject)), [], name)
    }
  }
  for (const folder of ['errors', 'oauth']) {
    for (const name of readdirSync(join(fixtures ?? '', folder))) refused(contentOf(join(fixtures ?? '', folder, name)), /./)
  }
})

test('recorded listings, to the number', { skip }, () => {
  const typesOf = (name: string): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const { type } of hear(contentOf(join(fixtures ?? '', name))).signals) counts[type] = (counts[type] ?? 0) + 1
    return counts
  }
  assert.deepEqual(typesOf('listing/top_askreddit.json'), TOP)
  assert.deepEqual(typesOf('listing/comments_thread_large.json.gz'), THREAD)
  const [post] = hear(contentOf(join(fixtures ?? '', 'listing/new_askreddit.json'))).signals
  assert.deepEqual([post?.key, post?.at, post?.author], ['reddit:t3_48fbm9', '2016-03-01T08:37:38.000Z', 'reddit:RedHeadQc'])
})

/** `jq '[.data.children[].data] | length, map(select(.edited)) | length'` and the like. */
const TOP = { post: 100, snapshot: 100, edit: 37 }
const THREAD = { post: 1, comment: 470, snapshot: 471, edit: 12, removal: 7 }

const data = sharedFolder('data', 'reddit')
const noData = data === undefined ? 'no shared/data/reddit: set VANTA_SHARED' : false
test('a real season of posts is read whole', { skip: noData }, () => {
  const { signals, rejects } = hear(contentOf(join(data ?? '', 'wsb_hot_posts_2020-11_2021-01.ndjson.gz')))
  assert.equal(signals.filter(({ type }) => type === 'post').length, 9979)
  assert.equal(signals.filter(({ type }) => type === 'snapshot').length, 9979)
  assert.deepEqual(rejects, [])
})

test('other people\'s tables are read whole', { skip: noData }, () => {
  const counts = Object.fromEntries(['reddit_wsb_kaggle_shape_2022-01', 'wsb_all_posts_2021-01-01_04', 'wsb_posts_100days_2021', 'wsb_daily_mentions_2018_2023'].map((name) => {
    const { signals, rejects } = hear(contentOf(join(data ?? '', `${name}.csv.gz`)))
    assert.deepEqual(rejects, [])
    return [name, signals.length]
  }))
  assert.deepEqual(counts, {
    'reddit_wsb_kaggle_shape_2022-01': 1892, 'wsb_all_posts_2021-01-01_04': 4100, 'wsb_posts_100days_2021': 2075, 'wsb_daily_mentions_2018_2023': 5768,
  })
})
