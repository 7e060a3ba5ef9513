/** Any payload of Discord, told by what it holds: messages of the API, frames of the gateway, exports of DiscordChatExporter. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { exactId, exactList, exactObject, exactString, parseExact, type Exact, type ExactObject } from '../json_exact.ts'
import { signalsOfParts, type Part } from '../parts.ts'
import { textOf } from '../text.ts'
import { frameSignals, isFrame } from './gateway.ts'
import { apiSignals, exportedSignals, snowflakeMs, type Hearing } from './message.ts'

export function discordParser({ by, reject }: Reading): Parser {
  return {
    *read({ name, bytes, heardMs, contentType }: Payload): Generator<Signal> {
      const text = textOf(bytes, contentType)
      const start = text.slice(0, 1000).trimStart()
      if (start === '') throw new Failure('data', `${name}: nothing in it`)
      if (start.startsWith('<')) throw new Failure('data', `${name}: HTML, where JSON of Discord was expected`)
      yield* signalsOfParts(partsOf(parseLines(text, name), name, { by, heardMs }), 'nothing new: no messages in it', reject)
    },
  }
}

/** One JSON text, or one object a line, as people log frames. */
function parseLines(text: string, name: string): Exact {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const isLog = lines.length > 1 && lines.slice(0, 2).every((line) => /^\{.*\}\s*$/.test(line))
  return isLog ? lines.map((line, i) => parseExact(line, `${name}:${i + 1}`)) : parseExact(text, name)
}

function* partsOf(value: Exact, name: string, hearing: Hearing): Generator<Part> {
  const list = exactList(value), object = exactObject(value)
  if (list !== undefined) return yield* listed(list, name, hearing)
  if (object === undefined) throw new Failure('data', `${name}: JSON, but nothing of Discord's`)
  const messages = exactList(object['messages'])
  if (messages !== undefined && exactObject(object['channel']) !== undefined) return yield* exported(object, messages, hearing)
  // A search answers with the messages around each hit.
  if (messages !== undefined) return yield* listed(messages.flatMap((each) => exactList(each) ?? [each]), name, hearing)
  const error = errorOf(object)
  if (error !== undefined) throw new Failure('data', `${name}: Discord answers with an error: ${error}`)
  yield { place: 'object', signals: signalsOf(object, hearing) ?? nothingOf(object, name) }
}

function* exported(payload: ExactObject, messages: readonly Exact[], hearing: Hearing): Generator<Part> {
  const channel = exactId(exactObject(payload['channel'])?.['id'])
  for (const [i, value] of messages.entries()) {
    const message = exactObject(value)
    yield {
      place: `message ${exactId(message?.['id']) ?? i + 1}`,
      signals: message === undefined ? 'a message without a number' : exportedSignals(message, channel, hearing),
    }
  }
}

function* listed(list: readonly Exact[], name: string, hearing: Hearing): Generator<Part> {
  for (const [i, value] of list.entries()) {
    const object = exactObject(value)
    if (object === undefined) throw new Failure('data', `${name}: JSON, but nothing of Discord's`)
    yield { place: `item ${exactId(object['id']) ?? i + 1}`, signals: signalsOf(object, hearing) ?? nothingOf(object, name) }
  }
}

function signalsOf(object: ExactObject, hearing: Hearing): readonly Signal[] | string | undefined {
  if (isFrame(object)) return frameSignals(object, hearing)
  return isMessage(object) ? apiSignals(object, hearing) : undefined
}

const isMessage = (object: ExactObject): boolean => 'content' in object && 'author' in object && 'id' in object

/** What an error body says: `Unknown Channel (10003)`; undefined where the object is none. */
function errorOf(object: ExactObject): string | undefined {
  const message = exactString(object['message'])
  if (message === undefined || !('code' in object || 'retry_after' in object)) return undefined
  const code = exactId(object['code'])
  return code === undefined ? message : `${message} (${code})`
}

/** Fields by which other objects of Discord are known: channels, guilds, members, users, webhooks, the gateway's address. */
const MARKS = [
  'guild_id', 'channel_id', 'owner_id', 'discriminator', 'joined_at', 'user', 'recipients', 'permission_overwrites', 'session_start_limit',
  'features', 'shared_client_theme',
]

function nothingOf(object: ExactObject, name: string): string {
  const id = exactString(object['id'])
  if (MARKS.some((mark) => mark in object) || (id !== undefined && id.length >= 15 && snowflakeMs(id) !== undefined)) {
    return 'an object of Discord that is no message'
  }
  throw new Failure('data', `${name}: JSON, but nothing of Discord's`)
}

/** Ids of the messages in an answer of the API, as they stand. */
export function messageIds(bytes: Buffer, name: string): string[] {
  return (exactList(parseExact(bytes.toString('utf8'), name)) ?? []).flatMap((message) => exactId(exactObject(message)?.['id']) ?? [])
}
