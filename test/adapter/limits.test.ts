/** What a service says of one of its limits holds for requests under that limit; what it calls global, for all. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Service as Terms } from '#port/outside'
import { politeHttp } from '#adapter/http/http'
import { memoryStore } from '#adapter/memory/store'
import { startService, type Reply, type Service } from '../service/service.ts'

const SERVICE: Terms = { name: 'chat', origins: ['https://chat.example'], rate: { requests: 1000, perMs: 1000 } }

let service: Service
before(async () => (service = await startService()))
after(() => service.close())

/** Pauses before each of these requests, after a first one to channel 1 that was answered so. */
async function pausesAfter(first: Reply, ...channels: readonly string[]): Promise<number[]> {
  const pauses: number[] = []
  const nowMs = Date.UTC(2026, 0, 1)
  service.reset()
  service.routes = { '/': (_, nth) => (nth === 1 ? first : { body: '[]' }) }
  const http = politeHttp({
    service: SERVICE, endpoint: service.endpoint, contact: undefined, timeoutMs: 2000, maxBytes: 1000, patienceMs: 60_000, retries: 1, socks: undefined,
    signal: new AbortController().signal,
  }, {
    clock: { now: () => nowMs }, log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    random: { next: () => 0, integer: () => 0 }, store: memoryStore(), version: '0', pause: async (ms) => void pauses.push(ms),
  })
  await http.get({ url: 'https://chat.example/1', limit: 'channel 1' })
  for (const channel of channels) {
    pauses.push(-1)
    await http.get({ url: `https://chat.example/${channel}`, limit: `channel ${channel}` })
  }
  return pauses
}

const used = (more: Readonly<Record<string, string>> = {}): Reply =>
  ({ body: '[]', headers: { 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '0.25', 'x-ratelimit-bucket': 'abcd1234', ...more } })

test('a bucket that is used up is left in peace for as long as it says, to the millisecond, and no other', async () => {
  assert.deepEqual(await pausesAfter(used(), '2', '1'), [-1, -1, 250])
})

test('a limit that is called global holds for all', async () => {
  assert.deepEqual(await pausesAfter(used({ 'x-ratelimit-global': 'true' }), '2'), [-1, 250])
})

test('a wait that only the body tells is waited for', async () => {
  const pauses = await pausesAfter({ status: 429, body: '{"message":"You are being rate limited.","retry_after":0.75,"global":false}' })
  assert.deepEqual(pauses.slice(0, 1), [750])
  assert.deepEqual((await pausesAfter({ status: 429, body: '{"ok":false,"error_code":429,"parameters":{"retry_after":3}}' })).slice(0, 1), [3000])
})
