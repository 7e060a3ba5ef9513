/**
 * `trade_updates`: Alpaca says that an order has moved. Only the stirring is used; what has happened is asked for, as without it. A stream that
 * fails is opened again when it is next waited for, and until then the time passes as it would.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Millis } from '#record'
import type { Credentials } from '#port/secrets'
import { openSocket } from '../http/socket.ts'

export interface TradeUpdates {
  /** Settles when something was said since the last time, or after so long. */
  stirred(withinMs: Millis): Promise<void>
  close(): void
}

const HANDSHAKE_MS = 10_000
const MOST_BYTES = 1024 * 1024
/** Quiet is normal where nothing is traded. */
const QUIET_MS = 24 * 3_600_000

export function tradeUpdates(address: string, secrets: Credentials): TradeUpdates {
  let heard = false, listening = false
  const end = new AbortController()
  let wake: (() => void) | undefined
  const listen = async (): Promise<void> => {
    listening = true
    const url = new URL(address)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/stream`
    const dial = {
      url, name: 'alpaca trade_updates', headers: {}, timeoutMs: HANDSHAKE_MS, maxBytes: MOST_BYTES, signal: end.signal,
      granted: async () => undefined, agent: async () => undefined, now: Date.now,
    }
    const hello = [
      JSON.stringify({ action: 'auth', key: secrets['key_id'], secret: secrets['secret'] }),
      JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }),
    ]
    try {
      for await (const { bytes } of openSocket(dial, { hello, quietMs: QUIET_MS })) {
        if (!bytes.includes('"trade_updates"') || bytes.includes('"listening"')) continue
        heard = true
        wake?.()
      }
    } catch {
      // Not heard is not known, as everywhere: the next look tells.
    }
    listening = false
  }
  return {
    async stirred(withinMs) {
      if (!listening && !end.signal.aborted) void listen()
      const over = new AbortController()
      const time = pause(withinMs, undefined, { signal: over.signal }).catch(() => undefined)
      if (!heard) await Promise.race([time, new Promise<void>((resolve) => (wake = resolve))])
      over.abort()
      heard = false
    },
    close: () => end.abort(),
  }
}
