/**
 * Alpaca's stream of bars (https://docs.alpaca.markets/docs/streaming-market-data): it says `connected`, is told who we are, says
 * `authenticated`, is told what we want, says what we are subscribed to, and then speaks once a minute.
 */
import { DAY_MS, MINUTE_MS, type Millis, type Vanta } from '#record'
import type { Answer, Heard } from '#port/outside'
import { tradingDayFrom } from '#domain/market/calendar'
import { isInSession, newYorkDay, sessionOf } from '#domain/market/session'
import { textOf } from '../text.ts'
import { exactString, parseExact, type ExactObject } from '../json_exact.ts'
import { alpacaMessages, streamFailure } from './stream.ts'
import { askBars, noted, type Asking, type Wish } from './walk.ts'

export interface Keys {
  readonly key: string
  readonly secret: string
}

/** What is to be done with a message besides answering it. */
export type Said = 'words' | 'subscribed' | 'data'

/** Answer a message of the stream. Throws Failure where it is an error that ends the matter. */
export function answerTo({ bytes, send }: Pick<Heard, 'bytes' | 'send'>, name: string, symbols: readonly string[], { key, secret }: Keys): Said {
  const messages = alpacaMessages(parseExact(textOf(bytes), name)) ?? []
  let said: Said = 'words'
  for (const message of messages) {
    switch (exactString(message['T'])) {
      case 'success':
        answerSuccess(message, send, symbols, { key, secret })
        break
      case 'subscription':
        said = 'subscribed'
        break
      case 'error':
        throw streamFailure(name, message)
      default:
        return 'data'
    }
  }
  return messages.length === 0 ? 'data' : said
}

function answerSuccess(message: ExactObject, send: (text: string) => void, symbols: readonly string[], { key, secret }: Keys): void {
  const word = exactString(message['msg'])
  if (word === 'connected') send(JSON.stringify({ action: 'auth', key, secret }))
  if (word === 'authenticated') send(JSON.stringify({ action: 'subscribe', bars: symbols, updatedBars: symbols, statuses: symbols }))
}

/** How long the stream may say nothing before it is opened again: a while in the session, else until a while after the next opens. */
export function quietUntil(nowMs: Millis, patienceMs: Millis = 10 * MINUTE_MS): Millis {
  if (isInSession(nowMs)) return patienceMs
  const today = newYorkDay(nowMs)
  for (const day of [today, today + 1]) {
    const session = sessionOf(tradingDayFrom(day))
    if (session !== undefined && session.openMs > nowMs) return session.openMs - nowMs + patienceMs
  }
  return DAY_MS
}

/** What comes, after one more look at what is past: bars may have ended between the last look and the subscription. */
export async function* followBars(messages: AsyncIterable<Heard>, url: string, keys: Keys, wish: Wish, asking: Asking): AsyncGenerator<Vanta> {
  for await (const heard of messages) {
    const said = answerTo(heard, url, wish.symbols, keys)
    if (said === 'subscribed') yield* askBars(wish, asking)
    if (said === 'data') yield* noted(asking.read(answerOf(heard, url)), wish, asking)
  }
}

const answerOf = ({ bytes, heardMs }: Heard, url: string): Answer => ({ status: 200, url, headers: {}, bytes, heardMs, validators: {} })
