import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { check, formatInstant, identify, type Signal } from '#record'
import { Failure } from '#port/failure'
import { LineCutter } from '#wire/twitter/lines'
import { twitterParser } from '#wire/twitter/payload'
import { snowflakeMs } from '#wire/twitter/tweet'
import { sharedFolder } from '../collect/payload_world.ts'

const NOW = Date.UTC(2026, 10, 27)
const NOW_TEXT = formatInstant(NOW)

interface Heard {
  readonly signals: Signal[]
  /** `place: why` of every part that gave none. */
  readonly rejects: string[]
}
function hear(content: string | Buffer | object, heardMs = NOW, url?: string): Heard {
  const rejects: string[] = []
  const log = { debug() {}, info() {}, error() {}, warn() {} }
  const parser = twitterParser({ by: 'vanta-twitter/test', log, reject: (place, why) => void rejects.push(`${place}: ${why}`) })
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  const signals = [...parser.read({ name: 'payload', bytes, heardMs, url }) as Iterable<Signal>]
  for (const signal of signals) {
    assert.deepEqual(check(signal), { record: signal })
    assert.equal(identify(signal), signal.id)
    assert.ok(signal.known_at >= signal.at, 'nothing is known before it happens')
  }
  return { signals, rejects }
}
const refused = (content: string | Buffer | object, message: RegExp): void =>
  assert.throws(() => hear(content), (error: unknown) => error instanceof Failure && error.exit === 'data' && message.test(error.message))
const typed = (signals: readonly Signal[], type: string): Signal[] => signals.filter((signal) => signal.type === type)

const TWEET = {
  id: '1611077073803841538', author_id: '1291963157271863297', text: '$AMD &amp; $NIO &lt;3', created_at: '2023-01-05T19:08:01.000Z', lang: 'en',
  conversation_id: '1611077073803841538', edit_history_tweet_ids: ['1611077073803841538'],
  public_metrics: { retweet_count: 0, reply_count: 2, like_count: 1, quote_count: 0, impression_count: 52 },
  entities: {
    cashtags: [{ tag: 'AMD' }, { tag: 'NIO' }, { tag: 'AMD' }],
    urls: [{ expanded_url: 'https://example.org/a' }, { expanded_url: 'https://twitter.com/a/status/1611077073803841538/photo/1' }],
  },
}
const USERS = { users: [{ id: '1291963157271863297', username: 'someone', public_metrics: { followers_count: 809 } }] }
const page = (data: unknown, more: object = {}): object => ({ data, includes: USERS, ...more })

test('v2: a tweet with its author joined, known when the answer was given, and its counts then', () => {
  const { signals, rejects } = hear(page([TWEET]))
  assert.deepEqual(rejects, [])
  assert.deepEqual(signals.map(({ type, key, author, language, at, known_at, facts }) => ({ type, key, author, language, at, known_at, facts })), [
    {
      type: 'tweet', key: 'twitter:1611077073803841538', author: 'twitter:someone', language: 'en', at: '2023-01-05T19:08:01.000Z', known_at: NOW_TEXT,
      facts: { text: '$AMD & $NIO <3', cashtags: ['AMD', 'NIO'], links: ['https://example.org/a'] },
    },
    {
      type: 'snapshot', key: 'twitter:1611077073803841538', author: undefined, language: undefined, at: NOW_TEXT, known_at: NOW_TEXT,
      facts: { likes: 1, retweets: 0, replies: 2, quotes: 0, impressions: 52, followers: 809 },
    },
  ])
  const [collected] = hear(page([TWEET], { __twarc: { url: 'x', retrieved_at: '2023-01-05T19:10:27+00:00' } })).signals
  assert.equal(collected?.known_at, '2023-01-05T19:10:27.000Z', 'as the collector of the answer says')
  assert.equal(collected?.id, signals[0]?.id, 'the same fact')
})

