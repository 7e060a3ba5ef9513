/** Posts and comments of a recorded file, in the order in which they became known. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Signal } from '#record'
import { redditParser } from '#wire/reddit/payload'

export const COMMENTS = 'reddit/wsb_hot_top_comments_2020-11_2021-01.ndjson.gz'
/** What was known before is for learning, the rest for judging. */
export const SPLIT_AT = '2020-12-25T00:00:00.000Z'

export async function postsOf(path: string): Promise<Signal[]> {
  const bytes = gunzipSync(readFileSync(path))
  const signals: Signal[] = []
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const reading = { by: 'swarm/1', reject: () => undefined, log: quiet, file: () => Buffer.alloc(0) }
  for await (const record of redditParser({}, reading).read({ name: path, bytes, heardMs: Date.UTC(2026, 0, 1) })) {
    if (record.kind === 'signal' && record.parents.length === 0 && record.author !== undefined && record.type !== 'snapshot') signals.push(record)
  }
  return signals.sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : a.id < b.id ? -1 : 1))
}
