/** Signals from what a payload states: absent is left out, and nothing is known before it happened unless it was announced. */
import { formatInstant, make, type Json, type Millis, type Signal } from '#record'

export type Facts = { readonly [fact: string]: Json | undefined }

/** Who reads a payload, and when it was heard. */
export interface Hearing {
  readonly by: string
  readonly heardMs: Millis
}

export interface Said {
  readonly type: string
  readonly key: string
  readonly source: string
  readonly atMs: Millis
  readonly knownMs: Millis
  readonly subject?: string | undefined
  readonly author?: string | undefined
  readonly language?: string | undefined
  /** The records it was made from. */
  readonly parents?: string[] | undefined
  readonly magnitude?: number | undefined
  readonly facts: Facts
}

/** A signal of something that has happened: known from then at the earliest. */
export const happened = (said: Said, by: string): Signal => signalOf({ ...said, knownMs: Math.max(said.knownMs, said.atMs) }, by)

/** A signal of something that may lie ahead, such as a date in a calendar. */
export function signalOf(
  { type, key, source, atMs, knownMs, subject, author, language, parents, magnitude, facts }: Said, by: string,
): Signal {
  return make('signal', {
    at: formatInstant(atMs),
    known_at: formatInstant(knownMs),
    source,
    by,
    ...(parents !== undefined && { parents }),
    type,
    key,
    ...(subject !== undefined && { subject }),
    ...(author !== undefined && { author }),
    ...(language !== undefined && { language }),
    ...(magnitude !== undefined && { magnitude }),
    facts: present(facts),
  })
}

/** Without its absent members. */
export function present(facts: Facts): { [fact: string]: Json } {
  const stated: { [fact: string]: Json } = {}
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) stated[name] = value
  return stated
}
