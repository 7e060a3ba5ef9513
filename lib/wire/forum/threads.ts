/** The threads that a page lists, by the first layout that finds any. */
import { find, findAll, readText, selector, type Selector } from '../html_select.ts'
import type { HtmlElement } from '../html_tree.ts'
import { THREAD_IDS, THREADS, type ThreadLayout } from './thread_layouts.ts'

export interface Thread {
  readonly id: string
  readonly title: string
  /** As it is linked, without the visitor's session. */
  readonly href: string
  readonly author: string | undefined
  /** As they are stated. */
  readonly replies: string | undefined
  readonly views: string | undefined
}

/** More than any page lists. */
const MOST = 2000

const optional = (text: string | undefined): Selector | undefined => (text === undefined ? undefined : selector(text))
const layouts = THREADS.map((layout) => ({
  layout, row: selector(layout.row), title: selector(layout.title), author: optional(layout.author),
  replies: optional(layout.replies?.[0]), views: optional(layout.views?.[0]),
}))
type Parts = (typeof layouts)[number]

export function threadsOn(root: HtmlElement): readonly Thread[] {
  for (const parts of layouts) {
    const threads = new Map<string, Thread>()
    for (const link of findAll(root, parts.title, undefined, MOST)) {
      const row = around(link, parts.row)
      const thread = row === undefined ? undefined : threadOf(row, link, parts)
      if (thread !== undefined && !threads.has(thread.id)) threads.set(thread.id, thread)
    }
    if (threads.size > 0) return [...threads.values()]
  }
  return []
}

function around(element: HtmlElement, wanted: Selector): HtmlElement | undefined {
  let at = element.parent
  while (at !== undefined && !wanted(at)) at = at.parent
  return at
}

function threadOf(row: HtmlElement, link: HtmlElement, { layout, author, replies, views }: Parts): Thread | undefined {
  const href = withoutSession(link.attributes['href'] ?? ''), title = readText(link)?.replace(/\s+/g, ' ')
  const stated = layout.id?.[1].exec(row.attributes[layout.id[0]] ?? '')?.[1]
  const id = stated ?? threadIn(href) ?? pathOf(href)
  if (href === '' || title === undefined || id === '') return undefined
  const named = layout.authorAttribute === undefined ? undefined : row.attributes[layout.authorAttribute]
  const authorAt = author === undefined ? undefined : find(row, author, (each) => each === link)
  return {
    id, title, href, author: named ?? (authorAt === undefined ? undefined : readText(authorAt)?.replace(/\s+/g, ' ')),
    replies: countOf(row, replies, layout.replies), views: countOf(row, views, layout.views),
  }
}

/** A visitor's session in an address differs from visit to visit, and is nobody else's business. */
export function withoutSession(href: string): string {
  return href.replace(/([?&])(?:sid|s|PHPSESSID)=[0-9a-zA-Z,-]*(&?)/g, (_, before: string, after: string) => (after === '' ? '' : before))
}

const DEFINITION = selector('dfn')

function countOf(row: HtmlElement, wanted: Selector | undefined, where: ThreadLayout['views']): string | undefined {
  const at = wanted === undefined || where === undefined ? undefined : findAll(row, wanted)[where[1]]
  const text = at === undefined ? undefined : readText(at, DEFINITION)
  return /\d[\d.,\u00a0\u202f]*(?:\s?[KM]\b)?/i.exec(text?.slice(0, 200) ?? '')?.[0]
}

/** The number of the thread that an address leads to. */
export function threadIn(address: string | undefined): string | undefined {
  for (const pattern of address === undefined ? [] : THREAD_IDS) {
    const id = pattern.exec(address ?? '')?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

const pathOf = (href: string): string => href.replace(/^https?:\/\/[^/]*/, '').replace(/[?#].*$/, '').replace(/^[./]+/, '').slice(0, 200)
