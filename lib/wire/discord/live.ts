/** How Discord is asked: channels over its API, round after round; or its gateway, which tells as it happens. */
import type { Json, Millis, Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Answer, Cursor, Heard, Http } from '#port/outside'
import type { Credentials } from '#port/secrets'
import { exactId, exactNumber, exactObject, exactString, parseExact, type ExactObject } from '../json_exact.ts'
import { heartbeat, identify, isOfMessage, OP, resume } from './gateway.ts'
import { deletionSignal } from './message.ts'
import { messageIds } from './payload.ts'

/** What is asked of the world. */
export interface World {
  readonly http: Http
  readonly by: string
  readonly contact: string | undefined
  credentials(...keys: readonly string[]): Promise<Credentials>
  cursor(stream: string): Cursor
  read(answer: Answer): AsyncIterable<Vanta>
}

/** Most messages of one answer. */
const PAGE = 100
/** So many pages of what was missed are read in one round. */
const MOST_PAGES = 100

const API = 'https://discord.com/api/v10'

/**
 * The newest messages of a channel, then what lies between them and those heard before. Messages that stood among the newest and no longer
 * do are gone; edits are seen as long as a message is among the newest.
 */
export async function* channelRound(channel: string, world: World): AsyncIterable<Vanta> {
  if (!/^\d{1,20}$/.test(channel)) throw new Failure('usage', `--channel: expected the number of a channel, got "${channel}"`)
  const { http, by, contact, read } = world
  const { TOKEN: token = '' } = await world.credentials('TOKEN')
  const cursor = world.cursor(channel)
  const { after, newest } = remembered(cursor.state)
  const ask = (query: string): Promise<Answer> => http.get({
    url: `${API}/channels/${channel}/messages?limit=${PAGE}${query}`, limit: `channel ${channel}`,
    // The form that Discord asks of clients (https://discord.com/developers/docs/reference#user-agent).
    headers: { 'user-agent': `DiscordBot (${contact ?? 'vanta'}, ${by})` }, secret: { headers: { authorization: `Bot ${token}` } },
  })
  const answer = await ask('')
  yield* read(answer)
  const ids = messageIds(answer.bytes, answer.url).sort(byAge)
  const oldest = ids[0]
  yield* gone(newest, ids, channel, { by, heardMs: answer.heardMs })
  let from = after
  for (let n = 0; from !== undefined && oldest !== undefined && ids.length >= PAGE && byAge(oldest, from) > 0 && n < MOST_PAGES; n++) {
    const missed = await ask(`&after=${from}`)
    yield* read(missed)
    const last = messageIds(missed.bytes, missed.url).sort(byAge).at(-1)
    if (last === undefined || byAge(last, from) <= 0) break
    from = last
    // The newest are heard already; where this breaks off, the next round goes on from here.
    if (byAge(from, oldest) < 0) await cursor.save({ after: from, newest: [...newest] })
  }
  const last = ids.at(-1) ?? after
  if (last !== undefined) await cursor.save({ after: last, newest: ids })
}

/** Snowflakes in the order of their making. */
const byAge = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

function* gone(before: readonly string[], now: readonly string[], channel: string, hearing: { by: string; heardMs: Millis }): Iterable<Vanta> {
  const present = new Set(now), oldest = now[0]
  for (const id of before) {
    // Of what is older than a full page nothing is known.
    const isCovered = now.length < PAGE || (oldest !== undefined && byAge(id, oldest) >= 0)
    const signal = present.has(id) || !isCovered ? undefined : deletionSignal(id, channel, hearing)
    if (signal !== undefined) yield signal
  }
}

function remembered(state: Json | undefined): { readonly after: string | undefined; readonly newest: readonly string[] } {
  const { after, newest } = fieldsOf(state)
  return {
    after: typeof after === 'string' ? after : undefined,
    newest: Array.isArray(newest) ? newest.filter((id) => typeof id === 'string') : [],
  }
}

const GATEWAY = 'wss://gateway.discord.gg/?v=10&encoding=json'
/** Discord asks for a heartbeat every 41 s or so, and answers each. */
const QUIET_MS: Millis = 120_000
/** Closings that mean the bot's set-up: who it is, or what it may hear. */
const SET_UP = /closed with code 40(?:04|1[0-4])\b/

/** What the gateway tells, until it ends the connection; the session is taken up again where it was left. `channels`: only these. */
export async function* gatewayRound(channels: readonly string[] | undefined, world: World): AsyncIterable<Vanta> {
  const { TOKEN: token = '' } = await world.credentials('TOKEN')
  const talk = new Talk(token, world.cursor('gateway'))
  try {
    for await (const heard of world.http.socket({ url: GATEWAY }, { quietMs: QUIET_MS })) {
      const frame = exactObject(parseExact(heard.bytes.toString('utf8'), GATEWAY)) ?? {}
      const channel = exactId(exactObject(frame['d'])?.['channel_id'])
      talk.hear(frame, heard)
      if (isOfMessage(frame) && (channels === undefined || (channel !== undefined && channels.includes(channel)))) {
        const { bytes, heardMs } = heard
        yield* world.read({ status: 200, url: GATEWAY, headers: { 'content-type': 'application/json' }, validators: {}, bytes, heardMs })
        await talk.remember()
      }
      if (talk.isOver) break
    }
    await talk.remember()
  } catch (error) {
    if (!(error instanceof Failure) || !SET_UP.test(error.message)) throw error
    throw new Failure('config', `${error.message}: is the TOKEN right, and may the bot hear the content of messages?`, error)
  }
}

/** The bot's side of the conversation. */
class Talk {
  readonly #token: string
  readonly #cursor: Cursor
  #session: string | undefined
  #seq: number | null = null
  isOver = false

  constructor(token: string, cursor: Cursor) {
    this.#token = token
    this.#cursor = cursor
    const { session, seq } = fieldsOf(cursor.state)
    if (typeof session !== 'string' || typeof seq !== 'number') return
    this.#session = session
    this.#seq = seq
  }

  /** Hear a frame, and answer it where it wants an answer. */
  hear(frame: ExactObject, { send, beat }: Heard): void {
    this.#seq = exactNumber(frame['s']) ?? this.#seq
    const data = exactObject(frame['d'])
    if (frame['t'] === 'READY') this.#session = exactString(data?.['session_id'])
    switch (exactNumber(frame['op'])) {
      case OP.hello:
        send(this.#session === undefined ? identify(this.#token) : resume(this.#token, this.#session, this.#seq ?? 0))
        beat(exactNumber(data?.['heartbeat_interval']) ?? QUIET_MS / 2, () => heartbeat(this.#seq))
        return
      case OP.heartbeat:
        return send(heartbeat(this.#seq))
      case OP.invalidSession:
        // One that cannot be taken up again is begun anew at the next connection.
        if (frame['d'] !== true) this.#session = undefined
        this.isOver = true
        return
      case OP.reconnect:
        this.isOver = true
    }
  }

  async remember(): Promise<void> {
    await this.#cursor.save(this.#session === undefined ? {} : { session: this.#session, seq: this.#seq ?? 0 })
  }
}

const fieldsOf = (value: Json | undefined): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
