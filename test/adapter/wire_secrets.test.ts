/** Secrets are on the wire, and in nothing that is said or kept. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Secret, Service as Terms } from '#port/outside'
import { withoutSecrets, withSecrets } from '#adapter/http/secret'
import { politeHttp } from '#adapter/http/http'
import { memoryStore } from '#adapter/memory/store'
import { startService, type Service } from '../service/service.ts'

const TOKEN = '123456:AA-sesame_9'
const SERVICE: Terms = { name: 'bots', origins: ['https://bots.example'], rate: { requests: 1000, perMs: 1000 } }
const ask = { url: 'https://bots.example/bot{token}/getUpdates?offset=1', secret: { path: { token: TOKEN } } }

let service: Service
before(async () => (service = await startService()))
after(() => service.close())
beforeEach(() => service.reset())

function bots(): ReturnType<typeof politeHttp> {
  return politeHttp({
    service: SERVICE, endpoint: service.endpoint, contact: undefined, timeoutMs: 2000, maxBytes: 1000, patienceMs: 1000, retries: 0, socks: undefined,
    signal: new AbortController().signal,
  }, {
    clock: { now: () => 0 }, log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    random: { next: () => 0, integer: () => 0 }, store: memoryStore(), version: '0', pause: () => Promise.resolve(),
  })
}

test('a secret in the path is filled in on the wire alone', async () => {
  service.routes = { [`/bot${TOKEN}/getUpdates`]: { body: 'ok' } }
  const answer = await bots().get(ask)
  assert.equal(answer.bytes.toString(), 'ok')
  assert.equal(answer.url, ask.url)
  assert.equal(service.asked[0]?.url, `/bot${TOKEN}/getUpdates?offset=1`)
})

test('a service that repeats a secret, in an error or a redirect, is not quoted with it', async () => {
  service.routes = { '/': { status: 400, headers: { 'content-type': 'text/plain' }, body: `no bot ${TOKEN} here` } }
  await assert.rejects(bots().get(ask), (error: Error) => error.message.includes('no bot {token} here') && !error.message.includes('sesame'))
  service.routes = {
    [`/bot${TOKEN}/getUpdates`]: { status: 302, headers: { location: `/bot${TOKEN}/elsewhere?again=${encodeURIComponent(TOKEN)}` } },
    [`/bot${TOKEN}/elsewhere`]: { body: 'found' },
  }
  service.reset()
  const { url, bytes } = await bots().get(ask)
  assert.equal(bytes.toString(), 'found')
  assert.ok(!url.includes('sesame'), url)
  assert.ok(service.asked[1]?.url.startsWith(`/bot${TOKEN}/elsewhere`))
  service.routes = { '/': { status: 302, headers: { location: `https://evil.example/${TOKEN}` } } }
  await assert.rejects(bots().get(ask), (error: Error) => /no address of this service/.test(error.message) && !error.message.includes('sesame'))
})

test('headers, queries and bodies too; short values are words by chance and stay', () => {
  const secret: Secret = { headers: { authorization: 'Bot sesame-street' }, query: { key: 'a b&c/d', n: '1' } }
  assert.equal(withoutSecrets('sesame-street, Bot sesame-street, a%20b%26c%2Fd, 1', secret), '{authorization}, {authorization}, {key}, 1')
  assert.equal(withSecrets(new URL('https://x.example/{key}'), { path: { key: 'a/b?c' } }).href, 'https://x.example/a%2Fb%3Fc')
})
