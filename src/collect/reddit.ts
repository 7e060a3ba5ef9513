import { AnswerFailure, Failure } from '#port/failure'
import type { Http } from '#port/outside'
import { MINUTE_MS } from '#record'
import { feed, type LiveWorld } from '#tool/feed'
import { askFor, tokenOf, tokenRequest, userAgent, type Format, type Token } from '#wire/reddit/ask'
import { forumName, redditParser } from '#wire/reddit/payload'
import { Heard, Walk } from '#wire/reddit/walk'

/** 100 requests a minute for each application; without one a tenth of that (https://support.reddithelp.com/hc/articles/16160319875092). */
const service = {
  name: 'reddit', origins: ['https://oauth.reddit.com', 'https://www.reddit.com', 'https://old.reddit.com'], rate: { requests: 100, perMs: MINUTE_MS },
}
const withoutToken = { ...service, name: 'reddit_public', rate: { requests: 10, perMs: MINUTE_MS } }
const terms = 'Reddit Data API Terms: register an application, name it and its owner in the User-Agent, delete what users deleted'

export default feed({
  name: 'vanta-reddit',
  summary: 'Read posts and comments of Reddit, their scores as they were at each moment, their edits and removals.',
  about:
    'A payload is told by its content: posts or comments as NDJSON (crawls, Pushshift) or CSV, hourly snapshots, answers of the API ' +
    '(listings, threads), Atom and RSS feeds, pages of old Reddit. A post is known from its first sight, a score from its snapshot; a ' +
    'score as of a later crawl is left out. Answers, feeds and pages carry no time of their own: they are known when they were heard. ' +
    'Credentials are client_id and client_secret of an application; without them the public pages are asked, as --format says.',
  options: {
    subreddit: { kind: 'list', help: 'only these forums; rows that name none are taken to be of the one given' },
    strict: { kind: 'flag', help: 'end at the first bad row instead of naming it and going on' },
    listing: { kind: 'list', default: 'new,hot', help: 'orders to ask for: new, hot, rising, top, controversial' },
    pages: { kind: 'integer', default: '5', help: 'most pages of new posts to go back for what was missed' },
    comments: { kind: 'integer', default: '0', help: 'ask for the comments of so many of the posts with most of them, where they have grown' },
    format: { kind: 'choice', choices: ['json', 'rss', 'html'], default: 'json', help: 'what to ask for without credentials' },
  },
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | head -1',
    {
      run: 'vanta-reddit --subreddit wallstreetbets --from samples/season/reddit/wsb_hot_snapshots_2020-11_2021-01.csv.gz | head',
      note: 'snapshots do not name their forum',
    },
    `printf '{"kind":"Listing","data":{"children":[{"kind":"t3","data":{"id":"k0c2cz","created_utc":1606246636,"title":"Up"}}]}}' | vanta-reddit --from -`,
    "printf 'title,score,id,url,comms_num,created,body\\nComment,1,htmw9gs,,0,1642792117.0,hm\\n' | vanta-reddit --from -",
  ],
  service,
  sources: [
    {
      name: 'API', reads: 'listings, threads, morechildren (JSON)', address: 'https://oauth.reddit.com',
      limits: '100 requests a minute per client_id; listings end after about 1000 posts', terms,
    },
    {
      name: 'public JSON', reads: 'the same without credentials', address: 'https://www.reddit.com/r/NAME/new.json',
      limits: '10 requests a minute; often refused', terms,
    },
    {
      name: 'feeds', reads: 'Atom and RSS 2.0, without scores', address: 'https://www.reddit.com/r/NAME/new.rss',
      limits: '10 requests a minute, 100 entries', terms,
    },
    { name: 'pages', reads: 'listings and threads of old Reddit (HTML)', address: 'https://old.reddit.com/r/NAME/new', limits: '10 requests a minute', terms },
    {
      name: 'rows', reads: 'posts and comments as NDJSON, JSON or CSV; hourly snapshots and mention counts as CSV', address: 'files',
      limits: 'none', terms: 'those of whoever made the file',
    },
  ],
  watch: { hours: 'always', quietMs: 60 * MINUTE_MS },
  every: '1m',
  open: redditParser,
  async *live({ subreddit, listing, pages, comments, format }, world) {
    if (subreddit === undefined) throw new Failure('usage', '--subreddit says which forums to ask for, such as stocks,wallstreetbets')
    const walk = await walkOf(format, world)
    for (const forum of subreddit.map(forumName)) {
      for (const order of listing) yield* walk.listing(forum, order, order === 'new' ? pages : 1)
      if (comments > 0) yield* walk.threads(forum, comments)
      await walk.settle()
    }
  },
})

/** What serves for longer than one round: a token until its end, and what was heard last. */
const lasting = new WeakMap<Http, { token?: Token; readonly heard: Heard }>()

async function walkOf(format: Format, world: LiveWorld): Promise<Walk> {
  const agent = userAgent(world.by, world.contact)
  const credentials = await world.optionalCredentials('client_id', 'client_secret')
  const http = credentials === undefined ? world.httpOf(withoutToken) : world.http
  const removals = world.cursor('removals')
  const kept = lasting.get(world.http) ?? { heard: new Heard(removals.state) }
  lasting.set(world.http, kept)
  let fresh: Token | undefined
  if (credentials !== undefined && (kept.token?.untilMs ?? 0) <= world.clock.now()) {
    kept.token = fresh = tokenOf(await world.http.get(tokenRequest(credentials, agent)))
  }
  const { token, heard } = kept
  return new Walk({
    async ask(path, query, validators) {
      try {
        return await http.get({ ...askFor(path, query, { format, token, agent }), validators })
      } catch (error) {
        // A token of an earlier round may have been revoked: the next round asks for a new one.
        if (!(error instanceof AnswerFailure) || error.status !== 401 || token === undefined || token === fresh) throw error
        delete kept.token
        throw new Failure('again', error.message, error)
      }
    },
    read: (answer) => heard.news(world.read(answer)),
    cursor: (stream) => world.cursor(stream),
    save: () => removals.save(heard.state()),
  })
}
