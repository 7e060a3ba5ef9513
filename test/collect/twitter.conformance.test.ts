import { conforms } from './conformance.ts'

const NOW = Date.now()
/** Ids of this very hour: a search does not begin from ids a week old. */
const idOf = (n: number): string => String((BigInt(NOW - 3_600_000 + n * 1000 - 1_288_834_974_657) << 22n))
const tweet = (n: number): object => ({
  id: idOf(n), text: `Made-up ${n} $GME`, author_id: '7', created_at: new Date(Math.floor((NOW - 3_600_000 + n * 1000) / 1000) * 1000).toISOString(),
  edit_history_tweet_ids: [idOf(n)], public_metrics: { like_count: n, retweet_count: 0, reply_count: 0, quote_count: 0 },
})
const page = (numbers: readonly number[], next?: string): string => JSON.stringify({
  data: numbers.map(tweet), includes: { users: [{ id: '7', username: 'someone', public_metrics: { followers_count: 5 } }] },
  meta: { result_count: numbers.length, newest_id: idOf(numbers[0] ?? 0), ...(next !== undefined && { next_token: next }) },
})
const json = { 'content-type': 'application/json; charset=utf-8' }
const newest = idOf(9)

conforms({
  tool: 'vanta-twitter',
  words: ['--query', '$GME'],
  credentials: { bearer_token: 'made-up-bearer-token-AAAA' },
  routes: {
    '/2/tweets/search/recent': ({ url }) => {
      const query = new URL(url, 'http://x').searchParams
      if (query.get('since_id') === newest) return { headers: json, body: JSON.stringify({ meta: { result_count: 0 } }) }
      return query.get('next_token') === 'p2' ? { headers: json, body: page([6, 5]) } : { headers: json, body: page([9, 8, 7], 'p2') }
    },
  },
  atLeast: 10,
  lasting: ({ type }) => type !== 'snapshot' && type !== 'removal',
})
