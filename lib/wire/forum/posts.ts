/** The posts on a page, by the first layout that finds any. */
import type { Millis } from '#record'
import { find, findAll, readText, selector, type Selector } from '../html_select.ts'
import type { HtmlElement } from '../html_tree.ts'
import { POSTS, type PostLayout } from './layouts.ts'
import { readBody, type Written } from './quotes.ts'
import { statedTime, type Stated } from './times.ts'

export interface Post extends Written {
  /** `post/655`: what the number counts, and the number; `#3` where it counts within the thread. */
  readonly id: string
  readonly author: string | undefined
  readonly time: Stated | undefined
  readonly edited: Stated | undefined
  readonly deleted: boolean
}

export interface Posts {
  readonly posts: readonly Post[]
  /** What stands between the posts as if it were one: an advertisement of the host. */
  readonly notPosts: number
}

const IDENTIFIED = selector('[id]')
/** More than any page has. */
const MOST = 2000

const optional = (text: string | undefined): Selector | undefined => (text === undefined ? undefined : selector(text))
const layouts = POSTS.map((layout) => ({
  layout, post: selector(layout.post), idAt: optional(layout.idAt), body: selector(layout.body), author: selector(layout.author),
  time: selector(layout.time), edited: optional(layout.edited), deleted: optional(layout.deleted),
  outsideAuthor: optional(layout.outside?.author), outsideTime: optional(layout.outside?.time),
}))
type Parts = (typeof layouts)[number]

/** `zoneMs` is what the page says all its clocks are ahead of UTC. */
export function postsOn(root: HtmlElement, zoneMs: Millis | undefined): Posts {
  for (const parts of layouts) {
    const page = new Page(root, parts, zoneMs)
    const posts = new Map<string, Post>()
    let notPosts = 0
    for (const element of findAll(root, parts.post, undefined, MOST)) {
      const name = nameOf(element, parts), body = bodyOf(element, parts)
      if (name === undefined || (body === undefined && parts.deleted?.(element) !== true)) continue
      if (name.number === '0') notPosts++
      else posts.set(name.id, page.post(element, body, name))
    }
    if (posts.size > 0) return { posts: [...posts.values()], notPosts }
  }
  return { posts: [], notPosts: 0 }
}

interface Name {
  readonly number: string
  readonly id: string
}

function nameOf(element: HtmlElement, { layout: { id: [attribute, pattern], counts }, idAt }: Parts): Name | undefined {
  const at = idAt === undefined ? element : find(element, idAt)
  const match = pattern.exec(at?.attributes[attribute] ?? '')
  const number = match?.groups?.['number'] ?? match?.[1]
  if (number === undefined) return undefined
  if (counts === 'within the thread') return { number, id: `#${number}` }
  return { number, id: `${match?.groups?.['counts']?.toLowerCase() ?? counts ?? 'post'}/${number}` }
}

function bodyOf(element: HtmlElement, { layout, body }: Parts): HtmlElement | undefined {
  const marked = find(element, body)
  return layout.around === true ? marked?.parent : marked
}

/** The line above a signature in boards of phpBB 2. */
const RULED_OFF = /\n?_{10,}(?:\n[\s\S]*)?$/

function writtenIn(body: HtmlElement | undefined, { around }: PostLayout): Written {
  if (body === undefined) return { text: undefined, quotes: [], links: [] }
  const written = readBody(body)
  const text = around === true ? written.text?.replace(RULED_OFF, '').trim() : written.text
  return { ...written, text: text === '' ? undefined : text }
}

class Page {
  readonly #parts: Parts
  readonly #zoneMs: Millis | undefined
  /** Where the layout puts something outside the posts. */
  readonly #byId = new Map<string, HtmlElement>()
  readonly #author: HtmlElement | undefined
  readonly #time: HtmlElement | undefined

  constructor(root: HtmlElement, parts: Parts, zoneMs: Millis | undefined) {
    this.#parts = parts
    this.#zoneMs = zoneMs
    this.#author = parts.outsideAuthor === undefined ? undefined : find(root, parts.outsideAuthor)
    this.#time = parts.outsideTime === undefined ? undefined : find(root, parts.outsideTime)
    if (parts.layout.outside?.timeIn !== undefined) {
      for (const element of findAll(root, IDENTIFIED)) this.#byId.set(element.attributes['id'] ?? '', element)
    }
  }

  post(element: HtmlElement, body: HtmlElement | undefined, { number, id }: Name): Post {
    const { layout, edited, deleted } = this.#parts
    const author = this.#authorOf(element, body)
    const editedAt = edited === undefined ? undefined : find(element, edited)
    return {
      id, author, time: this.#timeOf(element, body, number, author),
      edited: editedAt === undefined ? undefined : statedTime(editedAt, this.#zoneMs), deleted: deleted?.(element) === true,
      ...writtenIn(body, layout),
    }
  }

  #authorOf(element: HtmlElement, body: HtmlElement | undefined): string | undefined {
    const { layout, author } = this.#parts
    const named = layout.authorAttribute === undefined ? undefined : element.attributes[layout.authorAttribute]
    if (named !== undefined && named !== '') return named
    const at = find(element, author, (each) => each === body) ?? this.#author
    return at === undefined ? undefined : readText(at)?.replace(/\s+/g, ' ')
  }

  /** Of several statements the first that is proven, or else the first. */
  #timeOf(element: HtmlElement, body: HtmlElement | undefined, number: string, author: string | undefined): Stated | undefined {
    const { layout, time } = this.#parts
    const elsewhere = this.#byId.get(layout.outside?.timeIn?.replace('{number}', number) ?? '')
    const places = findAll(element, time, (each) => each === body)
    if (elsewhere !== undefined) places.push(...findAll(elsewhere, time))
    if (this.#time !== undefined) places.push(this.#time)
    const stated = places.flatMap((place) => statedTime(place, this.#zoneMs, author) ?? [])
    return stated.find(({ ms }) => ms !== undefined) ?? stated[0]
  }
}
