/** Posts and threads of forums as signals. What a page says is known from when it was heard: a board may change it without a word. */
import { formatInstant, make, type Millis, type Signal } from '#record'
import { momentsOf, present } from '../said.ts'
import type { ForumPage } from './page.ts'
import type { Post } from './posts.ts'
import type { Thread } from './threads.ts'

export interface Hearing {
  readonly by: string
  readonly heardMs: Millis
  /** The board's host; undefined where nothing tells it. */
  readonly host: string | undefined
}

const keyOf = (host: string | undefined, id: string): string => (host === undefined ? `forum:${id}` : `forum:${host}/${id}`)
const sourceOf = (host: string | undefined): string => (host === undefined ? 'forum' : `forum/${host}`)

export function postSignal(post: Post, { title, thread }: ForumPage, { by, heardMs, host }: Hearing): Signal {
  const { time, edited, author, deleted } = post
  const moments = momentsOf({ postedMs: time?.ms, editedMs: edited?.ms, stated: time?.text, heardMs })
  const threadId = thread === undefined ? undefined : `thread/${thread}`
  return make('signal', {
    at: moments.at, known_at: moments.known_at, source: sourceOf(host), by,
    type: deleted ? 'deletion' : 'post',
    // A number that counts within the thread says nothing without it.
    key: keyOf(host, post.id.startsWith('#') ? `${threadId ?? 'thread'}${post.id}` : post.id),
    ...(author !== undefined && { author: keyOf(host, author) }),
    facts: present({
      title, text: post.text, quotes: post.quotes.map((quote) => ({ ...quote })), links: [...post.links],
      thread: threadId === undefined ? undefined : keyOf(host, threadId), edited: editFact(post), ...moments.facts,
    }),
  })
}

/** An edit whose moment is not proven: its date as it is stated, or only that there was one. */
function editFact({ edited }: Post): string | true | undefined {
  if (edited === undefined || edited.ms !== undefined) return undefined
  return edited.isDate ? edited.text : true
}

/** A thread as its board listed it at one moment. */
export function threadSignal(thread: Thread, { by, heardMs, host }: Hearing): Signal {
  const at = formatInstant(heardMs)
  return make('signal', {
    at, known_at: at, source: sourceOf(host), by, type: 'thread', key: keyOf(host, `thread/${thread.id}`),
    ...(thread.author !== undefined && { author: keyOf(host, thread.author) }),
    facts: present({ title: thread.title, link: thread.href, replies: thread.replies, views: thread.views, at_is: 'heard' }),
  })
}
