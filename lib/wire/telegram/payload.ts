/** Any payload of Telegram, told by what it holds: answers to a bot, updates, Desktop exports, public pages of channels. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { exactId, exactList, exactObject, exactString, parseExact, type Exact, type ExactObject } from '../json_exact.ts'
import { signalsOfParts, type Part } from '../parts.ts'
import { textOf } from '../text.ts'
import { signalsOfUpdate } from './bot.ts'
import { chatsOf, messagesOf } from './export.ts'
import type { Hearing } from './message.ts'
import { readPreview } from './preview.ts'

export function telegramParser({ by, reject }: Reading): Parser {
  return {
    *read({ name, bytes, heardMs, contentType }: Payload): Generator<Signal> {
      const text = textOf(bytes, contentType)
      const hearing = { by, heardMs }
      const start = text.slice(0, 1000).trimStart()
      if (start === '') throw new Failure('data', `${name}: nothing in it`)
      yield* signalsOfParts(start.startsWith('<') ? onPage(text, name, hearing) : inJson(text, name, hearing), 'nothing new: no messages in it', reject)
    },
  }
}

function onPage(html: string, name: string, hearing: Hearing): readonly Part[] {
  const preview = readPreview(html, hearing)
  if (preview === undefined) throw new Failure('data', `${name}: HTML, but no public page of a channel`)
  return preview.posts
}

function* inJson(text: string, name: string, hearing: Hearing): Generator<Part> {
  const value = parseLines(text, name)
  const object = exactObject(value)
  const list = exactList(value) ?? (object !== undefined && 'update_id' in object ? [object] : undefined)
  if (list !== undefined) {
    if (!list.every((each) => exactObject(each)?.['update_id'] !== undefined)) throw new Failure('data', `${name}: JSON, but no updates of a bot`)
    return yield* updatesIn(list, hearing)
  }
  const chats = object === undefined ? undefined : chatsOf(object)
  if (chats !== undefined) {
    for (const chat of chats) yield* messagesOf(chat, hearing)
    return
  }
  if (object === undefined) throw new Failure('data', `${name}: JSON, but nothing of Telegram's`)
  if (isAnswer(object)) {
    const error = errorOf(object)
    if (error !== undefined) throw new Failure('data', `${name}: Telegram answers with an error: ${error}`)
    return yield* answered(object, 'answer', hearing)
  }
  yield* bundled(object, name, hearing)
}

/** One JSON text, or one update a line, as people log them. */
function parseLines(text: string, name: string): Exact {
  const lines = text.trim().split('\n')
  const isLog = lines.length > 1 && /^\{"update_id"\s*:.*\}\s*$/.test(lines[0] ?? '')
  return isLog ? lines.filter((line) => line.trim() !== '').map((line, i) => parseExact(line, `${name}:${i + 1}`)) : parseExact(text, name)
}

const isAnswer = (object: ExactObject): boolean => typeof object['ok'] === 'boolean'

/** What an answer says went wrong; undefined where nothing did. */
export function errorOf(answer: ExactObject): string | undefined {
  if (answer['ok'] !== false) return undefined
  return [exactId(answer['error_code']), exactString(answer['description'])].filter((part) => part !== undefined).join(' ')
}

function* answered(answer: ExactObject, place: string, hearing: Hearing): Generator<Part> {
  const updates = exactList(answer['result'])
  if (updates === undefined) yield { place, signals: 'an answer without updates' }
  else yield* updatesIn(updates, hearing)
}

function* updatesIn(updates: readonly Exact[], hearing: Hearing): Generator<Part> {
  for (const [i, value] of updates.entries()) {
    const update = exactObject(value)
    const place = `update ${exactId(update?.['update_id']) ?? i + 1}`
    yield { place, signals: update === undefined ? 'no update' : signalsOfUpdate(update, hearing) }
  }
}

/** Answers kept together under names, as test suites have them. */
function* bundled(object: ExactObject, name: string, hearing: Hearing): Generator<Part> {
  const answers = Object.entries(object).flatMap(([key, value]) => {
    const answer = exactObject(value)
    return answer !== undefined && isAnswer(answer) ? [{ key, answer }] : []
  })
  if (answers.length === 0) throw new Failure('data', `${name}: JSON, but nothing of Telegram's`)
  for (const { key, answer } of answers) {
    const error = errorOf(answer)
    if (error === undefined) yield* answered(answer, key, hearing)
    else yield { place: key, signals: `Telegram answers with an error: ${error}` }
  }
}

/** The largest number of an update in an answer, and how many there are: what was heard is confirmed by asking from the next on. */
export function updatesOf(bytes: Buffer, name: string): { readonly last: number | undefined; readonly count: number } {
  const updates = exactList(exactObject(parseExact(bytes.toString('utf8'), name))?.['result']) ?? []
  const numbers = updates.map((update) => Number(exactId(exactObject(update)?.['update_id']))).filter(Number.isSafeInteger)
  return { last: numbers.length === 0 ? undefined : Math.max(...numbers), count: updates.length }
}