test('v2: ids are text, and tell the time where the answer does not', () => {
  const [bare] = hear({ data: [{ id: '1578516068309794817', text: 'hm' }], meta: { result_count: 1 } }).signals
  assert.deepEqual([bare?.key, bare?.at, bare?.facts], ['twitter:1578516068309794817', '2022-10-07T22:42:12.000Z', { text: 'hm' }])
  assert.equal(snowflakeMs('1578516068309794817'), Date.UTC(2022, 9, 7, 22, 42, 12, 752), 'its text says 22:42:12.637')
  assert.equal(snowflakeMs('1234'), undefined, 'ids of before 2010-11-04 count')
  const number = hear(`{"data": [{"id": 1578516068309794817, "text": "hm"}]}`).signals[0]
  assert.equal(number?.id, bare?.id, 'no digit is lost where it is a number')
})

test('clock nonsense makes no nonsense', () => {
  for (const nonsense of ['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z', '+275760-09-13T00:00:00.000Z']) {
    const [tweet] = hear(page([{ ...TWEET, created_at: nonsense }])).signals
    assert.equal(tweet?.at, '2023-01-05T19:08:01.000Z', nonsense)
  }
  const [unzoned] = hear(page([{ ...TWEET, created_at: '2023-01-05T12:00:00' }])).signals
  assert.equal(unzoned?.at, '2023-01-05T19:08:01.000Z', 'a time without its zone is none')
  assert.deepEqual(hear(page([{ id: '1234', text: 'hm', created_at: '2099-01-01T00:00:00Z' }])).rejects, ['data 1: no time that can be, neither stated nor in the id'])
})

test('v2: what a tweet refers to, and the tweets that others refer to', () => {
  const reply = { ...TWEET, id: '1611077073803841999', referenced_tweets: [{ type: 'replied_to', id: '1' }, { type: 'quoted', id: '2' }] }
  const retweet = { ...TWEET, id: '1611077073803842000', referenced_tweets: [{ type: 'retweeted', id: '3' }], text: 'RT @a: hm' }
  const { signals } = hear(page([reply, retweet], { includes: { ...USERS, tweets: [TWEET] } }))
  assert.deepEqual(signals.map(({ type, key }) => `${type} ${key.slice(-4)}`),
    ['tweet 1999', 'snapshot 1999', 'retweet 2000', 'tweet 1538', 'snapshot 1538'], 'the counts of a retweet are those of what it repeats')
  assert.deepEqual([signals[0]?.facts?.['reply_to'], signals[0]?.facts?.['quotes'], signals[2]?.facts?.['of']], ['twitter:1', 'twitter:2', 'twitter:3'])
})

test('v2: a later version is an edit of the first, which keeps its own words', () => {
  const versions = ['1576994746135764992', '1576994789110992896']
  const first = { ...TWEET, id: versions[0], edit_history_tweet_ids: versions, text: 'one', created_at: '2022-10-03T17:57:01.000Z' }
  const second = { ...first, id: versions[1], text: 'two', created_at: '2022-10-03T17:57:11.000Z' }
  const { signals } = hear(page([second], { includes: { ...USERS, tweets: [first] } }))
  assert.deepEqual(signals.map(({ type, key, facts }) => [type, key, facts?.['text'], facts?.['version'], facts?.['as']]), [
    ['edit', 'twitter:1576994746135764992', 'two', 2, 'twitter:1576994789110992896'],
    ['snapshot', 'twitter:1576994746135764992', undefined, undefined, undefined],
    ['tweet', 'twitter:1576994746135764992', 'one', undefined, undefined],
  ])
})

const problem = (name: string): string => `https://api.twitter.com/2/problems/${name}`
test('v2: what is gone is a fact, what is only hidden from us is not', () => {
  const error = (type: string, title: string, resource: string): object => ({ resource_type: resource, resource_id: '157', title, type: problem(type) })
  const { signals, rejects } = hear(page([], {
    errors: [error('resource-not-found', 'Not Found Error', 'tweet'), error('not-authorized-for-resource', 'Authorization Error', 'tweet'), error('resource-not-found', 'Forbidden', 'user')],
  }))
  assert.deepEqual(signals.map(({ type, key, at, facts }) => [type, key, at, facts]), [['removal', 'twitter:157', NOW_TEXT, { problem: 'resource-not-found', title: 'Not Found Error' }]])
  assert.deepEqual(rejects, ['error 2: of a tweet: Authorization Error', 'error 3: of a user: Forbidden'])
  assert.equal(hear({ errors: [error('resource-not-found', 'Not Found Error', 'tweet')] }).signals.length, 1, 'where nothing else was asked for')
  assert.deepEqual(hear(page([{ ...TWEET, withheld: { copyright: false, country_codes: ['DE', 'FR'] } }])).signals[1]?.facts?.['withheld'], ['DE', 'FR'])
})

