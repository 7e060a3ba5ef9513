/** Answers of getUpdates, and single updates as a webhook gets them (https://core.telegram.org/bots/api#update). */
import { SECOND_MS, type Millis, type Signal } from '#record'
import { exactId, exactList, exactNumber, exactObject, exactObjects, exactString, Numeral, type Exact, type ExactObject } from '../json_exact.ts'
import { markedText } from './entities.ts'
import { chatKey, countedKey, countsSignal, messageSignal, replyKey, type ChatKey, type Hearing, type Message } from './message.ts'

const MESSAGES = [
  'message', 'edited_message', 'channel_post', 'edited_channel_post', 'business_message', 'edited_business_message',
] as const

/** Kinds of attachment, by the field that holds them. */
const MEDIA = [
  'animation', 'audio', 'document', 'paid_media', 'photo', 'sticker', 'story', 'video', 'video_note', 'voice', 'contact', 'dice', 'game', 'invoice',
  'location', 'venue', 'checklist', 'giveaway',
] as const

/** The signals of one update; a text says why there are none. */
export function signalsOfUpdate(update: ExactObject, hearing: Hearing): readonly Signal[] | string {
  for (const kind of MESSAGES) {
    const message = exactObject(update[kind])
    if (message !== undefined) return signalsOfMessage(message, hearing)
  }
  const removed = exactObject(update['deleted_business_messages'])
  if (removed !== undefined) return deletions(removed, hearing)
  const poll = exactObject(update['poll'])
  if (poll !== undefined) return pollCounts(poll, `telegram:poll/${exactId(poll['id']) ?? ''}`, undefined, hearing)
  const reactions = exactObject(update['message_reaction_count'])
  if (reactions !== undefined) return reactionCounts(reactions, hearing)
  const kind = Object.keys(update).find((name) => name !== 'update_id')
  return `an update without a message: ${kind?.slice(0, 40) ?? 'empty'}`
}

function signalsOfMessage(message: ExactObject, hearing: Hearing): readonly Signal[] | string {
  const chat = chatOf(exactObject(message['chat'])), id = exactId(message['message_id'])
  if (chat === undefined || id === undefined) return 'a message without a chat or a number'
  const words = exactString(message['text']) ?? exactString(message['caption'])
  const { text, links } = markedText(words, message['entities'] ?? message['caption_entities'])
  const media = MEDIA.filter((kind) => message[kind] !== undefined)
  const poll = exactObject(message['poll'])
  const action = text === undefined && media.length === 0 && poll === undefined ? actionOf(message) : undefined
  if (text === undefined && media.length === 0 && poll === undefined && action === undefined) return 'a message without text'
  const sender = exactObject(message['from'])
  const signal = messageSignal({
    type: action === undefined ? 'message' : 'service', chat, id, author: authorOf(message, chat),
    postedMs: secondsIn(message['date']), editedMs: secondsIn(message['edit_date']), isPublic: isPublic(message),
    facts: {
      signature: exactString(message['author_signature']), bot: sender?.['is_bot'] === true ? true : undefined,
      action, text, links, media, file: exactString(exactObject(message['document'])?.['file_name']),
      reply_to: replyTo(message, chat), forwarded_from: forwardedFrom(message), poll: poll === undefined ? undefined : pollFact(poll),
    },
  }, hearing)
  return poll === undefined ? [signal] : [signal, ...pollCounts(poll, countedKey(chat, id), chat, hearing)]
}

/** Since 2001; 0 stands for a message that can no longer be read. */
export function secondsIn(value: Exact | undefined): Millis | undefined {
  const seconds = exactNumber(value)
  return seconds === undefined || seconds === 0 || !Number.isSafeInteger(seconds) ? undefined : seconds * SECOND_MS
}

/** Channels and supergroups are numbered from -1000000000000 downwards. */
const CHANNELS_BELOW = /^-100(\d{1,16})$/

function chatOf(chat: ExactObject | undefined): ChatKey | undefined {
  const id = signedId(chat?.['id'])
  const name = exactString(chat?.['username'])
  if (name !== undefined && chat?.['type'] !== 'private') return name.toLowerCase()
  const channel = CHANNELS_BELOW.exec(id ?? '')?.[1]?.replace(/^0+/, '')
  return channel === undefined ? id : `c/${channel}`
}

const signedId = (value: Exact | undefined): string | undefined =>
  value instanceof Numeral && /^-?\d{1,20}$/.test(value.text) ? value.text : exactId(value)

