/** Features served from a file and from a real server: the same answers, replaced all at once, and none that differs from the record. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseBusAddress } from '#domain/bus/address'
import { lineOf } from '#record'
import { RedisConnection, type Reply } from '../../lib/adapter/redis/connection.ts'
import { redisOnline } from '../../lib/adapter/redis/online.ts'
import { barsOf } from '../domain/features/bars.ts'
import { runTool } from './process.ts'
import { redisServer } from './redis.ts'
import { s3Secrets, s3Server } from './s3.ts'

// Before any case: when all that were begun have ended, servers go.
const redis = await redisServer(), s3 = await s3Server()
const home = mkdtempSync(join(tmpdir(), 'vanta-online-')), env = { VANTA_HOME: home }
const NOW = ['--now', '2010-02-01T00:00:00Z']
const features = (...words: readonly string[]): ReturnType<typeof runTool> => runTool('vanta-features', words, env)

async function serves(place: readonly string[], to: readonly string[]): Promise<void> {
  const bars = join(home, 'bars.ndjson')
  writeFileSync(bars, barsOf('ticker:A', [10, 11, 12, 13]).map((bar) => `${lineOf(bar)}\n`).join(''))
  assert.equal((await features('ingest', bars)).status, 0)
  assert.equal((await features('materialize', ...to, ...NOW)).status, 0)
  const { out, status } = await features('get', 'ticker:A', ...place, '--features', 'close,close_mean_28d', ...NOW)
  assert.equal(status, 0)
  const { features: said } = JSON.parse(out) as { features: { [name: string]: { value: number } } }
  assert.deepEqual([said['close']?.value, said['close_mean_28d']?.value], [13, 11.5])
  const skew = await features('skew', ...place, ...NOW)
  assert.equal(skew.status, 0)
  assert.match(skew.out, /"skewed":0/)
  assert.ok(readFileSync(join(home, 'features', 'manifest', '000000000001.json')).length > 0)
}

test('embedded: what is served is what the record says', async () => serves([], []))

test('s3: what is kept in a bucket is what is kept in a folder', { skip: s3.skip ?? false }, async () => {
  const own = mkdtempSync(join(tmpdir(), 'vanta-s3-')), there = { VANTA_HOME: own }, bars = join(own, 'bars.ndjson'), asked = join(own, 'e.csv')
  mkdirSync(join(own, 'secrets'), { mode: 0o700 })
  writeFileSync(join(own, 'secrets', 's3'), JSON.stringify(s3Secrets), { mode: 0o600 })
  writeFileSync(bars, barsOf('ticker:A', [10, 11, 12, 13]).map((bar) => `${lineOf(bar)}\n`).join(''))
  writeFileSync(asked, 'entity,time\nticker:A,2010-01-30T00:00:00Z\nticker:B,2010-01-30T00:00:00Z\n')
  const told: string[] = []
  for (const store of ['folder', `s3://vanta-test/own?endpoint=${s3.endpoint}`]) {
    const at = ['--store', store === 'folder' ? join(own, 'features') : store], out = join(own, `${told.length}.parquet`)
    for (const words of [['ingest', bars], ['materialize', ...NOW], ['history', '--entities', asked, '-o', out]]) {
      const ran = await runTool('vanta-features', [...words, ...at], there)
      assert.equal(ran.status, 0, ran.err)
    }
    const got = await runTool('vanta-features', ['get', 'ticker:A', ...at, ...NOW], there)
    told.push(got.out + readFileSync(out, 'latin1'))
    assert.doesNotMatch(got.out + got.err, new RegExp(s3Secrets.secret_access_key))
  }
  assert.equal(told[1], told[0])
})

test('redis: what is served is what the record says', { skip: redis.skip ?? false }, async () => {
  const address = `redis://127.0.0.1:${redis.port}`
  await serves(['--from', address], ['--to', address])
})

/** Every answer to a script is lost once. */
class Forgetful extends RedisConnection {
  override async script(...asked: Parameters<RedisConnection['script']>): Promise<Reply> {
    await super.script(...asked)
    return super.script(...asked)
  }
}

test('redis: who asks again because the answer was lost leaves in place what was put there', { skip: redis.skip ?? false }, async () => {
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const address = parseBusAddress(`redis://127.0.0.1:${redis.port}/again`), about = { as_of_ms: 1, definitions: 'd', entities: 1 }
  const online = redisOnline(new Forgetful(address, 'again', { secrets: {}, tlsFolder: home }, silent), 'again', 'again')
  try {
    await online.replace(about, [['ticker:A', 'one']])
    assert.equal(await online.read('ticker:A'), 'one')
    await online.replace({ ...about, as_of_ms: 2, entities: 0 }, [])
    assert.deepEqual(await online.entities(), [])
  } finally {
    online.close()
  }
})
