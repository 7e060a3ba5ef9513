/** The collector of boards over a simulated outside: which pages it asks for, and in which order; and as a process behind a SOCKS server. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { Failure } from '#port/failure'
import { memoryStore } from '#adapter/memory/store'
import { memoryOutside, type MemoryOutside } from '#adapter/memory/outside'
import type { Signal, Vanta } from '#record'
import darknet from '../../src/collect/darknet.ts'
import { runTool, signalsIn } from '../service/process.ts'
import { startService } from '../service/service.ts'
import { startSocks } from '../service/socks.ts'
import { collected, payloadWorld } from './payload_world.ts'

const BOARD = 'http://exampleonion.onion/viewforum.php?f=2'

const row = (thread: number, replies: number): string =>
  `<li class="row"><dl><dt><a class="topictitle" href="./viewtopic.php?f=2&amp;t=${thread}&amp;sid=abc">Thread ${thread}</a></dt><dd class="posts">${replies}</dd></dl></li>`
const post = (n: number, time = `<time datetime="2024-01-15T10:30:${String(n).padStart(2, '0')}Z">x</time>`): string =>
  `<div id="p${n}" class="post"><p class="author"><strong>ann</strong> ${time}</p><div class="content">words ${n}</div></div>`
const next = (href: string): string => `<a rel="next" href="${href}">Next</a>`

type Site = { [pathAndQuery: string]: string | undefined }
function outsideOf(site: Site, store = memoryStore()): MemoryOutside {
  return memoryOutside({
    store,
    answer({ url }) {
      const body = site[url.replace('http://exampleonion.onion', '')]
      const moved = /^moved to (.*)$/.exec(body ?? '')?.[1]
      if (moved !== undefined) return { url: `http://exampleonion.onion${moved}`, bytes: site[moved] ?? '', heardMs: Date.parse('2026-01-01T00:00:00Z') }
      if (body === undefined) throw new Failure('upstream', `${url}: HTTP 404`)
      return { bytes: body, heardMs: Date.parse('2026-01-01T00:00:00Z') }
    },
  })
}
const keysOf = (records: readonly Vanta[]): string[] =>
  records.filter((record): record is Signal => record.kind === 'signal').map(({ key }) => key.replace('forum:exampleonion.onion/', ''))
const askedOf = ({ asked }: MemoryOutside): string[] => asked.map(({ url }) => url.replace('http://exampleonion.onion', ''))
const round = (outside: MemoryOutside, more: { readonly [option: string]: string } = {}): Promise<Vanta[]> =>
  collected(darknet, { url: BOARD, once: 'true', ...more }, payloadWorld({}, '2026-01-01T00:00:00Z', outside))

test('a list leads to its threads, a thread to its pages; the next round asks for what changed, from where it was left', async () => {
  const site: Site = {
    '/viewforum.php?f=2': row(1, 2) + row(2, 0),
    '/viewtopic.php?f=2&t=1': post(1) + post(2) + next('./viewtopic.php?f=2&amp;t=1&amp;start=2'),
    '/viewtopic.php?f=2&t=1&start=2': post(3),
    '/viewtopic.php?f=2&t=2': post(9),
  }
  const store = memoryStore()
  const first = outsideOf(site, store)
  assert.deepEqual(keysOf(await round(first)), ['thread/1', 'thread/2', 'post/1', 'post/2', 'post/3', 'post/9'])
  assert.deepEqual(askedOf(first), ['/viewforum.php?f=2', '/viewtopic.php?f=2&t=1', '/viewtopic.php?f=2&t=1&start=2', '/viewtopic.php?f=2&t=2'])
  const idle = outsideOf(site, store)
  assert.deepEqual(keysOf(await round(idle)), [])
  assert.deepEqual(askedOf(idle), ['/viewforum.php?f=2'])
  site['/viewforum.php?f=2'] = row(1, 3) + row(2, 0)
  site['/viewtopic.php?f=2&t=1&start=2'] = post(3) + post(4)
  const later = outsideOf(site, store)
  assert.deepEqual(keysOf(await round(later)), ['thread/1', 'post/4'])
  assert.deepEqual(askedOf(later), ['/viewforum.php?f=2', '/viewtopic.php?f=2&t=1&start=2'])
})

test('a post without a provable time is said once, and again where its words change', async () => {
  const store = memoryStore()
  const url = 'http://exampleonion.onion/viewtopic.php?t=1'
  const site: Site = { '/viewtopic.php?t=1': post(1, '» 5 minutes ago') }
  assert.deepEqual(keysOf(await round(outsideOf(site, store), { url })), ['post/1'])
  site['/viewtopic.php?t=1'] = post(1, '» 15 minutes ago')
  assert.deepEqual(keysOf(await round(outsideOf(site, store), { url })), [])
  site['/viewtopic.php?t=1'] = post(1, '» 15 minutes ago').replace('words', 'other words')
  assert.deepEqual(keysOf(await round(outsideOf(site, store), { url })), ['post/1'])
})

test('page turners that lead in a circle, or off the board, end', async () => {
  const site: Site = {
    '/viewforum.php?f=2': row(1, 2) + next(BOARD),
    '/viewtopic.php?f=2&t=1': post(1) + next('/viewtopic.php?f=2&amp;t=1&amp;start=2') ,
    '/viewtopic.php?f=2&t=1&start=2': post(1) + next('http://evil.example/') + next('/viewtopic.php?f=2&amp;t=1&amp;start=4'),
  }
  const outside = outsideOf(site)
  await round(outside)
  assert.deepEqual(askedOf(outside), ['/viewforum.php?f=2', '/viewtopic.php?f=2&t=1', '/viewtopic.php?f=2&t=1&start=2'])
})

test('links stand on where a page was found, not on where it was asked for', async () => {
  const site: Site = {
    '/viewtopic.php?t=1': 'moved to /threads/a-title.1/', '/threads/a-title.1/': post(1) + next('page-2'), '/threads/a-title.1/page-2': post(2),
  }
  assert.deepEqual(keysOf(await round(outsideOf(site), { url: 'http://exampleonion.onion/viewtopic.php?t=1' })), ['post/1', 'post/2'])
})

test('a thread that fails is told after the others were read, and asked for again', async () => {
  const site: Site = { '/viewforum.php?f=2': row(1, 2) + row(2, 0), '/viewtopic.php?f=2&t=2': post(9) }
  const store = memoryStore()
  const outside = outsideOf(site, store)
  const heard: Vanta[] = []
  await assert.rejects(async () => {
    for await (const record of darknet.collect(valuesOf(), payloadWorld({}, '2026-01-01T00:00:00Z', outside))) heard.push(record)
  }, (error) => error instanceof Failure && /404/.test(error.message))
  assert.deepEqual(keysOf(heard), ['thread/1', 'thread/2', 'post/9'])
  site['/viewtopic.php?f=2&t=1'] = post(1)
  assert.deepEqual(keysOf(await round(outsideOf(site, store))), ['post/1'])
})

/** As the runner hands them over. */
const valuesOf = (): never => ({ url: [BOARD], threads: 20, pages: 5, keep: 'yes', once: true, every: 60_000, timeout: 1000, maxResponse: 1_000_000, patience: 1000, retries: 0 }) as never

