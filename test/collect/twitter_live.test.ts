import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerFailure, Failure } from '#port/failure'
import type { Request } from '#port/outside'
import type { Vanta } from '#record'
import { memoryOutside, type MemoryOutside, type MemoryService } from '#adapter/memory/outside'
import { reconnectMs } from '#wire/twitter/ask'
import twitter from '../../src/collect/twitter.ts'
import { collected, payloadWorld } from './payload_world.ts'

const NOW = '2026-01-05T15:00:00Z'
const NOW_MS = Date.parse(NOW)
/** The id of a tweet so many seconds after noon. */
const idOf = (seconds: number): string => String(BigInt(Date.UTC(2026, 0, 5, 12) + seconds * 1000 - 1_288_834_974_657) << 22n)
const tweet = (seconds: number): object => ({ id: idOf(seconds), text: `tweet ${seconds}`, edit_history_tweet_ids: [idOf(seconds)] })
const page = (seconds: readonly number[], next?: string): string =>
  JSON.stringify({ ...(seconds.length > 0 && { data: seconds.map(tweet) }), meta: { result_count: seconds.length, ...(next !== undefined && { next_token: next }) } })

const secrets = { bearer_token: 'made-up-bearer' }
function service(answer: (query: URLSearchParams, request: Request) => string | { bytes: string; status: number }, more: Partial<MemoryService> = {}): MemoryOutside {
  return memoryOutside({
    secrets, ...more,
    answer(request) {
      const said = answer(new URL(request.url).searchParams, request)
      return { ...(typeof said === 'string' ? { bytes: said } : said), heardMs: NOW_MS }
    },
  })
}
const run = (outside: MemoryOutside, typed: Readonly<Record<string, string>> = {}, now = NOW): Promise<Vanta[]> =>
  collected(twitter, { query: '$GME', once: 'true', ...typed }, payloadWorld({}, now, outside))
const texts = (records: readonly Vanta[]): unknown[] => records.flatMap((record) => (record.kind === 'signal' && record.type === 'tweet' ? [record.facts?.['text']] : []))
const asked = ({ asked: requests }: MemoryOutside): string[] => requests.map(({ url }) => {
  const { searchParams: query } = new URL(url)
  return [query.get('since_id') === null ? '' : 'since', query.get('next_token') ?? ''].join(' ').trim()
})

test('search: pages by token, then only what is newer; a page without tweets may have a next one', async () => {
  const pages: Record<string, string> = { '': page([9, 8], 'b'), 'b': page([], 'c'), 'c': page([7]) }
  const outside = service((query) => (query.get('since_id') === null ? pages[query.get('next_token') ?? ''] : query.get('since_id') === idOf(9) ? page([10]) : page([])) ?? '')
  assert.deepEqual(texts(await run(outside)), ['tweet 9', 'tweet 8', 'tweet 7'])
  assert.deepEqual(texts(await run(outside)), ['tweet 10'])
  assert.deepEqual(asked(outside), ['', 'b', 'c', 'since'])
  const [request] = outside.asked
  assert.equal(request?.secret?.headers?.['authorization'], 'Bearer made-up-bearer')
  assert.ok(!JSON.stringify({ ...request, secret: undefined }).includes('made-up-bearer'))
})

test('search: a round that is cut goes on where it was, and only then from the newest; nothing is lost', async () => {
  let isCut = true
  const outside = service((query) => {
    const token = query.get('next_token')
    if (query.get('since_id') === idOf(9)) return page([11])
    if (token === null) return page([9], 'b')
    if (isCut) throw new Failure('upstream', 'cut')
    return token === 'b' ? page([8], 'c') : page([7])
  })
  await assert.rejects(run(outside), /cut/)
  isCut = false
  assert.deepEqual(texts(await run(outside)), ['tweet 8', 'tweet 7'])
  assert.deepEqual(texts(await run(outside)), ['tweet 11'])
  assert.deepEqual(asked(outside), ['', 'b', 'b', 'c', 'since'])
})

test('search: a place that the service has forgotten is searched anew', async () => {
  let forgets = false
  const outside = service((query) => {
    const token = query.get('next_token')
    if (token !== null && forgets) return { status: 400, bytes: '{"title":"Invalid Request"}' }
    if (token !== null) throw new Failure('upstream', 'cut')
    return forgets ? page([10, 9]) : page([9], 'b')
  })
  await assert.rejects(run(outside), /cut/)
  forgets = true
  assert.deepEqual(texts(await run(outside)), ['tweet 10'])
})

test('search: it ends where tokens go round, and after so many pages; more than a week back is not asked for', async () => {
  const circle = service((query) => page([9, 8], query.get('next_token') === 'a' ? 'b' : 'a'))
  assert.equal((await run(circle)).length > 0, true)
  assert.ok(circle.asked.length <= 3)
  let n = 0
  const endless = service((query) => (query.get('since_id') === null ? page([1000 - n], `t${++n}`) : page([])))
  assert.equal(texts(await run(endless, { pages: '4' })).length, 4)
  assert.deepEqual(texts(await run(endless, { pages: '4' })), [], 'the first round of all goes back no further')
  assert.equal(asked(endless).at(-1), 'since')
  await run(endless, { pages: '1' }, '2026-01-20T00:00:00Z')
  assert.equal(asked(endless).at(-1), '', 'the last id is older than what X searches')
})

