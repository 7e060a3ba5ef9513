/**
 * Streams over TLS where both sides show a certificate of vanta-keys, with a user of their own: who has not the secret, or not the certificate, is
 * kept out with 78, a server that is not the one it should be is not told anything, and nothing of theirs reaches a stream.
 */
import assert from 'node:assert/strict'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Redis } from 'ioredis'
import { formatInstant, lineOf, make } from '#record'
import { needed } from '../needed.ts'
import { authority, longAgo } from './certificates.ts'
import { kafkaBroker } from './kafka.ts'
import { runTool, startTool, type Ended } from './process.ts'
import { freePort, redisServer } from './redis.ts'

const PASSWORD = 'correct-horse-battery', ADMIN = 'staple-of-the-admin'
const at = formatInstant(Date.UTC(2021, 0, 4))
const lineWith = (key: string): string =>
  lineOf(make('signal', { at, known_at: at, source: 'test', by: 'test/0', type: 'mention', key, subject: 'ticker:GME', polarity: 1 }))
const line = lineWith('k'), strange = lineWith('of whom nobody should hear')

const homes = mkdtempSync(join(tmpdir(), 'vanta-secure-'))
after(() => rmSync(homes, { recursive: true, force: true }))

/** A home with these secrets of streams, and the certificates of a folder. */
function homeWith(secrets: Readonly<Record<string, string>>, tls?: string, mode = 0o600): string {
  const home = mkdtempSync(join(homes, 'home-')), file = join(home, 'secrets', 'bus')
  mkdirSync(join(home, 'secrets'))
  writeFileSync(file, JSON.stringify(secrets))
  chmodSync(file, mode)
  if (tls !== undefined) cpSync(tls, join(home, 'secrets', 'tls'), { recursive: true })
  return home
}

async function sent(address: string, home: string, text = line): Promise<Ended> {
  const { child, ended } = startTool('vanta-beam', ['--to', address], { VANTA_HOME: home }, 'pipe')
  child.stdin?.end(`${text}\n`)
  return ended
}
const heard = async (address: string, home: string): Promise<string> => (await runTool('vanta-beam', ['--from', address, '--until', 'now'], { VANTA_HOME: home })).out

async function refused(address: string, home: string, what: RegExp): Promise<void> {
  const { status, err } = await sent(address, home, strange)
  assert.equal(status, 78, `${what.source}: ${err}`)
  assert.match(err, what)
  assert.ok(!err.includes(PASSWORD) && !err.includes('PRIVATE'))
}

const skip = needed('redis-server')
const own = authority(), stranger = authority()
const server = own.issue('localhost', ['--names', '127.0.0.1', '--use', 'both'])
const node = own.issue('bus')
/** A client's folder as it is, but with the authority's newest list. */
const withNewLists = (folder: string): string => {
  const copy = mkdtempSync(join(homes, 'tls-'))
  cpSync(folder, copy, { recursive: true })
  cpSync(join(own.folder, 'ca.crl'), join(copy, 'ca.crl'))
  return copy
}
/** What is wrong with whom, and how it is said: by us, or by the server. */
const clients = (secrets: Readonly<Record<string, string>>, prefix: string): readonly (readonly [home: string, what: RegExp])[] => {
  const old = own.issue(`old-${prefix}`, ['--life', '1d'], longAgo()), backwards = own.issue(`serving-${prefix}`, ['--use', 'server'])
  const theirs = stranger.issue('bus', []), mixed = mkdtempSync(join(homes, 'tls-')), foreign = mkdtempSync(join(homes, 'tls-')), mute = mkdtempSync(join(homes, 'tls-'))
  stranger.keys('revoke', 'bus')
  cpSync(node.folder, mixed, { recursive: true })
  rmSync(join(mixed, 'bus.pem'))
  cpSync(theirs.file, join(mixed, 'bus.pem'))
  cpSync(node.folder, foreign, { recursive: true })
  for (const name of ['ca.pem', 'ca.crl']) cpSync(join(theirs.folder, name), join(foreign, name))
  cpSync(node.folder, mute, { recursive: true })
  rmSync(join(mute, 'ca.crl'))
  const loose = mkdtempSync(join(homes, 'tls-'))
  cpSync(node.folder, loose, { recursive: true })
  chmodSync(join(loose, 'bus.pem'), 0o640)
  return [
    [homeWith({ ...secrets, [`${prefix}_ca`]: node.ca }), /certificate required|bad certificate|handshake/], [homeWith(secrets, mixed), /unknown ca|certificate/],
    [homeWith(secrets, withNewLists(old.folder)), /certificate (expired|unknown)/], [homeWith(secrets, withNewLists(backwards.folder)), /certificate/],
    [homeWith(secrets, foreign), /certificate/], [homeWith(secrets), /certificate/], [homeWith(secrets, loose), /others may read it/],
    [homeWith(secrets, mute), /ca\.crl: cannot read: ENOENT/],
  ]
}

