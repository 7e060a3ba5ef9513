import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Signal } from '#record'
import { telegramParser } from '#wire/telegram/payload'
import { sharedFolder } from '../collect/payload_world.ts'
import { bearsDamage } from './hostile.ts'
import { readerOf, type Read } from './reader.ts'

const HEARD = '2026-12-01T00:00:00.000Z'

const { read, refused } = readerOf(telegramParser, HEARD)
const briefly = ({ signals }: Read): unknown[] => signals.map(({ type, key, at, known_at, author, facts }) => ({ type, key, at, known_at, ...(author !== undefined && { author }), facts }))

const CHAT = { id: -1001234567890, title: 'Desk', type: 'supergroup' }
const update = (message: object, kind = 'message', id = 1): object => ({ update_id: id, [kind]: { message_id: 7, date: 1_700_000_000, chat: CHAT, from: { id: 42, is_bot: false, first_name: 'Ann' }, ...message } })
const answer = (...updates: object[]): object => ({ ok: true, result: updates })
const AT = '2023-11-14T22:13:20.000Z'

test('a message to a bot is as of its date, and known from when it was heard', () => {
  assert.deepEqual(briefly(read(answer(update({ text: 'hi' })))), [
    { type: 'message', key: 'telegram:c/1234567890/7', at: AT, known_at: HEARD, author: 'telegram:42', facts: { text: 'hi' } },
  ])
})

test('a post of a public channel was known at once, its edit from the edit on, under the same key', () => {
  const chat = { id: -1001, title: 'Desk', type: 'channel', username: 'TheDesk' }
  const { signals } = read(answer(
    update({ chat, from: undefined, text: 'GME halted', author_signature: 'Ann' }, 'channel_post'),
    update({ chat, from: undefined, text: 'GME resumed', edit_date: 1_700_000_060 }, 'edited_channel_post', 2),
  ))
  assert.deepEqual(briefly({ signals, rejects: [] }), [
    { type: 'message', key: 'telegram:thedesk/7', at: AT, known_at: AT, author: 'telegram:thedesk', facts: { signature: 'Ann', text: 'GME halted' } },
    {
      type: 'message', key: 'telegram:thedesk/7', at: '2023-11-14T22:14:20.000Z', known_at: '2023-11-14T22:14:20.000Z', author: 'telegram:thedesk',
      facts: { text: 'GME resumed', posted: AT },
    },
  ])
})

test('captions, links by place, replies, forwards, attachments, bots', () => {
  const facts = (message: object): unknown => read(answer(update(message))).signals[0]?.facts
  assert.deepEqual(facts({ text: 'é see sec.gov or this', entities: [{ type: 'url', offset: 6, length: 7 }, { type: 'text_link', offset: 17, length: 4, url: 'http://x.example/' }] }),
    { text: 'é see sec.gov or this', links: ['sec.gov', 'http://x.example/'] })
  assert.deepEqual(facts({ photo: [{}], caption: 'chart', reply_to_message: { message_id: 3 } }), { text: 'chart', media: ['photo'], reply_to: 'telegram:c/1234567890/3' })
  assert.deepEqual(facts({ document: { file_name: 'a.pdf' }, from: { id: 9, is_bot: true } }), { bot: true, media: ['document'], file: 'a.pdf' })
  assert.deepEqual(facts({ text: 'x', forward_origin: { type: 'channel', chat: { id: -1002, type: 'channel', username: 'News' }, message_id: 5 } }), { text: 'x', forwarded_from: 'telegram:news/5' })
  assert.deepEqual(facts({ text: 'x', forward_from: { id: 3 } }), { text: 'x', forwarded_from: 'telegram:3' })
  assert.deepEqual(facts({ text: 'x', forward_origin: { type: 'hidden_user', sender_user_name: 'Bob' } }), { text: 'x', forwarded_from: 'Bob' })
})

