/** One HTTP request and its answer, bounded in time and size, nothing followed and nothing trusted. */
import http from 'node:http'
import https from 'node:https'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

export interface Sent {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly agent: http.Agent | undefined
  readonly signal: AbortSignal
}

export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as it comes, still packed. */
  readonly body: http.IncomingMessage
}

/** Anything below HTTP: no connection, cut off, timed out. */
export class Unreachable extends Error {}
/** The body is larger than allowed, or its packing is broken. */
export class BadBody extends Error {}

export function send({ url, method, headers, body, agent, signal }: Sent): Promise<Head> {
  return new Promise((resolve, reject) => {
    const { request: ask } = url.protocol === 'https:' ? https : http
    const request = ask(url, { method, headers, signal, ...(agent !== undefined && { agent }) })
    request.once('error', (error) => reject(unreachable(error)))
    request.once('response', (message) => {
      // An error after the head is the body's to report.
      message.on('error', () => undefined)
      resolve({ status: message.statusCode ?? 0, headers: flat(message.headers), body: message })
    })
    request.end(body)
  })
}

const unreachable = (error: unknown): Unreachable => new Unreachable(error instanceof Error ? error.message : String(error), { cause: error })

function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  const flattened: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flattened[name] = Array.isArray(value) ? value.join(', ') : value
  return flattened
}

/** Unpacked chunks; at most so many bytes. A body cut short, in its bytes or in its packing, is an error and no body. */
export async function* unpacked({ headers, body }: Head, maxBytes: number): AsyncGenerator<Buffer> {
  const unpack = unpackerOf(headers['content-encoding'])
  let source: Readable = body
  if (unpack !== undefined) {
    body.once('error', (error) => unpack.destroy(unreachable(error)))
    source = body.pipe(unpack)
  }
  let size = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new BadBody(`the answer is larger than ${maxBytes} bytes`)
      yield chunk
    }
  } catch (error) {
    if (error instanceof BadBody || error instanceof Unreachable) throw error
    throw isPacking(error) ? new BadBody(`the answer's compression is broken or cut short`) : unreachable(error)
  } finally {
    body.destroy()
  }
}

/** Errors of zlib and brotli, told by their codes (Z_DATA_ERROR, Z_BUF_ERROR, ERR_PADDING_1, ERR__ERROR_FORMAT_...). */
const isPacking = (error: unknown): boolean => error instanceof Error && 'code' in error && /^(Z_|ERR_PADDING|ERR__ERROR)/.test(String(error.code))

function unpackerOf(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case undefined: case '': case 'identity': return undefined
    case 'gzip': case 'x-gzip': return createGunzip()
    case 'br': return createBrotliDecompress()
    case 'deflate': return createInflate()
    default: throw new BadBody(`the answer is packed as "${encoding}", which was not asked for`)
  }
}