test('v2: counts of a query, known when their span is over; without the query they count nothing', () => {
  const answer = { data: [{ start: '2021-09-13T19:00:00.000Z', end: '2021-09-13T20:00:00.000Z', tweet_count: 7 }], meta: { total_tweet_count: 7 } }
  const [count] = hear(answer, NOW, 'https://api.x.com/2/tweets/counts/recent?query=%24GME+lang%3Aen').signals
  assert.deepEqual([count?.type, count?.key, count?.at, count?.facts], [
    'tweet_count', 'twitter:count/$GME lang:en/2021-09-13T19:00:00.000Z/2021-09-13T20:00:00.000Z', '2021-09-13T19:00:00.000Z',
    { query: '$GME lang:en', until: '2021-09-13T20:00:00.000Z', tweets: 7 },
  ])
  assert.deepEqual(hear(answer).rejects, ['1 counts: they do not say of what query'])
})

test('stream: one message a line, heartbeats between; how X ends it is said, and what came before stays', () => {
  const end = { errors: [{ title: 'operational-disconnect', disconnect_type: 'UpstreamOperationalDisconnect', detail: 'This stream has been disconnected upstream for operational reasons.', type: problem('operational-disconnect') }] }
  const message = { data: TWEET, includes: USERS, matching_rules: [{ id: '1', tag: 'vanta' }] }
  const { signals, rejects } = hear(`${JSON.stringify(message)}\r\n\r\n\r\n{"data": {"id"\r\n${JSON.stringify(end)}\r\n`)
  assert.equal(typed(signals, 'tweet')[0]?.id, hear(page([TWEET])).signals[0]?.id, 'a stream and a search tell the same fact')
  assert.deepEqual(rejects, [
    'line 4: no JSON object', 'line 5: X says: operational-disconnect: This stream has been disconnected upstream for operational reasons.',
  ])
  refused(`${JSON.stringify(end)}\r\n`, /X answered with a problem: operational-disconnect/)
  assert.deepEqual(hear(`{"delete":{"status":{"id":1234,"id_str":"1234"},"timestamp_ms":"1400000000000"}}\n{"limit":{"track":5}}\n`).signals.map(({ type, key, at }) => [type, key, at]),
    [['removal', 'twitter:1234', '2014-05-13T16:53:20.000Z']])
})

test('v1.1: long texts, cut texts, retweets and quotes inside', () => {
  const user = { id: 7, id_str: '7', screen_name: 'someone', followers_count: 12 }
  const inner = { id_str: '1149803446704443392', created_at: 'Fri Jul 12 22:11:18 +0000 2019', text: 'Me', user, retweet_count: 7, favorite_count: 47, lang: 'und' }
  const outer = { id: 1149825924029980700, id_str: '1149825924029980674', created_at: 'Fri Jul 12 23:40:37 +0000 2019', text: 'RT @a: Me', truncated: false, user, retweeted_status: inner }
  const long = { ...inner, id_str: '1149803446704443393', truncated: true, extended_tweet: { full_text: 'Me, and more', entities: { symbols: [{ text: 'GME' }] } } }
  const cut = { ...inner, id_str: '1149803446704443394', truncated: true }
  const { signals } = hear({ statuses: [outer, long, cut], search_metadata: {} })
  assert.deepEqual(signals.map(({ type, key, author, facts }) => [type, key, author, facts]), [
    ['retweet', 'twitter:1149825924029980674', 'twitter:someone', { text: 'RT @a: Me', of: 'twitter:1149803446704443392' }],
    ['tweet', 'twitter:1149803446704443392', 'twitter:someone', { text: 'Me' }],
    ['snapshot', 'twitter:1149803446704443392', undefined, { likes: 47, retweets: 7, followers: 12 }],
    ['tweet', 'twitter:1149803446704443393', 'twitter:someone', { text: 'Me, and more', cashtags: ['GME'] }],
    ['snapshot', 'twitter:1149803446704443393', undefined, { likes: 47, retweets: 7, followers: 12 }],
    ['tweet', 'twitter:1149803446704443394', 'twitter:someone', { text: 'Me', is_cut: true }],
    ['snapshot', 'twitter:1149803446704443394', undefined, { likes: 47, retweets: 7, followers: 12 }],
  ])
  assert.equal(signals[0]?.at, '2019-07-12T23:40:37.000Z')
  assert.deepEqual(hear({ statuses: [], search_metadata: {} }).rejects, ['answer: nothing was found'])
})

