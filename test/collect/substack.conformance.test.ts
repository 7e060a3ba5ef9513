import { conforms } from './conformance.ts'

const post = (n: number): object => ({
  id: n, slug: `post-${n}`, title: `Post ${n}`, post_date: `2021-01-04T14:3${n}:00.000Z`, audience: 'everyone', canonical_url: `https://example.substack.com/p/post-${n}`,
})

conforms({
  tool: 'vanta-substack',
  words: ['--publication', 'example,www.example.com', '--via', 'archive'],
  routes: {
    '/api/v1/archive?sort=new&offset=0': { body: JSON.stringify([post(1), post(2)]), headers: { 'content-type': 'application/json', etag: '"a"' } },
    '/api/v1/archive?sort=new&offset=12': { body: JSON.stringify([post(2), post(3)]), headers: { 'content-type': 'application/json' } },
    '/api/v1/archive?sort=new&offset=24': { body: '[]', headers: { 'content-type': 'application/json' } },
  },
  atLeast: 3,
})
