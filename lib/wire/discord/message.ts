/**
 * Discord's messages in our words, from its API (https://discord.com/developers/docs/resources/message) and from exports. An id is a
 * snowflake, which holds the millisecond of its making; it has more digits than a double.
 */
import { formatInstant, make, SECOND_MS, type Millis, type Signal } from '#record'
import { readMoment } from '../dates.ts'
import { exactId, exactNumber, exactObject, exactObjects, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { momentsOf, present } from '../said.ts'

export interface Hearing {
  readonly by: string
  readonly heardMs: Millis
}

/** The first second of 2015, from which snowflakes count. */
const EPOCH_MS = 1_420_070_400_000n
const TIME_BITS = 22n

/** When a snowflake was made; undefined where the text is none. */
export function snowflakeMs(id: string | undefined): Millis | undefined {
  return id === undefined || !/^\d{1,20}$/.test(id) ? undefined : Number((BigInt(id) >> TIME_BITS) + EPOCH_MS)
}

const messageKey = (id: string): string => `discord:${id}`
const sourceOf = (channel: string | undefined): string => (channel === undefined ? 'discord' : `discord/${channel}`)

/** Messages that someone wrote, by the number of the API and the name of exports; all others tell of something that happened. */
const WRITTEN: ReadonlySet<string> = new Set(['0', '19', '20', '23', 'Default', 'Reply', 'ApplicationCommand', 'ContextMenuCommand'])
const REPLIES: ReadonlySet<string> = new Set(['19', 'Reply'])

const HAPPENINGS: Readonly<Record<string, string>> = {
  1: 'recipient_add', 2: 'recipient_remove', 3: 'call', 4: 'channel_name_change', 5: 'channel_icon_change', 6: 'pinned', 7: 'join', 8: 'boost',
  9: 'boost_tier_1', 10: 'boost_tier_2', 11: 'boost_tier_3', 12: 'channel_follow_add', 18: 'thread_created', 21: 'thread_starter',
  24: 'auto_moderation', 46: 'poll_result',
}

/** A message as the API gives it, and its reactions; a text says why there is no signal. */
export function apiSignals(message: ExactObject, hearing: Hearing): readonly Signal[] | string {
  const reference = exactObject(message['message_reference'])
  const forwarded = exactObject(exactObjects(message['message_snapshots'])[0]?.['message'])
  const type = exactId(message['type']) ?? '0'
  const author = exactObject(message['author'])
  return messageSignals({
    id: exactId(message['id']), channel: exactId(message['channel_id']), type, author,
    posted: message['timestamp'], edited: message['edited_timestamp'],
    isBot: author?.['bot'] === true || exactId(message['webhook_id']) !== undefined,
    text: exactString(message['content']) ?? exactString(forwarded?.['content']),
    embeds: [...exactObjects(message['embeds']), ...exactObjects(forwarded?.['embeds'])].map(embedFact),
    files: namesOf('filename', message, forwarded),
    poll: apiPoll(exactObject(message['poll'])),
    reply: REPLIES.has(type) ? exactId(reference?.['message_id']) : undefined,
    forwarded: REPLIES.has(type) ? undefined : exactId(reference?.['message_id']),
    reactions: message['reactions'],
  }, hearing)
}

/** A message as DiscordChatExporter writes it (https://github.com/Tyrrrz/DiscordChatExporter), `channel` being that of the export. */
export function exportedSignals(message: ExactObject, channel: string | undefined, hearing: Hearing): readonly Signal[] | string {
  const reference = exactObject(message['reference']), forwarded = exactObject(message['forwardedMessage'])
  const author = exactObject(message['author'])
  return messageSignals({
    id: exactId(message['id']), channel, type: exactString(message['type']) ?? 'Default', author,
    posted: message['timestamp'], edited: message['timestampEdited'], isBot: author?.['isBot'] === true,
    text: exactString(message['content']) ?? exactString(forwarded?.['content']),
    embeds: [...exactObjects(message['embeds']), ...exactObjects(forwarded?.['embeds'])].map(embedFact),
    files: namesOf('fileName', message, forwarded),
    poll: undefined,
    reply: forwarded === undefined ? exactId(reference?.['messageId']) : undefined,
    forwarded: forwarded === undefined ? undefined : exactId(reference?.['messageId']),
    reactions: message['reactions'],
  }, hearing)
}

const namesOf = (field: string, message: ExactObject, forwarded: ExactObject | undefined): readonly string[] =>
  [...exactObjects(message['attachments']), ...exactObjects(forwarded?.['attachments'])].flatMap((file) => exactString(file[field]) ?? [])

interface Parts {
  readonly id: string | undefined
  readonly channel: string | undefined
  readonly type: string
  readonly author: ExactObject | undefined
  readonly posted: Exact | undefined
  readonly edited: Exact | undefined
  readonly isBot: boolean
  readonly text: string | undefined
  readonly embeds: readonly Fact[]
  readonly files: readonly string[]
  readonly poll: Fact | undefined
  readonly reply: string | undefined
  readonly forwarded: string | undefined
  readonly reactions: Exact | undefined
}
type Fact = { readonly [fact: string]: unknown }

/** Clocks of one message agree to the second. */
const AGREE_MS = SECOND_MS

function messageSignals(parts: Parts, hearing: Hearing): readonly Signal[] | string {
  const { id, channel, type, author, isBot, text, embeds, files, poll, reply, forwarded } = parts
  const madeMs = snowflakeMs(id)
  if (id === undefined || madeMs === undefined) return 'a message without a number'
  const isWritten = WRITTEN.has(type)
  const said = embeds.filter((embed) => Object.keys(embed).length > 0)
  if (isWritten && text === undefined && said.length === 0 && files.length === 0 && poll === undefined) return 'a message without text'
  const posted = instantOf(parts.posted), edited = instantOf(parts.edited)
  const moments = momentsOf({ postedMs: posted.ms ?? madeMs, editedMs: edited.ms, heardMs: hearing.heardMs })
  const disagrees = posted.ms !== undefined && Math.abs(posted.ms - madeMs) > AGREE_MS
  const authorId = exactId(author?.['id'])
  const message = make('signal', {
    at: moments.at, known_at: moments.known_at, source: sourceOf(channel), by: hearing.by,
    type: isWritten ? 'message' : 'service', key: messageKey(id),
    ...(authorId !== undefined && { author: `discord:${authorId}` }),
    facts: present({
      action: isWritten ? undefined : (HAPPENINGS[type] ?? type), text, embeds: said, files: [...files], poll, bot: isBot ? true : undefined,
      author_name: authorId === undefined ? (exactString(author?.['username']) ?? exactString(author?.['name'])) : undefined,
      reply_to: reply === undefined ? undefined : messageKey(reply), forwarded_from: forwarded === undefined ? undefined : messageKey(forwarded),
      edited: edited.stated, ...(disagrees && { snowflake_time: formatInstant(madeMs) }), ...moments.facts,
    }),
  })
  const reactions = reactionsOf(parts.reactions)
  return reactions.length === 0 ? [message] : [message, reactionSignal(id, channel, reactions, hearing)]
}

/** Reactions as they stood when they were heard. */
function reactionSignal(id: string, channel: string | undefined, reactions: readonly Fact[], { by, heardMs }: Hearing): Signal {
  const at = formatInstant(heardMs)
  const facts = { reactions: [...reactions] }
  return make('signal', { at, known_at: at, source: sourceOf(channel), by, type: 'snapshot', key: messageKey(id), facts })
}

/** An instant, or what is stated where it is none: a clock without an offset. */
function instantOf(value: Exact | undefined): { readonly ms?: Millis; readonly stated?: string } {
  const text = exactString(value)
  const moment = text === undefined ? undefined : readMoment(text)
  if (moment?.zoned === true) return { ms: moment.ms }
  return text === undefined ? {} : { stated: text }
}

/** What an embed says; pictures and where they lie are left out. */
function embedFact(embed: ExactObject): Fact {
  const fields = exactObjects(embed['fields']).map(({ name, value }) => present({ name: exactString(name), value: exactString(value) }))
  return present({
    title: exactString(embed['title']), text: exactString(embed['description']), link: exactString(embed['url']),
    author: exactString(exactObject(embed['author'])?.['name']), fields,
  })
}

function apiPoll(poll: ExactObject | undefined): Fact | undefined {
  if (poll === undefined) return undefined
  const answers = exactObjects(poll['answers']).map(({ poll_media: media }) => exactString(exactObject(media)?.['text']) ?? '')
  return { question: exactString(exactObject(poll['question'])?.['text']) ?? '', answers }
}

function reactionsOf(reactions: Exact | undefined): readonly Fact[] {
  return exactObjects(reactions).flatMap(({ emoji, count }) => {
    const { name, id } = exactObject(emoji) ?? {}, number = exactNumber(count)
    return number === undefined ? [] : [{ reaction: exactString(name) ?? exactId(id) ?? '', count: number }]
  })
}

/**
 * A message that is gone. When it was removed nobody tells: `at` is when it was made, `known_at` when it was first known to be gone, so that
 * the same removal is the same for whoever hears of it, and when.
 */
export function deletionSignal(id: string, channel: string | undefined, { by, heardMs }: Hearing): Signal | undefined {
  const madeMs = snowflakeMs(id)
  if (madeMs === undefined) return undefined
  const moments = momentsOf({ postedMs: madeMs, heardMs })
  return make('signal', {
    at: moments.at, known_at: moments.known_at, source: sourceOf(channel), by, type: 'deletion', key: messageKey(id),
    facts: { at_is: 'posted', ...moments.facts },
  })
}
