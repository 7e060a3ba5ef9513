/** A local stand-in for a service: answers with given bytes over HTTP and WebSocket, and misbehaves on demand. Loopback only. */
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { WebSocketServer, type WebSocket } from 'ws'

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
  readonly bytes: Buffer
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** What is said where: by the beginning of path and query, the longest that fits. A function may look at the request. */
export type Routes = { readonly [prefix: string]: Reply | ((asked: Asked, nth: number) => Reply) }

/** What goes wrong with one answer. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The head never comes. */
  | { readonly kind: 'silent' }
  /** The connection is cut within the body. */
  | { readonly kind: 'cut' }
  /** The body comes byte by byte, for ever. */
  | { readonly kind: 'drip' }
  | { readonly kind: 'empty' }
  /** A body without end, of the right beginning. */
  | { readonly kind: 'huge' }
  /** A page for people, with status 200. */
  | { readonly kind: 'page' }
  /** The packing is cut short, the HTTP framing is whole. */
  | { readonly kind: 'torn_gzip' }
  | { readonly kind: 'redirect'; readonly location: string }

export interface Service {
  readonly endpoint: string
  readonly asked: Asked[]
  routes: Routes
  /** Decides of each request whether and how it goes wrong; `nth` counts the requests since `reset`, from 1. */
  misbehave: ((asked: Asked, nth: number) => Misbehaviour | undefined) | undefined
  /** What a WebSocket at a path is told; undefined refuses it. */
  sockets: ((asked: Asked, socket: WebSocket) => void) | undefined
  /** Forget what was asked and how to misbehave. */
  reset(): void
  close(): Promise<void>
}

export async function startService(routes: Routes = {}): Promise<Service> {
  const open = new Set<Socket>()
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const asked: Asked = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: bytes.toString(), bytes }
      service.asked.push(asked)
      const nth = service.asked.length
      const wrong = service.misbehave?.(asked, nth)
      const reply = replyTo(service.routes, asked, nth)
      if (wrong === undefined) answer(response, asked, reply)
      else goWrong(response, reply, wrong)
    })
  })
  const webSockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const asked: Asked = { method: 'GET', url: request.url ?? '', headers: request.headers, body: '', bytes: Buffer.alloc(0) }
    service.asked.push(asked)
    const wrong = service.misbehave?.(asked, service.asked.length)
    if (wrong?.kind === 'silent') return
    if (wrong?.kind === 'status' || service.sockets === undefined) {
      const status = wrong?.kind === 'status' ? wrong.status : 404
      socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    if (wrong?.kind === 'cut') return void socket.destroy()
    const { sockets } = service
    webSockets.handleUpgrade(request, socket, head, (webSocket) => sockets(asked, webSocket))
  })
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const service: Service = {
    endpoint: `http://127.0.0.1:${port}`,
    asked: [],
    routes,
    misbehave: undefined,
    sockets: undefined,
    reset() {
      service.asked.length = 0
      service.misbehave = undefined
    },
    close() {
      for (const socket of open) socket.destroy()
      webSockets.close()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return service
}

function replyTo(routes: Routes, asked: Asked, nth: number): Reply {
  const prefix = Object.keys(routes).filter((start) => asked.url.startsWith(start)).sort((a, b) => b.length - a.length)[0]
  const route = prefix === undefined ? undefined : routes[prefix]
  return (typeof route === 'function' ? route(asked, nth) : route) ?? { status: 404, body: 'no such thing', headers: { 'content-type': 'text/plain' } }
}

/** Packed and conditional where the client can take it, as services do. */
function answer(response: http.ServerResponse, { headers }: Asked, { status = 200, headers: own = {}, body = '' }: Reply): void {
  if (own['etag'] !== undefined && headers['if-none-match'] === own['etag']) {
    response.writeHead(304, own).end()
    return
  }
  const bytes = Buffer.from(body)
  const packs = bytes.length > 500 && /\bgzip\b/.test(String(headers['accept-encoding'] ?? '')) && own['content-encoding'] === undefined
  response.writeHead(status, { ...own, ...(packs && { 'content-encoding': 'gzip' }) }).end(packs ? gzipSync(bytes) : bytes)
}

const PAGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><p>Checking your browser.</p></body></html>'

function goWrong(response: http.ServerResponse, reply: Reply, wrong: Misbehaviour): void {
  const bytes = Buffer.from(reply.body ?? '')
  const type = reply.headers?.['content-type'] ?? 'application/octet-stream'
  switch (wrong.kind) {
    case 'status':
      response.writeHead(wrong.status, wrong.headers).end(wrong.body ?? '')
      return
    case 'silent':
      return
    case 'cut':
      response.writeHead(200, { 'content-type': type, 'content-length': String(bytes.length + 1000) })
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setTimeout(() => response.destroy(), 20))
      return
    case 'drip': {
      response.writeHead(200, { 'content-type': type })
      let place = 0
      const drip = setInterval(() => response.write(bytes.subarray(place, ++place)), 20)
      response.on('close', () => clearInterval(drip))
      return
    }
    case 'empty':
      response.writeHead(200, { 'content-type': type, 'content-length': '0' }).end()
      return
    case 'huge': {
      response.writeHead(200, { 'content-type': type })
      const flood = Buffer.alloc(64 * 1024, ' ')
      const pour = (): void => {
        while (!response.destroyed && response.write(flood));
      }
      response.on('drain', pour)
      response.write(bytes, pour)
      return
    }
    case 'page':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE)
      return
    case 'torn_gzip': {
      const packed = gzipSync(Buffer.concat([bytes, Buffer.from(' '.repeat(64))]))
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length - 12))
      return
    }
    case 'redirect':
      response.writeHead(302, { location: wrong.location }).end()
  }
}
