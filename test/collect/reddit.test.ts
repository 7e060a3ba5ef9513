import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { check, formatInstant, identify, type Signal } from '#record'
import { Failure } from '#tool'
import { redditSignals, type Reading } from '#wire/reddit/payload'
import { unescapeHtml } from '#wire/reddit/signals'

const shared = process.env['VANTA_SHARED'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared')
const NOW = Date.UTC(2024, 5, 1, 12)
const NOW_TEXT = formatInstant(NOW)

interface Heard {
  readonly signals: Signal[]
  readonly warnings: string[]
}
function hear(content: string | Buffer, more: Partial<Reading> = {}): Heard {
  const warnings: string[] = []
  const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
  const reading = { by: 'vanta-reddit/test', nowMs: NOW, subreddit: undefined, log, ...more }
  const signals = [...redditSignals('payload', Buffer.from(content), reading)]
  for (const signal of signals) {
    assert.deepEqual(check(signal), { record: signal })
    assert.equal(identify(signal), signal.id)
    assert.ok(signal.known_at >= signal.at, 'nothing is known before it happens')
  }
  return { signals, warnings }
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
  assert.equal(hear(rows(late), { subreddit: 'stocks' }).signals[0]?.source, 'reddit/stocks')
})

test('facts-only rows carry their mentions', () => {
  const mentions = [{ subject: 'ticker:GME', polarity: 0.5, how: 'symbol' }]
  const { id, created_utc, first_seen_utc } = POST
  const [post] = hear(rows({ id, created_utc, first_seen_utc, mentions, fingerprint: '00ff' })).signals
  assert.deepEqual(post?.mentions, mentions)
  assert.equal(post?.fingerprint, '00ff')
  assert.match(hear(rows(POST, { ...POST, mentions: [{ subject: 'GME' }] })).warnings[0] ?? '', /payload:2: field "mentions"/)
})

const CSV = `snapshot_utc,id,score,upvote_ratio,num_comments,total_awards,stickied,removed_by_category,subreddit_subscribers
2020-11-25T22:54:02Z,abc12,7363,0.98,185,12,0,,1615395
2020-11-25T23:54:02Z,abc12,7400,0.97,190,12,0,moderator,1615400
`
test('hourly snapshots', () => {
  const { signals } = hear(CSV)
  assert.deepEqual(signals.map(({ key, at, known_at, facts }) => ({ key, at, known_at, facts })), [
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
  const { signals, warnings } = hear(bad)
  assert.deepEqual(signals.filter(({ type }) => type === 'post').map(({ key }) => key), ['reddit:t3_abc12', 'reddit:t3_def34'])
  assert.match(warnings[0] ?? '', /^payload:2: expected a JSON object/)
  assert.match(warnings[1] ?? '', /^payload:3: field "created_utc"/)
  assert.match(warnings[3] ?? '', /^payload:7: field "created_utc"/)
  assert.match(warnings.at(-1) ?? '', /^payload: 6 bad rows left out/)
  assert.throws(() => hear(bad, { strict: true }), (error: unknown) => error instanceof Failure && error.exit === 'data' && /payload:2/.test(error.message))
  assert.match(hear(`${CSV}soon,abc12,1,1,1,0,0,,\n`).warnings[0] ?? '', /^payload:4: column "snapshot_utc"/)
  assert.match(hear(`${CSV}2020-11-25T22:54:02Z,abc12,many,1,1,0,0,,\n`).warnings[0] ?? '', /^payload:4: expected numbers/)
  assert.match(hear(`${CSV}2020-11-25T22:54:02Z\n`).warnings[0] ?? '', /^payload:4: expected 9 columns/)
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
  const { signals, warnings } = hear(ATOM)
  assert.deepEqual(signals.map(({ key, source, author, at, known_at, facts }) => ({ key, source, author, at, known_at, facts })), [{
    key: 'reddit:t3_zz9', source: 'reddit/stocks', author: 'reddit:someone', at: '2021-01-04T14:00:00.000Z', known_at: NOW_TEXT,
    facts: { title: 'A title', text: "Fish & chips' day" },
  }])
  assert.match(warnings[0] ?? '', /payload:entry 2: expected an id and a time/)
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

const fixtures = join(shared, 'fixtures', 'reddit')
const skip = existsSync(fixtures) ? false : `no ${fixtures}: set VANTA_SHARED`

test('recorded answers and feeds of every sort are read, recorded errors are refused', { skip }, () => {
  const content = (path: string): Buffer => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))
  for (const folder of ['listing', 'goreddit', 'rss']) {
    for (const name of readdirSync(join(fixtures, folder)).filter((each) => !each.includes('headers'))) {
      const { signals, warnings } = hear(content(join(fixtures, folder, name)))
      assert.ok(signals.length > 0, name)
      assert.deepEqual(warnings, [], name)
    }
  }
  for (const folder of ['errors', 'oauth']) {
    for (const name of readdirSync(join(fixtures, folder))) refused(content(join(fixtures, folder, name)), /./)
  }
})

const posts = join(shared, 'data', 'reddit', 'wsb_hot_posts_2020-11_2021-01.ndjson.gz')
test('a real season of posts is read whole', { skip: existsSync(posts) ? false : `no ${posts}: set VANTA_SHARED` }, () => {
  const { signals, warnings } = hear(gunzipSync(readFileSync(posts)))
  assert.equal(signals.filter(({ type }) => type === 'post').length, 9979)
  assert.equal(signals.length, 2 * 9979)
  assert.deepEqual(warnings, [])
})
