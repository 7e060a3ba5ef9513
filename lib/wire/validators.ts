/** What a cursor remembers of an answer, to ask again only for what has changed. */
import type { Validators } from '#port/outside'
import type { Json } from '#record'

/** The validators that a cursor's state holds. */
export function validatorsIn(state: Json | undefined): Validators | undefined {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return undefined
  const { etag, lastModified } = state as { readonly etag?: Json; readonly lastModified?: Json }
  return { ...(typeof etag === 'string' && { etag }), ...(typeof lastModified === 'string' && { lastModified }) }
}