const tlsPort = await freePort()
const redis = await redisServer(skip !== undefined ? [] : [
  '--tls-port', String(tlsPort), '--tls-cert-file', server.file, '--tls-key-file', server.file, '--tls-ca-cert-file', server.ca, '--tls-auth-clients', 'yes',
  '--user', 'default', 'off', '--user', 'admin', 'on', `>${ADMIN}`, '+@all', '~*',
  '--user', 'bus', 'on', `>${PASSWORD}`, '~{s}:*', '+@stream', '+@scripting', '+@hash', '+@sortedset', '+@string', '+@keyspace', '+@connection', '+info',
])

test('redis over TLS: both sides show who they are, and a user may touch one stream', { skip: redis.skip ?? false }, async () => {
  const address = `rediss://bus@127.0.0.1:${tlsPort}/s`, secrets = { redis_password: PASSWORD }, good = homeWith(secrets, node.folder)
  assert.deepEqual(await sent(address, good), { status: 0, out: '', err: '' })
  // The same, where secrets name the files.
  const byName = { ...secrets, redis_ca: node.ca, redis_cert: node.file, redis_crl: join(node.folder, 'ca.crl') }
  assert.deepEqual(await sent(address, homeWith(byName)), { status: 0, out: '', err: '' })
  assert.equal(await heard(address, good), `${line}\n`)
  for (const [home, what] of [
    [homeWith({ redis_password: 'guess' }, node.folder), /WRONGPASS/], [homeWith({}, node.folder), /NOAUTH|WRONGPASS/],
    [homeWith(secrets, node.folder, 0o644), /others may read it/], ...clients(secrets, 'redis'),
  ] as const) await refused(address, home, what)
  await refused(`rediss://bus@127.0.0.1:${tlsPort}/other`, good, /NOPERM/)
  assert.equal(await heard(address, good), `${line}\n`)
})

test('redis: a server is not believed under another name, once it was revoked, or where the list of revoked ones has aged', { skip: redis.skip ?? false }, async () => {
  const secrets = { redis_password: PASSWORD }, named = own.issue('elsewhere.example', ['--use', 'server']), port = await freePort()
  const other = await redisServer([
    '--tls-port', String(port), '--tls-cert-file', named.file, '--tls-key-file', named.file, '--tls-ca-cert-file', named.ca, '--tls-auth-clients', 'no',
  ])
  assert.equal(other.skip, undefined)
  await refused(`rediss://127.0.0.1:${port}/s`, homeWith({}, node.folder), /altnames/)
  own.keys('revoke', 'elsewhere.example', '--reason', 'key-compromise')
  await refused(`rediss://127.0.0.1:${port}/s`, homeWith({}, withNewLists(node.folder)), /certificate revoked/)
  // Those of before count beside those of after a rotation, of nodes and of the authority.
  const rotated = join(homes, 'rotated')
  own.keys('rotate', 'bus', '--to', rotated)
  own.keys('rotate', 'ca', '--overlap', '1s')
  const after = own.issue('after'), address = `rediss://bus@127.0.0.1:${tlsPort}/s`
  assert.match(own.keys('list'), /next|valid/)
  for (const folder of [node.folder, withNewLists(rotated)]) assert.deepEqual(await sent(address, homeWith(secrets, folder)), { status: 0, out: '', err: '' }, folder)
  cpSync(node.file, join(after.folder, 'bus.pem'))
  rmSync(after.file)
  assert.deepEqual(await sent(address, homeWith(secrets, after.folder)), { status: 0, out: '', err: '' }, 'whoever trusts both')
  const aged = withNewLists(node.folder)
  cpSync(own.agedList, join(aged, 'ca.crl'))
  await refused(address, homeWith(secrets, aged), /CRL has expired/)
  // What revokes a client at Redis, which reads no lists: its user is switched off.
  const admin = new Redis({ port: redis.port, username: 'admin', password: ADMIN })
  await admin.call('ACL', 'SETUSER', 'bus', 'off')
  await admin.quit()
  await refused(address, homeWith(secrets, node.folder), /WRONGPASS|NOAUTH/)
})

const broker = own.issue('broker', ['--names', '127.0.0.1', '--use', 'both']), gone = own.issue('gone')
own.keys('revoke', 'gone')
const kafka = await kafkaBroker(broker)
test('kafka over TLS: both sides show who they are, and a revoked certificate is refused', { skip: kafka.skip ?? false }, async () => {
  const address = `kafkas://127.0.0.1:${kafka.port}/s`, good = homeWith({}, node.folder)
  assert.deepEqual(await sent(address, good), { status: 0, out: '', err: '' })
  assert.equal(await heard(address, good), `${line}\n`)
  for (const [home, what] of [...clients({}, 'kafka'), [homeWith({}, withNewLists(gone.folder)), /certificate/] as const]) await refused(address, home, what)
  own.keys('revoke', 'broker')
  await refused(address, homeWith({}, withNewLists(node.folder)), /certificate revoked/)
  assert.equal(await heard(address, good), `${line}\n`)
})