test('service messages, deletions, polls and reactions', () => {
  assert.deepEqual(briefly(read(answer(update({ new_chat_title: 'New' })))).map((each) => (each as Signal).type), ['service'])
  const poll = { id: '77', question: 'Up?', options: [{ text: 'yes', voter_count: 2 }, { text: 'no', voter_count: 1 }], total_voter_count: 3 }
  const polled = read(answer(update({ poll }), { update_id: 2, poll: { ...poll, is_closed: true } })).signals
  assert.deepEqual(polled.map(({ type, key, at }) => `${type} ${key} ${at}`), [
    `message telegram:c/1234567890/7 ${AT}`, `snapshot telegram:c/1234567890/7 ${HEARD}`, `snapshot telegram:poll/77 ${HEARD}`,
  ])
  assert.deepEqual(polled[0]?.facts, { poll: { question: 'Up?', answers: ['yes', 'no'] } })
  assert.deepEqual(polled[2]?.facts, { question: 'Up?', voters: 3, votes: [{ answer: 'yes', votes: 2 }, { answer: 'no', votes: 1 }], closed: true })
  const reacted = read(answer({ update_id: 3, message_reaction_count: { chat: CHAT, message_id: 7, date: 1_700_000_100, reactions: [{ type: { type: 'emoji', emoji: '🔥' }, total_count: 4 }] } }))
  assert.deepEqual(reacted.signals[0]?.facts, { reactions: [{ reaction: '🔥', count: 4 }] })
  const removed = read(answer({ update_id: 4, deleted_business_messages: { chat: { id: 5, type: 'private' }, message_ids: [1, 2] } }))
  assert.deepEqual(removed.signals.map(({ type, key }) => `${type} ${key}`), ['deletion telegram:5/1', 'deletion telegram:5/2'])
})

test('clocks that cannot be believed are told, and not believed', () => {
  const facts = (date: number): unknown => read(answer(update({ date, text: 'x' }))).signals.map(({ at, facts: { at_is, stated_time } = {} }) => [at, at_is, stated_time])[0]
  assert.deepEqual(facts(0), [HEARD, 'heard', undefined])
  assert.deepEqual(facts(5), [HEARD, 'heard', '1970-01-01T00:00:05.000Z'])
  assert.deepEqual(facts(9_999_999_999), [HEARD, 'heard', '2286-11-20T17:46:39.000Z'])
  assert.deepEqual(facts(9_007_199_254_740_991), [HEARD, 'heard', '9007199254740991000'], 'beyond the calendar')
})

test('updates without a message are said, each kind by its name; so is an answer without updates', () => {
  assert.deepEqual(read(answer({ update_id: 1, callback_query: {} }, { update_id: 2 })).rejects, [
    'update 1: an update without a message: callback_query', 'update 2: an update without a message: empty',
  ])
  assert.deepEqual(read(answer()).rejects, ['payload: nothing new: no messages in it'])
  assert.deepEqual(read({ ok: true, result: { id: 1, is_bot: true } }).rejects, ['answer: an answer without updates'])
  assert.deepEqual(read(answer(update({}))).rejects, ['update 1: a message without text'])
})

test('updates as a webhook gets them, one or one a line', () => {
  const one = update({ text: 'hi' })
  assert.equal(read(one).signals.length, 1)
  assert.equal(read(`${JSON.stringify(one)}\n${JSON.stringify(update({ message_id: 8, text: 'ho' }))}\n`).signals.length, 2)
  assert.equal(read([one]).signals.length, 1)
})

const EXPORT = { name: 'Desk', type: 'public_channel', id: 9, messages: [{ id: 1, type: 'message', date: '2023-11-14T23:13:20', date_unixtime: '1700000000', from: 'Desk', from_id: 'channel9', text: 'a' }] }
const exported = (message: object, chat: object = {}): Signal[] => read({ ...EXPORT, ...chat, messages: [{ ...EXPORT.messages[0], ...message }] }).signals

