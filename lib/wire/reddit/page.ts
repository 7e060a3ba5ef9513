/**
 * Old Reddit's pages for people (https://old.reddit.com): listings and threads. Each thing is a `div` that names its full name, its
 * author, its time and its counts in `data-` attributes; title, flair and text stand after it, before the next thing.
 */
import type { Signal } from '#record'
import { readMoment } from '../dates.ts'
import { hasClass, insideOf, tagsOf, type Tag } from '../html_tags.ts'
import { textOfHtml } from '../html_text.ts'
import { commentKey, commentSignal, isPast, postKey, postSignal, removalOf, removalSignal, snapshotSignal, standing, type Hearing } from './signals.ts'

/** What a page tells of one thing. */
interface Thing {
  readonly attributes: Tag['attributes']
  title?: string
  flair?: string
  text?: string
  author?: string | undefined
  /** ISO 8601, for comments: posts have it in milliseconds. */
  datetime?: string | undefined
  /** Empty while Reddit hides it. */
  score?: string
}

/** Whether a page is one of old Reddit's, with things on it or with nothing listed. */
export const isRedditPage = (html: string): boolean => /\bdata-fullname="t\d_[a-z0-9]+"/.test(html) || /<div[^<>]{0,200}\bid="siteTable"/.test(html)

export function* signalsOfPage(html: string, hearing: Hearing): Generator<Signal> {
  const things = thingsOf(html)
  if (things.length === 0) hearing.pass('page', 'nothing is listed')
  for (const [i, thing] of things.entries()) {
    const place = `thing ${i + 1}`
    if (thing.attributes['data-promoted'] === 'true') hearing.pass(place, 'an advertisement')
    else yield* signalsOfThing(thing, place, hearing)
  }
}

/** Whatever stands after a thing's tag is its own until the next thing: replies come after their parent's text. */
function thingsOf(html: string): readonly Thing[] {
  const things: Thing[] = []
  const tags = tagsOf(html)
  for (const [i, tag] of tags.entries()) {
    if (tag.closes) continue
    const { name, attributes } = tag
    if (attributes['data-fullname'] !== undefined && hasClass(tag, 'thing')) {
      things.push({ attributes })
      continue
    }
    const thing = things.at(-1)
    if (thing === undefined) continue
    if (name === 'a' && hasClass(tag, 'title')) thing.title ??= insideOf(html, tags, i)
    else if (name === 'a' && hasClass(tag, 'author')) thing.author ??= /\/user\/([\w-]+)/.exec(attributes['href'] ?? '')?.[1]
    else if (name === 'time') thing.datetime ??= attributes['datetime']
    else if (name === 'div' && hasClass(tag, 'md')) thing.text ??= insideOf(html, tags, i)
    else if (hasClass(tag, 'linkflairlabel')) thing.flair ??= insideOf(html, tags, i)
    else if (hasClass(tag, 'score-hidden') || (hasClass(tag, 'score') && hasClass(tag, 'unvoted'))) thing.score ??= attributes['title'] ?? ''
  }
  return things
}

const COMMENTS = /\/comments\/([a-z0-9]+)\//

function* signalsOfThing({ attributes, score, datetime, ...parts }: Thing, place: string, hearing: Hearing): Generator<Signal> {
  const [, kind, id] = /^t([13])_([a-z0-9]+)$/.exec(attributes['data-fullname'] ?? '') ?? []
  if (id === undefined) return hearing.pass(place, 'no post or comment')
  const createdMs = momentOf(attributes['data-timestamp'], datetime)
  if (createdMs === undefined) return hearing.fault(place, 'expected an id and a time')
  if (!isPast(createdMs, hearing.nowMs)) return hearing.fault(place, 'made in the future')
  const subreddit = attributes['data-subreddit']
  const title = textOfHtml(parts.title ?? ''), body = textOfHtml(parts.text ?? '')
  const knownMs = Math.max(hearing.nowMs, createdMs)
  const thing = { id, createdMs, knownMs, subreddit, author: standing(attributes['data-author'] ?? parts.author), text: standing(body) }
  const key = kind === '3' ? postKey(id) : commentKey(id)
  if (kind === '3') yield postSignal({ ...thing, title: standing(title), flair: standing(textOfHtml(parts.flair ?? '')) }, hearing)
  else yield commentSignal({ ...thing, postId: COMMENTS.exec(attributes['data-permalink'] ?? '')?.[1] }, hearing)
  const counts = { score: score === '' ? undefined : countOf(attributes['data-score'] ?? score), comments: countOf(attributes['data-comments-count']) }
  const snapshot = snapshotSignal(key, knownMs, counts, subreddit, hearing)
  if (snapshot !== undefined) yield snapshot
  const removal = removalOf({ body, title })
  if (removal !== undefined) yield removalSignal(key, knownMs, removal, subreddit, hearing)
}

/** `data-timestamp` is in milliseconds; some pages have only the second of `<time>`. */
function momentOf(stamp: string | undefined, datetime: string | undefined): number | undefined {
  if (stamp !== undefined && /^1\d{12}$/.test(stamp)) return Number(stamp)
  const moment = datetime === undefined ? undefined : readMoment(datetime)
  return moment?.zoned === true ? moment.ms : undefined
}

const countOf = (text: string | undefined): number | undefined => (text !== undefined && /^-?\d{1,12}$/.test(text) ? Number(text) : undefined)
