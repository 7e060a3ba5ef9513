/** Fields of X's objects, each read once and believed only as far as it has the right form. */
import { parseInstant, type Millis } from '#record'
import { readMoment } from '../dates.ts'
import { exactId, exactList, exactObject, exactString, type Exact, type ExactObject } from '../json_exact.ts'
import { isOwnLink, isTweetId } from './tweet.ts'

/** An instant of the API (`2021-04-01T15:52:31.000Z`) or of its older versions (`Thu Apr 01 15:52:31 +0000 2021`); undefined without a zone. */
export function instantOf(value: Exact | undefined): Millis | undefined {
  const text = exactString(value)
  if (text === undefined) return undefined
  const ms = parseInstant(text)
  if (ms !== undefined) return ms
  const moment = readMoment(text)
  return moment?.zoned === true ? moment.ms : undefined
}

/** The id of a tweet: X writes `id_str` beside `id` where the latter is a number. */
export function idOf(object: ExactObject | undefined, name = 'id'): string | undefined {
  const id = exactString(object?.[`${name}_str`]) ?? exactId(object?.[name])
  return isTweetId(id) ? id : undefined
}

/** The objects of a list. */
export const objectsIn = (value: Exact | undefined): readonly ExactObject[] =>
  (exactList(value) ?? []).map(exactObject).filter((object) => object !== undefined)

export const stringsIn = (value: Exact | undefined): readonly string[] => (exactList(value) ?? []).flatMap((each) => exactString(each) ?? [])

/** Where links lead, those that X puts in itself left out; each once. */
export const linksOf = (urls: Exact | undefined): readonly string[] =>
  [...new Set(objectsIn(urls).flatMap((url) => exactString(url['expanded_url']) ?? []))].filter((url) => !isOwnLink(url))

/** Symbols as they were written, each once. */
export const tagsOf = (tags: Exact | undefined, name: string): readonly string[] =>
  [...new Set(objectsIn(tags).flatMap((tag) => exactString(tag[name]) ?? []))]
