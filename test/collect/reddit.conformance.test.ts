import { conforms } from './conformance.ts'

const CREATED_S = Date.UTC(2026, 0, 5, 15) / 1000
const post = (id: string, more: object = {}): object => ({
  kind: 't3', data: { id, subreddit: 'stocks', author: 'someone', created_utc: CREATED_S, title: `Made-up ${id}`, selftext: 'words '.repeat(40), score: 5, num_comments: 2, ...more },
})
const comment = { kind: 't1', data: { id: 'c1', subreddit: 'stocks', author: 'other', created_utc: CREATED_S + 60, body: 'no', link_id: 't3_p1', score: 1 } }
const listing = (children: readonly object[], after: string | null = null): string => JSON.stringify({ kind: 'Listing', data: { children, after } })
const json = { 'content-type': 'application/json; charset=UTF-8' }

conforms({
  tool: 'vanta-reddit',
  words: ['--subreddit', 'stocks', '--comments', '1'],
  credentials: { client_id: 'made-up-client', client_secret: 'made-up-secret-1' },
  routes: {
    '/api/v1/access_token': { headers: json, body: JSON.stringify({ access_token: 'made-up-token-of-the-service', token_type: 'bearer', expires_in: 3600, scope: '*' }) },
    '/r/stocks/new': { headers: { ...json, etag: '"n1"' }, body: listing([post('p1'), post('p2')], 't3_p2') },
    '/r/stocks/new?limit=100&after=t3_p2': { headers: json, body: listing([post('p3')]) },
    '/r/stocks/hot': { headers: { ...json, etag: '"h1"' }, body: listing([post('p2'), post('p1', { num_comments: 9 })]) },
    '/r/stocks/comments/p1': { headers: json, body: `[${listing([post('p1')])},${listing([comment])}]` },
  },
  at: /^\/r\/stocks\/new/,
  atLeast: 4,
  lasting: ({ type }) => type !== 'snapshot' && type !== 'removal',
})
