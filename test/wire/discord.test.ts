import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { discordParser } from '#wire/discord/payload'
import { snowflakeMs } from '#wire/discord/message'
import { sharedFolder } from '../collect/payload_world.ts'
import { bearsDamage } from './hostile.ts'
import { readerOf } from './reader.ts'

const HEARD = '2026-12-01T00:00:00.000Z'

const { read, refused } = readerOf(discordParser, HEARD)

const ID = '1175000000000000000', AT = '2023-11-17T09:10:30.444Z'
const message = (more: object = {}): object =>
  ({ id: ID, channel_id: '5', type: 0, content: 'GME halted', author: { id: '42', username: 'ann' }, timestamp: '2023-11-17T09:10:30.444000+00:00', edited_timestamp: null, ...more })

test('a snowflake holds its millisecond, and its digits are kept', () => {
  assert.equal(snowflakeMs('175928847299117063'), Date.parse('2016-04-30T11:18:25.796Z'))
  assert.equal(snowflakeMs('x'), undefined)
  const [signal] = read(`[{"id":${ID}7,"channel_id":5,"content":"x","author":{}}]`).signals
  assert.equal(signal?.key, `discord:${ID}7`, 'a number beyond a double')
})

test('a message of the API', () => {
  const { signals } = read([message()])
  assert.deepEqual(signals.map(({ type, key, at, known_at, source, author, facts }) => ({ type, key, at, known_at, source, author, facts })), [
    { type: 'message', key: `discord:${ID}`, at: AT, known_at: HEARD, source: 'discord/5', author: 'discord:42', facts: { text: 'GME halted' } },
  ])
  assert.equal(read([message({ timestamp: undefined })]).signals[0]?.at, AT, 'by its snowflake')
  const [other] = read([message({ timestamp: '2023-11-17T09:20:00+00:00' })]).signals
  assert.deepEqual([other?.at, other?.facts?.['snowflake_time']], ['2023-11-17T09:20:00.000Z', AT])
})

test('edits, replies, forwards, cross-posts, bots, embeds, files, polls, reactions', () => {
  const facts = (more: object): unknown => read([message(more)]).signals[0]?.facts
  const [edited] = read([message({ edited_timestamp: '2023-11-17T10:00:00+00:00' })]).signals
  assert.deepEqual([edited?.at, edited?.facts], ['2023-11-17T10:00:00.000Z', { text: 'GME halted', posted: AT }])
  assert.deepEqual(facts({ type: 19, message_reference: { message_id: '7' } }), { text: 'GME halted', reply_to: 'discord:7' })
  assert.deepEqual(facts({ flags: 2, message_reference: { type: 0, channel_id: '9', message_id: '7' } }), { text: 'GME halted', forwarded_from: 'discord:7' })
  assert.deepEqual(facts({ content: '', message_reference: { type: 1, message_id: '7' }, message_snapshots: [{ message: { content: 'said before', attachments: [{ filename: 'a.png' }] } }] }),
    { text: 'said before', files: ['a.png'], forwarded_from: 'discord:7' })
  assert.deepEqual(facts({ author: { id: '42', bot: true } }), { text: 'GME halted', bot: true })
  assert.deepEqual(facts({ webhook_id: '42' }), { text: 'GME halted', bot: true })
  assert.deepEqual(facts({ content: '', embeds: [{ type: 'rich', title: 'Halt', description: 'LULD', url: 'https://x.example/', fields: [{ name: 'Ticker', value: 'GME', inline: true }], image: { url: 'https://y.example/' } }] }),
    { embeds: [{ title: 'Halt', text: 'LULD', link: 'https://x.example/', fields: [{ name: 'Ticker', value: 'GME' }] }] })
  assert.deepEqual(facts({ content: '', poll: { question: { text: 'Up?' }, answers: [{ answer_id: 1, poll_media: { text: 'yes' } }] } }), { poll: { question: 'Up?', answers: ['yes'] } })
  const [, counts] = read([message({ reactions: [{ count: 3, emoji: { id: null, name: '🔥' } }] })]).signals
  assert.deepEqual([counts?.type, counts?.key, counts?.at, counts?.facts], ['snapshot', `discord:${ID}`, HEARD, { reactions: [{ reaction: '🔥', count: 3 }] }])
  assert.deepEqual([read([message({ type: 7, content: '' })]).signals[0]].map((signal) => [signal?.type, signal?.facts]), [['service', { action: 'join' }]])
  assert.deepEqual(read([message({ content: '' })]).rejects, [`item ${ID}: a message without text`])
})

