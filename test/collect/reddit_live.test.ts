import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from '#port/outside'
import type { Signal, Vanta } from '#record'
import { AnswerFailure, Failure } from '#port/failure'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import reddit from '../../src/collect/reddit.ts'
import { collected, payloadWorld } from './payload_world.ts'

const CREATED_S = Date.UTC(2025, 0, 5, 15) / 1000
const HEARD = Date.UTC(2025, 0, 6)
const post = (id: string, more: object = {}): object => ({ kind: 't3', data: { id, subreddit: 'stocks', created_utc: CREATED_S, title: id, score: 1, num_comments: 1, ...more } })
const listing = (ids: readonly (string | object)[], after: string | null = null): string =>
  JSON.stringify({ kind: 'Listing', data: { after, children: ids.map((id) => (typeof id === 'string' ? post(id) : id)) } })

const TOKEN = JSON.stringify({ access_token: 'made-up-token', token_type: 'bearer', expires_in: 3600 })
const secrets = { client_id: 'client', client_secret: 'made-up-secret' }

/** Answers by path and query, without the parts that every request has. */
function service(answers: (path: string) => string | undefined, more: object = {}): MemoryOutside {
  return memoryOutside({
    ...more,
    answer({ url }: Request) {
      const { pathname, searchParams } = new URL(url)
      for (const name of ['limit', 'raw_json', 'count', 'sort']) searchParams.delete(name)
      const path = `${pathname}${searchParams.size === 0 ? '' : `?${searchParams}`}`
      const bytes = pathname.endsWith('access_token') ? TOKEN : answers(path)
      if (bytes === undefined) throw new Failure('upstream', `${path}: HTTP 404`)
      return { bytes, heardMs: HEARD }
    },
  })
}
const paths = ({ asked }: MemoryOutside): string[] => asked.map(({ url }) => url.replace(/^https:\/\/[a-z]+\.reddit\.com/, '').replace(/limit=\d+&?|&?raw_json=1|count=\d+&?/g, '').replace(/[?&]$/, ''))
const posts = (records: readonly Vanta[]): string[] => records.filter((record): record is Signal => record.kind === 'signal' && record.type === 'post').map(({ key }) => key.replace('reddit:t3_', ''))
const run = (outside: MemoryOutside, typed: Readonly<Record<string, string>> = {}): Promise<Vanta[]> =>
  collected(reddit, { subreddit: 'stocks', listing: 'new', once: 'true', ...typed }, payloadWorld({}, '2025-01-06T00:00:00Z', outside))

test('new posts are read back to the last round; a page after a post that was removed meanwhile is asked for by the post before', async () => {
  const answers: Record<string, string> = {
    '/r/stocks/new': listing(['p6', 'p5'], 't3_p5'),
    '/r/stocks/new?after=t3_p5': listing([], null),
    '/r/stocks/new?after=t3_p6': listing(['p5', 'p4', 'p3'], 't3_p3'),
    '/r/stocks/new?after=t3_p3': listing(['p2', 'p3'], 't3_p2'),
    '/r/stocks/new?after=t3_p2': listing(['p1'], null),
  }
  const outside = service((path) => answers[path], { secrets })
  assert.deepEqual(posts(await run(outside)), ['p6', 'p5', 'p4', 'p3', 'p2', 'p1'])
  answers['/r/stocks/new'] = listing(['p8', 'p7'], 't3_p7')
  answers['/r/stocks/new?after=t3_p7'] = listing(['p5', 'p4'], 't3_p4')
  outside.asked.length = 0
  assert.deepEqual(posts(await run(outside)), ['p8', 'p7'])
  assert.deepEqual(paths(outside), ['/api/v1/access_token', '/r/stocks/new', '/r/stocks/new?after=t3_p7'], 'p6 was removed meanwhile; p5 is known')
})

test('paging ends: where a page brings nothing new, and after so many pages in any case', async () => {
  const circle = service((path) => listing(['p2', 'p1'], path.includes('after') ? 't3_p2' : 't3_p1'), { secrets })
  assert.deepEqual(posts(await run(circle)), ['p2', 'p1'])
  assert.ok(circle.asked.length < 8)
  let n = 0
  const endless = service(() => listing([`q${++n}`], `t3_q${n}`), { secrets })
  assert.equal(posts(await run(endless, { pages: '4' })).length, 4)
})

