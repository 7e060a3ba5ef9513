/** A page of a forum: what posts or threads are on it, or what it is instead. */
import { find, findAll, linksIn, readText, selector } from '../html_select.ts'
import { parseHtml, type HtmlElement } from '../html_tree.ts'
import { postsOn, type Posts } from './posts.ts'
import { BOARDS, CAPTCHA, CHALLENGE, NEXT, TITLES } from './thread_layouts.ts'
import { threadIn, threadsOn, type Thread } from './threads.ts'
import { statedZone } from './times.ts'

export interface ForumPage extends Posts {
  /** `wall`: it wants a login or a proof of humanity first; `other`: nothing that is known. */
  readonly kind: 'posts' | 'threads' | 'boards' | 'wall' | 'other'
  /** Why there are neither posts nor threads. */
  readonly why: string
  /** Where it says that it stands. */
  readonly address: string | undefined
  readonly title: string | undefined
  /** Number of the thread that its posts are of. */
  readonly thread: string | undefined
  readonly threads: readonly Thread[]
  /** Links to the page after this one, the likeliest first, as they are written. */
  readonly next: readonly string[]
  /** What relative links stand on, where that is not the page's address. */
  readonly base: string | undefined
}

/** `url` is where the page was found, if that is known. Never throws. */
export function readPage(html: string, url?: string): ForumPage {
  const root = parseHtml(html)
  const address = url ?? statedAddress(root)
  const found = postsOn(root, statedZone(readText(root) ?? ''))
  const threads = found.posts.length > 0 ? [] : threadsOn(root)
  const kind = found.posts.length > 0 ? 'posts' : threads.length > 0 ? 'threads' : undefined
  return {
    ...(kind === undefined ? insteadOf(root) : { kind, why: '' }), ...found, threads, address, title: titleOf(root),
    thread: threadIn(address) ?? threadIn(statedAddress(root)) ?? threadIn(titleLink(root)),
    next: nextOn(root), base: find(root, BASE)?.attributes['href'],
  }
}

const BASE = selector('base[href]'), CANONICAL = selector('link[rel=canonical]'), OG_URL = selector('meta[property=og:url]')
const OG_TITLE = selector('meta[property=og:title]'), HEAD_TITLE = selector('title'), HEADING = selector('h1'), HEADING_LINKS = selector('h1 a, h2 a')
const titles = TITLES.map(selector)
const next = selector(NEXT), boards = selector(BOARDS), captcha = selector(CAPTCHA)
const PASSWORD = selector('input[type=password]'), REGISTRATION = selector('[id=registerform], form[action*=register]')

function statedAddress(root: HtmlElement): string | undefined {
  const stated = [
    find(root, CANONICAL)?.attributes['href'], find(root, OG_URL)?.attributes['content'], find(root, BASE)?.attributes['href'],
    ...findAll(root, HEADING_LINKS).map(({ attributes }) => attributes['href']),
  ]
  return stated.find((address) => address !== undefined && /^https?:\/\/[^/]/i.test(address))
}

function titleAt(root: HtmlElement): HtmlElement | undefined {
  for (const title of titles) {
    const at = find(root, title)
    if (at !== undefined && readText(at) !== undefined) return at
  }
  return undefined
}

/** ` - Page 5`, ` | Seite 2` of a title that is that of the whole page. */
const PAGE_NUMBER = /\s*[-|\u2013,]\s*(?:Page|Seite|Página|Pagina|Страница)\s+\d+.*$/i

function titleOf(root: HtmlElement): string | undefined {
  const at = titleAt(root)
  const stated = (at === undefined ? undefined : readText(at)) ?? find(root, OG_TITLE)?.attributes['content'] ?? textOf(find(root, HEADING)) ??
    textOf(find(root, HEAD_TITLE))
  const title = stated?.replace(/\s+/g, ' ').replace(PAGE_NUMBER, '').trim()
  return title === '' ? undefined : title
}

const textOf = (element: HtmlElement | undefined): string | undefined => (element === undefined ? undefined : readText(element))

function titleLink(root: HtmlElement): string | undefined {
  const title = titleAt(root)
  return title === undefined ? undefined : title.name === 'a' ? title.attributes['href'] : linksIn(title)[0]
}

const nextOn = (root: HtmlElement): string[] =>
  findAll(root, next).flatMap(({ attributes: { href = '' } }) => (href === '' || href.startsWith('#') ? [] : [href]))

function insteadOf(root: HtmlElement): { readonly kind: 'boards' | 'wall' | 'other'; readonly why: string } {
  if (find(root, captcha) !== undefined || CHALLENGE.test(textOf(find(root, HEAD_TITLE)) ?? '')) {
    return { kind: 'wall', why: 'a page that wants proof of a human reader, no posts' }
  }
  if (find(root, REGISTRATION) === undefined && find(root, boards) !== undefined) return { kind: 'boards', why: 'a list of boards, no posts' }
  if (find(root, PASSWORD) !== undefined) return { kind: 'wall', why: 'a page that wants a login, no posts' }
  return { kind: 'other', why: 'HTML, but no page of a forum that is known' }
}
