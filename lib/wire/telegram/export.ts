/**
 * Telegram Desktop's export (`result.json`): one chat, or a whole account with its chats in a list. Dates are of the exporter's own
 * clock, without an offset; newer exports also tell the instant (`date_unixtime`).
 */
import { HOUR_MS, type Millis, type Signal } from '#record'
import { readMoment } from '../dates.ts'
import { exactId, exactList, exactNumber, exactObject, exactObjects, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { secondsIn } from './bot.ts'
import { piecedText } from './entities.ts'
import { chatKey, countedKey, countsSignal, messageSignal, replyKey, type ChatKey, type Hearing } from './message.ts'

/** The chats of an export; undefined where it is none. */
export function chatsOf(payload: ExactObject): readonly ExactObject[] | undefined {
  if (exactList(payload['messages']) !== undefined && ('type' in payload || 'name' in payload)) return [payload]
  const chats = [payload['chats'], payload['left_chats']].flatMap((list) => exactObjects(exactObject(list)?.['list']))
  return chats.length > 0 ? chats : undefined
}

/** What an export calls a chat that everyone can read. */
const PUBLIC = new Set(['public_channel', 'public_supergroup'])

function keyOf(chat: ExactObject): ChatKey {
  const id = exactId(chat['id']), type = exactString(chat['type']) ?? ''
  if (id === undefined) return type === 'saved_messages' ? 'saved' : 'unnamed'
  return /channel$|supergroup$/.test(type) ? `c/${id}` : type === 'private_group' ? `-${id}` : id
}

/** `user123`, `channel123`, `chat123` (a basic group). */
function peerKey(value: Exact | undefined): ChatKey | undefined {
  const [, kind, id] = /^(user|channel|chat)(\d+)$/.exec(exactString(value) ?? '') ?? []
  return id === undefined ? undefined : kind === 'channel' ? `c/${id}` : kind === 'chat' ? `-${id}` : id
}

/** Each message of a chat, with its place; a text says why there is no signal. */
export function* messagesOf(
  chat: ExactObject, hearing: Hearing,
): Generator<{ readonly place: string; readonly signals: readonly Signal[] | string }> {
  const known: Chat = { key: keyOf(chat), isPublic: PUBLIC.has(exactString(chat['type']) ?? '') }
  for (const [i, value] of (exactList(chat['messages']) ?? []).entries()) {
    const message = exactObject(value), id = signed(message?.['id'])
    const place = `${known.key}/${id ?? `message ${i + 1}`}`
    yield { place, signals: message === undefined || id === undefined ? 'a message without a number' : signalsOf(message, id, known, hearing) }
  }
}

/** Messages from before a group became a supergroup have numbers below zero. */
const signed = (value: Exact | undefined): string | undefined => {
  const id = exactNumber(value)
  return id !== undefined && Number.isSafeInteger(id) ? String(id) : exactId(value)
}

interface Chat {
  readonly key: ChatKey
  readonly isPublic: boolean
}

function signalsOf(message: ExactObject, id: string, { key, isPublic }: Chat, hearing: Hearing): readonly Signal[] | string {
  const { text, links } = piecedText(message['text'])
  const media = mediaOf(message), poll = exactObject(message['poll'])
  const isService = message['type'] === 'service'
  if (!isService && text === undefined && media.length === 0 && poll === undefined) return 'a message without text'
  const posted = clockOf(message['date'], message['date_unixtime']), edited = clockOf(message['edited'], message['edited_unixtime'])
  const author = peerKey(message['from_id'] ?? message['actor_id'])
  const signal = messageSignal({
    type: isService ? 'service' : 'message', chat: key, id, author, postedMs: posted.ms, editedMs: edited.ms, stated: posted.stated,
    // When an edit was made, of which the instant is not told, is not known: nor are these words, before now.
    isPublic: isPublic && edited.stated === undefined,
    facts: {
      author_name: author === undefined ? (exactString(message['from']) ?? exactString(message['actor'])) : undefined,
      signature: exactString(message['author']),
      action: exactString(message['action']), title: exactString(message['title']), text, links, media, file: exactString(message['file_name']),
      reply_to: replyKey(peerKey(message['reply_to_peer_id']) ?? key, exactId(message['reply_to_message_id'])),
      forwarded_from: chatKey(peerKey(message['forwarded_from_id'])) ?? exactString(message['forwarded_from']),
      poll: poll === undefined ? undefined : pollFact(poll),
      // An edit whose instant is not told is told as it is stated; a clock that cannot be that of the instant, too.
      edited: edited.ms === undefined ? edited.stated : undefined, stated_time: posted.ms === undefined ? undefined : posted.stated,
    },
  }, hearing)
  return [signal, ...countsOf(message, poll, countedKey(key, id), key, hearing)]
}

function mediaOf(message: ExactObject): readonly string[] {
  const type = exactString(message['media_type'])
  if (type !== undefined) return [type]
  if (message['photo'] !== undefined) return ['photo']
  if (message['file'] !== undefined) return ['document']
  if (message['location_information'] !== undefined) return ['location']
  return message['contact_information'] === undefined ? [] : ['contact']
}

/** No clock is further from UTC than this; with a day more for a clock that is set wrong it would be another date. */
const FURTHEST_MS = 14 * HOUR_MS

function clockOf(local: Exact | undefined, unixtime: Exact | undefined): { readonly ms?: Millis | undefined; readonly stated?: string | undefined } {
  const ms = secondsIn(unixtime), stated = exactString(local)
  const clock = stated === undefined ? undefined : readMoment(stated)
  // Old exports write the first moment of 1970 for "never".
  if (ms === undefined) return { stated: clock !== undefined && Math.abs(clock.ms) < 2 * FURTHEST_MS ? undefined : stated }
  return clock === undefined || Math.abs(clock.ms - ms) <= FURTHEST_MS ? { ms } : { ms, stated }
}

const pollFact = (poll: ExactObject): { readonly [fact: string]: unknown } =>
  ({ question: piecedText(poll['question']).text ?? '', answers: answersOf(poll).map(({ answer }) => answer) })

function answersOf(poll: ExactObject): readonly { readonly answer: string; readonly votes: number | undefined }[] {
  return (exactList(poll['answers']) ?? []).map((each) => {
    const answer = exactObject(each)
    return { answer: piecedText(answer?.['text'] ?? each).text ?? '', votes: exactNumber(answer?.['voters']) }
  })
}

/** Votes and reactions as they stood when the export was made. */
function countsOf(message: ExactObject, poll: ExactObject | undefined, key: string, chat: ChatKey, hearing: Hearing): readonly Signal[] {
  const voters = exactNumber(poll?.['total_voters'])
  const votes = poll === undefined ? [] : answersOf(poll).filter(({ votes: count }) => count !== undefined)
  const reactions = exactObjects(message['reactions']).flatMap(({ emoji, document_id: custom, type, count }) => {
    const number = exactNumber(count)
    return number === undefined ? [] : [{ reaction: exactString(emoji) ?? exactString(custom) ?? exactString(type) ?? '', count: number }]
  })
  if (reactions.length === 0 && (voters === undefined || voters === 0)) return []
  return [countsSignal(key, chat, hearing.heardMs, { voters, votes, closed: poll?.['closed'] === true ? true : undefined, reactions }, hearing)]
}
