/** Telegram's messages in our words, wherever they were heard: through a bot, in an export, on a public page. */
import { formatInstant, make, type Millis, type Signal } from '#record'
import { momentsOf, present } from '../said.ts'

/**
 * A chat by the name that its links have (https://core.telegram.org/api/links): `autonews` of a public one, `c/1234567890` of a channel
 * or supergroup without a name, `-123` of a basic group, `123` of a person.
 */
export type ChatKey = string

export interface Hearing {
  readonly by: string
  readonly heardMs: Millis
}

export interface Message {
  /** `service`: something that happened in the chat, and nothing that anyone wrote. */
  readonly type: 'message' | 'service' | 'deletion'
  readonly chat: ChatKey
  readonly id: string
  /** Who wrote it. */
  readonly author?: ChatKey | undefined
  readonly postedMs?: Millis | undefined
  readonly editedMs?: Millis | undefined
  /** The time as it is stated, where it proves no instant. */
  readonly stated?: string | undefined
  /** Everyone could read it from the moment on that it states. */
  readonly isPublic: boolean
  /** Nothing that a chat or a person may be called otherwise tomorrow, or by someone else: the same message is the same for everyone. */
  readonly facts: { readonly [fact: string]: unknown }
}

const keyOf = (chat: ChatKey, id: string): string => `telegram:${chat}/${id}`
/** Another message of the same chat, or of the one named. */
export const replyKey = (chat: ChatKey, id: string | undefined): string | undefined => (id === undefined ? undefined : keyOf(chat, id))
export const chatKey = (chat: ChatKey | undefined): string | undefined => (chat === undefined ? undefined : `telegram:${chat}`)

export function messageSignal(message: Message, { by, heardMs }: Hearing): Signal {
  const { type, chat, id, author } = message
  const moments = momentsOf({ ...message, postedMs: message.postedMs, heardMs })
  return make('signal', {
    at: moments.at, known_at: moments.known_at, source: `telegram/${chat}`, by, type, key: keyOf(chat, id),
    ...(author !== undefined && { author: `telegram:${author}` }),
    facts: present({ ...message.facts, ...moments.facts }),
  })
}

/** Counts as they stood at one moment: views, votes, reactions. `key` is that of what is counted. */
export function countsSignal(
  key: string, chat: ChatKey | undefined, atMs: Millis, counts: { readonly [fact: string]: unknown }, { by, heardMs }: Hearing,
): Signal {
  return make('signal', {
    at: formatInstant(atMs), known_at: formatInstant(Math.max(atMs, heardMs)), source: chat === undefined ? 'telegram' : `telegram/${chat}`, by,
    type: 'snapshot', key, facts: present(counts),
  })
}

/** A message or poll that counts are of. */
export const countedKey = keyOf
