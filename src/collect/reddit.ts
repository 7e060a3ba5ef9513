import { collector, Failure } from '#tool'
import { redditSignals } from '#wire/reddit/payload'

export default collector({
  name: 'vanta-reddit',
  summary: 'Read posts, comments and their scores from recorded Reddit payloads.',
  about:
    'A payload is told by its content: posts or comments as NDJSON (crawls, Pushshift), hourly snapshots as CSV, answers of ' +
    'the API (listings, threads), Atom and RSS feeds; gzip is undone. A post is known from its first sight, a score from its ' +
    'snapshot; a score as of a later crawl is left out. Answers and feeds carry no time of their own: they are known now ' +
    '(--now).',
  options: {
    from: { kind: 'list', required: true, help: 'recorded payloads, read in this order; - is standard input' },
    subreddit: { kind: 'list', help: 'only these forums; rows that name none are taken to be of the one given' },
    strict: { kind: 'flag', help: 'end at the first bad row instead of naming it and going on' },
  },
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | head -1',
    {
      run: 'vanta-reddit --subreddit wallstreetbets --from samples/season/reddit/wsb_hot_snapshots_2020-11_2021-01.csv.gz | head',
      note: 'snapshots do not name their forum',
    },
  ],
  *collect({ from, subreddit, strict }, { folder, clock, log, by }) {
    const forums = subreddit?.map((name) => name.toLowerCase().replace(/^\/?r\//, ''))
    const wanted = forums === undefined ? undefined : new Set(forums.map((name) => `reddit/${name}`))
    const only = forums?.length === 1 ? forums[0] : undefined
    for (const path of from) {
      const content = folder.read(path)
      if (content === undefined) throw new Failure('data', `${path}: no such file`)
      const reading = { by, log, strict, nowMs: clock.now(), subreddit: only }
      for (const signal of redditSignals(path === '-' ? 'stdin' : path, content, reading)) {
        if (wanted === undefined || wanted.has(signal.source)) yield signal
      }
    }
  },
})
