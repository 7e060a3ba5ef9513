/**
 * Reddit's feeds: Atom (RFC 4287), where an entry's id is the thing's full name, and the older RSS 2.0. They tell no scores, and
 * wrap a post's text in HTML between SC_OFF and SC_ON.
 */
import type { Signal } from '#record'
import { readMoment } from '../dates.ts'
import { entriesOf, type Entry } from '../feed_entries.ts'
import { commentSignal, isPast, postSignal, type Hearing } from './signals.ts'

/** Throws Error where the XML is not well formed. */
export function* signalsOfFeed(xml: string, hearing: Hearing): Generator<Signal> {
  const entries = entriesOf(xml)
  if (entries.length === 0) hearing.pass('feed', 'nothing is listed')
  for (const [i, entry] of entries.entries()) {
    const signal = signalOf(entry, hearing)
    if (typeof signal === 'string') hearing.fault(`entry ${i + 1}`, signal)
    else yield signal
  }
}

const FULL_NAME = /^t([13])_([a-z0-9]+)$/
const LINK = /\/r\/([^/]+)\/comments\/([a-z0-9]+)\/(?:[^/]*\/([a-z0-9]+))?/

function signalOf(fields: Entry, hearing: Hearing): Signal | string {
  const link = LINK.exec(fields.get('link@href') ?? fields.get('link') ?? '')
  const full = FULL_NAME.exec(fields.get('id') ?? '')
  const moment = readMoment(fields.get('published') ?? fields.get('updated') ?? fields.get('pubDate') ?? '')
  const isComment = full === null ? link?.[3] !== undefined : full[1] === '1'
  const id = full?.[2] ?? (isComment ? link?.[3] : link?.[2])
  if (id === undefined || moment === undefined) return 'expected an id and a time'
  if (!moment.zoned) return 'a time without its zone'
  if (!isPast(moment.ms, hearing.nowMs)) return 'made in the future'
  const subreddit = fields.get('category@term') ?? link?.[1] ?? fields.get('category')
  const html = fields.get('content') ?? fields.get('description') ?? ''
  const thing = { id, createdMs: moment.ms, knownMs: hearing.nowMs, subreddit, author: authorOf(fields, html), text: textOf(html) }
  if (isComment) return commentSignal({ ...thing, postId: link?.[2] }, hearing)
  return postSignal({ ...thing, title: trimmed(fields.get('title')), flair: undefined }, hearing)
}

const trimmed = (text: string | undefined): string | undefined => {
  const trim = text?.trim()
  return trim === '' ? undefined : trim
}

function authorOf(fields: ReadonlyMap<string, string>, html: string): string | undefined {
  const named = trimmed(fields.get('author'))?.match(/\/u(?:ser)?\/([\w-]+)/)?.[1]
  return named ?? /reddit\.com\/user\/([\w-]+)/.exec(html)?.[1]
}

/** What feeds escape; the text of a post is part of its id, so this stays as it is. */
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function textOf(html: string): string | undefined {
  const body = /<!-- SC_OFF -->(.*?)<!-- SC_ON -->/s.exec(html)?.[1]
  if (body === undefined) return undefined
  const plain = body.replace(/<\/p>|<br\s*\/?>/g, '\n').replace(/<[^>]*>/g, '')
  return trimmed(plain.replace(/&(#x[0-9a-fA-F]+|#\d+|[a-z]+);/g, (whole, name: string) => characterOf(name) ?? whole))
}

const HIGHEST = 0x10ffff

function characterOf(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name]
  const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code > 0 && code <= HIGHEST ? String.fromCodePoint(code) : undefined
}
