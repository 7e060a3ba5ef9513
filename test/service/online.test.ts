/** Features served from a file and from a real server: the same answers, replaced all at once, and none that differs from the record. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lineOf } from '#record'
import { barsOf } from '../domain/features/bars.ts'
import { runTool } from './process.ts'
import { redisServer } from './redis.ts'

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

const redis = await redisServer()
test('redis: what is served is what the record says', { skip: redis.skip ?? false }, async () => {
  const address = `redis://127.0.0.1:${redis.port}`
  await serves(['--from', address], ['--to', address])
})
