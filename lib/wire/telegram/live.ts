/** How Telegram is asked: a bot by long polling, a public channel page by page. */
import { DAY_MS, formatInstant, type Json, type Millis, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Answer, Cursor, Http } from '#port/outside'
import type { Credentials } from '#port/secrets'
import type { Log } from '#port/log'
import type { Clock } from '#port/clock'
import { exactObject, parseExact } from '../json_exact.ts'
import { textOf } from '../text.ts'
import { errorOf, updatesOf } from './payload.ts'
import { readPreview } from './preview.ts'

/** What is asked of the world. */
export interface World {
  readonly http: Http
  readonly log: Log
  readonly clock: Clock
  credentials(...keys: readonly string[]): Promise<Credentials>
  cursor(stream: string): Cursor
  read(answer: Answer): AsyncIterable<Vanta>
}

/** Most that an answer holds. */
const MOST_UPDATES = 100
/** After a week without updates Telegram numbers them anew, from anywhere: a number remembered for longer says nothing. */
const NUMBERED_ANEW_MS: Millis = 6 * DAY_MS

/**
 * What the bot was told since. Asking from a number on confirms all before it, so that is done only once their records have left
 * the process. Ends where nothing more waits; an empty answer may take `waitSeconds`.
 */
export async function* updated({ http, clock, credentials, cursor, read }: World, waitSeconds: number): AsyncIterable<Vanta> {
  const { TOKEN: token = '' } = await credentials('TOKEN')
  const remembered = cursor('updates')
  for (;;) {
    const offset = offsetIn(remembered.state, clock.now())
    const query = `${offset === undefined ? '' : `offset=${offset}&`}limit=${MOST_UPDATES}&timeout=${waitSeconds}`
    const url = `https://api.telegram.org/bot{token}/getUpdates?${query}`
    const answer = await http.get({ url, secret: { path: { token } }, accepts: [404, 409] })
    refuse(answer)
    yield* read(answer)
    const { last, count } = updatesOf(answer.bytes, answer.url)
    if (last !== undefined) await remembered.save({ offset: last + 1, heard_at: formatInstant(answer.heardMs) })
    if (count < MOST_UPDATES || last === undefined) return
  }
}

function offsetIn(state: Json | undefined, nowMs: Millis): number | undefined {
  const { offset, heard_at: heardAt } = fieldsOf(state)
  if (typeof offset !== 'number' || typeof heardAt !== 'string') return undefined
  return nowMs - Date.parse(heardAt) > NUMBERED_ANEW_MS ? undefined : offset
}

/** A token that is none, and a bot that someone else listens to, are matters of set-up. */
function refuse({ status, bytes, url }: Answer): void {
  if (status !== 404 && status !== 409) return
  let said: string | undefined
  try {
    said = errorOf(exactObject(parseExact(bytes.toString('utf8'), url)) ?? {})
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
  throw new Failure('config', `${url}: ${said ?? `HTTP ${status}`}${status === 404 ? ': is the TOKEN that of a bot?' : ''}`)
}

const CHANNEL = /^(?:@|(?:https?:\/\/)?t\.me\/(?:s\/)?)?(\w{4,64})\/?$/

/** Posts of a public channel, from the latest back to those heard before, at most so many pages. */
export async function* previewed(channel: string, pages: number, { http, log, cursor, read }: World): AsyncIterable<Vanta> {
  const name = CHANNEL.exec(channel)?.[1]
  if (name === undefined) throw new Failure('usage', `--channel: expected a name like durov, got "${channel}"`)
  const remembered = cursor(`s/${name.toLowerCase()}`)
  const { newest } = fieldsOf(remembered.state)
  const heard = typeof newest === 'number' ? newest : undefined
  let latest = heard ?? 0, before: number | undefined
  for (let n = 1; ; n++) {
    const answer = await http.get({ url: `https://t.me/s/${name}${before === undefined ? '' : `?before=${before}`}` })
    yield* read(answer)
    const numbers = readPreview(textOf(answer.bytes, answer.headers['content-type']), { by: '', heardMs: 0 })?.numbers ?? []
    const oldest = numbers[0]
    latest = Math.max(latest, numbers.at(-1) ?? 0)
    // Nothing older, or nothing between what was heard and this page: the way back is over.
    if (oldest === undefined || oldest <= 1 || (before !== undefined && oldest >= before) || (heard !== undefined && oldest <= heard + 1)) break
    if (n >= pages) {
      if (heard !== undefined) log.warn(`${answer.url}: posts ${heard + 1} to ${oldest - 1} were not read: more than ${pages} pages back (--pages)`)
      break
    }
    before = oldest
  }
  if (latest > 0) await remembered.save({ newest: latest })
}

const fieldsOf = (value: Json | undefined): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
