/**
 * Substack publications: the feed (`/feed`, RSS with the whole text) and the answers of the publication's own API (`/api/v1/archive`,
 * `/api/v1/posts`, `/api/v1/posts/SLUG`). A post has one key however it was heard: host and slug.
 */
import type { Signal } from '#record'
import { Failure } from '#port/failure'
import type { Parser, Payload, Reading } from '#port/payload'
import { distinct, firstDate, type Entry } from '../feed/model.ts'
import { plainTitle, proseOf } from '../feed/prose.ts'
import { readFeed } from '../feed/read.ts'
import { exactId, exactList, exactNumber, exactObject, exactString, parseExact, type Exact, type ExactObject } from '../json_exact.ts'
import { articleSignal, hostOf, type Article } from '../news/article.ts'
import type { Hearing } from '../signal.ts'
import { feedArticles } from '../news/feed_articles.ts'
import { textOfPayload } from '../news/payload.ts'

export const substackParser = (reading: Reading): Parser => ({ read: (payload) => readSubstack(payload, reading) })

function* readSubstack(payload: Payload, reading: Reading): Generator<Signal> {
  const { name, heardMs } = payload
  const text = textOfPayload(payload, reading)
  const hearing: Hearing = { by: reading.by, heardMs }
  if (!/^\s*[[{]/.test(text)) yield* feedArticles(readFeed(text, name), name, 'substack', hearing, reading, ofEntry)
  else yield* postSignals(parseExact(text, name), name, hearing, reading)
}

/** What a free reader is shown in place of the rest of a post. */
const READ_MORE = /<p>\s*<a href="([^"]*)">\s*Read more\s*<\/a>\s*<\/p>\s*$/

function ofEntry({ id, link, html = '', text, summary, categories }: Entry): Partial<Article> {
  const address = postAddress(link) ?? postAddress(id)
  const isPreview = READ_MORE.test(html)
  return {
    ...(address !== undefined && { key: address.key, link: address.link }),
    ...(isPreview && text !== undefined && { text: text.replace(/\s*Read more$/, '') }),
    // Only a part of the post is free: the rest is for those who pay.
    more: { preview: isPreview ? true : undefined },
    categories, summary: text === undefined ? undefined : summary,
  }
}

/** `https://www.example.com/p/slug?utm_source=x` → key and plain address; undefined for what is no address of a post. */
function postAddress(address: string | undefined): { readonly key: string; readonly link: string } | undefined {
  const [, origin, slug] = /^(https?:\/\/[^/?#]+)\/p\/([^/?#]+)/.exec(address ?? '') ?? []
  const host = hostOf(origin)
  return host === undefined || slug === undefined ? undefined : { key: `substack:${host}/p/${slug}`, link: `${origin ?? ''}/p/${slug}` }
}

const isPost = (object: ExactObject | undefined): object is ExactObject =>
  object !== undefined && exactString(object['slug']) !== undefined && object['post_date'] !== undefined && object['title'] !== undefined

/** The posts of an answer, within whatever it wraps them in; undefined where it is none of Substack's. */
function postsIn(value: Exact): readonly Exact[] | undefined {
  const object = exactObject(value)
  const list = exactList(value) ?? exactList(object?.['posts']) ?? exactList(object?.['results'])
  if (list !== undefined) return list.length === 0 || list.some((each) => isPost(exactObject(each))) ? list : undefined
  const single = [object, exactObject(object?.['post'])].find(isPost)
  return single === undefined ? undefined : [single]
}

function* postSignals(value: Exact, name: string, hearing: Hearing, reading: Reading): Generator<Signal> {
  const posts = postsIn(value)
  if (posts === undefined) {
    const said = exactString(exactObject(value)?.['error']) ?? exactString(exactObject(exactList(exactObject(value)?.['errors'])?.[0])?.['msg'])
    const what = said === undefined ? 'JSON, but no posts of Substack' : `Substack answered with an error: ${said.slice(0, 200)}`
    throw new Failure('data', `${name}: ${what}`)
  }
  if (posts.length === 0) reading.reject('answer', 'no posts')
  for (const [i, each] of posts.entries()) {
    const post = exactObject(each)
    const article = isPost(post) ? articleOf(post) : undefined
    if (article === undefined) reading.reject(`post ${i + 1}`, 'no post with a title and an address')
    else if (article.published?.moment === undefined) reading.reject(`post ${i + 1}`, 'not published: it has no date')
    else yield articleSignal(article, hearing)
  }
}

const namesIn = (value: Exact | undefined): readonly string[] =>
  distinct((exactList(value) ?? []).map((each) => exactString(exactObject(each)?.['name'])))

function articleOf(post: ExactObject): Article | undefined {
  const text = (name: string): string | undefined => exactString(post[name])
  const address = postAddress(text('canonical_url'))
  const title = plainTitle(text('title'))
  if (address === undefined || title === undefined) return undefined
  const audience = text('audience')
  const whole = proseOf(text('body_html'))
  return {
    ...address,
    source: `substack/${hostOf(address.link) ?? ''}`,
    title,
    summary: plainTitle(text('subtitle')) ?? plainTitle(text('description')),
    text: whole ?? proseOf(text('truncated_body_text')),
    authors: namesIn(post['publishedBylines']),
    categories: namesIn(post['postTags']),
    published: firstDate([text('post_date')]),
    updated: firstDate([text('updated_at')]),
    more: {
      id: exactId(post['id']),
      audience,
      preview: whole === undefined || (audience !== undefined && audience !== 'everyone') ? true : undefined,
      form: text('type'),
      words: exactNumber(post['wordcount']),
    },
  }
}