test('accounts become as few queries as there can be', async () => {
  const outside = service(() => page([]))
  await collected(twitter, { account: Array.from({ length: 60 }, (_, i) => `@account${i}`).join(','), once: 'true' }, payloadWorld({}, NOW, outside))
  const queries = outside.asked.map(({ url }) => new URL(url).searchParams.get('query') ?? '')
  assert.equal(queries.length, 3)
  assert.ok(queries.every((query) => query.length <= 512))
  assert.equal(queries.join(' OR ').split(' OR ').length, 60)
  await assert.rejects(collected(twitter, { account: 'a/../b', once: 'true' }, payloadWorld({}, NOW, outside)), /no account is called/)
  await assert.rejects(collected(twitter, { once: 'true' }, payloadWorld({}, NOW, outside)), /--query or --account/)
})

const RULES = { data: [{ id: '1', value: '$AMC', tag: 'vanta' }, { id: '2', value: '$BB', tag: 'of others' }], meta: {} }
test('stream: rules are made to be ours and no others; once it stands, what was missed is searched for', async () => {
  const changes: unknown[] = []
  const message = (seconds: number): string => `${JSON.stringify({ data: tweet(seconds), matching_rules: [{ id: '3' }] })}\r\n`
  const outside = service((query, { url, method, body }) => {
    if (url.includes('/rules')) {
      if (method === 'POST') changes.push(JSON.parse(body ?? ''))
      return method === 'POST' ? '{"meta":{"summary":{"created":1}}}' : JSON.stringify(RULES)
    }
    if (url.includes('/stream')) return `\r\n${message(20)}\r\n${message(21)}`
    return page([query.get('since_id') === null ? 18 : 19])
  })
  assert.deepEqual(texts(await run(outside, { stream: 'true' })), ['tweet 18', 'tweet 20', 'tweet 21'])
  assert.deepEqual(changes, [{ add: [{ value: '$GME', tag: 'vanta' }] }, { delete: { ids: ['1'] } }])
  outside.asked.length = 0
  assert.deepEqual(texts(await run(outside, { stream: 'true' })), ['tweet 19'])
  const since = new URL(outside.asked.find(({ url }) => url.includes('recent'))?.url ?? '').searchParams.get('since_id')
  assert.equal(since, idOf(18), 'what the last search found; of the stream, a minute before the last that was heard, since order is not sure')
})

test('stream: where the access allows it, a short gap is sent again instead', async () => {
  const outside = service((_, { url }) => (url.includes('/rules') ? '{"data":[{"id":"1","value":"$GME"}]}' : url.includes('/stream') ? '\r\n' : page([])))
  const typed = { stream: 'true', backfill: '5' }
  await run(outside, typed)
  outside.asked.length = 0
  await run(outside, typed, '2026-01-05T15:02:30Z')
  assert.deepEqual(outside.asked.map(({ url }) => new URL(url).searchParams.get('backfill_minutes')), [null, '3'])
  outside.asked.length = 0
  await run(outside, typed, '2026-01-05T16:00:00Z')
  assert.equal(outside.asked.length, 3, 'a long one is searched for')
})

test('stream: a rule that X does not take is a matter of configuration', async () => {
  const outside = service((_, { method }) => (method === 'POST'
    ? '{"errors":[{"title":"Invalid Rule","value":"$GME OR","details":["no viable alternative"],"type":"x"}],"meta":{"summary":{"invalid":1}}}' : '{"meta":{}}'))
  await assert.rejects(run(outside, { stream: 'true' }), (error: unknown) => error instanceof Failure && error.exit === 'config' && /Invalid Rule/.test(error.message))
})

test('stream: X\'s own rules for opening it again', () => {
  const http = (status: number): Failure => new AnswerFailure('upstream', 'x', status)
  const network = new Failure('upstream', 'cut')
  assert.deepEqual([1, 2, 63, 64, 100].map((n) => reconnectMs(n, network)), [250, 500, 15_750, 16_000, 16_000])
  assert.deepEqual([1, 2, 3, 7, 20].map((n) => reconnectMs(n, http(503))), [5_000, 10_000, 20_000, 320_000, 320_000])
  assert.deepEqual([1, 2, 3, 20].map((n) => reconnectMs(n, http(429))), [60_000, 120_000, 240_000, 900_000])
  assert.equal(reconnectMs(0, undefined), 1000)
})

test('without credentials: pages for embedding, or feeds of a Nitter that the user names', async () => {
  const html = '<script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"timeline":{"entries":[]}}}}</script>'
  const embed = service(() => html, { secrets: {} })
  await run(embed, { via: 'embed', account: 'a,b' })
  assert.deepEqual(embed.asked.map(({ url }) => url), ['a', 'b'].map((name) => `https://syndication.twitter.com/srv/timeline-profile/screen-name/${name}`))
  const nitter = service(() => '<rss><channel></channel></rss>', { secrets: {} })
  await run(nitter, { via: 'nitter', account: 'a', nitter: 'https://nitter.example/' })
  assert.deepEqual(nitter.asked.map(({ url }) => url), ['https://nitter.example/a/rss'])
  await assert.rejects(run(nitter, { via: 'nitter', account: 'a', nitter: 'ftp://x' }), /--nitter/)
  await assert.rejects(run(nitter, { via: 'embed' }), /--account/)
})