const result = (id: string, more: object = {}): object => ({
  __typename: 'Tweet', rest_id: id, core: { user_results: { result: { __typename: 'User', rest_id: '7', core: { screen_name: 'someone' } } } },
  legacy: { id_str: id, full_text: `text ${id}`, created_at: 'Wed Jul 08 21:59:10 +0000 2026', favorite_count: 1, lang: 'en' }, views: { count: '25900' }, ...more,
})
test('the answers of the site itself: long texts, limited visibility, tombstones, advertisements, trends', () => {
  const timeline = (...results: readonly object[]): object => ({ data: { search: { instructions: [{ entries: results.map((each) => ({ content: { itemContent: each } })) }] } } })
  const item = (tweet: object, more: object = {}): object => ({ __typename: 'TimelineTweet', tweet_results: { result: tweet }, ...more })
  const { signals, rejects } = hear(timeline(
    item(result('2074976613713031490', { note_tweet: { note_tweet_results: { result: { text: 'long &amp; whole', entity_set: { symbols: [{ text: 'TSLA' }] } } } } })),
    item({ __typename: 'TweetWithVisibilityResults', tweet: result('2074976613713031491') }),
    item({ __typename: 'TweetTombstone', tombstone: { text: { text: 'This Post is unavailable.' } } }),
    item(result('2074976613713031492'), { promotedMetadata: { advertiser_results: {} } }),
    { __typename: 'TimelineTrend', name: '#GME', social_context: { text: 'Trending' } },
  ))
  assert.deepEqual(signals.map(({ type, key, facts }) => [type, key, facts?.['text'] ?? facts?.['impressions'] ?? facts?.['name']]), [
    ['tweet', 'twitter:2074976613713031490', 'long & whole'], ['snapshot', 'twitter:2074976613713031490', 25900],
    ['tweet', 'twitter:2074976613713031491', 'text 2074976613713031491'], ['snapshot', 'twitter:2074976613713031491', 25900],
    ['trend', 'twitter:trend/#GME', '#GME'],
  ])
  assert.deepEqual(rejects, ['tweet 3: a tweet that is not shown', 'entry: an advertisement'])
})

const EMBEDDED = `<!DOCTYPE html><html><body><script id="__NEXT_DATA__" type="application/json">${JSON.stringify({
  props: { pageProps: { timeline: { entries: [{ type: 'tweet', content: { tweet: {
    id_str: '1149803446704443392', created_at: 'Fri Jul 12 22:11:18 +0000 2019', full_text: 'Up &gt; down', favorite_count: 3, user: { id_str: '7', screen_name: 'someone' },
  } } }] } } },
})}</script></body></html>`
const NITTER = `<div class="timeline"><div class="timeline-item "><a class="tweet-link" href="/someone/status/1149803446704443392#m"></a><div class="tweet-body">
<a class="fullname" href="/someone" title="Some One">Some One</a><a class="username" href="/someone" title="@someone">@someone</a>
<span class="tweet-date"><a href="/someone/status/1149803446704443392#m" title="Jul 12, 2019 · 10:11 PM UTC">Jul 12, 2019</a></span>
<div class="tweet-content media-body" dir="auto">Up &gt; down</div><div class="quote quote-big"><a class="quote-link" href="/other/status/1149803446704443001#m"></a>
<a class="username" title="@other">@other</a></div><div class="tweet-stats"><span class="tweet-stat"><div class="icon-container"><span class="icon-comment" title=""></span> 1,234</div></span>
<span class="tweet-stat"><div class="icon-container"><span class="icon-heart" title=""></span> 3</div></span></div></div></div>
<div class="timeline-item show-more"><a href="/someone">Load newest</a></div></div>`
const FEED = `<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><title>x</title>
<item><title>RT by @reader: Up &gt; down</title><dc:creator>@someone</dc:creator><description>&lt;p&gt;Up&lt;/p&gt;</description>
<pubDate>Fri, 12 Jul 2019 22:11:18 GMT</pubDate><guid>https://nitter.net/someone/status/1149803446704443392#m</guid><link>https://nitter.net/someone/status/1149803446704443392#m</link></item>
<item><title>no link</title></item></channel></rss>`