test('the gateway: messages, edits and removals; a removal is the same for whoever hears of it, and when', () => {
  const frame = (t: string, d: object): object => ({ op: 0, s: 3, t, d })
  assert.deepEqual(read(frame('MESSAGE_CREATE', message({ guild_id: '1' }))).signals.map(({ id }) => id), read([message()]).signals.map(({ id }) => id))
  const removed = read(frame('MESSAGE_DELETE', { id: ID, channel_id: '5', guild_id: '1' })).signals
  assert.deepEqual(removed.map(({ type, key, at, known_at, facts }) => ({ type, key, at, known_at, facts })),
    [{ type: 'deletion', key: `discord:${ID}`, at: AT, known_at: HEARD, facts: { at_is: 'posted' } }])
  assert.equal(read(frame('MESSAGE_DELETE', { id: ID, channel_id: '5' }), '2027-01-01T00:00:00.000Z').signals[0]?.id, removed[0]?.id)
  assert.equal(read(frame('MESSAGE_DELETE_BULK', { ids: [ID, '7'], channel_id: '5' })).signals.length, 2)
  assert.deepEqual(read(frame('MESSAGE_UPDATE', { id: ID, channel_id: '5', embeds: [] })).rejects, ['object: an update of a message without its words'])
  assert.deepEqual(read(frame('TYPING_START', {})).rejects, ['object: an event without a message: TYPING_START'])
  assert.deepEqual(read({ op: 10, d: { heartbeat_interval: 45000 } }).rejects, ['object: a frame of the gateway that tells no event'])
  assert.equal(read(`${JSON.stringify(frame('MESSAGE_CREATE', message()))}\n${JSON.stringify({ op: 11, d: null })}\n`).signals.length, 1)
})

const EXPORT = { guild: { id: '1' }, channel: { id: '5', type: 'GuildTextChat' }, messages: [{ id: ID, type: 'Default', timestamp: '2023-11-17T09:10:30.444+00:00', timestampEdited: null, content: 'GME halted', author: { id: '42', name: 'ann', isBot: false } }] }

test('an export gives the messages of the API', () => {
  assert.deepEqual(read(EXPORT).signals.map(({ id }) => id), read([message()]).signals.map(({ id }) => id))
  const facts = (more: object): unknown => read({ ...EXPORT, messages: [{ ...EXPORT.messages[0], ...more }] }).signals[0]?.facts
  assert.deepEqual(facts({ type: 'Reply', reference: { messageId: '7' }, attachments: [{ fileName: 'a.png' }] }), { text: 'GME halted', files: ['a.png'], reply_to: 'discord:7' })
  assert.deepEqual(facts({ type: 'ChannelPinnedMessage' }), { action: 'ChannelPinnedMessage', text: 'GME halted' })
  assert.deepEqual(facts({ author: { id: '42', isBot: true } }), { text: 'GME halted', bot: true })
  assert.deepEqual(read({ ...EXPORT, messages: [] }).rejects, ['payload: nothing new: no messages in it'])
})

test('searches, other objects, errors, and what is nothing of Discord\'s', () => {
  assert.equal(read({ total_results: 1, messages: [[message()]] }).signals.length, 1)
  assert.deepEqual(read([]).rejects, ['payload: nothing new: no messages in it'])
  assert.deepEqual(read({ id: ID, guild_id: '1', name: 'general' }).rejects, ['object: an object of Discord that is no message'])
  refused({ message: 'Unknown Channel', code: 10003 }, /error: Unknown Channel \(10003\)/)
  refused({ message: 'You are being rate limited.', retry_after: 64.57, global: false }, /error: You are being rate limited/)
  refused({ foo: 1 }, /nothing of Discord/)
  refused('[1]', /nothing of Discord/)
  refused('', /nothing in it/)
  refused('<html>', /HTML/)
  refused('[{"id":"1"', /no JSON/)
})

const samples = [JSON.stringify([message()]), JSON.stringify(EXPORT), JSON.stringify({ op: 0, s: 1, t: 'MESSAGE_CREATE', d: message() })]
test('cut or damaged anywhere, a payload gives messages, a reason or a Failure', () => bearsDamage(read, samples))

test('messages in any order, and more than once, are the same messages', () => {
  const messages = ['1', '2', '3', '4'].map((n) => message({ id: `${ID.slice(0, -1)}${n}`, content: n }))
  const ids = (order: readonly object[]): string[] => [...new Set(read(order).signals.map(({ id }) => id))].sort()
  fc.assert(fc.property(fc.shuffledSubarray(messages, { minLength: 4 }), fc.subarray(messages), (order, again) => {
    assert.deepEqual(ids([...order, ...again]), ids(messages))
  }))
})

const folder = sharedFolder('fixtures', 'discord')
test('recorded payloads: messages, or the reason', { skip: folder === undefined ? 'needs the recorded payloads of VANTA_SHARED' : false }, () => {
  const told: { [name: string]: string } = {}
  for (const sort of ['dce', 'docs']) {
    for (const name of readdirSync(join(folder ?? '', sort))) {
      try {
        const { signals, rejects } = read(readFileSync(join(folder ?? '', sort, name)))
        told[name] = `${signals.length} ${rejects.length}`
        assert.ok(signals.length + rejects.length > 0, name)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        told[name] = 'refused'
      }
    }
  }
  const expected: { [name: string]: string } = {
    'chatpack_discord_export.json': '7 0', 'example_general.json': '1 0', 'message_00.json': '2 0', 'message_01.json': '2 0', 'message_10.json': '0 1',
    'channel_00.json': '0 1', 'channel_02.json5.txt': 'refused', 'rate-limits.mdx.txt': 'refused', 'gateway_06.json': '0 1', 'guild_06.json': '0 1', 'webhook_02.json': '0 1',
  }
  for (const [name, counts] of Object.entries(expected)) if (name in told) assert.equal(told[name], counts, name)
})