test('bounds: threads of a round, pages of a thread; what is left is read in later rounds', async () => {
  const site: Site = { '/viewforum.php?f=2': row(1, 1) + row(2, 1) + row(3, 1) }
  for (const thread of [1, 2, 3]) {
    site[`/viewtopic.php?f=2&t=${thread}`] = post(10 * thread) + next(`/viewtopic.php?f=2&amp;t=${thread}&amp;start=1`)
    site[`/viewtopic.php?f=2&t=${thread}&start=1`] = post(10 * thread + 1)
  }
  const store = memoryStore()
  const bounded = { threads: '2', pages: '1' }
  assert.deepEqual(keysOf(await round(outsideOf(site, store), bounded)), ['thread/1', 'thread/2', 'thread/3', 'post/10', 'post/20'])
  const rest: string[] = []
  for (let n = 0; n < 4; n++) rest.push(...keysOf(await round(outsideOf(site, store), { threads: '3', pages: '2' })))
  assert.deepEqual(rest.sort(), ['post/11', 'post/21', 'post/30', 'post/31'])
})

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const ONION_THREAD = 'http://exampleonion.onion/viewtopic.php?t=5'

/** A hidden board that only a SOCKS server knows the way to. */
async function hidden<T>(use: (socks: string, asked: () => string[]) => Promise<T>): Promise<T> {
  const service = await startService({
    '/viewtopic.php?t=5': { headers: { 'content-type': 'text/html' }, body: post(1) + next('/old') },
    '/old': { status: 302, headers: { location: '/viewtopic.php?t=5&start=2' } },
    '/viewtopic.php?t=5&start=2': { headers: { 'content-type': 'text/html' }, body: post(2) },
  })
  const socks = await startSocks({ 'exampleonion.onion': service.endpoint.replace('http://', '') })
  try {
    return await use(socks.address, () => socks.asked.map(({ kind, host, port }) => `${kind} ${host}:${port}`))
  } finally {
    await socks.close()
    await service.close()
  }
}

