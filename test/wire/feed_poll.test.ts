import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make, formatInstant, type Json, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Answer } from '#port/outside'
import { pollFeeds, type PollTerms, type PollWorld } from '#wire/feed/poll'
import { newsParser } from '#wire/news/payload'

type Page = string | Failure | { readonly status: 304 }

/** A world of pages by address, whose clock the test moves. */
function worldOf(pages: { [address: string]: Page }) {
  const asked: string[] = [], said: string[] = [], services: string[] = []
  const states = new Map<string, Json>()
  const log = { debug: () => undefined, info: () => undefined, warn: (message: string) => void said.push(message), error: (message: string) => void said.push(message) }
  const world: PollWorld & { nowMs: number } = {
    nowMs: Date.parse('2026-12-01T12:00:00Z'),
    clock: { now: () => world.nowMs },
    log,
    random: () => ({ next: () => 0.5, integer: () => 0 }),
    pause: async () => undefined,
    cursor: (stream) => ({ get state() { return states.get(stream) }, save: async (state) => void states.set(stream, state) }),
    httpOf: (service) => {
      services.push(`${service.name} ${service.origins.join(' ')}`)
      return {
        get: async ({ url }): Promise<Answer> => {
          asked.push(url)
          const page = pages[url] ?? new Failure('upstream', `${url}: HTTP 404`)
          if (page instanceof Failure) throw page
          const bytes = Buffer.from(typeof page === 'string' ? page : '')
          return { status: typeof page === 'string' ? 200 : 304, url, headers: {}, bytes, heardMs: world.nowMs, validators: {} }
        },
        stream: () => assert.fail(),
        socket: () => assert.fail(),
      }
    },
    async *read({ bytes, url, heardMs }) {
      yield* newsParser({ by: 'test/0', log, reject: () => undefined }).read({ name: url, bytes, heardMs })
    },
  }
  return { world, asked, said, services, pages, states }
}

async function round(feeds: readonly string[], world: PollWorld, terms: Partial<PollTerms> = {}): Promise<string[]> {
  const keys: string[] = []
  for await (const record of pollFeeds(feeds, { service: 'news', pages: 5, once: false, ...terms }, world)) keys.push(record.kind === 'signal' ? record.key : record.kind)
  return keys
}
const rss = (titles: string, head = ''): string =>
  `<rss><channel><link>https://a.com</link>${head}${titles.split('').map((title) => `<item><title>${title}</title><guid>x:${title}</guid><pubDate>4 Jan 2021 00:00 GMT</pubDate></item>`).join('')}</channel></rss>`

test('one feed that fails does not hold the others; alone, or once, it is the round\'s failure', async () => {
  const { world, said } = worldOf({ 'https://a.com/1': '<html><title>Sorry</title></html>', 'https://b.com/2': rss('B'), 'https://c.com/3': new Failure('refused', 'https://c.com/3: redirected off') })
  const feeds = ['https://a.com/1', 'https://b.com/2', 'https://c.com/3']
  assert.deepEqual(await round(feeds, world), ['x:B'].map((key) => `news:${key}`))
  assert.equal(said.filter((message) => /the other feeds go on/.test(message)).length, 2)
  await assert.rejects(round(feeds, worldOf({ 'https://b.com/2': rss('B') }).world, { once: true }), /HTTP 404/)
  await assert.rejects(round(['https://a.com/1'], worldOf({}).world), /HTTP 404/)
})

test('a failing feed is asked less and less, one with hints when its time is over', async () => {
  const { world, asked, pages } = worldOf({ 'https://a.com/1': rss('A', '<ttl>60</ttl>'), 'https://b.com/2': rss('B') })
  const feeds = ['https://a.com/1', 'https://b.com/2', 'https://c.com/3']
  await round(feeds, world)
  assert.deepEqual(asked, feeds)
  world.nowMs += 5 * 60_000
  asked.length = 0
  await round(feeds, world)
  assert.deepEqual(asked, ['https://b.com/2', 'https://c.com/3'])
  pages['https://b.com/2'] = new Failure('upstream', 'https://b.com/2: HTTP 500')
  await assert.doesNotReject(round(feeds, world), 'the first is well, though not asked again yet')
  world.nowMs += 55 * 60_000
  asked.length = 0
  await round(['https://a.com/1'], world)
  assert.deepEqual(asked, ['https://a.com/1'])
  asked.length = 0
  await round(['https://a.com/1'], world, { once: true })
  assert.deepEqual(asked, ['https://a.com/1'], 'once: whatever the hints')
})

test('older pages are read until one brings something known or nothing new, on the same host only', async () => {
  const next = (page: string): string => `<atom:link rel="next" href="${page}"/>`
  const { world, asked, said, pages } = worldOf({
    'https://a.com/1': rss('DE', next('/2')), 'https://a.com/2': rss('CD', next('https://a.com/3')), 'https://a.com/3': rss('CD', next('https://a.com/4')), 'https://a.com/4': rss('A'),
  })
  assert.equal((await round(['https://a.com/1'], world)).length, 6)
  assert.deepEqual(asked, ['https://a.com/1', 'https://a.com/2', 'https://a.com/3'])
  pages['https://a.com/1'] = rss('EF', next('/2'))
  asked.length = 0
  await round(['https://a.com/1'], world)
  assert.deepEqual(asked, ['https://a.com/1'])
  pages['https://a.com/1'] = rss('XY', next('http://169.254.169.254/latest'))
  await round(['https://a.com/1'], world)
  assert.match(said.join(), /another host/)
  assert.ok(asked.every((url) => url.startsWith('https://a.com/')))
})

test('what states no moment is said once, though days pass', async () => {
  const { world } = worldOf({ 'https://a.com/1': '<rss><channel><item><title>A</title></item></channel></rss>' })
  assert.equal((await round(['https://a.com/1'], world)).length, 1)
  world.nowMs += 3 * 86_400_000
  assert.equal((await round(['https://a.com/1'], world)).length, 0)
})

test('each host has a budget of its own and is never asked less securely than it was named', () => {
  const { world, services } = worldOf({ 'https://a.com:8443/1': rss('A'), 'http://b.com/2': rss('B') })
  return round(['https://a.com:8443/1', 'http://b.com/2'], world).then(() =>
    assert.deepEqual(services, ['news_a.com_8443 https://a.com:8443', 'news_b.com http://b.com https://b.com']))
})

test('a record of health or anything else passes through', async () => {
  const { world } = worldOf({ 'https://a.com/1': rss('A') })
  const at = formatInstant(world.nowMs)
  const other: Vanta = make('control', { at, known_at: at, source: 'x', by: 'x', type: 'tick' })
  world.read = async function* () {
    yield other
  }
  assert.deepEqual(await round(['https://a.com/1'], world), ['control'])
})
