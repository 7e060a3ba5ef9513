import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure } from '#port/failure'
import type { ListenAddress, Page, Serving } from '#port/serve'
import { codeOf } from '../file/disk.ts'

/** Who asks sends a line and a few headers, at once. */
const PATIENCE_MS = 5000
const MOST_ASKING = 64

/** GET and HEAD; connections that say nothing are closed. */
export async function serveHttp({ host, port }: ListenAddress, answer: (path: string) => Promise<Page>, signal: AbortSignal): Promise<Serving> {
  const server = http.createServer({ requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS, keepAliveTimeout: PATIENCE_MS }, (request, response) => {
    const say = ({ status, contentType, text }: Page): void => {
      response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    const plain = (status: number, text: string): void => say({ status, contentType: 'text/plain; charset=utf-8', text: `${text}\n` })
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return plain(405, 'GET or HEAD')
    }
    answer((request.url ?? '/').replace(/\?.*$/s, '')).then(say, (error: unknown) => plain(500, error instanceof Failure ? error.message : 'internal error'))
  })
  server.maxConnections = MOST_ASKING
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refusal(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { address, port: given, family } = server.address() as AddressInfo
  const ended = new Promise<void>((resolve) => {
    const stop = (): void => {
      server.close(() => resolve())
      server.closeAllConnections()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return { address: family === 'IPv6' ? `[${address}]:${given}` : `${address}:${given}`, ended }
}

function refusal(error: Error, host: string, port: number): Failure {
  const place = `${host}:${port}`, code = codeOf(error)
  if (code === 'EADDRINUSE') return new Failure('again', `${place}: another process listens there`, error)
  if (code === 'EACCES') return new Failure('config', `${place}: this user may not listen there`, error)
  return new Failure('usage', `${place}: cannot listen there: ${code}`, error)
}
