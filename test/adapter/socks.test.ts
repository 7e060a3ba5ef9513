/** Through a SOCKS5 proxy: everything, names unresolved, and nothing beside it. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import net, { type AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import type { Http, Service as Terms } from '#port/outside'
import { politeHttp } from '#adapter/http/http'
import { memoryStore } from '#adapter/memory/store'
import { failsWith } from '../port/store.suite.ts'
import { startService, type Service } from '../service/service.ts'
import { startSocks, type SocksServer } from '../service/socks.ts'

/** Names that no resolver knows (RFC 7686 keeps .onion out of the DNS). */
const ONION = 'exampleonion.onion', OTHER = 'otheronion.onion'
const HIDDEN: Terms = { name: 'hidden', origins: [`http://${ONION}`], rate: { requests: 1000, perMs: 1000 }, needsSocks: true }

let service: Service
let socks: SocksServer
before(async () => {
  service = await startService()
  socks = await startSocks({ [ONION]: service.endpoint.replace('http://', ''), [OTHER]: service.endpoint.replace('http://', '') })
})
after(async () => {
  await service.close()
  await socks.close()
})
beforeEach(() => {
  service.reset()
  service.routes = { '/': { body: 'hidden words' } }
  socks.asked.length = 0
})

function through(proxy: string | undefined, terms: Terms = HIDDEN, endpoint?: string): Http {
  return politeHttp({
    service: terms, endpoint, contact: undefined, timeoutMs: 5000, maxBytes: 100_000, patienceMs: 1000, retries: 0, socks: proxy,
    signal: new AbortController().signal,
  }, {
    clock: { now: () => Date.now() }, log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    random: { next: () => 0.5, integer: () => 0 }, store: memoryStore(), version: '0', pause: () => Promise.resolve(),
  })
}

/** A listener that must hear nothing. */
async function canary(): Promise<{ readonly origin: string; readonly heard: () => number; close(): void }> {
  let heard = 0
  const server = net.createServer((socket) => {
    heard++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard, close: () => void server.close() }
}

/** A port at which nobody listens. */
async function deadAddress(): Promise<string> {
  const { origin, close } = await canary()
  close()
  return origin.replace('http://', '')
}

test('a name is handed to the proxy as it is, and only the proxy is spoken to', async () => {
  const { bytes } = await through(socks.address).get({ url: `http://${ONION}/board` })
  assert.equal(bytes.toString(), 'hidden words')
  assert.deepEqual(socks.asked, [{ kind: 'name', host: ONION, port: 80 }])
  assert.equal(service.asked[0]?.headers.host, ONION)
})

test('redirects go through it too, and off the origins they go nowhere', async () => {
  service.routes = {
    '/': { body: 'hidden words' }, '/old': { status: 302, headers: { location: '/new' } },
    '/away': { status: 302, headers: { location: `http://${OTHER}/` } },
  }
  const http = through(socks.address)
  assert.equal((await http.get({ url: `http://${ONION}/old` })).url, `http://${ONION}/new`)
  assert.deepEqual(socks.asked.map(({ kind, host }) => `${kind} ${host}`), [`name ${ONION}`, `name ${ONION}`])
  await assert.rejects(http.get({ url: `http://${ONION}/away` }), failsWith('refused', /no address of this service/))
  assert.ok(socks.asked.every(({ host }) => host === ONION))
})

test('streams and WebSockets go through it too', async () => {
  const http = through(socks.address)
  const chunks: Buffer[] = []
  for await (const chunk of http.stream({ url: `http://${ONION}/stream` }, 5000)) chunks.push(chunk)
  assert.equal(Buffer.concat(chunks).toString(), 'hidden words')
  service.sockets = (_, socket) => {
    socket.send('whispered')
    socket.close(1000)
  }
  const heard: string[] = []
  for await (const { bytes } of http.socket({ url: `http://${ONION}/socket` }, { quietMs: 5000 })) heard.push(bytes.toString())
  assert.deepEqual(heard, ['whispered'])
  assert.deepEqual(socks.asked.map(({ kind, host }) => `${kind} ${host}`), [`name ${ONION}`, `name ${ONION}`])
  service.sockets = undefined
})

test('with the proxy down nothing is sent anywhere, not even to an address that is reachable', async () => {
  const listener = await canary()
  const terms: Terms = { ...HIDDEN, origins: [listener.origin] }
  const http = through(await deadAddress(), terms)
  await assert.rejects(http.get({ url: `${listener.origin}/` }), failsWith('upstream', /ECONNREFUSED|proxy/i))
  await assert.rejects(async () => {
    for await (const _ of http.stream({ url: `${listener.origin}/` }, 1000));
  }, failsWith('upstream'))
  await assert.rejects(async () => {
    for await (const _ of http.socket({ url: `${listener.origin}/` }, { quietMs: 1000 }));
  }, failsWith('upstream'))
  assert.equal(listener.heard(), 0)
  listener.close()
})

test('what is no HOST:PORT of a SOCKS5 proxy is refused before anything is looked up', async () => {
  for (const proxy of ['', '127.0.0.1', 'socks4://127.0.0.1:9050', 'http://127.0.0.1:3128', 'a b:1', '127.0.0.1:9050/x']) {
    await assert.rejects(through(proxy).get({ url: `http://${ONION}/` }), failsWith('usage', /--socks: expected HOST:PORT/), proxy)
  }
  assert.equal((await through(`socks5://${socks.address}`).get({ url: `http://${ONION}/` })).status, 200)
})

test('a name that the proxy does not know is out of reach', async () => {
  const unknown = 'unknown.onion'
  await assert.rejects(through(socks.address, { ...HIDDEN, origins: [`http://${unknown}`] }).get({ url: `http://${unknown}/` }), failsWith('upstream', /HostUnreachable/))
  assert.deepEqual(socks.asked, [{ kind: 'name', host: unknown, port: 80 }])
})

test('a service that needs a proxy is not asked without one, but by an endpoint on loopback', async () => {
  const listener = await canary()
  const terms: Terms = { ...HIDDEN, origins: [listener.origin] }
  for (const endpoint of [undefined, 'http://localhost:1', 'http://127.0.0.1.example', 'http://10.0.0.1', 'https://example.com']) {
    assert.throws(() => through(undefined, terms, endpoint), failsWith('config', /--socks/), endpoint)
  }
  assert.equal(listener.heard(), 0)
  listener.close()
  const { bytes } = await through(undefined, HIDDEN, service.endpoint).get({ url: `http://${ONION}/` })
  assert.equal(bytes.toString(), 'hidden words')
  assert.equal(socks.asked.length, 0)
})

const hasMicrosocks = spawnSync('microsocks', ['-h']).error === undefined
test('the same through a server of other people: microsocks', { skip: hasMicrosocks ? false : 'microsocks is not installed' }, async () => {
  const port = Number((await deadAddress()).split(':')[1])
  const proxy = spawn('microsocks', ['-i', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  try {
    await listening(port)
    // The name is this machine's own; that microsocks got a name and no number, it does not tell.
    const origin = service.endpoint.replace('127.0.0.1', 'localhost')
    const { bytes } = await through(`127.0.0.1:${port}`, { ...HIDDEN, origins: [origin] }).get({ url: `${origin}/` })
    assert.equal(bytes.toString(), 'hidden words')
  } finally {
    proxy.kill()
  }
})

/** Resolves once something listens at the port. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = net.connect({ host: '127.0.0.1', port }, () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (connected) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