test('exports: texts in pieces, edits, forwards, replies, polls, reactions', () => {
  assert.deepEqual(briefly({ signals: exported({}), rejects: [] }), [{ type: 'message', key: 'telegram:c/9/1', at: AT, known_at: AT, author: 'telegram:c/9', facts: { text: 'a' } }])
  const pieces = exported({ text: ['see ', { type: 'link', text: 'https://sec.gov' }, ' or ', { type: 'text_link', text: 'this', href: 'http://x.example/' }] })
  assert.deepEqual(pieces[0]?.facts, { text: 'see https://sec.gov or this', links: ['https://sec.gov', 'http://x.example/'] })
  assert.deepEqual([exported({ edited: '2023-11-15T00:00:00', edited_unixtime: '1700002800' })[0]].map((signal) => [signal?.at, signal?.known_at, signal?.facts?.['posted']]),
    [['2023-11-14T23:00:00.000Z', '2023-11-14T23:00:00.000Z', AT]])
  assert.deepEqual([exported({ edited: '2023-11-15T00:00:00' })[0]].map((signal) => [signal?.at, signal?.known_at, signal?.facts?.['edited']]), [[AT, HEARD, '2023-11-15T00:00:00']],
    'these words are known from when they were heard')
  assert.equal(exported({ edited: '1970-01-01T01:00:00' })[0]?.known_at, AT, 'never edited')
  assert.deepEqual(exported({ forwarded_from: 'Bob', reply_to_message_id: 4, author: 'Ann' })[0]?.facts, { signature: 'Ann', text: 'a', reply_to: 'telegram:c/9/4', forwarded_from: 'Bob' })
  const poll = { question: 'Up?', closed: true, total_voters: 3, answers: [{ text: 'yes', voters: 2, chosen: false }, { text: 'no', voters: 1, chosen: true }] }
  const [message, counts] = exported({ text: '', poll, reactions: [{ type: 'emoji', count: 5, emoji: '👍' }] })
  assert.deepEqual(message?.facts, { poll: { question: 'Up?', answers: ['yes', 'no'] } })
  assert.deepEqual([counts?.type, counts?.at, counts?.facts], ['snapshot', HEARD, { voters: 3, votes: [{ answer: 'yes', votes: 2 }, { answer: 'no', votes: 1 }], closed: true, reactions: [{ reaction: '👍', count: 5 }] }])
})

test('exports: kinds of chats, and who may read them', () => {
  const keyed = (chat: object): string => exported({ from_id: 'user3' }, chat).map(({ key, known_at }) => `${key} ${known_at === AT ? 'at once' : 'heard'}`)[0] ?? ''
  assert.equal(keyed({ type: 'personal_chat' }), 'telegram:9/1 heard')
  assert.equal(keyed({ type: 'private_group' }), 'telegram:-9/1 heard')
  assert.equal(keyed({ type: 'private_supergroup' }), 'telegram:c/9/1 heard')
  assert.equal(keyed({ type: 'public_supergroup' }), 'telegram:c/9/1 at once')
  const account = { personal_information: {}, chats: { about: '', list: [EXPORT, { ...EXPORT, id: 10 }] }, left_chats: { list: [{ ...EXPORT, id: 11 }] } }
  assert.deepEqual(read(account).signals.map(({ key }) => key), ['telegram:c/9/1', 'telegram:c/10/1', 'telegram:c/11/1'])
})

test('exports: a clock of the exporter proves no instant; one that contradicts the instant is told', () => {
  const [local] = exported({ date_unixtime: undefined })
  assert.deepEqual([local?.at, local?.facts], [HEARD, { text: 'a', stated_time: '2023-11-14T23:13:20', at_is: 'heard' }])
  const [other] = exported({ date: '2023-11-20T00:00:00' })
  assert.deepEqual([other?.at, other?.facts?.['stated_time']], [AT, '2023-11-20T00:00:00'])
})

const post = (inside: string, attributes = 'data-post="Desk/5"'): string =>
  `<!DOCTYPE html><html><body><section class="tgme_channel_history"><div class="tgme_widget_message_wrap"><div class="tgme_widget_message" ${attributes}>${inside}</div></div></section></body></html>`
const TEXT = '<div class="tgme_widget_message_text js-message_text">one<br/>two <a href="https://sec.gov/?a=1&amp;b=2">sec</a> <a href="?q=%23tag">#tag</a></div>'
const TIME = '<span class="tgme_widget_message_meta">META<a class="tgme_widget_message_date" href="x"><time datetime="2023-11-14T22:13:20+00:00">22:13</time></a></span>'

test('public pages: words, links, time, views as they are stated', () => {
  assert.deepEqual(briefly(read(post(`${TEXT}<span class="tgme_widget_message_views">1.2K</span>${TIME.replace('META', '')}`))), [
    { type: 'message', key: 'telegram:desk/5', at: AT, known_at: AT, author: 'telegram:desk', facts: { text: 'one\ntwo sec #tag', links: ['https://sec.gov/?a=1&b=2'] } },
    { type: 'snapshot', key: 'telegram:desk/5', at: HEARD, known_at: HEARD, facts: { views: '1.2K' } },
  ])
  const [edited] = read(post(`${TEXT}${TIME.replace('META', 'edited ')}`)).signals
  assert.deepEqual([edited?.at, edited?.known_at, edited?.facts?.['edited']], [AT, HEARD, true])
})

