/** The jobs of an executor whose server of streams is away, by the words of the table: what it holds is watched all the same, and told once the server is back. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatNode } from '#domain/node/home'
import { commandOf } from '#domain/node/job'
import { jobNamed } from '#domain/node/jobs'
import { makeHome } from '../execute/venue_home.ts'
import { recordsIn, startTool, type Ended } from './process.ts'
import { redisServer } from './redis.ts'
import { KEY, startAlpaca } from './venues/alpaca.ts'
import { units } from './venues/exchange.ts'

const redis = await redisServer()

test('with the server of streams away a position is closed at its stop, once; back again, everybody is told, once', { skip: redis.skip ?? false }, async (context) => {
  const venue = await startAlpaca(), home = makeHome({ alpaca: KEY }, ['GME']), { exchange } = venue
  context.after(async () => {
    home.remove()
    await venue.service.close()
  })
  exchange.prices.set('GME', units('40'))
  exchange.onChange((order) => {
    if (order.state === 'open') setImmediate(() => order.state === 'open' && exchange.fill(order, order.quantity - order.filled, exchange.prices.get('GME') ?? 0n))
  })
  const env = { VANTA_HOME: home.folder, VANTA_REDIS: `redis://127.0.0.1:${redis.port}`, VANTA_EXEC_BROKER: 'alpaca', VANTA_ENDPOINT_BROKER: venue.service.endpoint, VANTA_EXEC_POLL: '50ms' }
  const run = (tool: string, words: readonly string[]): Promise<Ended> => startTool(tool, words, env).ended
  const done = async (tool: string, words: readonly string[], expected = 0): Promise<string> => {
    const { status, out, err } = await run(tool, words)
    assert.equal(status, expected, `${tool} ${words.join(' ')}: ${err}`)
    return out
  }
  const job = (name: string, away = false): readonly [string, readonly string[]] => {
    const [tool = '', ...words] = commandOf(jobNamed('executor', name) ?? assert.fail(name), 'redis')
    return [tool, away ? words.map((word) => (word.startsWith('redis:') ? `redis://127.0.0.1:${redis.port}/${word.slice('redis:'.length)}?patience=1` : word)) : words]
  }
  await done('vanta-vault', ['set', 'core', 'stops.loss=0.08'])
  await done('vanta-beam', ['--to', 'redis:allocations', home.allocations])
  writeFileSync(join(home.folder, 'node.json'), formatNode({ role: 'executor', bus: 'redis' }))
  await done(...job('trade'))
  await done(...job('guard'))
  assert.deepEqual([exchange.orders.length, exchange.positions.size], [1, 1])

  await redis.kill()
  exchange.prices.set('GME', units('30'))
  for (const name of ['trade', 'tell']) await done(...job(name, true), 69)
  assert.equal(exchange.orders.length, 1, 'who trades hears nobody, and orders nothing')
  for (let minute = 0; minute < 3; minute++) await done(...job('guard'))
  assert.deepEqual([exchange.orders.map(({ side }) => side), exchange.positions.size], [['buy', 'sell'], 0])

  await redis.start()
  for (const name of ['tell', 'trade', 'guard', 'tell', 'trade']) await done(...job(name))
  assert.equal(exchange.orders.length, 2)
  // Another reads it: an executor may not.
  writeFileSync(join(home.folder, 'node.json'), formatNode({ role: 'alpha', bus: 'redis' }))
  const told = recordsIn(await done('vanta-beam', ['--from', 'redis:fills', '--group', 'alpha-books', '--until', 'now']))
  const sold = told.flatMap((record) => (record.kind === 'fill' && record.side === 'sell' ? [record.id] : []))
  assert.deepEqual([sold.length, new Set(sold).size, told.filter(({ kind }) => kind === 'price').length > 0], [1, 1, true])
  assert.equal(spawnSync('bin/vanta-audit', ['verify'], { env: { ...process.env, ...env }, encoding: 'utf8' }).status, 0)
  const logged = recordsIn(readFileSync(join(home.folder, 'logs', 'audit.jsonl'), 'utf8'))
  assert.equal(logged.filter((record) => record.kind === 'control' && record.type === 'stop').length, 1)
})
