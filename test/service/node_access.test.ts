/** What a Redis server lets the users of the nodes do, by the lines that follow from the table: their own streams, and nothing else. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openRedisBus, openRedisOnline } from '#adapter/redis/lazy'
import { parseBusAddress } from '#domain/bus/address'
import { formatNode } from '#domain/node/home'
import { REDIS_USERS_FILE } from '#domain/node/layout'
import { ROLES, STREAMS, allows, userOf, type Role } from '#domain/node/role'
import type { Bus } from '#port/bus'
import { holdsNodesToTheTable, refusedWith } from './access.suite.ts'
import type { Online } from '#port/online'
import { lineOf, make } from '#record'
import { redisServer } from './redis.ts'

const folder = mkdtempSync(join(tmpdir(), 'vanta-access-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const passwordOf = (role: Role): string => `secret-of-${role}`
const file = join(folder, 'users.acl')
// As `vanta install` writes it where the server stands.
const hashes = join(folder, 'hashes'), installed = join(folder, 'home')
writeFileSync(hashes, ROLES.map((role) => `${role} ${createHash('sha256').update(passwordOf(role)).digest('hex')}\n`).join(''))
const ran = spawnSync('bin/vanta', ['install', '--role', 'alpha', '--home', installed, '--user', userInfo().username, '--unit-dir', join(folder, 'units'), '--redis-users', hashes], { encoding: 'utf8' })
assert.equal(ran.status, 0, ran.stderr)
renameSync(join(installed, REDIS_USERS_FILE), file)
const redis = await redisServer(['--aclfile', file]), silent = (): void => undefined

const quiet = { debug: silent, info: silent, warn: silent, error: silent }
const open = async (role: Role, stream: string): Promise<Bus> => openRedisBus(
  parseBusAddress(`redis://${userOf(role)}@127.0.0.1:${redis.port}/${stream}?partitions=1`), { secrets: { redis_password: passwordOf(role) }, tlsFolder: folder },
  quiet,
)

const refused = refusedWith(/NOPERM|The user executing the script can't/)

async function used(role: Role, stream: string, way: 'read' | 'write'): Promise<void> {
  const bus = await open(role, stream)
  try {
    if (way === 'write') return await bus.append([{ key: 'k', line: `{"by":"${role}"}` }])
    const member = await bus.join(`${role}-test`, 'beginning')
    let batches = await member.next(0)
    if (batches.length === 0) batches = await member.next(0)
    await member.done(batches)
    await member.leave()
    for await (const _ of bus.replay('beginning', 'now')) break
    await bus.lags()
  } finally {
    await bus.close()
  }
}

test('every node reads and writes the streams of its role, and no others', { skip: redis.skip ?? false }, async () => {
  await holdsNodesToTheTable(used, refused)
})

test('parts of a stream go with it; a reader leaves beside its stream what it could not read', { skip: redis.skip ?? false }, async () => {
  for (const role of ROLES) {
    for (const stream of STREAMS) {
      const reads = allows(role, `read:${stream}`), writes = allows(role, `write:${stream}`)
      assert.equal(await refused(() => used(role, `${stream}.dead`, 'write')) === undefined, reads || writes, `${role} ${stream}.dead`)
      assert.equal(await refused(() => used(role, `${stream}.social`, 'write')) === undefined, writes, `${role} ${stream}.social`)
      if (writes) assert.equal(await refused(() => used(role, `${stream}.social`, 'read')) === undefined, reads, `${role} ${stream}.social`)
    }
  }
})

test('features are served by one node and asked for by two, under their own name', { skip: redis.skip ?? false }, async () => {
  const online = async (role: Role, name: string, act: (online: Online) => Promise<unknown>): Promise<string | undefined> => {
    const opened = await openRedisOnline(
      parseBusAddress(`redis://${userOf(role)}@127.0.0.1:${redis.port}/${name}`), { secrets: { redis_password: passwordOf(role) }, tlsFolder: folder }, quiet,
    )
    try {
      return await refused(() => act(opened))
    } finally {
      opened.close()
    }
  }
  const serve = (lines: readonly (readonly [string, string])[]) => (one: Online): Promise<void> =>
    one.replace({ as_of_ms: 1, definitions: 'd', entities: lines.length }, lines)
  const asks = [(one: Online) => one.about(), (one: Online) => one.read('ticker:GME'), (one: Online) => one.entities()]
  for (const role of ROLES) {
    for (const lines of [[['ticker:GME', 'x']], []] as const) {
      const why = await online(role, 'features', serve(lines))
      assert.equal(why === undefined, allows(role, 'serve:features'), `${role} serves: ${why ?? 'was let'}`)
    }
  }
  assert.equal(await online('markets', 'features', serve([['ticker:GME', 'y']])), undefined)
  for (const role of ROLES) {
    for (const ask of asks) {
      const why = await online(role, 'features', ask)
      assert.equal(why === undefined, allows(role, 'ask:features'), `${role} asks: ${why ?? 'was let'}`)
      assert.ok(await online(role, 'others', ask) !== undefined, role)
    }
    assert.ok(await online(role, 'others', serve([])) !== undefined, role)
  }
  assert.equal(await online('alpha', 'features', async (one) => assert.equal(await one.read('ticker:GME'), 'y')), undefined)
})

test('a reader takes nothing out of a stream', { skip: redis.skip ?? false }, () => {
  const said = (...words: readonly string[]): string => spawnSync('redis-cli', [
    '-p', String(redis.port), '--user', userOf('executor'), '--pass', passwordOf('executor'), '--no-auth-warning', ...words,
  ], { encoding: 'utf8' }).stdout
  for (const words of [['DEL', '{allocations}:0'], ['XTRIM', '{allocations}:0', 'MAXLEN', '0'], ['XADD', '{allocations}:0', '*', 'a', 'b'], ['FLUSHALL'], ['KEYS', '*'], ['CONFIG', 'GET', '*'], ['ACL', 'LIST']]) {
    assert.match(said(...words), /NOPERM/, words.join(' '))
  }
  assert.match(said('XLEN', '{allocations}:0'), /^\d+/)
})

test('who asks for features asks where the streams of its node stand, with nothing said beside', { skip: redis.skip ?? false }, () => {
  const ask = (role: Role, words: readonly string[], input = ''): readonly [number | null, string, string] => {
    const home = join(folder, role)
    mkdirSync(join(home, 'secrets'), { recursive: true, mode: 0o700 })
    writeFileSync(join(home, 'secrets', 'bus'), JSON.stringify({ redis_password: passwordOf(role) }), { mode: 0o600 })
    writeFileSync(join(home, 'node.json'), formatNode({ role, bus: 'redis' }))
    const env = { ...process.env, VANTA_HOME: home, VANTA_REDIS: `redis://${userOf(role)}@127.0.0.1:${redis.port}` }
    const { status, stdout, stderr } = spawnSync('bin/vanta-features', words, { env, encoding: 'utf8', input })
    return [status, stdout, stderr]
  }
  const at = '2021-01-14T21:00:00.000Z', bar = make('bar', {
    at, known_at: at, source: 'test', by: 'test/0', subject: 'ticker:SPY', span: '1d', open: '1', high: '1', low: '1', close: '1', volume: '1', basis: 'as_traded',
  })
  assert.equal(ask('markets', ['ingest'], `${lineOf(bar)}\n`)[0], 0)
  const served = ask('markets', ['materialize'])
  assert.deepEqual([served[0], /"to":"redis/.test(served[1])], [0, true], served[2])
  const [status, , err] = ask('alpha', ['get', 'ticker:GME'])
  assert.deepEqual([status, /nothing is known of ticker:GME/.test(err)], [1, true], err)
  assert.equal(ask('executor', ['get', 'ticker:GME'])[0], 77)
})
