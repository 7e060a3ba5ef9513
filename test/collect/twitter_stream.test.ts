/** The filtered stream as a process, against a stand-in that drips, cuts, refuses, and sends nothing but heartbeats. */
import assert from 'node:assert/strict'
import http from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { healthIn, recordsIn, signalsIn, startTool, type Process } from '../service/process.ts'

const START = Date.now() - 600_000
const idOf = (n: number): string => String(BigInt(START + n - 1_288_834_974_657) << 22n)
const message = (n: number): string => `${JSON.stringify({ data: { id: idOf(n), text: `tweet ${n} zwölf 🚀`, edit_history_tweet_ids: [] }, matching_rules: [{ id: '1' }] })}\r\n`

/** What happens on each connection to the stream in turn; the last for all that follow. */
type Act = (response: http.ServerResponse) => void
let acts: readonly Act[] = []
/** What a search finds. */
let missed: readonly object[] = []
let opened = 0
const asked: string[] = []

const server = http.createServer((request, response) => {
  asked.push(request.url ?? '')
  request.resume()
  const path = request.url ?? ''
  if (path.includes('/stream/rules')) response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":"1","value":"$GME","tag":"vanta"}],"meta":{}}')
  else if (path.includes('/stream')) acts[Math.min(opened++, acts.length - 1)]?.(response)
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...(missed.length > 0 && { data: missed }), meta: { result_count: missed.length } }))
})
let endpoint = '', scratch = ''
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  scratch = mkdtempSync(join(tmpdir(), 'vanta-stream-'))
  writeFileSync(join(scratch, 'credentials'), '{"bearer_token":"made-up-bearer-token"}', { mode: 0o600 })
})
after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(scratch, { recursive: true, force: true })
})

let homes = 0
function start(of: readonly Act[], ...words: string[]): Process {
  acts = of
  opened = 0
  missed = []
  asked.length = 0
  return startTool('vanta-twitter', [
    '--stream', '--query', '$GME', '--endpoint', endpoint, '--credentials', join(scratch, 'credentials'), '--timeout', '2s', ...words,
  ], { VANTA_HOME: join(scratch, `home-${++homes}`) })
}
/** Wait until what was written so far is enough. */
async function until(process: Process, enough: (out: string) => boolean): Promise<void> {
  for (let looks = 0; !enough(process.out()); looks++) {
    assert.equal(process.child.exitCode, null, 'it has ended')
    assert.ok(looks < 3000, `it never comes to that: ${process.out()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
async function stopped(process: Process): Promise<{ readonly out: string; readonly err: string }> {
  process.child.kill('SIGTERM')
  const { status, out, err } = await process.ended
  assert.equal(status, 143, err)
  return { out, err }
}
const whole = (out: string): string => out.slice(0, out.lastIndexOf('\n') + 1)
const texts = (out: string): unknown[] => signalsIn(whole(out)).flatMap(({ type, facts }) => (type === 'tweet' ? [facts?.['text']] : []))
const tweet = (n: number): string => `tweet ${n} zwölf 🚀`

const open = (response: http.ServerResponse): http.ServerResponse => response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
const beat = (response: http.ServerResponse, everyMs = 50): void => {
  const heart = setInterval(() => response.write('\r\n'), everyMs)
  response.on('close', () => clearInterval(heart))
}
const alive: Act = (response) => {
  open(response).write('\r\n')
  beat(response)
}

test('a message that drips in byte by byte is one message', async () => {
  const process = start([(response) => {
    open(response)
    const bytes = Buffer.from(message(1) + message(2))
    let place = 0
    const drip = setInterval(() => (place < bytes.length ? response.write(bytes.subarray(place, ++place)) : response.write('\r\n')), 1)
    response.on('close', () => clearInterval(drip))
  }])
  await until(process, (out) => texts(out).length === 2)
  assert.deepEqual(texts((await stopped(process)).out), [tweet(1), tweet(2)])
})

test('a stream that is cut within a message is opened again; what was missed meanwhile is searched for, and nothing is said twice', async () => {
  const process = start([
    (response) => open(response).write(message(1) + message(3).slice(0, 40), () => setTimeout(() => {
      missed = [1, 2, 3].map((n) => (JSON.parse(message(n)) as { data: object }).data)
      response.destroy()
    }, 200)),
    (response) => {
      open(response).write(`\r\n${message(4)}`)
      beat(response)
    },
  ])
  await until(process, (out) => texts(out).length === 4)
  const { out, err } = await stopped(process)
  assert.deepEqual(texts(out).sort(), [1, 2, 3, 4].map(tweet))
  assert.equal(new Set(recordsIn(whole(out)).map(({ id }) => id)).size, recordsIn(whole(out)).length)
  assert.ok(healthIn(whole(out)).some(({ state }) => state === 'down'), 'the cut is said')
  assert.match(err, /warn/)
  assert.equal(opened, 2)
})

test('heartbeats alone: connected but mute, said on the record and aloud; and that it speaks again', async () => {
  let speak: () => void = () => undefined
  const process = start([(response) => {
    alive(response)
    speak = () => response.write(message(1))
  }], '--mute-after', '400ms')
  await until(process, (out) => healthIn(whole(out)).some(({ state }) => state === 'mute'))
  speak()
  // It may be mute again by the time it is looked at.
  const states = (out: string): string[] => healthIn(whole(out)).map(({ state }) => state)
  await until(process, (out) => texts(out).length === 1 && states(out).lastIndexOf('live') > states(out).indexOf('mute'))
  const { out, err } = await stopped(process)
  assert.match(err, /error: twitter: connected, but nothing new since/)
  assert.match(healthIn(whole(out)).find(({ state }) => state === 'mute')?.detail ?? '', /connected, but nothing new/)
  assert.equal(opened, 1, 'a stream with a heart that beats is not torn down')
})

test('a heart that stops: the connection is given up and opened again', async () => {
  const process = start([(response) => open(response).write(`\r\n${message(1)}`), (response) => {
    open(response).write(message(2))
    beat(response)
  }], '--heartbeat', '300ms')
  await until(process, (out) => texts(out).length === 2)
  const { err } = await stopped(process)
  assert.match(err, /connected, but silent for 300 ms/)
})

test('X says that it ends the stream: said, and opened again', async () => {
  const end = JSON.stringify({ errors: [{ title: 'operational-disconnect', disconnect_type: 'UpstreamOperationalDisconnect', detail: 'for operational reasons', type: 'https://api.x.com/2/problems/operational-disconnect' }] })
  const process = start([(response) => open(response).end(`\r\n${message(1)}${end}\r\n`), (response) => {
    open(response).write(message(2))
    beat(response)
  }])
  await until(process, (out) => texts(out).length === 2)
  const { err } = await stopped(process)
  assert.match(err, /operational-disconnect/)
})

test('refused with 401 it ends with 78; with --once 503 is 69 and 429 is 75', async () => {
  for (const [code, expected] of [[401, 78], [503, 69], [429, 75]] as const) {
    const process = start([(response) => response.writeHead(code, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ title: 'No', status: code }))], '--once')
    const { status, err } = await process.ended
    assert.equal(status, expected, err)
    assert.ok(!err.includes('made-up-bearer-token'))
  }
})