test('pages for embedding, pages and feeds of Nitter tell of the same tweet', () => {
  for (const [payload, more] of [[EMBEDDED, {}], [NITTER, { quotes: 'twitter:1149803446704443001' }], [FEED, {}]] as const) {
    const [tweet] = hear(payload).signals
    assert.deepEqual([tweet?.key, tweet?.at, tweet?.author, tweet?.facts], ['twitter:1149803446704443392', '2019-07-12T22:11:18.000Z', 'twitter:someone', { text: 'Up > down', ...more }])
  }
  assert.deepEqual(hear(NITTER).signals[1]?.facts, { replies: 1234, likes: 3 })
  assert.deepEqual(hear(FEED).rejects, ['item 2: expected a link to a tweet'])
  assert.deepEqual(hear('<div class="timeline-none">No items found</div>').rejects, ['page: nothing is listed'])
  refused('<rss><channel><item><title>x</title><link>https://example.org/</link></item></channel></rss>', /a feed, but not of tweets/)
  refused('<!doctype html><html><body>Just a moment...</body></html>', /a page, but not of tweets/)
})

test('dumps: tweets, StockTwits, tables', () => {
  const row = { id: '418163434979483648', created_at: '2013-12-31T23:35:06Z', ticker: 'C', text: 'Beat $C!', symbols: ['C'], user_id: '855081', retweet_count: 9, lang: 'en' }
  const { signals } = hear(`${JSON.stringify(row)}\n${JSON.stringify({ ...row, ticker: 'GOOG' })}\n`)
  assert.equal(new Set(signals.map(({ id }) => id)).size, 1, 'under whatever ticker it was found')
  assert.deepEqual([signals[0]?.at, signals[0]?.known_at, signals[0]?.author, signals[0]?.facts],
    ['2013-12-31T23:35:06.000Z', '2013-12-31T23:35:06.000Z', 'twitter:id:855081', { text: 'Beat $C!', cashtags: ['C'] }])
  const message = {
    id: 654916707, body: 'it&#39;s &amp; up', created_at: '2026-05-31T23:58:49Z', user: { id: 96, username: 'who', followers: 39 }, likes: { total: 2 },
    symbols: [{ symbol: 'HYPE.X' }], entities: { sentiment: { basic: 'Bullish' } },
  }
  const [dumped, ...none] = hear(message).signals
  assert.deepEqual([dumped?.key, dumped?.subject, dumped?.author, dumped?.known_at, dumped?.facts],
    ['stocktwits:654916707', 'coin:HYPE', 'stocktwits:who', '2026-05-31T23:58:49.000Z', { text: "it's & up", symbols: ['HYPE.X'], sentiment: 'Bullish' }])
  assert.deepEqual(none, [])
  assert.deepEqual(hear({ response: { status: 200 }, messages: [message] }).signals.map(({ type, known_at, facts }) => [type, known_at, facts?.['likes']]),
    [['message', NOW_TEXT, undefined], ['snapshot', NOW_TEXT, 2]])
  const [labelled] = hear('id,date,ticker,senti_label,emo_label,original,split\n100001,2020-01-01,AMZN,bullish,excitement,$AMZN up,train\n').signals
  assert.deepEqual([labelled?.subject, labelled?.known_at, labelled?.facts], ['ticker:AMZN', '2020-01-02T12:00:00.000Z', { text: '$AMZN up', symbols: ['AMZN'] }], 'labels were made later')
  const [hour] = hear('symbol,atTime,mention_twitter,score_twitter,mention_reddit\nAAPL,2022-12-02T00:00:00Z,201.0,-0.02,5.0\n').signals
  assert.deepEqual([hour?.key, hour?.known_at, hour?.facts], ['twitter:mentions/1h/AAPL/2022-12-02T00:00:00.000Z', '2022-12-02T01:00:00.000Z', { span: '1h', mentions: 201, score: -0.02 }])
  assert.deepEqual(hear('{"id":"14","action":"delete","created_at":"2013-06-04T16:25:04+00:00","redacted_at":"2020-07-29T17:02:47.000Z","reason":"deleted"}').signals
    .map(({ type, at }) => [type, at]), [['removal', '2020-07-29T17:02:47.000Z']])
})

