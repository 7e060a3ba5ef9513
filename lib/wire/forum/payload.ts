/** Recorded pages of forums, told by their markup: threads, lists of threads, and what a board shows instead. */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { textOf } from '../text.ts'
import { readPage, type ForumPage } from './page.ts'
import { postSignal, threadSignal } from './signals.ts'

/** A document, or a part of one. */
const MARKUP = /^\s*<[!?a-z]|<(?:!doctype\s+)?html\b/i

/** `board` names the board of pages that do not say where they stand. */
export function forumParser({ by, reject }: Reading, board: string | undefined): Parser {
  return {
    *read(payload): Generator<Signal> {
      const page = pageOf(payload)
      const hearing = { by, heardMs: payload.heardMs, host: hostOf(page.address) ?? hostOf(board) }
      if (page.kind === 'boards') reject('page', page.why)
      if (page.notPosts > 0) reject(`${page.notPosts} of the page`, 'put among the posts by the host, no post')
      for (const post of page.posts) {
        if (post.text === undefined && post.quotes.length === 0 && post.links.length === 0 && !post.deleted) reject(post.id, 'a post without text')
        else yield postSignal(post, page, hearing)
      }
      for (const thread of page.threads) yield threadSignal(thread, hearing)
    },
  }
}

/** Throws Failure `data` where the payload is no page of a forum, or one that shows nothing to strangers. */
export function pageOf({ name, bytes, contentType, url }: Payload): ForumPage {
  // Whatever a link leads to: pictures, archives and programs are not looked into.
  if (contentType !== undefined && !/html|text\/plain/i.test(contentType)) throw new Failure('data', `${name}: ${contentType.slice(0, 60)}, no HTML`)
  const html = textOf(bytes, contentType)
  if (html.trim() === '') throw new Failure('data', `${name}: nothing in it`)
  if (!MARKUP.test(html)) throw new Failure('data', `${name}: no HTML`)
  const page = readPage(html, url)
  if (page.kind === 'wall' || page.kind === 'other') throw new Failure('data', `${name}: ${page.why}`)
  return page
}

export function hostOf(address: string | undefined): string | undefined {
  const host = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(address ?? '')?.[1]?.toLowerCase()
  return host?.replace(/:(?:80|443)$/, '')
}
