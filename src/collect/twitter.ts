import { Failure } from '#port/failure'
import { MINUTE_MS, type Vanta } from '#record'
import { feed, type LiveWorld } from '#tool/feed'
import { validatorsIn, validatorState } from '#wire/cursor'
import { accountName, API, EMBED, embedRequest, nitterRequest, originOf, queriesOf, reconnectMs } from '#wire/twitter/ask'
import { twitterParser } from '#wire/twitter/payload'
import { Walk } from '#wire/twitter/walk'

const QUARTER_MS = 15 * MINUTE_MS
const terms = 'X Developer Agreement: an application and its bearer token; what users deleted is to be deleted'

export default feed({
  name: 'vanta-twitter',
  summary: 'Read posts of X by search, as a stream, or from public pages, with their counts as they were, their edits and removals.',
  about:
    'A payload is told by its content: answers and stream messages of the API v2 and v1.1 (single or one a line), the answers of the ' +
    'site itself, pages for embedding, pages and feeds of Nitter, dumps, messages of StockTwits, and mention counts. A tweet in an answer ' +
    'is known when that was given, one in a dump from its own moment. The credentials hold bearer_token of an application. With --stream ' +
    'a gap is filled by search once the stream stands again. Without credentials, --via embed or nitter reads the latest of each --account.',
  options: {
    query: { kind: 'text', help: "what to look for, such as '$GME lang:en -is:retweet'" },
    account: { kind: 'list', help: 'whose posts to look for' },
    via: { kind: 'choice', choices: ['api', 'embed', 'nitter'], default: 'api', help: 'the API, or of accounts: pages for embedding, feeds of a Nitter' },
    nitter: { kind: 'text', default: 'https://nitter.net', help: 'address of the Nitter' },
    stream: { kind: 'flag', help: 'keep the filtered stream open instead of searching again and again' },
    heartbeat: { kind: 'duration', default: '25s', help: 'longest silence of the stream: X sends an empty line every 20 s' },
    backfill: { kind: 'integer', default: '0', help: 'minutes, at most 5, to let X send again after a gap, where the access allows it' },
    pages: { kind: 'integer', default: '10', help: 'most pages, of 100 posts, of one search in one round' },
  },
  examples: [
    `printf '{"data":[{"id":"1611077073803841538","text":"$AMD &amp; $NIO"}],"meta":{"result_count":1}}' | vanta-twitter --from -`,
    `printf '{"id":"418163434979483648","created_at":"2013-12-31T23:35:06Z","text":"Beat $C!","user_id":"855081"}' | vanta-twitter --from -`,
    `printf '{"statuses":[{"id_str":"1149825924029980674","text":"hm","user":{"screen_name":"a"}}]}' | vanta-twitter --from -`,
    `printf '<rss><channel><item><title>hm</title><link>https://x.com/a/status/1149825924029980674</link></item></channel></rss>' | vanta-twitter --from -`,
    "printf 'symbol,atTime,mention_twitter\nAAPL,2022-12-02T00:00:00Z,201\n' | vanta-twitter --from -",
  ],
  /** Searches of one application; the stream may be opened 50 times in as long. X tells what remains of each. */
  service: { name: 'twitter', origins: [API], rate: { requests: 450, perMs: QUARTER_MS } },
  sources: [
    {
      name: 'search', reads: 'recent search of the API v2: tweets, authors, counts, what they refer to (JSON)', address: `${API}/2/tweets/search/recent`,
      limits: '450 requests in 15 minutes per application, 7 days back, posts a month by access', terms,
    },
    {
      name: 'stream', reads: 'filtered stream of the API v2: one message a line', address: `${API}/2/tweets/search/stream`,
      limits: '50 connections in 15 minutes, one at a time; rules by access', terms,
    },
    {
      name: 'embed', reads: 'the latest posts of an account (HTML with JSON)', address: `${EMBED}/srv/timeline-profile/screen-name/NAME`,
      limits: 'not published; refused after few requests', terms: 'for embedding; no promise that it stays',
    },
    {
      name: 'nitter', reads: 'feeds (RSS 2.0) and pages of a Nitter', address: 'https://nitter.net/NAME/rss, or --nitter',
      limits: 'those of whoever runs it', terms: 'those of whoever runs it',
    },
    {
      name: 'dumps', reads: 'API v1.1, GraphQL, compliance, counts (JSON); tweets and StockTwits (NDJSON); labelled messages, mention counts (CSV)',
      address: 'files', limits: 'none', terms: 'those of whoever made the file',
    },
  ],
  watch: { hours: 'always', quietMs: 60 * MINUTE_MS },
  every: '1m',
  open: (_, reading) => twitterParser(reading),
  async *live({ query, account, via, nitter, stream, heartbeat, backfill, pages }, world) {
    if (via !== 'api') return yield* pagesOf(account?.map(accountName) ?? [], via === 'nitter' ? nitter : undefined, world)
    const queries = queriesOf(query, account)
    const { bearer_token: bearer = '' } = await world.credentials('bearer_token')
    const walk = new Walk({
      bearer, ask: (request) => world.http.get(request), open: (request) => world.http.stream(request, heartbeat), read: (answer) => world.read(answer),
      cursor: (name) => world.cursor(name), now: () => world.clock.now(),
    }, pages)
    if (!stream) for (const each of queries) yield* walk.search(each)
    else {
      await walk.rules(queries)
      yield* walk.stream(queries, backfill)
    }
  },
  reconnectMs: ({ stream }, failures, failure) => (stream ? reconnectMs(failures, failure) : undefined),
})

/** Few, since nobody says how many. */
const PUBLIC_RATE = { requests: 30, perMs: QUARTER_MS }

/** The latest page of each account, where it has changed. */
async function* pagesOf(accounts: readonly string[], nitter: string | undefined, world: LiveWorld): AsyncIterable<Vanta> {
  if (accounts.length === 0) throw new Failure('usage', '--account says whose posts to read, such as XDevelopers')
  const origin = nitter === undefined ? EMBED : originOf(nitter)
  const http = world.httpOf({ name: `twitter_${new URL(origin).hostname}`, origins: [origin], rate: PUBLIC_RATE })
  for (const account of accounts) {
    const cursor = world.cursor(`${origin}/${account}`)
    const request = nitter === undefined ? embedRequest(account) : nitterRequest(origin, account)
    const answer = await http.get({ ...request, validators: validatorsIn(cursor.state) })
    if (answer.status === 304) continue
    yield* world.read(answer)
    await cursor.save(validatorState(answer.validators))
  }
}
