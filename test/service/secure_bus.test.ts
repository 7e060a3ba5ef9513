/** Streams over TLS, with a user of their own: who has not the secret, or another's certificate, is kept out with 78 and nothing is sent. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatInstant, lineOf, make } from '#record'
import { needed } from '../needed.ts'
import { certificates } from './certificates.ts'
import { kafkaBroker } from './kafka.ts'
import { runTool, startTool, type Ended } from './process.ts'
import { freePort, redisServer } from './redis.ts'

const PASSWORD = 'correct-horse-battery'
const at = formatInstant(Date.UTC(2021, 0, 4))
const line = lineOf(make('signal', { at, known_at: at, source: 'test', by: 'test/0', type: 'mention', key: 'k', subject: 'ticker:GME', polarity: 1 }))

function homeWith(secrets: Readonly<Record<string, string>> | undefined, mode = 0o600): string {
  const home = mkdtempSync(join(tmpdir(), 'vanta-secure-'))
  if (secrets === undefined) return home
  mkdirSync(join(home, 'secrets'))
  const file = join(home, 'secrets', 'bus')
  writeFileSync(file, JSON.stringify(secrets))
  chmodSync(file, mode)
  return home
}

async function sent(address: string, home: string): Promise<Ended> {
  const { child, ended } = startTool('vanta-beam', ['--to', address], { VANTA_HOME: home }, 'pipe')
  child.stdin?.end(`${line}\n`)
  return ended
}
const heard = async (address: string, home: string): Promise<string> => (await runTool('vanta-beam', ['--from', address, '--until', 'now'], { VANTA_HOME: home })).out

const missing = needed('openssl'), own = missing === undefined ? certificates() : undefined, stranger = missing === undefined ? certificates() : undefined
const tlsPort = await freePort()
const redis = await redisServer(own === undefined ? [] : [
  '--tls-port', String(tlsPort), '--tls-cert-file', own.cert, '--tls-key-file', own.key, '--tls-ca-cert-file', own.ca, '--tls-auth-clients', 'no',
  '--user', 'default', 'off', '--user', 'bus', 'on', `>${PASSWORD}`, '~{s}:*', '+@stream', '+@scripting', '+@hash', '+@sortedset', '+@string', '+@keyspace',
  '+@connection', '+info',
])

test('redis over TLS, with a user who may touch one stream', { skip: missing ?? redis.skip ?? false }, async () => {
  const address = `rediss://bus@127.0.0.1:${tlsPort}/s`, good = homeWith({ redis_password: PASSWORD, redis_ca: own?.ca ?? '' })
  assert.deepEqual(await sent(address, good), { status: 0, out: '', err: '' })
  assert.equal(await heard(address, good), `${line}\n`)
  for (const [home, what] of [
    [homeWith({ redis_password: 'guess', redis_ca: own?.ca ?? '' }), /WRONGPASS/], [homeWith({ redis_ca: own?.ca ?? '' }), /NOAUTH|WRONGPASS/],
    [homeWith({ redis_password: PASSWORD }), /certificate/], [homeWith({ redis_password: PASSWORD, redis_ca: stranger?.ca ?? '' }), /certificate/],
    [homeWith({ redis_password: PASSWORD, redis_ca: own?.ca ?? '' }, 0o644), /others may read it/],
  ] as const) {
    const { status, err } = await sent(address, home)
    assert.equal(status, 78, err)
    assert.match(err, what)
    assert.ok(!err.includes(PASSWORD))
  }
  const other = await sent(`rediss://bus@127.0.0.1:${tlsPort}/other`, good)
  assert.deepEqual([other.status, /NOPERM/.test(other.err)], [78, true])
})

const kafka = own === undefined ? { skip: missing, port: 0 } : await kafkaBroker(own)
test('kafka over SSL', { skip: missing ?? kafka.skip ?? false }, async () => {
  const address = `kafkas://127.0.0.1:${kafka.port}/s`, good = homeWith({ kafka_ca: own?.ca ?? '' })
  assert.deepEqual(await sent(address, good), { status: 0, out: '', err: '' })
  assert.equal(await heard(address, good), `${line}\n`)
  const { status, err } = await sent(address, homeWith({ kafka_ca: stranger?.ca ?? '' }))
  assert.equal(status, 78, err)
  assert.match(err, /certificate/)
})