test('what is no payload of X is refused, with what it is', () => {
  refused('', /empty/)
  refused({ title: 'Unauthorized', type: 'about:blank', status: 401, detail: 'Unauthorized' }, /X answered with a problem: Unauthorized/)
  refused({ errors: [{ code: 88, message: 'Rate limit exceeded' }] }, /Rate limit exceeded/)
  refused({ errors: [{ parameters: { since_id: ['1'] }, message: "Invalid 'since_id':'1'" }], title: 'Invalid Request', detail: 'One or more parameters', type: problem('invalid-request') }, /Invalid Request/)
  refused({ title: 'UsageCapExceeded', detail: 'Usage cap exceeded: Monthly product cap', type: problem('usage-capped') }, /UsageCapExceeded/)
  refused({ hello: 'world' }, /nothing of X/)
  refused('{"data": [{"id": "1", "te', /JSON/)
  refused('a,b\n1,2\n', /no payload of X/)
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
  JSON.stringify(page([TWEET], { errors: [{ resource_type: 'tweet', resource_id: '1', title: 'x', type: problem('resource-not-found') }] })),
  `${JSON.stringify({ data: TWEET, includes: USERS })}\r\n\r\n${JSON.stringify({ data: TWEET })}\r\n`, EMBEDDED, NITTER, FEED, JSON.stringify({ data: { x: result('2074976613713031490') } }),
]

test('law: cut anywhere or with any byte changed, a payload gives signals or a Failure', () => {
  for (const sample of SAMPLES) for (let length = 0; length < sample.length; length += 3) onlyFails(sample.slice(0, length))
  fc.assert(fc.property(fc.constantFrom(...SAMPLES), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }), (sample, changes) => {
    const bytes = Buffer.from(sample)
    for (const [place, byte] of changes) bytes[place % bytes.length] = byte
    onlyFails(bytes)
  }))
  onlyFails('['.repeat(100_000))
  onlyFails(`<div class="timeline-item">${'<div class="timeline-item"><div class="tweet-content">'.repeat(30_000)}`)
})

test('law: repeated and reordered tweets, in whatever pages, give the same ids', () => {
  const tweets = Array.from({ length: 6 }, (_, i) => ({ ...TWEET, id: `161107707380384${1000 + i}`, edit_history_tweet_ids: [] }))
  const ids = (list: readonly object[]): string[] => [...new Set(hear(page(list)).signals.map(({ id }) => id))].sort()
  fc.assert(fc.property(fc.shuffledSubarray([...tweets, ...tweets], { minLength: 12, maxLength: 12 }), fc.nat(12), (list, at) =>
    assert.deepEqual([...new Set([...ids(list.slice(0, at)), ...ids(list.slice(at))])].sort(), ids(tweets))))
})

test('law: a stream cut into chunks anywhere gives the same lines', () => {
  const stream = Buffer.from(`\r\n{"text":"zwölf 🚀"}\r\n\r\n{"b":2}\r\n\r\n{"unfinished`)
  fc.assert(fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
    const cutter = new LineCutter()
    const places = [0, ...cuts.sort((a, b) => a - b), stream.length]
    const lines = places.slice(1).flatMap((place, i) => cutter.push(stream.subarray(places[i], place)) ?? []).map(String).join('')
    assert.deepEqual(lines.split('\r\n').filter((line) => line !== ''), ['{"text":"zwölf 🚀"}', '{"b":2}'])
  }))
  assert.equal(new LineCutter().push(Buffer.from('\r\n\r\n')), undefined, 'heartbeats are no lines')
})