test('public pages: what is replied to is not what was written; forwards, polls, files, videos', () => {
  const reply = '<a class="tgme_widget_message_reply" href="https://t.me/desk/4"><div class="tgme_widget_message_text js-message_reply_text">before</div></a>'
  const facts = (inside: string): unknown => read(post(inside)).signals[0]?.facts
  assert.deepEqual(facts(`${reply}${TEXT}`), { text: 'one\ntwo sec #tag', links: ['https://sec.gov/?a=1&b=2'], reply_to: 'telegram:desk/4', at_is: 'heard' })
  assert.deepEqual(facts('<div class="tgme_widget_message_forwarded_from">Forwarded from <a class="tgme_widget_message_forwarded_from_name" href="https://t.me/News/3">N</a></div><div class="tgme_widget_message_text">x</div>'),
    { text: 'x', forwarded_from: 'telegram:news/3', at_is: 'heard' })
  assert.deepEqual(facts('<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Up?</div><div class="tgme_widget_message_poll_option_text">yes</div><div class="tgme_widget_message_poll_option_text">no</div></div>'),
    { poll: { question: 'Up?', answers: ['yes', 'no'] }, at_is: 'heard' })
  assert.deepEqual(facts('<div class="tgme_widget_message_document_wrap"><div class="tgme_widget_message_document_title">a.pdf</div></div>'), { media: ['document'], file: 'a.pdf', at_is: 'heard' })
  assert.deepEqual(read(post('')).rejects, ['Desk/5: a post without text'])
})

test('what is nothing of Telegram\'s is refused, with what it is', () => {
  refused('', /nothing in it/)
  refused('<html><body><div class="tgme_page">Join</div></body></html>', /no public page of a channel/)
  refused('{"ok":false,"error_code":409,"description":"Conflict: webhook is active"}', /error: 409 Conflict: webhook is active/)
  refused('{"foo": 1}', /nothing of Telegram/)
  refused('[{"foo": 1}]', /no updates/)
  refused('"text"', /nothing of Telegram/)
  refused(`${'['.repeat(100_000)}`, /nested deeper|no JSON/)
  refused(JSON.stringify(EXPORT).slice(0, -5), /no JSON/)
})

const samples = [JSON.stringify(answer(update({ text: 'hi', entities: [{ type: 'url', offset: 0, length: 2 }] }))), JSON.stringify(EXPORT), post(`${TEXT}${TIME}`)]
test('cut or damaged anywhere, a payload gives messages, a reason or a Failure', () => bearsDamage(read, samples))

test('updates in any order, and more than once, give the same messages', () => {
  const updates = [1, 2, 3, 4].map((id) => update({ message_id: id, text: `t${id}` }, 'message', id))
  const ids = (order: readonly object[]): string[] => [...new Set(read(answer(...order)).signals.map(({ id }) => id))].sort()
  fc.assert(fc.property(fc.shuffledSubarray(updates, { minLength: 4 }), fc.subarray(updates), (order, again) => {
    assert.deepEqual(ids([...order, ...again]), ids(updates))
  }))
})

const folder = sharedFolder('fixtures', 'telegram')
test('recorded payloads: every one gives messages or the reason', { skip: folder === undefined ? 'needs the recorded payloads of VANTA_SHARED' : false }, () => {
  const told: { [name: string]: string } = {}
  for (const sort of ['bot_api', 'export', 'tme_s']) {
    for (const name of readdirSync(join(folder ?? '', sort))) {
      const { signals, rejects } = read(readFileSync(join(folder ?? '', sort, name)))
      told[name] = `${signals.length} ${rejects.length}`
      assert.ok(signals.length + rejects.length > 0, name)
    }
  }
  const expected: { [name: string]: string } = {
    'updates_dream_radar.json': '1 4', 'chatpack_telegram_export.json': '7 0', 'result.json': '5 0', 'test_case1.json': '8 0', 'test_case3.json': '11 0',
    'freelance_bot_channel.html': '2 1', 'newsmaker_channel.html': '3 0', 'prstnk_tg_channel.html': '3 0',
  }
  for (const [name, counts] of Object.entries(expected)) if (name in told) assert.equal(told[name], counts, name)
  const news = read(readFileSync(join(folder ?? '', 'tme_s', 'newsmaker_channel.html'))).signals[0]
  assert.deepEqual([news?.key, news?.at, news?.facts?.['links'], news?.facts?.['media']],
    ['telegram:autonews/12345', '2026-04-10T08:30:00.000Z', ['https://pressroom.toyota.com/camry-2026'], ['photo']])
})