test('as a process: everything through the proxy, by name', async () => {
  await hidden(async (socks, asked) => {
    const home = mkdtempSync(join(tmpdir(), 'vanta-darknet-'))
    const { status, out, err } = await runTool('vanta-darknet', ['--url', ONION_THREAD, '--socks', socks, '--once', '--contact', 'Somebody some@body.example'], { VANTA_HOME: home })
    rmSync(home, { recursive: true })
    assert.equal(status, 0, err)
    assert.deepEqual(signalsIn(out).map(({ key }) => key), ['forum:exampleonion.onion/post/1', 'forum:exampleonion.onion/post/2'])
    assert.deepEqual(asked(), Array.from({ length: 3 }, () => 'name exampleonion.onion:80'))
  })
})

test('as a process: without a proxy, or with the proxy down, nothing is sent to the board', async () => {
  let heard = 0
  const canary = net.createServer((socket) => {
    heard++
    socket.destroy()
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const { port } = canary.address() as AddressInfo
  const home = mkdtempSync(join(tmpdir(), 'vanta-darknet-'))
  const words = ['--url', `http://127.0.0.1:${port}/viewtopic.php?t=5`, '--once', '--retries', '0']
  const without = await runTool('vanta-darknet', words, { VANTA_HOME: home })
  assert.equal(without.status, 78, without.err)
  assert.match(without.err, /--socks/)
  const dead = net.createServer()
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve))
  const deadPort = (dead.address() as AddressInfo).port
  await new Promise((resolve) => dead.close(resolve))
  const down = await runTool('vanta-darknet', [...words, '--socks', `127.0.0.1:${deadPort}`], { VANTA_HOME: home })
  assert.equal(down.status, 69, down.err)
  assert.equal(heard, 0)
  rmSync(home, { recursive: true })
  canary.close()
})

const canTrace = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0
test('as a process under strace: it connects to the proxy and to nothing else, and asks no resolver', { skip: canTrace ? false : 'strace is not installed, or may not trace' }, async () => {
  await hidden(async (socks) => {
    const home = mkdtempSync(join(tmpdir(), 'vanta-darknet-'))
    const log = join(home, 'trace')
    const { status, err } = await traced(log, home, ['--url', ONION_THREAD, '--socks', socks, '--once'])
    assert.equal(status, 0, err)
    const calls = readFileSync(log, 'utf8').split('\n').filter((line) => /\b(connect|sendto|sendmsg|sendmmsg)\(/.test(line) && /AF_INET|AF_UNIX|sin_port/.test(line))
    const port = socks.split(':')[1]
    assert.ok(calls.length >= 3, 'the connections to the proxy are seen')
    for (const call of calls) assert.match(call, new RegExp(`connect\\(\\d+, \\{sa_family=AF_INET, sin_port=htons\\(${port}\\), sin_addr=inet_addr\\("127\\.0\\.0\\.1"\\)`), call)
    rmSync(home, { recursive: true })
  })
})

async function traced(log: string, home: string, words: readonly string[]): Promise<{ status: number | null; err: string }> {
  const { spawn } = await import('node:child_process')
  const child = spawn('strace', ['-f', '-qq', '-o', log, '-e', 'trace=network', join(root, 'bin', 'vanta-darknet'), ...words], {
    env: { ...process.env, VANTA_HOME: home }, stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, err })))
}