const fixtures = sharedFolder('fixtures', 'twitter')
const skip = fixtures === undefined ? 'no shared/fixtures/twitter: set VANTA_SHARED' : false
const contentOf = (...path: readonly string[]): Buffer => {
  const bytes = readFileSync(join(fixtures ?? '', ...path))
  return path.at(-1)?.endsWith('.gz') === true ? gunzipSync(bytes) : bytes
}
const tally = (values: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

test('every recording gives signals, or says why not', { skip }, () => {
  for (const folder of ['api_v1', 'api_v2', 'api_v2_ndjson', 'graphql', 'nitter']) {
    for (const name of readdirSync(join(fixtures ?? '', folder))) {
      if (/__meta|headers/.test(name)) refused(contentOf(folder, name), /nothing of X/)
      else {
        const { signals, rejects } = hear(contentOf(folder, name))
        assert.ok(signals.length + rejects.length > 0, name)
        assert.ok(/count|user|following|trends|retweeters/.test(name) || typed(signals, 'tweet').length > 0, `${name}: no tweets`)
      }
    }
  }
})

test('recordings, to the number', { skip }, () => {
  const types = (...path: readonly string[]): Record<string, number> => tally([...new Map(hear(contentOf(...path)).signals.map((signal) => [signal.id, signal])).values()].map(({ type }) => type))
  // jq: `[.statuses[], .statuses[].retweeted_status // empty] | group_by(.id_str) | length` and the like.
  assert.deepEqual(types('api_v1', 'v1_search_tweets.json'), { tweet: 15, retweet: 6, snapshot: 15 })
  assert.deepEqual(types('api_v2_ndjson', 'counts.jsonl'), { tweet_count: 169 })
  assert.deepEqual(types('graphql', 'raw_tweet_details.json.gz'), { tweet: 37, snapshot: 37 })
  assert.deepEqual(types('graphql', 'raw_trends.json'), { trend: 5 })
  const { signals, rejects } = hear(contentOf('api_v2_ndjson', 'entities_test.jsonl.gz'))
  assert.equal(typed(signals, 'removal').length, 3)
  assert.deepEqual(tally(rejects.map((reject) => reject.replace(/^[^:]*: /, ''))), { 'of a user: Forbidden': 5, 'of a tweet: Authorization Error': 3 })
  const [edit] = typed(hear(contentOf('api_v2_ndjson', 'edited.jsonl')).signals, 'edit')
  assert.deepEqual([edit?.key, edit?.at, edit?.known_at, edit?.author, edit?.facts?.['text']],
    ['twitter:1576994746135764992', '2022-10-03T17:57:11.000Z', '2022-10-03T18:00:12.000Z', 'twitter:wongmjane', 'hey :) https://t.co/rnwEIoNuqd'])
})

test('oracle: where a time is stated, the id tells the same second', { skip }, () => {
  for (const name of ['brexit.jsonl.gz', 'noflat.jsonl.gz', 'entities_test.jsonl.gz']) {
    for (const { type, key, at } of hear(contentOf('api_v2_ndjson', name)).signals) {
      if (type !== 'snapshot' && type !== 'removal') assert.equal(Math.floor((snowflakeMs(key.slice(8)) ?? 0) / 1000), Date.parse(at) / 1000, key)
    }
  }
})

const data = sharedFolder('data', 'tweets')
test('dumps are read whole', { skip: data === undefined ? 'no shared/data/tweets: set VANTA_SHARED' : false }, () => {
  const read = (name: string): Heard => hear(gunzipSync(readFileSync(join(data ?? '', name))))
  assert.deepEqual(['stocktwits_api_shape_2026-05.ndjson.gz', 'stocktwits_labelled_2020_jan_sep.csv.gz', 'social_counts_hourly_2022-12_2023-03.csv.gz']
    .map(read).map(({ signals, rejects }) => [signals.length, rejects.length]), [[450, 0], [7025, 0], [24550, 0]])
  const { signals, rejects } = read('stocknet_tweets_2014_2015.ndjson.gz')
  assert.deepEqual([signals.length, rejects.length], [82607, 0])
})
