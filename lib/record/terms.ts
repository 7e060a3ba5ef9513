/** What records of many kinds have in common. */
import { hex, instant, list, oneOf, optional, pattern, text } from './shape.ts'

/** A record id: the first 40 hex digits (160 bits) of the SHA-256 of what the record says. */
export const id = hex(40, 'a record id (40 hex digits)')
/** Exact decimal text: `-12.50`. JSON numbers lose digits. */
export const decimal = pattern(/^-?\d+(\.\d+)?$/, 'a decimal number in a string')
/** What a record is about, `ticker:GME`, `wallet:0xab..`: a namespace, a colon, a name. */
export const subject = pattern(/^[a-z][a-z0-9_]*:./, 'a subject like "ticker:GME"')
export const direction = oneOf('up', 'down')
export const side = oneOf('buy', 'sell')
export const basis = oneOf('as_traded', 'split_adjusted')

export const envelope = {
  id,
  /** Ids of the records this one was made from. */
  parents: list(id),
  /** When it happened. */
  at: instant,
  /** When it could first have been known; no decision before this moment may use it. */
  known_at: instant,
  source: text,
  /** Tool and version that wrote it. */
  by: text,
  /** The kept payload it was read from, by content id; how it was heard, no part of what it says. */
  raw: optional(id),
}
