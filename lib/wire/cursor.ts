/** What the cursors of collectors remember, as JSON and back. */
import type { Json } from '#record'
import type { Validators } from '#port/outside'

type Fields = { readonly [name: string]: Json | undefined }

/** The members of an object; none where it is anything else. */
export const fieldsOf = (state: Json | undefined): Fields =>
  typeof state === 'object' && state !== null && !Array.isArray(state) ? (state as Fields) : {}

/** The validators of the last answer, to ask whether anything has changed. */
export function validatorsIn(state: Json | undefined): Validators {
  const { etag, last_modified: lastModified } = fieldsOf(state)
  return { ...(typeof etag === 'string' && { etag }), ...(typeof lastModified === 'string' && { lastModified }) }
}

export function validatorState({ etag, lastModified }: Validators): { [name: string]: Json } {
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { last_modified: lastModified }) }
}
