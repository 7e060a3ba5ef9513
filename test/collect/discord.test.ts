/** The collector of Discord: rounds of a channel over a simulated outside, and the gateway as a process against a local one. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import type { Signal, Vanta } from '#record'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import { memoryStore } from '#adapter/memory/store'
import discord from '../../src/collect/discord.ts'
import { runTool, signalsIn } from '../service/process.ts'
import { startService } from '../service/service.ts'
import { collected, payloadWorld } from './payload_world.ts'

const NOW = '2026-01-01T00:00:00Z'
const idOf = (n: number): string => String(1_175_000_000_000_000_000n + (BigInt(n) << 30n))
const messageOf = (n: number, more: object = {}): object => ({ id: idOf(n), channel_id: '5', type: 0, content: `message ${n}`, author: { id: '42' }, ...more })

function channel(messages: ReadonlyMap<number, object>, store = memoryStore()): MemoryOutside {
  return memoryOutside({
    store, secrets: { TOKEN: 'sesame' },
    answer({ url }) {
      const after = new URL(url).searchParams.get('after')
      const all = [...messages].sort(([a], [b]) => a - b)
      const page = after === null ? all.slice(-100) : all.filter(([n]) => BigInt(idOf(n)) > BigInt(after)).slice(0, 100)
      return { bytes: JSON.stringify(page.reverse().map(([, message]) => message)), heardMs: Date.parse(NOW) }
    },
  })
}
const range = (from: number, to: number): Map<number, object> => new Map(Array.from({ length: to - from + 1 }, (_, i) => [from + i, messageOf(from + i)]))
const round = (outside: MemoryOutside, words: { readonly [option: string]: string } = { channel: '5' }): Promise<Vanta[]> =>
  collected(discord, { once: 'true', ...words }, payloadWorld({}, NOW, outside))
const briefly = (records: readonly Vanta[]): string[] => records.filter((record): record is Signal => record.kind === 'signal')
  .map(({ type, key }) => `${type} ${Number((BigInt(key.slice('discord:'.length)) - 1_175_000_000_000_000_000n) >> 30n)}`)
const queriesOf = ({ asked }: MemoryOutside): string[] => asked.map(({ url }) => new URL(url).search)

test('the newest messages first, then what was missed since; the token is in no address', async () => {
  const store = memoryStore()
  const first = channel(range(1, 150), store)
  assert.equal(briefly(await round(first)).length, 100, 'the first round begins with the newest')
  assert.deepEqual(queriesOf(first), ['?limit=100'])
  assert.ok(first.asked.every(({ url, secret, limit, headers }) =>
    !url.includes('sesame') && secret?.headers?.['authorization'] === 'Bot sesame' && limit === 'channel 5' && /^DiscordBot \(.*\)$/.test(headers?.['user-agent'] ?? '')))
  const later = channel(range(1, 420), store)
  const heard = briefly(await round(later))
  assert.deepEqual([heard.length, new Set(heard).size], [270, 270])
  assert.deepEqual(queriesOf(later), ['?limit=100', `?limit=100&after=${idOf(150)}`, `?limit=100&after=${idOf(250)}`])
  assert.deepEqual(briefly(await round(channel(range(1, 420), store))), [])
})

test('an edit is a new signal; what was among the newest and is gone is a removal, said once', async () => {
  const store = memoryStore(), messages = range(1, 5)
  await round(channel(messages, store))
  messages.set(2, messageOf(2, { content: 'other words', edited_timestamp: '2025-12-01T00:00:00+00:00' }))
  messages.delete(3)
  assert.deepEqual(briefly(await round(channel(messages, store))), ['message 2', 'deletion 3'])
  assert.deepEqual(briefly(await round(channel(messages, store))), [])
})

test('what has only moved out of a full page is not gone', async () => {
  const store = memoryStore()
  await round(channel(range(1, 100), store))
  const heard = briefly(await round(channel(range(1, 110), store)))
  assert.deepEqual(heard.filter((each) => each.startsWith('deletion')), [])
  assert.equal(heard.length, 10)
})

test('a channel without messages, one that is no number, none at all', async () => {
  assert.deepEqual(briefly(await round(channel(new Map()))), [])
  await assert.rejects(round(channel(new Map()), { channel: 'general' }), /expected the number of a channel/)
  await assert.rejects(round(channel(new Map()), {}), /--channel or --gateway/)
})

const TOKEN = 'sesame-open-0123456789'
/** A gateway: `script` is what happens after HELLO and what the bot says to it. */
async function listening(script: (said: { op: number; d: unknown }, socket: WebSocket, nth: number) => void, rounds = 1): Promise<{ out: Signal[]; said: { op: number; d: unknown }[]; status: number; err: string }> {
  const service = await startService()
  const said: { op: number; d: unknown }[] = []
  let connections = 0
  service.sockets = (_, socket) => {
    const nth = ++connections
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 100 } }))
    socket.on('message', (data: Buffer) => {
      const heard = JSON.parse(data.toString()) as { op: number; d: unknown }
      said.push(heard)
      script(heard, socket, nth)
    })
  }
  const home = mkdtempSync(join(tmpdir(), 'vanta-discord-'))
  writeFileSync(join(home, 'credentials'), JSON.stringify({ TOKEN }), { mode: 0o600 })
  const out: Signal[] = []
  let status = 0, err = ''
  for (let n = 0; n < rounds; n++) {
    const ended = await runTool('vanta-discord', ['--gateway', '--endpoint', service.endpoint, '--once', '--credentials', join(home, 'credentials')], { VANTA_HOME: home })
    out.push(...signalsIn(ended.out))
    status = ended.status
    err += ended.err
    assert.ok(!`${ended.out}${ended.err}`.includes(TOKEN))
  }
  assert.ok(!readFileSync(join(home, 'memory', 'cursor_discord.json'), 'utf8').includes(TOKEN))
  rmSync(home, { recursive: true })
  await service.close()
  return { out, said, status, err }
}
const dispatch = (s: number, t: string, d: object): string => JSON.stringify({ op: 0, s, t, d })

