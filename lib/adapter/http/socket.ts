/** A WebSocket as an iteration over what it says. */
import type http from 'node:http'
import { Failure, Stopped } from '#port/failure'
import type { Heard, SocketOptions } from '#port/outside'
import type { Millis } from '#record'

export interface Dial {
  readonly url: URL
  /** For messages: without secrets. */
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  granted(): Promise<void>
  agent(): Promise<http.Agent | undefined>
  readonly timeoutMs: Millis
  readonly maxBytes: number
  readonly signal: AbortSignal
  now(): Millis
}

/** Messages that wait while the reader is busy: beyond it the socket is paused, so that memory stays bounded. */
const MOST_WAITING = 1024
/** However often a service wants to hear from us. */
const SHORTEST_BEAT_MS = 100
/** Closed as agreed: normal, and going away. */
const ENDED = new Set([1000, 1001])

export async function* openSocket(dial: Dial, { hello = [], quietMs }: SocketOptions): AsyncGenerator<Heard> {
  const { WebSocket } = await import('ws')
  const url = new URL(dial.url)
  url.protocol = url.protocol === 'https:' ? 'wss:' : url.protocol === 'http:' ? 'ws:' : url.protocol
  await dial.granted()
  const agent = await dial.agent()
  if (dial.signal.aborted) throw new Stopped()
  const socket = new WebSocket(url, {
    headers: dial.headers, handshakeTimeout: dial.timeoutMs, maxPayload: dial.maxBytes, followRedirects: false, ...(agent !== undefined && { agent }),
  })
  const waiting: Heard[] = []
  let end: Error | 'closed' | undefined
  let wake: (() => void) | undefined
  let watch: NodeJS.Timeout | undefined, heart: NodeJS.Timeout | undefined
  const finish = (how: Error | 'closed'): void => {
    end ??= how
    clearTimeout(watch)
    wake?.()
  }
  const listen = (): void => {
    clearTimeout(watch)
    watch = setTimeout(() => finish(new Failure('upstream', `${dial.name}: connected, but silent for ${quietMs} ms`)), quietMs)
  }
  const stop = (): void => finish(new Stopped())
  // What is said to a socket that has just closed goes nowhere; that it closed is told elsewhere.
  const send = (text: string): void => socket.send(text, () => undefined)
  const beat = (everyMs: Millis, text: () => string): void => {
    clearInterval(heart)
    heart = setInterval(() => send(text()), Math.max(everyMs, SHORTEST_BEAT_MS))
  }
  dial.signal.addEventListener('abort', stop)
  socket.on('open', () => {
    for (const text of hello) socket.send(text)
    listen()
  })
  socket.on('message', (data: Buffer | ArrayBuffer | Buffer[]) => {
    listen()
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
    waiting.push({ bytes, heardMs: dial.now(), send, beat, close: () => finish('closed') })
    if (waiting.length >= MOST_WAITING) socket.pause()
    wake?.()
  })
  socket.on('unexpected-response', (_, { statusCode = 0 }) => {
    const exit = statusCode === 401 || statusCode === 403 ? 'config' : statusCode === 429 ? 'again' : 'upstream'
    finish(new Failure(exit, `${dial.name}: HTTP ${statusCode} instead of a WebSocket`))
  })
  socket.on('error', (error) => finish(new Failure('upstream', `${dial.name}: ${error.message}`, error)))
  socket.on('close', (code) => finish(ENDED.has(code) ? 'closed' : new Failure('upstream', `${dial.name}: closed with code ${code}`)))
  try {
    for (;;) {
      for (let heard = waiting.shift(); heard !== undefined; heard = waiting.shift()) {
        yield heard
        if (socket.isPaused && waiting.length < MOST_WAITING / 2) socket.resume()
        if (end instanceof Stopped) throw end
      }
      if (end !== undefined) {
        if (end === 'closed') return
        throw end
      }
      await new Promise<void>((resolve) => (wake = resolve))
      wake = undefined
    }
  } finally {
    clearTimeout(watch)
    clearInterval(heart)
    dial.signal.removeEventListener('abort', stop)
    socket.terminate()
  }
}
