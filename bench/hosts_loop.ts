/**
 * The loop kept going across three hosts: hands in a recorded span record by record around each moment that has orders, and notes how long after the
 * record that brought them about they are on disk at the executor. They have to be the orders of one machine, each once.
 *   hosts_loop FROM TO
 */
import assert from 'node:assert/strict'
import { existsSync, openSync, readSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Order, Vanta } from '#record'
import { noHosts, oneMachine, OPEN, threeHosts } from '../test/service/hosts.ts'

const root = join(import.meta.dirname, '..'), [from = '', to = ''] = process.argv.slice(2)
const KEPT = [['markets', 'refine'], ['markets', 'convict'], ['alpha', 'allocate'], ['executor', 'trade']] as const
/** So long after a record went in it is taken for one that brings nothing about. */
const PATIENCE_MS = 2000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function alone(tool: string, words: readonly string[], home: string, input = ''): readonly string[] {
  const env = { ...process.env, VANTA_HOME: home, VANTA_NOW: 'stream' }
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', tool), words, { cwd: root, input, encoding: 'utf8', maxBuffer: 1 << 30, env })
  assert.equal(status, 0, stderr)
  return stdout.split('\n').filter((line) => line !== '')
}

const isIntended = (record: Vanta): record is Order => record.kind === 'order' && record.state === 'intended'
const recordsOf = (lines: readonly string[]): readonly Vanta[] => lines.map((line) => JSON.parse(line) as Vanta)

/** The lines that a growing file has more than when it was last asked. */
function follow(file: string): () => readonly string[] {
  let descriptor: number | undefined, place = 0, rest = ''
  const chunk = Buffer.alloc(1 << 20)
  return () => {
    if (descriptor === undefined && !existsSync(file)) return []
    descriptor ??= openSync(file, 'r')
    const length = readSync(descriptor, chunk, 0, chunk.length, place)
    place += length
    const lines = (rest + chunk.toString('utf8', 0, length)).split('\n')
    rest = lines.pop() ?? ''
    return lines
  }
}

test('latency across three hosts', { skip: noHosts() ?? false }, async () => {
  const hosts = await threeHosts(), home = oneMachine(hosts)
  const events = alone('vanta-replay', ['--data', 'samples/season', '--from', from, '--to', to], hosts.folder)
  const reference = recordsOf(alone('vanta', ['fuse', '--pipeline', 'pipelines/season.pipe'], home, `${events.join('\n')}\n`)).filter(isIntended)
  const moments = [...new Set(reference.map(({ at }) => at))].sort(), known = recordsOf(events).map(({ known_at }) => known_at)
  for (const [role, job] of KEPT) hosts[role].job(job, { once: false })
  const feed = hosts.markets.start('vanta-beam', ['--to', 'redis:signals'], OPEN), ordered = follow(join(hosts.executor.home, 'logs', 'trade_log.jsonl'))
  const latenciesMs: number[] = [], ids: string[] = []
  let sent = 0
  const send = (until: number): void => {
    feed.child.stdin?.write(events.slice(sent, until).map((line) => `${line}\n`).join(''))
    sent = until
  }
  /** How many orders have come. */
  const take = (): number => {
    const orders = recordsOf(ordered()).filter(isIntended)
    ids.push(...orders.map(({ id }) => id))
    return orders.length
  }
  const drained = async (): Promise<void> => {
    for (let quiet = 0; quiet < 2;) {
      await pause(300)
      quiet = KEPT.some(([role, job]) => hosts.left(hosts[role].jobOf(job)) > 0) ? 0 : quiet + 1
    }
  }
  for (const at of moments) {
    const ends = known.findIndex((one) => one >= at)
    if (ends < sent) continue
    send(ends)
    await drained()
    take()
    // Some records, such as what was said before, bring nothing about.
    for (let count = 0; count === 0 && sent < events.length;) {
      const startMs = performance.now()
      send(sent + 1)
      while (count === 0 && performance.now() - startMs < PATIENCE_MS) {
        await pause(1)
        count = take()
      }
      if (count > 0) latenciesMs.push(performance.now() - startMs)
    }
  }
  send(events.length)
  await drained()
  take()
  assert.deepEqual([...ids].sort(), reference.map(({ id }) => id).filter((id) => ids.includes(id)).sort(), 'an order that one machine does not send, or one twice')
  process.stdout.write(`figures ${JSON.stringify({ latenciesMs, orders: ids.length, expected: reference.length })}\n`)
})
