/** The polite client against a local service that misbehaves; what processes see of it is in the collectors' conformance suite. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { Stopped } from '#port/failure'
import type { Http, HttpTerms, Service as Terms } from '#port/outside'
import type { Store } from '#port/store'
import { politeHttp } from '#adapter/http/http'
import { memoryStore } from '#adapter/memory/store'
import { startService, type Service } from '../service/service.ts'
import { failsWith } from '../port/store.suite.ts'

const SERVICE: Terms = { name: 'sample', origins: ['https://api.sample.example', 'https://www.sample.example'], rate: { requests: 1000, perMs: 1000 } }

let service: Service
before(async () => (service = await startService()))
after(() => service.close())
beforeEach(() => {
  service.reset()
  service.routes = { '/': { body: 'hello' } }
})

interface Rig {
  readonly http: Http
  readonly pauses: number[]
}
function rig(terms: Partial<HttpTerms> = {}, store: Store = memoryStore(), pauseFor = (): Promise<void> => Promise.resolve()): Rig {
  const pauses: number[] = []
  const http = politeHttp({
    service: SERVICE, endpoint: service.endpoint, contact: 'Desk desk@example.com', timeoutMs: 2000, maxBytes: 100_000, patienceMs: 60_000,
    retries: 2, socks: undefined, signal: new AbortController().signal, ...terms,
  }, {
    clock: { now: () => Date.now() },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    random: { next: () => 0.5, integer: () => 0 }, store, version: '1.2.3',
    pause: (ms) => {
      pauses.push(ms)
      return pauseFor()
    },
  })
  return { http, pauses }
}

test('an endpoint stands in for every origin, its own path first, and nothing else may be asked', async () => {
  const { http } = rig({ endpoint: `${service.endpoint}/proxy/` })
  await http.get({ url: 'https://api.sample.example/v1/things?b=2&a=1' })
  await http.get({ url: 'https://www.sample.example/' })
  assert.deepEqual(service.asked.map(({ url }) => url), ['/proxy/v1/things?b=2&a=1', '/proxy/'])
  for (const url of ['https://evil.example/', 'http://api.sample.example/', 'https://api.sample.example:444/', 'https://user:pw@api.sample.example/', 'http://169.254.169.254/']) {
    await assert.rejects(http.get({ url }), failsWith('refused', /no address of this service/), url)
  }
  assert.equal(service.asked.length, 2)
})

test('redirects are followed within the service, a few times, and secrets go along only there', async () => {
  service.routes = {
    '/old': { status: 301, headers: { location: '/new' } }, '/new': { body: 'found' },
    '/loop': { status: 302, headers: { location: '/loop' } },
    '/away': { status: 302, headers: { location: 'https://evil.example/?x' } },
    '/scheme': { status: 302, headers: { location: 'gopher://127.0.0.1:70/' } },
    '/post': { status: 303, headers: { location: '/new' } },
  }
  const { http } = rig()
  const answer = await http.get({ url: 'https://api.sample.example/old', secret: { query: { key: 's3cret' }, headers: { authorization: 'Bearer t' } } })
  assert.deepEqual([String(answer.bytes), answer.url], ['found', 'https://api.sample.example/new'])
  assert.deepEqual(service.asked.map(({ url, headers }) => [url, headers.authorization]), [['/old?key=s3cret', 'Bearer t'], ['/new?key=s3cret', 'Bearer t']])
  await assert.rejects(http.get({ url: 'https://api.sample.example/loop' }), failsWith('upstream', /redirected more than/))
  for (const path of ['away', 'scheme']) await assert.rejects(http.get({ url: `https://api.sample.example/${path}` }), failsWith('refused'), path)
  await http.get({ url: 'https://api.sample.example/post', method: 'POST', body: 'x=1' })
  assert.deepEqual(service.asked.slice(-2).map(({ method, url, body }) => [method, url, body]), [['POST', '/post', 'x=1'], ['GET', '/new', '']])
})

test('without a contact a service that wants one is not asked', () => {
  const service = { ...SERVICE, needsContact: true } as const
  assert.throws(() => rig({ service, contact: undefined, endpoint: 'https://example.test' }), failsWith('config', /--contact/))
  assert.doesNotThrow(() => rig({ service, contact: undefined }), 'a stand-in on this machine knows who asks')
})

test('the agent names the program and the contact', async () => {
  await rig().http.get({ url: 'https://api.sample.example/' })
  assert.equal(service.asked[0]?.headers['user-agent'], 'vanta/1.2.3 (Desk desk@example.com)')
})

test('validators make a request conditional, and 304 is an empty answer', async () => {
  service.routes = { '/': { body: 'hello', headers: { etag: '"v1"', 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' } } }
  const { http } = rig()
  const first = await http.get({ url: 'https://api.sample.example/' })
  assert.deepEqual(first.validators, { etag: '"v1"', lastModified: 'Fri, 02 Jan 2026 03:04:05 GMT' })
  const second = await http.get({ url: 'https://api.sample.example/', validators: first.validators })
  assert.deepEqual([second.status, second.bytes.length], [304, 0])
  assert.equal(service.asked[1]?.headers['if-modified-since'], 'Fri, 02 Jan 2026 03:04:05 GMT')
})

test('the service is obeyed: its wish holds for the retry and, through the shared store, for everyone', async () => {
  service.misbehave = (_, nth) => (nth === 1 ? { kind: 'status', status: 429, headers: { 'retry-after': '7' } } : undefined)
  const store = memoryStore()
  const first = rig({}, store)
  await first.http.get({ url: 'https://api.sample.example/' })
  assert.equal(first.pauses[0], 7000)
  const second = rig({ patienceMs: 1000 }, store)
  await assert.rejects(second.http.get({ url: 'https://api.sample.example/' }), failsWith('again', /budget is used up/))
})

test('a counter that has run out on a good answer is heeded before the next request', async () => {
  service.routes = { '/': { body: 'ok', headers: { 'x-ratelimit-remaining': '0.0', 'x-ratelimit-reset': '30' } } }
  const { http, pauses } = rig()
  await http.get({ url: 'https://api.sample.example/' })
  await http.get({ url: 'https://api.sample.example/' })
  assert.equal(pauses.length, 1)
  assert.ok((pauses[0] ?? 0) > 29_000 && (pauses[0] ?? 0) <= 30_000, String(pauses))
})

test('packed answers are unpacked; a bomb is stopped at the limit', async () => {
  service.routes = { '/bomb': { body: Buffer.alloc(5_000_000) }, '/': { body: 'x'.repeat(5000) } }
  const { http } = rig()
  const answer = await http.get({ url: 'https://api.sample.example/' })
  assert.deepEqual([answer.bytes.length, answer.headers['content-encoding']], [5000, 'gzip'])
  await assert.rejects(http.get({ url: 'https://api.sample.example/bomb' }), failsWith('data', /larger than 100000 bytes/))
})

test('a packing that was not asked for is bad data', async () => {
  service.routes = { '/': { body: 'x', headers: { 'content-encoding': 'zstd' } } }
  await assert.rejects(rig().http.get({ url: 'https://api.sample.example/' }), failsWith('data', /packed as "zstd"/))
})

test('an error is quoted a little, on one line, and never a page', async () => {
  const { http } = rig({ retries: 0 })
  service.misbehave = () => ({ kind: 'status', status: 400, body: `{"error":"bad\u001b[31m series"}\n${'x'.repeat(1000)}` })
  await assert.rejects(http.get({ url: 'https://api.sample.example/' }), (error: Error) => {
    assert.match(error.message, /HTTP 400: \{"error":"bad \[31m series"\}/)
    assert.ok(error.message.length < 300 && !error.message.includes('\u001b'))
    return true
  })
  service.misbehave = () => ({ kind: 'status', status: 500, body: '<html>stack trace</html>' })
  await assert.rejects(http.get({ url: 'https://api.sample.example/' }), /HTTP 500$/)
  assert.equal(String((await http.get({ url: 'https://api.sample.example/', accepts: [500] })).bytes), '<html>stack trace</html>')
})

test('nothing listens, or no name: out of reach', async () => {
  await assert.rejects(rig({ endpoint: 'http://127.0.0.1:1' }).http.get({ url: 'https://api.sample.example/' }), failsWith('upstream', /ECONNREFUSED/))
  assert.throws(() => rig({ endpoint: 'not an address' }), failsWith('usage', /--endpoint/))
  assert.throws(() => rig({ endpoint: 'file:///etc/passwd' }), failsWith('usage', /--endpoint/))
})

test('a run that is to stop stops in the middle of a request, of a pause and of a stream', async () => {
  for (const kind of ['silent', 'drip'] as const) {
    service.misbehave = () => ({ kind })
    const stop = new AbortController()
    const asking = rig({ signal: stop.signal, timeoutMs: 10_000 }).http.get({ url: 'https://api.sample.example/' })
    setTimeout(() => stop.abort(), 50)
    await assert.rejects(asking, Stopped)
  }
  service.misbehave = () => ({ kind: 'drip' })
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 100)
  await assert.rejects(async () => {
    for await (const _ of rig({ signal: stop.signal }).http.stream({ url: 'https://api.sample.example/' }, 10_000));
  }, Stopped)
})

test('a stream gives chunks as they come, outlives the time-out, and its silence is a failure', async () => {
  service.routes = { '/': { body: 'abcdefghijklmnopqrstuvwxyz' } }
  service.misbehave = () => ({ kind: 'drip' })
  let text = ''
  await assert.rejects(async () => {
    for await (const chunk of rig({ timeoutMs: 200 }).http.stream({ url: 'https://api.sample.example/' }, 300)) text += String(chunk)
  }, failsWith('upstream', /silent for 300 ms/))
  assert.equal(text, 'abcdefghijklmnopqrstuvwxyz')
  service.misbehave = () => ({ kind: 'status', status: 401, body: '' })
  await assert.rejects(async () => {
    for await (const _ of rig().http.stream({ url: 'https://api.sample.example/' }, 300));
  }, failsWith('config'))
})

test('a socket says hello, tells what it hears, and ends as the service ends it', async () => {
  const heard: string[] = [], told: string[] = []
  service.sockets = ({ url }, socket) => {
    told.push(url)
    socket.on('message', (data: Buffer) => {
      told.push(String(data))
      if (String(data) === 'subscribe') for (const text of ['one', 'two']) socket.send(text)
      if (String(data) === 'pong') socket.close(1000)
    })
  }
  for await (const { bytes, send } of rig().http.socket({ url: 'https://api.sample.example/ws', secret: { query: { key: 'k' } } }, { hello: ['subscribe'], quietMs: 5000 })) {
    heard.push(String(bytes))
    if (String(bytes) === 'two') send('pong')
  }
  assert.deepEqual([heard, told], [['one', 'two'], ['/ws?key=k', 'subscribe', 'pong']])
})

test('a socket that is refused, cut, silent, too loud, or closed in anger is a failure of its own kind', async () => {
  const listen = async (http: Http, quietMs = 5000): Promise<void> => {
    for await (const _ of http.socket({ url: 'https://api.sample.example/ws' }, { quietMs }));
  }
  service.sockets = (_, socket) => socket.send('x'.repeat(200_000))
  await assert.rejects(listen(rig().http), failsWith('upstream', /[Mm]ax payload/))
  service.sockets = (_, socket) => socket.close(4001, 'unauthorised')
  await assert.rejects(listen(rig().http), failsWith('upstream', /code 4001/))
  service.sockets = (_, socket) => socket.terminate()
  await assert.rejects(listen(rig().http), failsWith('upstream'))
  service.sockets = (_, socket) => {
    // Pings are no speech: connected, but mute.
    const ping = setInterval(() => socket.ping(), 20)
    socket.on('close', () => clearInterval(ping))
  }
  await assert.rejects(listen(rig().http, 150), failsWith('upstream', /silent for 150 ms/))
  for (const [status, exit] of [[401, 'config'], [429, 'again'], [500, 'upstream']] as const) {
    service.misbehave = () => ({ kind: 'status', status })
    await assert.rejects(listen(rig().http), failsWith(exit), String(status))
  }
  service.misbehave = () => ({ kind: 'silent' })
  await assert.rejects(listen(rig({ timeoutMs: 100 }).http), failsWith('upstream'))
})
