/** The public page of a channel (https://t.me/s/CHANNEL), and of one post (`?embed=1`): posts, and how often they were seen. */
import type { Signal } from '#record'
import { readMoment } from '../dates.ts'
import { find, findAll, linksIn, readText, selector, type Selector } from '../html_select.ts'
import { parseHtml, type HtmlElement } from '../html_tree.ts'
import { countedKey, countsSignal, messageSignal, type ChatKey, type Hearing } from './message.ts'

const POST = selector('.tgme_widget_message[data-post]')
const REPLY = selector('.tgme_widget_message_reply')
const TEXT = selector('.tgme_widget_message_text')
const TIME = selector('.tgme_widget_message_date time[datetime], time.datetime[datetime]')
const SIGNATURE = selector('.tgme_widget_message_from_author')
const FORWARDED = selector('.tgme_widget_message_forwarded_from_name')
const META = selector('.tgme_widget_message_meta')
const VIEWS = selector('.tgme_widget_message_views')
const REACTION = selector('.tgme_reaction')
const POLL = selector('.tgme_widget_message_poll'), QUESTION = selector('.tgme_widget_message_poll_question')
const OPTION = selector('.tgme_widget_message_poll_option_text')
const VOTERS = selector('.tgme_widget_message_voters')
const FILE = selector('.tgme_widget_message_document_title')
const CHANNEL = selector('.tgme_channel_history, .tgme_channel_info, .tgme_widget_message')

/** Attachments, by the element that shows them. */
const MEDIA: readonly (readonly [media: string, mark: Selector])[] = [
  ['photo', selector('.tgme_widget_message_photo_wrap, .tgme_widget_message_photo')], ['video', selector('.tgme_widget_message_video_player')],
  ['video_note', selector('.tgme_widget_message_roundvideo_player')], ['voice', selector('.tgme_widget_message_voice_player')],
  ['document', selector('.tgme_widget_message_document_wrap')], ['sticker', selector('.tgme_widget_message_sticker_wrap')],
  ['location', selector('.tgme_widget_message_location_wrap')], ['contact', selector('.tgme_widget_message_contact_wrap')],
]

export interface Preview {
  readonly posts: readonly { readonly place: string; readonly signals: readonly Signal[] | string }[]
  /** Numbers of the posts on the page, smallest first. */
  readonly numbers: readonly number[]
}

/** More than any page shows. */
const MOST = 1000

/** Undefined where the page is none of a channel, such as that of one without a public preview. */
export function readPreview(html: string, hearing: Hearing): Preview | undefined {
  const root = parseHtml(html)
  if (find(root, CHANNEL) === undefined) return undefined
  const posts = findAll(root, POST, undefined, MOST).map((element) => {
    const place = element.attributes['data-post'] ?? ''
    return { place, signals: signalsOf(element, place, hearing) }
  })
  const numbers = posts.map(({ place }) => Number(/\/(\d{1,15})$/.exec(place)?.[1])).filter((number) => number > 0)
  return { posts, numbers: numbers.sort((a, b) => a - b) }
}

function signalsOf(element: HtmlElement, place: string, hearing: Hearing): readonly Signal[] | string {
  const [, name, id] = /^([\w/]+)\/(\d+)$/.exec(place) ?? []
  if (name === undefined || id === undefined) return 'a post without a channel and a number'
  const chat: ChatKey = name.toLowerCase()
  const poll = find(element, POLL, REPLY)
  const textAt = find(element, TEXT, REPLY)
  const media = MEDIA.filter(([, mark]) => find(element, mark, REPLY) !== undefined).map(([kind]) => kind)
  const text = textOf(textAt), question = poll === undefined ? undefined : textOf(find(poll, QUESTION))
  if (text === undefined && media.length === 0 && question === undefined) return 'a post without text'
  const stated = find(element, TIME, REPLY)?.attributes['datetime']
  const moment = stated === undefined ? undefined : readMoment(stated)
  const isEdited = /\bedited\b/i.test(textOf(find(element, META)) ?? '')
  const message = messageSignal({
    type: /\bservice_message\b/.test(element.attributes['class'] ?? '') ? 'service' : 'message', chat, id, author: chat,
    postedMs: moment?.zoned === true ? moment.ms : undefined, stated: moment?.zoned === true ? undefined : stated,
    // When it was edited the page does not say: these words are known from now.
    isPublic: !isEdited,
    facts: {
      signature: textOf(find(element, SIGNATURE)), text,
      links: textAt === undefined ? [] : linksIn(textAt).filter((link) => !link.startsWith('?')), media, file: textOf(find(element, FILE)),
      reply_to: postKey(find(element, REPLY)?.attributes['href']), forwarded_from: forwardedFrom(find(element, FORWARDED)),
      poll: poll === undefined ? undefined : { question: question ?? '', answers: findAll(poll, OPTION).map((option) => textOf(option) ?? '') },
      edited: isEdited ? true : undefined,
    },
  }, hearing)
  const counts = countsOf(element, poll)
  return counts === undefined ? [message] : [message, countsSignal(countedKey(chat, id), chat, hearing.heardMs, counts, hearing)]
}

const textOf = (element: HtmlElement | undefined): string | undefined => (element === undefined ? undefined : readText(element))

/** `https://t.me/autonews/12` → its key; the address itself where it is none of a post. */
function postKey(href: string | undefined): string | undefined {
  const [, chat, id] = /^https?:\/\/t\.me\/(?:s\/)?((?:c\/)?\w+)\/(\d+)/.exec(href ?? '') ?? []
  return chat === undefined || id === undefined ? href : countedKey(chat.toLowerCase(), id)
}

const forwardedFrom = (element: HtmlElement | undefined): string | undefined => postKey(element?.attributes['href']) ?? textOf(element)

/** As they are stated: `1.2K`. */
function countsOf(element: HtmlElement, poll: HtmlElement | undefined): { readonly [fact: string]: unknown } | undefined {
  const views = textOf(find(element, VIEWS)), voters = poll === undefined ? undefined : textOf(find(element, VOTERS))
  const reactions = findAll(element, REACTION, undefined, 100).flatMap((reaction) => {
    const text = textOf(reaction)
    return text === undefined ? [] : [text.replace(/\s+/g, ' ')]
  })
  return views === undefined && voters === undefined && reactions.length === 0 ? undefined : { views, voters, reactions }
}
