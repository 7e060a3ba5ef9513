/** The collector of Telegram over a simulated outside: what it asks, in which order, and what it remembers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '#port/failure'
import type { Signal, Vanta } from '#record'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import { memoryStore } from '#adapter/memory/store'
import telegram from '../../src/collect/telegram.ts'
import { collected, payloadWorld } from './payload_world.ts'

const NOW = '2026-01-01T00:00:00Z'
const post = (id: number): string =>
  `<div class="tgme_widget_message" data-post="desk/${id}"><div class="tgme_widget_message_text">post ${id}</div><a class="tgme_widget_message_date"><time datetime="2023-11-14T22:13:20+00:00"></time></a></div>`
const keysOf = (records: readonly Vanta[]): string[] => records.filter((record): record is Signal => record.kind === 'signal').map(({ key }) => key)

/** A channel with posts 1 to `latest` but for `holes`, three a page. */
function channel(latest: number, holes: readonly number[] = [], store = memoryStore()): MemoryOutside {
  return memoryOutside({
    store,
    answer({ url }) {
      const before = Number(new URL(url).searchParams.get('before') ?? latest + 1)
      const ids = Array.from({ length: before - 1 }, (_, i) => i + 1).filter((id) => !holes.includes(id)).slice(-3)
      return { bytes: `<section class="tgme_channel_history">${ids.map(post).join('')}</section>`, heardMs: Date.parse(NOW) }
    },
  })
}
const round = (outside: MemoryOutside, words: { readonly [option: string]: string } = { channel: 'desk' }, now = NOW): Promise<Vanta[]> =>
  collected(telegram, { once: 'true', ...words }, payloadWorld({}, now, outside))

test('a channel is read page by page, back to what was heard before', async () => {
  const store = memoryStore()
  const first = channel(7, [5], store)
  assert.deepEqual(keysOf(await round(first)).sort(), [1, 2, 3, 4, 6, 7].map((id) => `telegram:desk/${id}`))
  assert.deepEqual(first.asked.map(({ url }) => url), ['https://t.me/s/desk', 'https://t.me/s/desk?before=4'])
  const idle = channel(7, [5], store)
  assert.deepEqual(keysOf(await round(idle)), [])
  assert.equal(idle.asked.length, 1)
  const later = channel(12, [5], store)
  assert.deepEqual(keysOf(await round(later)).sort(), [10, 11, 12, 8, 9].map((id) => `telegram:desk/${id}`))
  assert.equal(later.asked.length, 2)
})

test('a gap that is wider than the pages is said', async () => {
  const store = memoryStore()
  await round(channel(3, [], store))
  const world = payloadWorld({}, NOW, channel(40, [], store))
  await collected(telegram, { once: 'true', channel: 'https://t.me/s/desk', pages: '2' }, world)
  assert.ok(world.said.some((text) => /posts 4 to 34 were not read/.test(text)), world.said.join())
})

test('a page that says the same again, and one without posts, end it', async () => {
  const same = memoryOutside({ answer: () => ({ bytes: `<section class="tgme_channel_history">${post(5)}</section>` }) })
  await round(same)
  assert.equal(same.asked.length, 2)
  const empty = memoryOutside({ answer: () => ({ bytes: '<section class="tgme_channel_history"></section>' }) })
  assert.deepEqual(keysOf(await round(empty)), [])
  assert.equal(empty.asked.length, 1)
  await assert.rejects(round(channel(1), { channel: 'no/name' }), (error) => error instanceof Failure && error.exit === 'usage')
})

const bot = (ids: readonly number[], store = memoryStore(), status = 200, body?: object): MemoryOutside => memoryOutside({
  store, secrets: { TOKEN: '1:sesame' },
  answer({ url }) {
    const from = Number(new URL(url).searchParams.get('offset') ?? 0)
    const result = ids.filter((id) => id >= from).slice(0, 100).map((id) => ({ update_id: id, message: { message_id: id, date: 1_700_000_000, chat: { id: 5, type: 'private' }, text: `t${id}` } }))
    return { status, bytes: JSON.stringify(body ?? { ok: true, result }), heardMs: Date.parse(NOW) }
  },
})
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('a bot asks from the last update on, until nothing more waits; the token is in no address', async () => {
  const store = memoryStore()
  const first = bot(range(1, 150), store)
  assert.equal(keysOf(await round(first, {})).length, 150)
  assert.deepEqual(first.asked.map(({ url }) => url.slice('https://api.telegram.org/bot{token}/getUpdates?'.length)), ['limit=100&timeout=0', 'offset=101&limit=100&timeout=0'])
  assert.ok(first.asked.every(({ url, secret }) => !url.includes('sesame') && secret?.path?.['token'] === '1:sesame'))
  const next = bot(range(1, 151), store)
  assert.deepEqual(keysOf(await round(next, {})), ['telegram:5/151'])
  assert.match(next.asked[0]?.url ?? '', /offset=151/)
})

test('after a week of silence updates are numbered anew', async () => {
  const store = memoryStore()
  await round(bot(range(1000, 1001), store), {})
  const anew = bot(range(3, 4), store)
  assert.deepEqual(keysOf(await round(anew, {}, '2026-01-09T00:00:00Z')), ['telegram:5/3', 'telegram:5/4'])
  assert.ok(!anew.asked[0]?.url.includes('offset'))
})

test('a webhook that is set, another listener, and a token of no bot are matters of set-up', async () => {
  const failsWith = (status: number, description: string): Promise<void> =>
    assert.rejects(round(bot([], memoryStore(), status, { ok: false, error_code: status, description }), {}), (error) => error instanceof Failure && error.exit === 'config' && error.message.includes(description) && !error.message.includes('sesame'))
  await failsWith(409, 'Conflict: can\'t use getUpdates method while webhook is active')
  await failsWith(409, 'Conflict: terminated by other getUpdates request')
  await failsWith(404, 'Not Found')
  await assert.rejects(round(memoryOutside({}), {}), (error) => error instanceof Failure && error.exit === 'config')
})