test('a token serves many rounds; counts that have not moved and removals already said are not said again', async () => {
  const answers: Record<string, string> = { '/r/stocks/new': listing([post('p1', { selftext: '[removed]' })]) }
  const outside = service((path) => answers[path], { secrets, stopAfterPauses: 3 })
  const records = await run(outside, { once: 'false' })
  const types = records.flatMap((record) => (record.kind === 'signal' ? [record.type] : []))
  assert.deepEqual(types, ['post', 'snapshot', 'removal'])
  assert.equal(paths(outside).filter((path) => path.includes('access_token')).length, 1)
  const later = service((path) => answers[path], { secrets, store: outside.store })
  assert.deepEqual((await run(later)).flatMap((record) => (record.kind === 'signal' ? [record.type] : [])), [], 'nor by another process')
  const [request] = outside.asked
  assert.equal(request?.method, 'POST')
  assert.match(request?.secret?.headers?.['authorization'] ?? '', /^Basic /)
  assert.match(request?.headers?.['user-agent'] ?? '', /^node:test:0/)
  assert.equal(outside.index.length, 3, 'the token is not kept')
})

test('a token that was revoked is asked for again; one that never was good is a matter of credentials', async () => {
  let refusals = 0
  const revoked = (round: number): MemoryOutside => service(() => {
    if (++refusals === round) throw new AnswerFailure('config', 'HTTP 401', 401)
    return listing(['p1'])
  }, { secrets, stopAfterPauses: 3 })
  const outside = revoked(2)
  await run(outside, { once: 'false' })
  assert.equal(paths(outside).filter((path) => path.includes('access_token')).length, 2)
  refusals = 0
  await assert.rejects(run(revoked(1), { once: 'false' }), /HTTP 401/)
})

test('a token that is refused with status 200 is a matter of credentials', async () => {
  const refusing = memoryOutside({ secrets, answer: () => ({ bytes: '{"error": "invalid_grant"}' }) })
  await assert.rejects(run(refusing), (error: unknown) => error instanceof Failure && error.exit === 'config' && /invalid_grant/.test(error.message))
})

test('threads: those with most comments, where there are more than last time', async () => {
  const comment = (id: string, postId: string): object => ({ kind: 't1', data: { id, created_utc: CREATED_S, body: id, link_id: `t3_${postId}` } })
  let grown = 5
  const outside = service((path) => {
    const id = /comments\/(\w+)/.exec(path)?.[1]
    return id === undefined ? listing([post('p1', { num_comments: grown }), post('p2', { num_comments: 9 }), post('p3', { num_comments: 0 })])
      : `[${listing([post(id)])},${listing([comment(`c${id}`, id)])}]`
  }, { secrets })
  const records = await run(outside, { comments: '2' })
  assert.deepEqual(paths(outside).filter((path) => path.includes('comments')), ['/r/stocks/comments/p2?sort=new', '/r/stocks/comments/p1?sort=new'])
  assert.deepEqual(records.flatMap((record) => (record.kind === 'signal' && record.type === 'comment' ? [record.facts?.['post']] : [])), ['reddit:t3_p2', 'reddit:t3_p1'])
  outside.asked.length = 0
  grown = 6
  await run(outside, { comments: '2' })
  assert.deepEqual(paths(outside).filter((path) => path.includes('comments')), ['/r/stocks/comments/p1?sort=new'])
})

test('without credentials the public pages are asked, in the form that is wanted', async () => {
  const asked = async (format: string): Promise<(string | undefined)[]> => {
    const outside = service(() => (format === 'json' ? listing(['p1']) : format === 'rss' ? '<feed></feed>' : '<div id="siteTable"></div>'))
    await run(outside, { format, listing: 'hot' })
    return outside.asked.map(({ url, secret }) => (secret === undefined ? url : 'with a secret'))
  }
  assert.deepEqual(await asked('json'), ['https://www.reddit.com/r/stocks/hot.json?limit=100&raw_json=1'])
  assert.deepEqual(await asked('rss'), ['https://www.reddit.com/r/stocks/hot.rss?limit=100'])
  assert.deepEqual(await asked('html'), ['https://old.reddit.com/r/stocks/hot?limit=100'])
})

test('it must be told which forums', async () => {
  await assert.rejects(collected(reddit, { once: 'true' }, payloadWorld({}, undefined, service(() => ''))), /--subreddit/)
})