const isPublic = ({ chat }: ExactObject): boolean => {
  const { username, type } = exactObject(chat) ?? {}
  return exactString(username) !== undefined && (type === 'channel' || type === 'supergroup')
}

function authorOf(message: ExactObject, chat: ChatKey): ChatKey | undefined {
  const senderChat = chatOf(exactObject(message['sender_chat']))
  return senderChat ?? exactId(exactObject(message['from'])?.['id']) ?? (exactObject(message['chat'])?.['type'] === 'channel' ? chat : undefined)
}

function replyTo(message: ExactObject, chat: ChatKey): string | undefined {
  const outside = exactObject(message['external_reply'])
  const other = chatOf(exactObject(outside?.['chat']))
  if (other !== undefined) return replyKey(other, exactId(outside?.['message_id']))
  return replyKey(chat, exactId(exactObject(message['reply_to_message'])?.['message_id']))
}

/** The chat or person that is named as the origin; the name alone where that is all there is. */
function forwardedFrom(message: ExactObject): string | undefined {
  const origin = exactObject(message['forward_origin'])
  const chat = chatOf(exactObject(origin?.['chat'] ?? origin?.['sender_chat'] ?? message['forward_from_chat']))
  const id = exactId(origin?.['message_id'] ?? message['forward_from_message_id'])
  if (chat !== undefined) return replyKey(chat, id) ?? chatKey(chat)
  const person = exactId(exactObject(origin?.['sender_user'] ?? message['forward_from'])?.['id'])
  return chatKey(person) ?? exactString(origin?.['sender_user_name']) ?? exactString(message['forward_sender_name'])
}

const ACTIONS = new RegExp(`^(?:${[
  'new_chat_', 'left_chat_', 'delete_chat_', 'group_chat_', 'supergroup_chat_', 'channel_chat_', 'message_auto_', 'migrate_', 'pinned_',
  'forum_topic_', 'general_forum_', 'video_chat_', 'boost_', 'chat_', 'write_access_', 'proximity_', 'successful_payment', 'users_shared',
  'giveaway_',
].join('|')})`)

/** What a message without words tells of the chat: the one field that is not of every message. */
const actionOf = (message: ExactObject): string | undefined => Object.keys(message).find((name) => ACTIONS.test(name))

const pollFact = (poll: ExactObject): { readonly [fact: string]: unknown } =>
  ({ question: exactString(poll['question']) ?? '', answers: exactObjects(poll['options']).map(({ text }) => exactString(text) ?? '') })

/** Votes as they stand now. */
function pollCounts(poll: ExactObject, key: string, chat: ChatKey | undefined, hearing: Hearing): readonly Signal[] {
  const votes = exactObjects(poll['options']).map(({ text, voter_count: count }) => ({ answer: exactString(text) ?? '', votes: exactNumber(count) }))
  const total = exactNumber(poll['total_voter_count'])
  // Before anyone has voted there is nothing to count, where the poll itself is told.
  if (total === undefined || (total === 0 && chat !== undefined)) return []
  const counts = { question: exactString(poll['question']), voters: total, votes, closed: poll['is_closed'] === true ? true : undefined }
  return [countsSignal(key, chat, hearing.heardMs, counts, hearing)]
}

function reactionCounts(update: ExactObject, hearing: Hearing): readonly Signal[] | string {
  const chat = chatOf(exactObject(update['chat'])), id = exactId(update['message_id']), atMs = secondsIn(update['date'])
  if (chat === undefined || id === undefined) return 'a message without a chat or a number'
  const reactions = exactObjects(update['reactions']).map(({ type, total_count: count }) => {
    const { emoji, custom_emoji_id: custom, type: kind } = exactObject(type) ?? {}
    return { reaction: exactString(emoji) ?? exactId(custom) ?? exactString(kind) ?? '', count: exactNumber(count) ?? 0 }
  })
  return [countsSignal(countedKey(chat, id), chat, atMs ?? hearing.heardMs, { reactions }, hearing)]
}

function deletions(removed: ExactObject, hearing: Hearing): readonly Signal[] | string {
  const chat = chatOf(exactObject(removed['chat']))
  if (chat === undefined) return 'a message without a chat or a number'
  return (exactList(removed['message_ids']) ?? []).flatMap((value) => {
    const id = exactId(value)
    return id === undefined ? [] : [messageSignal({ type: 'deletion', chat, id, isPublic: false, facts: {} } satisfies Message, hearing)]
  })
}
