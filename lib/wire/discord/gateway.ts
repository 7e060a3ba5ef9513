/** Frames of Discord's gateway (https://discord.com/developers/docs/events/gateway): what they say, and what is said to it. */
import type { Signal } from '#record'
import { exactId, exactList, exactNumber, exactObject, exactString, type ExactObject } from '../json_exact.ts'
import { apiSignals, deletionSignal, type Hearing } from './message.ts'

/** Kinds of frame, by their `op`. */
export const OP = { dispatch: 0, heartbeat: 1, identify: 2, resume: 6, reconnect: 7, invalidSession: 9, hello: 10, acknowledged: 11 } as const

/** Whether a frame tells of a message itself, not of what others do to it. */
export const isOfMessage = (frame: ExactObject): boolean => /^MESSAGE_(?:CREATE|UPDATE|DELETE|DELETE_BULK)$/.test(exactString(frame['t']) ?? '')

export const isFrame = (object: ExactObject): boolean => exactNumber(object['op']) !== undefined && 'd' in object

/** The signals of one frame; a text says why there are none. */
export function frameSignals(frame: ExactObject, hearing: Hearing): readonly Signal[] | string {
  const event = exactString(frame['t']), data = exactObject(frame['d']) ?? {}
  if (exactNumber(frame['op']) !== OP.dispatch || event === undefined) return 'a frame of the gateway that tells no event'
  switch (event) {
    case 'MESSAGE_CREATE': return apiSignals(data, hearing)
    // Before edits were told whole, parts of a message came alone: a preview of its links, say.
    case 'MESSAGE_UPDATE': return data['author'] === undefined ? 'an update of a message without its words' : apiSignals(data, hearing)
    case 'MESSAGE_DELETE': return deletions([exactId(data['id'])], data, hearing)
    case 'MESSAGE_DELETE_BULK': return deletions((exactList(data['ids']) ?? []).map(exactId), data, hearing)
    default: return `an event without a message: ${event.slice(0, 40)}`
  }
}

function deletions(ids: readonly (string | undefined)[], data: ExactObject, hearing: Hearing): readonly Signal[] | string {
  const channel = exactId(data['channel_id'])
  const signals = ids.flatMap((id) => (id === undefined ? [] : (deletionSignal(id, channel, hearing) ?? [])))
  return signals.length === 0 ? 'a message without a number' : signals
}

/** Messages of guilds, and their words, which have to be granted to the bot (https://discord.com/developers/docs/events/gateway#gateway-intents). */
const INTENTS = (1 << 9) | (1 << 15)

export const heartbeat = (seq: number | null): string => JSON.stringify({ op: OP.heartbeat, d: seq })
export const identify = (token: string): string =>
  JSON.stringify({ op: OP.identify, d: { token, intents: INTENTS, properties: { os: 'linux', browser: 'vanta', device: 'vanta' } } })
export const resume = (token: string, session: string, seq: number): string =>
  JSON.stringify({ op: OP.resume, d: { token, session_id: session, seq } })