test('the gateway: identified, heartbeats with the last number heard, messages; resumed where it was left', async () => {
  const { out, said, status, err } = await listening(({ op }, socket, nth) => {
    if (op === 2) {
      socket.send(dispatch(1, 'READY', { session_id: 'session', resume_gateway_url: 'wss://elsewhere.example' }))
      socket.send(dispatch(2, 'MESSAGE_CREATE', messageOf(1)))
      socket.send(dispatch(3, 'TYPING_START', { channel_id: '5' }))
    } else if (op === 1) {
      socket.send(JSON.stringify({ op: 11 }))
      socket.send(dispatch(4, 'MESSAGE_DELETE', { id: idOf(1), channel_id: '5' }))
      socket.send(JSON.stringify({ op: 7, d: null }))
    } else if (op === 6 && nth === 2) {
      socket.send(dispatch(5, 'MESSAGE_CREATE', messageOf(2)))
      socket.send(JSON.stringify({ op: 9, d: false }))
    }
  }, 3)
  assert.equal(status, 0, err)
  assert.deepEqual(out.map(({ type, key }) => `${type} ${key}`).slice(0, 3), [`message discord:${idOf(1)}`, `deletion discord:${idOf(1)}`, `message discord:${idOf(2)}`])
  assert.ok(out.every(({ raw }) => raw !== undefined), 'frames are kept')
  assert.deepEqual(said.map(({ op }) => op).slice(0, 3), [2, 1, 6])
  assert.deepEqual(said[1]?.d, 3, 'the last number heard')
  assert.deepEqual(said[2]?.d, { token: TOKEN, session_id: 'session', seq: 4 })
  assert.equal(said.filter(({ op }) => op === 2).length, 2, 'a session that is invalid is begun anew')
})

test('the gateway: a wrong token, and content that the bot may not hear, are matters of set-up', async () => {
  for (const code of [4004, 4014]) {
    const { status, err } = await listening(({ op }, socket) => {
      if (op === 2) socket.close(code)
    })
    assert.equal(status, 78, err)
    assert.match(err, new RegExp(`code ${code}`))
  }
})
