/** One run of a back-test, as the registry of runs counts it; its parent is the line before it, so that the lines are a chain of hashes. */
import { hex, instant, integer, list, literal, members, number, object, optional, orNull, text } from './shape.ts'
import { envelope, id } from './terms.ts'

export const run = object({
  kind: literal('run'),
  ...envelope,
  /** Counts the runs of a registry from 1. */
  sequence: integer(1),
  from: instant, to: instant,
  /** What was asked for, as it would be typed: by option, `TOOL.option` and `vault.PATH`. */
  settings: members,
  /** Every file that was read, unpacked, by its path in the data folder. */
  data: list(object({ file: text, sha256: hex(64, 'a SHA-256 hash') })),
  /** The program that ran, as a hash of it, where it is one file. */
  code: optional(hex(64, 'a SHA-256 hash')),
  /** The summary of the run, and the root of its audit log. */
  summary: id,
  audit_root: orNull(text),
  return: number(), max_drawdown: number(0), trades: integer(0),
  /** Of one day, not annualised, and the days behind it; null where it cannot be said. */
  sharpe_per_day: orNull(number()), days: integer(0),
})
